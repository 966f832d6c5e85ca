using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Programs that grant capabilities of root to whoever runs them: setuid that <c>ls -l</c> does not show.</summary>
/// <remarks><b>Limitations:</b> dpkg does not record capabilities; of Debian's own, those that are known are silent by their names.</remarks>
public sealed class CapabilityDetector : IDetector
{
    private static readonly RuleInfo Escape = new("L-CAPS.shell-or-interpreter", "Shell or interpreter with capabilities of root", "access", ["T1548"]);
    private static readonly RuleInfo OddPlace = new("L-CAPS.odd-place", "Program with capabilities in an odd place", "access", ["T1548"]);
    private static readonly RuleInfo Unowned = new("L-CAPS.unowned-program", "Program that no package owns with capabilities of root", "access", ["T1548"]);
    private static readonly RuleInfo Other = new("L-CAPS.other", "Program with unusual capabilities", "access", ["T1548"]);

    // Each of these is root, or a few commands from it.
    private static readonly HashSet<string> AsGoodAsRoot = new(StringComparer.Ordinal)
    {
        "cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_setgid", "cap_setuid", "cap_setfcap", "cap_sys_module", "cap_sys_rawio", "cap_sys_ptrace", "cap_sys_admin", "cap_bpf", "cap_mknod", "cap_sys_chroot", "cap_fsetid", "cap_mac_override", "cap_mac_admin",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Escape, OddPlace, Unowned, Other];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            if (file.Capabilities is not { } capabilities || Judge(evidence, file) is not (RuleInfo rule, Severity severity, string why))
            {
                continue;
            }
            // Inheritable ones need a process that hands them on; those of a user namespace count inside it only.
            bool isMinor = capabilities.Permitted == 0 || capabilities.RootId != 0;
            yield return new Finding(rule, isMinor ? severity.Lower() : severity, file.Location)
            {
                Message = why + (capabilities.RootId != 0 ? $" They count only in the user namespace of user {capabilities.RootId}; one level lower." : isMinor ? " They are inheritable only; one level lower." : ""),
                Evidence = Clip.Evidence(file.Location.Path + " " + capabilities),
                Hashes = file.Hashes,
                Remediation = severity <= Severity.Low ? [] : Remediation.DropCapabilities(file.Location.Path),
            };
        }
    }

    private static (RuleInfo, Severity, string)? Judge(EvidenceIndex evidence, FileFacts file)
    {
        string? inner = ContainerLayer.Inner(file.Location.Path);
        string path = inner ?? file.Location.Path;
        IReadOnlyList<string> names = file.Capabilities!.Permitted != 0 ? file.Capabilities.Names : file.Capabilities.InheritableNames;
        string[] strong = [.. names.Where(AsGoodAsRoot.Contains)];
        string what = string.Join(", ", strong.Length > 0 ? strong : names);
        FileOrigin? origin = inner is null ? file.Origin : null;
        if (inner is null && evidence.PackagesOf(file.Location.Volume).FindAll(file.Location.Path).Take(16).Any(owned => owned.Capabilities is not null))
        {
            return null;
        }
        if (PrivilegedPrograms.IsEscape(path))
        {
            // Ports below 1024 and raw sockets are given to node, java and python on purpose.
            Severity severity = strong.Length == 0 ? Severity.Info : inner is null ? Severity.Critical : Severity.High;
            return (Escape, severity, $"Whoever runs it may use {what} for any purpose{(strong.Length > 0 ? ", which is as good as root" : "")}.");
        }
        bool isOdd = TargetZones.Of(path) is TargetZone.Temporary or TargetZone.Odd || PathTraits.IsHidden(path);
        if (isOdd && origin?.IsVendor != true && inner is null)
        {
            return (OddPlace, strong.Length > 0 ? Severity.Critical : Severity.High, $"A program that lies where no distribution puts one grants {what} to whoever runs it.");
        }
        if (PrivilegedPrograms.IsOrdinaryCapable(path) || inner is not null)
        {
            return null;
        }
        if (strong.Length == 0)
        {
            return (Other, Severity.Info, $"It grants {what} to whoever runs it.");
        }
        return origin?.IsVendor == true ? (Other, Severity.Medium, $"It grants {what} to whoever runs it, which is as good as root, and its package is not known to ask for that.")
            : origin is null ? (Other, Severity.Medium, $"It grants {what} to whoever runs it, which is as good as root.")
            : (Unowned, Severity.High, $"It grants {what} to whoever runs it, which is as good as root, and no package owns it as it is.");
    }
}
