using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads systemd unit files and drop-ins of the system manager and of the per-user managers, each as it stands: systemd.unit(5),
/// systemd.service(5), systemd.exec(5). Merging by search path is the analyser's work.
/// </summary>
/// <remarks>
/// Limitations: settings are not checked against the list systemd knows; a unit with two <c>ExecStart=</c> that is not of type oneshot is
/// refused by systemd and still listed as live, for a drop-in may change the type. Variables from an <c>EnvironmentFile=</c> are not expanded.
/// </remarks>
public sealed class SystemdUnitParser : ArtifactParser
{
    private const string Code = "linux.systemd-unit";
    private const int LongestUnitName = 255;
    private const int ExpandedCharacters = 4 << 20;

    private static readonly string[] ServiceKeys =
        ["ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecReloadPost", "ExecStop", "ExecStopPost"];

    private static readonly string[] SocketKeys = ["ExecStartPre", "ExecStartPost", "ExecStopPre", "ExecStopPost"];

    // What systemd leaves out when it lists a directory: left-overs of package managers and editors.
    private static readonly string[] BackupSuffixes =
    [
        "~", ".rpmnew", ".rpmsave", ".rpmorig", ".dpkg-old", ".dpkg-new", ".dpkg-tmp", ".dpkg-dist", ".dpkg-bak", ".dpkg-backup", ".dpkg-remove",
        ".ucf-new", ".ucf-old", ".ucf-dist", ".swp", ".bak", ".old", ".new",
    ];

