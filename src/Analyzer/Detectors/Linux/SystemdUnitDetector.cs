using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Judges systemd units as such: names of known malware and of kernel threads, cloud agents from the wrong place, timers that fire all the time, administrators' copies that
/// shadow a vendor unit, drop-ins that add programs.
/// </summary>
public sealed class SystemdUnitDetector : IDetector
{
    private const int VendorRank = 8;
    private static readonly RuleInfo KnownName = new("L-UNIT.known-name", "Unit with the name of known malware", "persistence", ["T1543.002", "T1036.004"]);
    private static readonly RuleInfo KernelName = new("L-UNIT.kernel-thread-name", "Unit named like a kernel thread", "evasion", ["T1543.002", "T1036.004"]);
    private static readonly RuleInfo FakeAgent = new("L-UNIT.fake-agent", "Unit named like a cloud agent starts something else", "evasion", ["T1543.002", "T1036.005"]);
    private static readonly RuleInfo Shadow = new("L-UNIT.shadows-vendor-unit", "Unit replaces a vendor unit", "persistence", ["T1543.002"]);
    private static readonly RuleInfo Unread = new("L-UNIT.outside-search-path", "Unit lies where systemd does not look", "persistence", ["T1543.002"]);
    private static readonly RuleInfo Frequent = new("L-TIMER.fires-constantly", "Timer fires every few seconds", "persistence", ["T1053.006"]);
    private static readonly RuleInfo DropInExec = new("L-UNIT-DROPIN.adds-program", "Drop-in adds a program to a service", "persistence", ["T1543.002"]);

    private static readonly HashSet<string> Notorious = new(StringComparer.OrdinalIgnoreCase)
    {
        "moneroocean_miner", "c3pool_miner", "pwnrige", "pwnrigl", "xmrig", "kinsing", "kdevtmpfsi", "sysrv", "hezb", "dbused", "quotaoff",
    };

    private static readonly HashSet<string> Doubtful = new(StringComparer.OrdinalIgnoreCase)
    {
        "bot", "apache4", "pastebin", "pnsd", "xvf", "cmake", "linux", "sysupdate", "network-monitor", "systemd-deamon", "kworkerd",
    };

