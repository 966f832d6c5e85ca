using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Microsoft Defender told not to look somewhere, or switched off in whole or in part, by the registry.</summary>
/// <remarks><b>Limitations:</b> what other scanners are told is not read; which exclusion a person made and which a program is not recorded.</remarks>
public sealed class DefenderSettingDetector : IDetector
{
    private static readonly RuleInfo s_exclusion = new("W-DEFENDER.exclusion", "Defender is told not to look", "evasion", ["T1562.001"]);
    private static readonly RuleInfo s_disabled = new("W-DEFENDER.disabled", "Defender is switched off", "evasion", ["T1562.001"]);
    private static readonly RuleInfo s_weakened = new("W-DEFENDER.weakened", "Defender is switched off in part", "evasion", ["T1562.001"]);
    private static readonly RuleInfo s_allowed = new("W-DEFENDER.threats-allowed", "Defender lets threats be", "evasion", ["T1562.001"]);
    private static readonly RuleInfo s_service = new("W-DEFENDER.service-disabled", "Service of Defender is disabled", "evasion", ["T1562.001", "T1543.003"]);

    private const int Several = 3;
    private const string Ignored = "6";

    // Each of them stops Defender from seeing what runs.
    private static readonly HashSet<string> s_core = new(StringComparer.OrdinalIgnoreCase) { "DisableAntiSpyware", "DisableAntiVirus", "DisableRealtimeMonitoring", "DisableBehaviorMonitoring", "DisableOnAccessProtection", "DisableScanOnRealtimeEnable", "DisableIOAVProtection", "DisableScriptScanning", "DisableIntrusionPreventionSystem" };
    private static readonly HashSet<string> s_whole = new(StringComparer.OrdinalIgnoreCase) { "DisableAntiSpyware", "DisableAntiVirus", "DisableRealtimeMonitoring" };
    private static readonly HashSet<string> s_services = new(StringComparer.OrdinalIgnoreCase) { "WinDefend", "WdFilter", "WdBoot", "SecurityHealthService" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_exclusion, s_disabled, s_weakened, s_allowed, s_service];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (IGrouping<string, DefenderSetting> host in evidence.OfType<DefenderSetting>().GroupBy(setting => evidence.TreeOf(setting.Location.Volume)))
        {
            DefenderSetting[] settings = [.. host];
            string? other = OtherScanners.On(evidence, host.Key);
            foreach (Finding finding in Exclusions(evidence, settings).Concat(Switches(settings, other)))
            {
                yield return finding;
            }
        }
        foreach (WindowsService service in evidence.OfType<WindowsService>().Where(service => service.Start == 4 && s_services.Contains(service.Name)))
        {
            string? other = OtherScanners.On(evidence, service.Location.Volume);
            yield return new Finding(s_service, other is null ? Severity.Medium : Severity.Low, service.Location)
            {
                Message = $"The service {service.Name}, a part of Defender, is disabled" + (other is null ? "; Windows itself never does that without another scanner." : $"; {other}, another scanner, is installed."),
                Evidence = Clip.Evidence(service.KeyPath + @"\Start = 4"),
                Remediation = other is null ? WindowsRemediation.SetNumber(service.KeyPath, "Start", service.Name.ToUpperInvariant() is "WDFILTER" or "WDBOOT" ? 0 : service.Name.Equals("WinDefend", StringComparison.OrdinalIgnoreCase) ? 2 : 3) : [],
            };
        }
    }

    private static IEnumerable<Finding> Exclusions(EvidenceIndex evidence, DefenderSetting[] settings)
    {
        DefenderSetting[] exclusions = [.. settings.Where(setting => setting.IsExclusion)];
        if (exclusions.Length == 0)
        {
            yield break;
        }
        bool ignoresLocal = settings.Any(setting => setting.IsPolicy && setting.Area.Length == 0 && setting.Name.Equals("DisableLocalAdminMerge", StringComparison.OrdinalIgnoreCase) && setting.Value == "1");
        bool isOfDevelopers = exclusions.Any(setting => DefenderExclusions.IsOfDevelopers(setting.Name));
        bool hasExchange = evidence.OfType<WindowsService>().Any(service => service.Name.StartsWith("MSExchange", StringComparison.OrdinalIgnoreCase));
        List<(string Path, string Why, Severity Severity, EvidenceLocation Source)> started = [.. Started(evidence, exclusions[0].Location.Volume)];
        foreach (DefenderSetting setting in exclusions)
        {
            bool isAskedFor = (hasExchange && DefenderExclusions.WasAskedForByExchange(setting.Name)) || (isOfDevelopers && setting.Name.Equals("msbuild.exe", StringComparison.OrdinalIgnoreCase));
            Severity severity = DefenderExclusions.IsDangerous(setting.Area, setting.Name) && !isAskedFor ? Severity.High : Severity.Low;
            var covered = started.Where(file => DefenderExclusions.Covers(setting.Area, setting.Name, file.Path)).OrderByDescending(file => file.Severity).ToList();
            if (covered.Count > 0 && covered[0].Severity > severity)
            {
                severity = covered[0].Severity;
            }
            bool isDormant = ignoresLocal && !setting.IsPolicy && severity > Severity.Low;
            yield return new Finding(s_exclusion, isDormant ? severity.Lower() : severity, setting.Location)
            {
                Message = $"Defender does not look at {setting.Name} ({Kind(setting).ToLowerInvariant()}{(setting.IsPolicy ? ", by policy" : "")})."
                    + (covered.Count > 0 ? $" There lies {covered[0].Path}, which is started: {covered[0].Why}." : severity == Severity.Low ? " Vendors of databases and servers, and developers, ask for such." : "")
                    + (isDormant ? " A policy has exclusions of administrators ignored, so that it does not count at present; one level lower." : ""),
                Evidence = Clip.Evidence(setting.KeyPath + @"\" + setting.Name),
                Related = [.. covered.Select(file => new RelatedFile(file.Path, "starts")).Distinct().Take(16)],
                Remediation = severity <= Severity.Low ? [] : setting.IsPolicy ? WindowsRemediation.DeleteValue(setting.KeyPath, setting.Name) : WindowsRemediation.RemoveExclusion(Kind(setting), setting.Name),
                BesideOthers = severity == Severity.Low && DefenderExclusions.IsOfUser(setting.Name) ? Severity.Medium : null,
            };
        }
    }

    /// <summary>What is started from where no installer puts programs, or is known to be bad.</summary>
    private static IEnumerable<(string Path, string Why, Severity Severity, EvidenceLocation Source)> Started(EvidenceIndex evidence, string volume)
    {
        string tree = evidence.TreeOf(volume);
        Dictionary<string, WindowsProgramFacts> programs = evidence.OfType<WindowsProgramFacts>().Where(program => evidence.TreeOf(program.Location.Volume) == tree).DistinctBy(program => program.Location.Path).ToDictionary(program => program.Location.Path, StringComparer.Ordinal);
        foreach (CommandLink link in evidence.Links.Where(link => evidence.TreeOf(link.Source.Location.Volume) == tree))
        {
            foreach (StartedFile started in link.Files.Where(file => file.Resolved is not null && file.Relation is "starts" or "interprets" or "loads"))
            {
                string path = EvidenceQueries.PathOf(started);
                WindowsProgramFacts? program = programs.GetValueOrDefault(path);
                if (program is null || !WindowsPlaces.IsUserWritable(path) || evidence.File(started.Resolved) is not { } file)
                {
                    continue;
                }
                TargetSign[] signs = [.. WindowsSigns.Of(path, file, program)];
                int points = signs.Sum(sign => sign.Weight);
                if (points >= TargetScore.Strong || !program.IsSigned)
                {
                    yield return (path, points >= TargetScore.Strong ? signs.MaxBy(sign => sign.Weight)!.Why : "it is not signed and lies where users may write", points >= TargetScore.Strong ? Severity.High : Severity.Medium, link.Source.Location);
                }
            }
        }
    }

    private static IEnumerable<Finding> Switches(DefenderSetting[] settings, string? other)
    {
        DefenderSetting[] plain = [.. settings.Where(setting => !setting.IsExclusion)];
        DefenderSetting? tamper = plain.FirstOrDefault(setting => setting.Area == "Features" && setting.Name.Equals("TamperProtection", StringComparison.OrdinalIgnoreCase));
        // 5 on by the user, 1 on by management; then values written past Windows Security are ignored.
        bool isProtected = tamper?.Value is "1" or "5";
        bool isPassive = plain.Any(setting => setting.Name.Equals("PassiveMode", StringComparison.OrdinalIgnoreCase) && setting.Value is "1" or "2");
        DefenderSetting[] off = [.. plain.Where(setting => s_core.Contains(setting.Name) && setting.Area is "" or "Real-Time Protection" && setting.Value == "1" && s_core.Contains(setting.Name))];
        string reason = other is not null ? $" {other}, another scanner, is installed: then Windows does so itself." : isPassive ? " It is in passive mode, as beside another scanner." : isProtected ? " Tamper protection is on, which ignores that; one level lower." : "";
        if (off.Length > 0)
        {
            DefenderSetting first = off.OrderByDescending(setting => s_whole.Contains(setting.Name)).First();
            bool isWhole = s_whole.Contains(first.Name);
            string[] names = [.. off.Select(setting => setting.Name).Distinct(StringComparer.OrdinalIgnoreCase)];
            Severity severity = names.Length >= Several ? Severity.High : isWhole ? Severity.Medium : Severity.Low;
            severity = other is not null || isPassive ? Severity.Low : isProtected ? severity.Lower() : severity;
            yield return new Finding(isWhole ? s_disabled : s_weakened, severity, first.Location)
            {
                Message = $"Defender is switched off{(isWhole ? "" : " in part")} by {string.Join(", ", names)}{(off.Any(setting => setting.IsPolicy) ? ", by policy" : "")}." + reason,
                Evidence = Clip.Evidence(string.Join(", ", off.Select(setting => setting.KeyPath + @"\" + setting.Name + " = 1"))),
                Remediation = severity <= Severity.Low ? [] : [.. off.SelectMany(setting => WindowsRemediation.DeleteValue(setting.KeyPath, setting.Name))],
                BesideOthers = severity == Severity.Low && other is null && !isPassive ? Severity.Medium : null,
            };
        }
        // 1 low, 2 moderate, 4 high, 5 severe: 6 lets them be.
        DefenderSetting[] allowed = [.. plain.Where(setting => setting.Area.EndsWith("DefaultAction", StringComparison.Ordinal) && setting.Value is Ignored or "9")];
        DefenderSetting[] bySeverity = [.. allowed.Where(setting => setting.Area.EndsWith("ThreatSeverityDefaultAction", StringComparison.Ordinal))];
        foreach (DefenderSetting[] group in new[] { bySeverity, [.. allowed.Except(bySeverity)] })
        {
            if (group.Length > 0)
            {
                bool isAll = group == bySeverity && group.Any(setting => setting.Name is "4" or "5");
                Severity severity = isAll ? Severity.High : Severity.Low;
                yield return new Finding(s_allowed, isAll && isProtected && !group.Any(setting => !setting.IsPolicy) ? severity.Lower() : severity, group[0].Location)
                {
                    Message = isAll ? "Defender finds threats that are high or severe, and is told to let them be." : group == bySeverity ? "Defender is told to let minor threats be." : "Single threats were allowed in Defender, by their numbers. Users do that with tools they want.",
                    Evidence = Clip.Evidence(string.Join(", ", group.Select(setting => setting.KeyPath + @"\" + setting.Name + " = " + setting.Value))),
                    Remediation = isAll ? [.. group.SelectMany(setting => WindowsRemediation.DeleteValue(setting.KeyPath, setting.Name))] : [],
                    BesideOthers = isAll ? null : Severity.Medium,
                };
            }
        }
        foreach (DefenderSetting setting in plain.Where(setting => (setting.Area, setting.Name.ToUpperInvariant(), setting.Value) is ("Spynet", "SPYNETREPORTING", "0") or ("Spynet", "SUBMITSAMPLESCONSENT", "2") or ("Features", "TAMPERPROTECTION", "0" or "4") or ("UX Configuration", "NOTIFICATION_SUPPRESS", "1")))
        {
            yield return new Finding(s_weakened, Severity.Info, setting.Location)
            {
                Message = $"The setting {setting.Name} of Defender is {setting.Value}: " + (setting.Area == "Spynet" ? "it does not ask Microsoft about unknown files, as some want it for privacy." : setting.Area == "Features" ? "programs with rights may change its settings, as on most servers." : "it does not tell users what it finds."),
                Evidence = Clip.Evidence(setting.KeyPath + @"\" + setting.Name),
                BesideOthers = setting.Area == "Features" ? null : Severity.Low,
            };
        }
    }

    private static string Kind(DefenderSetting setting) => setting.Area switch { "Processes" => "Process", "Extensions" => "Extension", "IpAddresses" => "IpAddress", _ => "Path" };
}