    /// <inheritdoc/>
    public override string Name => "linux/systemd-unit";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = [.. UnitSearchPath.Claims, .. UnitSearchPath.StrayClaims];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        UnitPlace place = UnitSearchPath.Locate(input.Location.Path);
        string relative = place.Relative;
        int slash = relative.LastIndexOf('/');
        string name = UnitSearchPath.Decode(relative[(slash + 1)..]);
        if (slash >= 0 && relative.AsSpan(0, slash).EndsWith(".d") && name.EndsWith(".conf", StringComparison.Ordinal))
        {
            string directory = relative[..slash];
            int nested = directory.LastIndexOf('/');
            string target = UnitSearchPath.Decode(directory[(nested + 1)..^2]);
            if (UnitSearchPath.UnitType(target) is not null || UnitSearchPath.IsType(target))
            {
                Read(input, nested < 0 ? place : Unread(place), target, isDropIn: true, sink);
            }
            return;
        }
        if (UnitSearchPath.UnitType(name) is not null)
        {
            Read(input, slash < 0 ? place : Unread(place), name, isDropIn: false, sink);
        }
    }

    private static UnitPlace Unread(UnitPlace place) => place with { Rank = -1 };

    private static void Read(ArtifactInput input, UnitPlace place, string name, bool isDropIn, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        List<UnitSetting> settings = UnitFile.Read(file);
        string type = UnitSearchPath.UnitType(name) ?? name;
        var budget = new ExpansionBudget(ExpandedCharacters);
        var specifiers = new UnitSpecifiers(name, place, LastValue(settings, "Install", "DefaultInstance"), budget);
        string? dormant = DormantBecause(input.Location.Name, place, isDropIn);
        List<StartCommand> commands = [];
        foreach (string section in new[] { "Service", "Socket" })
        {
            ReadCommands(file, settings, section, type, specifiers, budget, dormant, commands);
        }
        if (budget.IsExceeded)
        {
            file.Report("expansion", "specifiers and variables expand to more than the limit, the rest stands as written", default);
        }
        file.Add(new SystemdUnit(input.Location)
        {
            Name = name,
            UnitType = type,
            IsUserUnit = place.IsUser,
            IsDropIn = isDropIn,
            SearchRank = place.Rank,
            IsMasked = !isDropIn && input.Content.IsEmpty && !input.IsTruncated,
            Settings = settings,
            NamedFiles = Preloads(settings, specifiers),
            Commands = [.. commands.OrderBy(command => command.ByteOffset)],
        });
    }

    private static void ReadCommands(
        ArtifactFile file, List<UnitSetting> settings, string section, string type, UnitSpecifiers specifiers, ExpansionBudget budget,
        string? dormant, List<StartCommand> commands)
    {
        string[] keys = section == "Service" ? ServiceKeys : SocketKeys;
        bool applies = section.Equals(type, StringComparison.OrdinalIgnoreCase);
        var live = new Dictionary<string, List<UnitSetting>>(StringComparer.Ordinal);
        foreach (UnitSetting setting in settings)
        {
            if (setting.Section != section || Array.IndexOf(keys, setting.Key) < 0)
            {
                continue;
            }
            if (!live.TryGetValue(setting.Key, out List<UnitSetting>? list))
            {
                live.Add(setting.Key, list = []);
            }
            if (setting.Value.Length == 0)
            {
                list.Clear();
            }
            else
            {
                list.Add(setting);
            }
        }
        if (live.Count == 0)
        {
            return;
        }
        UnitEnvironment environment = UnitEnvironment.Read(settings, section, specifiers);
        var expansion = new UnitExpansion(specifiers, environment.Values, budget);
        var view = new UnitFileView(settings, section, specifiers);
        IReadOnlyList<string> assignments = view.SearchPath is { } search ? [.. environment.Assignments, "PATH=" + search] : environment.Assignments;
        string? user = Text(LastValue(settings, section, "User"), specifiers);
        string? directory = Text(LastValue(settings, section, "WorkingDirectory"), specifiers)?.TrimStart('-');
        foreach (string key in keys)
        {
            foreach (UnitSetting setting in live.GetValueOrDefault(key, []))
            {
                foreach (UnitCommandLine written in UnitCommandLine.Parse(setting.Value, expansion))
                {
                    UnitCommandLine line = view.Changes ? written with { Program = view.Map(written.Program) } : written;
                    commands.Add(new StartCommand(line.Text)
                    {
                        ThroughShell = line.ThroughShell,
                        Argv0 = line.Argv0,
                        Trigger = "systemd " + key,
                        User = line.IgnoresUser ? "root" : user,
                        Environment = assignments,
                        WorkingDirectory = directory,
                        Line = setting.Line,
                        ByteOffset = setting.ByteOffset,
                        DormantBecause = dormant ?? line.Defect ?? (applies ? null : "systemd does not read this section in a unit of this type"),
                    });
                }
            }
        }
        if (expansion.IsExceeded)
        {
            file.Report("words", "the command lines have more words than the limit, the rest was not read", default, losesContent: true);
        }
    }

    /// <summary>Libraries that the environment of the service makes the loader take.</summary>
    private static List<string> Preloads(List<UnitSetting> settings, UnitSpecifiers specifiers)
    {
        List<string> found = [];
        if (!settings.Exists(setting => setting.Key == "Environment" && setting.Value.Contains("LD_", StringComparison.Ordinal)))
        {
            return found;
        }
        foreach (string assignment in UnitEnvironment.Read(settings, "Service", specifiers).Assignments)
        {
            if (assignment.StartsWith("LD_PRELOAD=", StringComparison.Ordinal) || assignment.StartsWith("LD_AUDIT=", StringComparison.Ordinal))
            {
                found.AddRange(assignment[(assignment.IndexOf('=', StringComparison.Ordinal) + 1)..].Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Where(path => path[0] == '/').Take(32));
            }
        }
        return found;
    }

    private static string? Text(string? value, UnitSpecifiers specifiers) => value is null or "" ? null : specifiers.Expand(value, out _);

    private static string? LastValue(List<UnitSetting> settings, string section, string key)
    {
        for (int i = settings.Count - 1; i >= 0; i--)
        {
            if (settings[i].Key == key && settings[i].Section == section)
            {
                return settings[i].Value;
            }
        }
        return null;
    }

    private static string? DormantBecause(string fileName, UnitPlace place, bool isDropIn)
    {
        if (place.Rank < 0)
        {
            return "systemd does not read this directory";
        }
        if (fileName.StartsWith('.'))
        {
            return "systemd skips hidden files";
        }
        foreach (string suffix in BackupSuffixes)
        {
            if (fileName.EndsWith(suffix, StringComparison.Ordinal))
            {
                return "systemd skips backup files";
            }
        }
        if (isDropIn)
        {
            return null;
        }
        string name = UnitSearchPath.Decode(fileName);
        if (name.Length > LongestUnitName || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return "the file name is not a valid unit name";
        }
        return null;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@");
}
