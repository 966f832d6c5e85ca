using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ExecutionTraces;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads traces of programs out of hives of the machine and of users.</summary>
internal static class ProgramTraceReader
{
    /// <summary>Most traces of one source of a hive; a busy host has some thousands.</summary>
    public const int MaximumTraces = 20_000;
    private const string Assistant = @"Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Compatibility Assistant\";
    private static readonly string[] s_muiSuffixes = [".FriendlyAppName", ".ApplicationCompany"];

    /// <summary>The application compatibility cache and the activity moderators of a control set.</summary>
    public static void ReadMachine(HiveFacts facts, RegistryKey controlSet)
    {
        foreach (string key in (ReadOnlySpan<string>)["AppCompatCache", "AppCompatibility"])
        {
            if (controlSet.Find(@"Control\Session Manager\" + key)?.FindValue("AppCompatCache") is { DataSize: > 0 } value)
            {
                ReadShimCache(facts, value);
            }
        }
        foreach ((string service, ProgramTraceSource source) in (ReadOnlySpan<(string, ProgramTraceSource)>)[("bam", ProgramTraceSource.BackgroundActivity), ("dam", ProgramTraceSource.DesktopActivity)])
        {
            var budget = new Budget(facts, source);
            foreach (RegistryKey user in HiveFacts.Expand(controlSet, $@"Services\{service}\State\UserSettings\*").Concat(HiveFacts.Expand(controlSet, $@"Services\{service}\UserSettings\*")))
            {
                ReadActivity(facts, user, source, budget);
            }
        }
    }

    /// <summary>What Explorer and the compatibility assistant note of a user.</summary>
    public static void ReadUser(HiveFacts facts)
    {
        var budget = new Budget(facts, ProgramTraceSource.UserAssist);
        foreach (RegistryKey key in HiveFacts.Expand(facts.Hive.Root, @"Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\*\Count"))
        {
            foreach (RegistryValue value in key.Values())
            {
                if (UserAssist.TryParse(value.Name, value.Data().Span) is not { } entry)
                {
                    continue;
                }
                if (!budget.Spend())
                {
                    break;
                }
                string path = TracePaths.WithFolders(Program(entry.Name), TracePaths.HomeOf(facts.At(value).Path));
                facts.Add(new ProgramTrace(facts.At(value))
                {
                    Source = ProgramTraceSource.UserAssist, Path = path, ImagePath = TracePaths.ToImage(path), HasRun = entry.RunCount > 0 || entry.LastRun is not null ? true : null,
                    Time = entry.LastRun, TimeMeans = entry.LastRun is null ? ProgramTraceTime.None : ProgramTraceTime.LastRun, RunCount = entry.RunCount, User = facts.User,
                });
            }
        }
        foreach (string name in (ReadOnlySpan<string>)["Store", "Persisted"])
        {
            var store = new Budget(facts, ProgramTraceSource.CompatibilityAssistant);
            foreach (RegistryValue value in facts.Hive.Find(Assistant + name)?.Values() ?? [])
            {
                if (!value.Name.Contains('\\', StringComparison.Ordinal) || !store.Spend())
                {
                    continue;
                }
                facts.Add(new ProgramTrace(facts.At(value)) { Source = ProgramTraceSource.CompatibilityAssistant, Path = value.Name, ImagePath = TracePaths.ToImage(value.Name), HasRun = true, User = facts.User });
            }
        }
        ReadMuiCache(facts, facts.Hive.Find(@"Software\Microsoft\Windows\ShellNoRoam\MUICache"));
    }

    /// <summary>Programs whose names Explorer looked up for a user.</summary>
    public static void ReadMuiCache(HiveFacts facts, RegistryKey? key)
    {
        var budget = new Budget(facts, ProgramTraceSource.MuiCache);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (RegistryValue value in key?.Values() ?? [])
        {
            string path = value.Name;
            foreach (string suffix in s_muiSuffixes)
            {
                path = path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? path[..^suffix.Length] : path;
            }
            // Texts of libraries begin with an at sign.
            if (path.Length > 0 && path[0] != '@' && TracePaths.ToImage(path) is { } image && seen.Add(path) && budget.Spend())
            {
                facts.Add(new ProgramTrace(facts.At(value)) { Source = ProgramTraceSource.MuiCache, Path = path, ImagePath = image, User = facts.User });
            }
        }
    }

    private static void ReadShimCache(HiveFacts facts, RegistryValue value)
    {
        IReadOnlyList<AppCompatCacheEntry> entries;
        try
        {
            entries = AppCompatCache.Parse(value.Data().Span);
        }
        catch (ForensicException e) when (e is UnknownFormatException or CorruptDataException)
        {
            facts.Report(new Diagnostic("windows.shimcache", "the application compatibility cache could not be read: " + e.Message) { Path = facts.At(value).Path, Offset = value.FileOffset });
            return;
        }
        var budget = new Budget(facts, ProgramTraceSource.ShimCache);
        foreach (AppCompatCacheEntry entry in entries)
        {
            // Packages of the store are lists of fields with tabs.
            if (entry.Path.Length == 0 || entry.Path.Contains('\t', StringComparison.Ordinal))
            {
                continue;
            }
            if (!budget.Spend())
            {
                break;
            }
            facts.Add(new ProgramTrace(facts.At(value))
            {
                Source = ProgramTraceSource.ShimCache, Path = entry.Path, ImagePath = TracePaths.ToImage(entry.Path), HasRun = entry.IsProof ? entry.WasRun == true ? true : null : null,
                MayHaveRun = entry.IsProof ? null : entry.WasRun, Time = entry.Modified, TimeMeans = entry.Modified is null ? ProgramTraceTime.None : ProgramTraceTime.FileModified, Size = entry.FileSize, Position = entry.Position,
            });
        }
    }

    private static void ReadActivity(HiveFacts facts, RegistryKey user, ProgramTraceSource source, Budget budget)
    {
        foreach (RegistryValue value in user.Values())
        {
            // Applications of the store are there by the names of their packages, without a path.
            if (value.Type != RegistryValueType.Binary || !value.Name.Contains('\\', StringComparison.Ordinal) || BackgroundActivity.TryParse(value.Name, value.Data().Span) is not { } entry)
            {
                continue;
            }
            if (!budget.Spend())
            {
                break;
            }
            facts.Add(new ProgramTrace(facts.At(value))
            {
                Source = source, Path = entry.Path, ImagePath = TracePaths.ToImage(entry.Path), HasRun = true, Time = entry.LastRun, TimeMeans = ProgramTraceTime.LastRun, UserSid = user.Name,
            });
        }
    }

    // Windows XP writes what kind of start it was before the path.
    private static string Program(string name) => name.StartsWith("UEME_RUN", StringComparison.Ordinal) && name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? name[(colon + 1)..] : name;

    /// <summary>How many traces of one source may still come; says once that there are more.</summary>
    internal sealed class Budget(HiveFacts facts, ProgramTraceSource source)
    {
        private int _left = MaximumTraces;

        /// <summary>Takes one; false when there are none left.</summary>
        public bool Spend()
        {
            if (_left == 0)
            {
                facts.Report(new Diagnostic("windows.traces.many", string.Create(CultureInfo.InvariantCulture, $"more than {MaximumTraces} traces of programs in {source}; the rest is left out")) { Path = facts.At(facts.Hive.Root).Path });
            }
            return _left >= 0 && --_left >= 0;
        }
    }
}