    private static readonly Dictionary<string, string[]> AgentPlaces = new(StringComparer.Ordinal)
    {
        ["aliyun.service"] = ["/usr/local/share/aliyun-assist/", "/usr/local/share/assist-daemon/", "/usr/sbin/aliyun", "/usr/bin/aliyun"],
        ["aegis.service"] = ["/usr/local/aegis/", "/etc/init.d/aegis"],
        ["cloudmonitor.service"] = ["/usr/local/cloudmonitor/"],
        ["AssistDaemon.service"] = ["/usr/local/share/assist-daemon/"],
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [KnownName, KernelName, FakeAgent, Shadow, Unread, Frequent, DropInExec];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var activation = StartChain.Of(evidence).Units;
        ILookup<(string, string, bool), SystemdUnit> byName = evidence.OfType<SystemdUnit>().Where(unit => !unit.IsDropIn)
            .ToLookup(unit => (evidence.TreeOf(unit.Location.Volume), unit.Name, unit.IsUserUnit));
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            string? dormant = activation.DormantBecause(unit);
            foreach ((RuleInfo rule, Severity severity, string why, string text) in Judge(unit, byName[(evidence.TreeOf(unit.Location.Volume), unit.Name, unit.IsUserUnit)]))
            {
                bool lower = dormant is not null && rule != Unread && severity > Severity.Low;
                yield return new Finding(rule, lower ? severity.Lower() : severity, unit.Location)
                {
                    Message = why + (lower ? $" It would not be started at present: {dormant}; one level lower." : ""),
                    Evidence = Clip.Evidence(text),
                    Hashes = evidence.HashesOf(unit.Location),
                    Remediation = severity <= Severity.Low ? [] : Place.CleanUp(unit, null),
                };
            }
        }
    }

    private static IEnumerable<(RuleInfo Rule, Severity Severity, string Why, string Text)> Judge(SystemdUnit unit, IEnumerable<SystemdUnit> sameName)
    {
        string stem = unit.Name[..Math.Max(0, unit.Name.LastIndexOf('.'))].Split('@')[0];
        bool isVendor = PathTraits.StartsWithAny(unit.Location.Path, ["/usr/lib/systemd/", "/lib/systemd/"]);
        if (unit.UnitType == "service" && !unit.IsDropIn)
        {
            if (Notorious.Contains(stem))
            {
                yield return (KnownName, Severity.High, $"Known malware installs itself as {unit.Name}.", FirstCommand(unit));
            }
            else if (Doubtful.Contains(stem) && !isVendor)
            {
                yield return (KnownName, Severity.Medium, $"Known malware has used the unit name {unit.Name}, and no distribution does.", FirstCommand(unit));
            }
            if (MasqueradeNames.IsKernelThread(stem) || stem.StartsWith("kworker", StringComparison.Ordinal) || stem.StartsWith("kthread", StringComparison.Ordinal))
            {
                yield return (KernelName, Severity.High, $"The unit {unit.Name} is named like a kernel thread, which no unit starts.", FirstCommand(unit));
            }
            if (AgentPlaces.TryGetValue(unit.Name, out string[]? places) && unit.Commands.Count > 0 && !unit.Commands.Any(command => PathTraits.StartsWithAny(command.Text.TrimStart('"', '\''), places)))
            {
                yield return (FakeAgent, Severity.High, $"{unit.Name} belongs to a cloud agent, but starts a program from elsewhere.", FirstCommand(unit));
            }
        }
        if (unit.SearchRank < 0 && !unit.IsMasked && unit.Commands.Count > 0)
        {
            yield return (Unread, Severity.Low, "systemd does not read units in this directory, so this one is never started from here.", FirstCommand(unit));
        }
        SystemdUnit? vendor = sameName.FirstOrDefault(other => other.SearchRank > unit.SearchRank && PathTraits.StartsWithAny(other.Location.Path, ["/usr/lib/systemd/", "/lib/systemd/"]));
        if (!unit.IsDropIn && !isVendor && !unit.IsMasked && unit.SearchRank >= 0 && vendor is not null && !SameProgram(unit, vendor))
        {
            yield return (Shadow, Severity.Low, $"This unit replaces {vendor.Location.Path} and starts another program than the vendor's.", FirstCommand(unit));
        }
        if (unit.UnitType == "timer" && ConstantTrigger(unit) is string trigger)
        {
            yield return (Frequent, Severity.Low, "The timer starts its unit every minute or more often.", trigger);
        }
        if (unit is { IsDropIn: true, UnitType: "service" } && !isVendor && unit.SearchRank < VendorRank
            && unit.Settings.FirstOrDefault(setting => setting is { Section: "Service", Key: "ExecStartPre" or "ExecStartPost" or "ExecStopPost" or "ExecReload" or "ExecCondition", Value.Length: > 0 }) is UnitSetting added)
        {
            yield return (DropInExec, Severity.Low, $"The drop-in makes {unit.Name} run a further program.", $"{added.Key}={added.Value}");
        }
    }

    private static string? ConstantTrigger(SystemdUnit timer)
    {
        foreach (UnitSetting setting in timer.Settings)
        {
            string value = setting.Value.Trim();
            bool isConstant = setting.Key switch
            {
                "OnCalendar" => value is "*:*:00" or "*:*:*" or "*-*-* *:*:00" or "*-*-* *:*:*" or "minutely" or "*:*" || value.StartsWith("*:*:0/", StringComparison.Ordinal) || value.StartsWith("*:*:*/", StringComparison.Ordinal),
                "OnUnitActiveSec" or "OnUnitInactiveSec" => IsBelowTwoMinutes(value),
                _ => false,
            };
            if (isConstant)
            {
                return $"{setting.Key}={value}";
            }
        }
        return null;
    }

    private static bool IsBelowTwoMinutes(string value)
    {
        int digits = value.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string unit = digits < 0 ? "s" : value[digits..].Trim();
        return int.TryParse(digits < 0 ? value : value[..digits], out int number)
            && (unit is "s" or "sec" or "second" or "seconds" ? number < 120 : unit is "ms" or "msec" or "us" || (unit is "m" or "min" or "minute" or "minutes" && number < 2));
    }

    private static bool SameProgram(SystemdUnit left, SystemdUnit right)
    {
        static string Program(SystemdUnit unit) => unit.Commands.Count == 0 ? "" : unit.Commands[0].Text.Split(' ')[0];
        return Program(left) == Program(right) || Program(left).Length == 0;
    }

    private static string FirstCommand(SystemdUnit unit) => unit.Commands.Count > 0 ? unit.Commands[0].Text : unit.Name;
}
