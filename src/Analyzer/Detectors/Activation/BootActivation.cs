using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which settings of the kernel, of udev and of the boot loader are in force, as far as the files of an image say.</summary>
/// <remarks><b>Limitations:</b> of settings with patterns in their names it is not said which of them wins.</remarks>
internal sealed class BootActivation
{
    /// <summary>Where a file hides others of its name, most important first. See systemd's documentation on directories of drop-ins.</summary>
    private static readonly string[] s_roots = ["/etc/", "/run/", "/usr/local/lib/", "/usr/lib/", "/lib/"];

    private readonly EvidenceIndex _evidence;
    private readonly HashSet<(string Host, string Path)> _masks = [];
    private readonly Dictionary<(string Host, string Name), SysctlSetting> _lastSetting = [];
    private readonly Dictionary<string, HashSet<string>> _bootOptions = new(StringComparer.Ordinal);

    public BootActivation(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (ConfigurationMask mask in evidence.OfType<ConfigurationMask>())
        {
            _masks.Add((evidence.TreeOf(mask.Location.Volume), mask.Location.Path));
        }
        foreach (SysctlSetting setting in evidence.OfType<SysctlSetting>())
        {
            (string, string) key = (evidence.TreeOf(setting.Location.Volume), setting.Name);
            if (setting.DormantBecause is null && HiddenBy(setting.Location) is null && (!_lastSetting.TryGetValue(key, out SysctlSetting? last) || Order(setting).CompareTo(Order(last)) >= 0))
            {
                _lastSetting[key] = setting;
            }
        }
        foreach (BootEntry entry in evidence.OfType<BootEntry>())
        {
            if (entry.Configuration is BootConfiguration.GrubConfig or BootConfiguration.GrubEnvironment or BootConfiguration.LoaderEntry && entry.DormantBecause is null)
            {
                string host = evidence.TreeOf(entry.Location.Volume);
                if (!_bootOptions.TryGetValue(host, out HashSet<string>? options))
                {
                    _bootOptions.Add(host, options = new HashSet<string>(StringComparer.Ordinal));
                }
                options.UnionWith(entry.Options);
            }
        }
    }

    /// <summary>Why a setting is not in force, as a clause; null when it is.</summary>
    public string? DormantBecause(Artifact artifact) => artifact switch
    {
        UdevRule rule => rule.DormantBecause ?? HiddenBy(rule.Location),
        BinfmtRegistration format => format.DormantBecause ?? HiddenBy(format.Location),
        ModuleLoad load => load.DormantBecause ?? HiddenBy(load.Location),
        ModprobeDirective directive => directive.DormantBecause ?? HiddenBy(directive.Location),
        SysctlSetting setting => setting.DormantBecause ?? HiddenBy(setting.Location) ?? Overridden(setting),
        BootEntry entry => entry.DormantBecause ?? NotYetMade(entry),
        FstabEntry { IsNoAuto: true } => "it is mounted only when asked for (noauto)",
        _ => null,
    };

    private string? HiddenBy(EvidenceLocation location)
    {
        string host = _evidence.TreeOf(location.Volume);
        int rank = Array.FindIndex(s_roots, root => location.Path.StartsWith(root, StringComparison.Ordinal));
        string below = rank < 0 ? "" : location.Path[s_roots[rank].Length..];
        // A file directly in /etc (sysctl.conf, modules) hides nothing and is hidden by nothing.
        if (!below.Contains('/'))
        {
            return null;
        }
        for (int i = 0; i < rank; i++)
        {
            string path = s_roots[i] + below;
            if (_masks.Contains((host, path)) || _evidence.File(location.Volume, path) is not null)
            {
                return "the file of the same name at " + path + " takes its place";
            }
        }
        return null;
    }

    /// <summary>Files are read in the order of their names; sysctl.conf is read last.</summary>
    private static (bool IsMain, string Name, int Line) Order(SysctlSetting setting) => (setting.Location.Path == "/etc/sysctl.conf", setting.Location.Name, setting.Location.Line ?? 0);

    private string? Overridden(SysctlSetting setting) =>
        _lastSetting.TryGetValue((_evidence.TreeOf(setting.Location.Volume), setting.Name), out SysctlSetting? last) && !ReferenceEquals(last, setting) && last.Value != setting.Value
            ? "the setting in " + last.Location.Path + " comes later" : null;

    /// <summary>What the menu is made from counts from the next time on that it is made.</summary>
    private string? NotYetMade(BootEntry entry)
    {
        if (entry.Configuration is not (BootConfiguration.GrubDefaults or BootConfiguration.KernelCommandLine) || !_bootOptions.TryGetValue(_evidence.TreeOf(entry.Location.Volume), out HashSet<string>? options))
        {
            return null;
        }
        return entry.Options.Any(option => IsProgram(option) && !options.Contains(option)) ? "the boot menu was not made anew since" : null;
    }

    private static bool IsProgram(string option) =>
        option.StartsWith("init=", StringComparison.Ordinal) || option.StartsWith("rdinit=", StringComparison.Ordinal) || option.StartsWith("systemd.", StringComparison.Ordinal);
}
