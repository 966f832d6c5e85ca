using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Services and drivers that no installer registers so: shells, libraries of shared hosts outside the system's folders, programs on administrative shares, descriptors that hide them, drivers that miners bring.</summary>
/// <remarks><b>Limitations:</b> what wrappers start, and the files themselves, are judged by <see cref="WindowsTargetDetector"/>.</remarks>
public sealed partial class WindowsServiceDetector : IDetector
{
    private static readonly RuleInfo s_shell = new("W-SERVICE.shell", "Service that is a shell", "persistence", ["T1543.003", "T1059"]);
    private static readonly RuleInfo s_library = new("W-SERVICE.foreign-library", "Library of a shared host process where users may write", "persistence", ["T1543.003"]);
    private static readonly RuleInfo s_share = new("W-SERVICE.own-share", "Service on an administrative share", "persistence", ["T1543.003", "T1021.002"]);
    private static readonly RuleInfo s_hidden = new("W-SERVICE.hidden", "Service that denies itself to administrators", "evasion", ["T1543.003", "T1564"]);
    private static readonly RuleInfo s_failure = new("W-SERVICE.failure-command", "Service that runs an interpreter when it fails", "persistence", ["T1543.003"]);
    private static readonly RuleInfo s_driver = new("W-SERVICE.miner-driver", "Driver that miners bring", "malware", ["T1543.003", "T1496"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_shell, s_library, s_share, s_hidden, s_failure, s_driver];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) =>
        evidence.OfType<WindowsService>().SelectMany(Judge).Select(found => new Finding(found.Rule, found.Service.Start == 4 ? found.Severity.Lower() : found.Severity, found.Service.Location)
        {
            Message = $"The service {found.Service.Name}: {found.Why}." + (found.Service.Start == 4 ? " It would not run at present: the service is disabled; one level lower." : ""),
            Evidence = Clip.Evidence(found.Text),
            Hashes = evidence.HashesOf(found.Service.Location),
            Remediation = found.Severity <= Severity.Low ? [] : Place.CleanUp(found.Service, null),
        });

    /// <summary>The program of a service is a shell or another that runs what it is given.</summary>
    internal static bool IsShell(string image) => Shell().IsMatch(image);

    /// <summary>The program of a service lies on an administrative share.</summary>
    internal static bool IsOnOwnShare(string image) => OwnShare().IsMatch(image);

    private static IEnumerable<(RuleInfo Rule, Severity Severity, WindowsService Service, string Why, string Text)> Judge(WindowsService service)
    {
        string image = service.ImagePath ?? "";
        if (!service.IsDriver && Shell().IsMatch(image))
        {
            yield return (s_shell, Severity.High, service, "a service cannot be a shell; what it is given is run as the system and the service then fails", image);
        }
        else if (OwnShare().IsMatch(image))
        {
            yield return (s_share, Severity.High, service, "its program was put on an administrative share for it, as tools do that move from host to host", image);
        }
        if (service.ServiceDll is { } dll && WindowsLogEvents.ImagePath(dll) is { } path && WindowsPlaces.IsUserWritable(path) && !WindowsPlaces.IsInstalled(path))
        {
            yield return (s_library, Severity.High, service, "a host process that services of Windows share loads a library for it from where users may write", dll);
        }
        if (service.Security is { } descriptor && WindowsDescriptors.DeniesAdministrators(descriptor))
        {
            yield return (s_hidden, Severity.High, service, "its security descriptor denies it to administrators or everybody who is logged on, so that lists leave it out", descriptor);
        }
        if (service.FailureCommand is { } failure && Shell().IsMatch(failure))
        {
            yield return (s_failure, Severity.Medium, service, "when it fails an interpreter is run", failure);
        }
        if (service.IsDriver && MinerDriver().IsMatch(image + "\\" + service.Name))
        {
            bool isOdd = WindowsLogEvents.ImagePath(image.StartsWith(@"\??\", StringComparison.Ordinal) ? image[4..] : image) is { } driver && WindowsPlaces.IsOdd(driver);
            yield return (s_driver, isOdd ? Severity.Medium : Severity.Low, service, "miners bring this driver to set up the processor; tools that measure hardware do so too", image);
        }
    }

    [GeneratedRegex(@"(?:%comspec%|\bcmd(?:\.exe)?""?\s+/|\bpowershell(?:\.exe)?\b|\bpwsh(?:\.exe)?\b|\bmshta(?:\.exe)?\b|\brundll32(?:\.exe)?""?\s+""?(?:javascript|vbscript):|\bwscript(?:\.exe)?\b|\bcscript(?:\.exe)?\b)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Shell();

    [GeneratedRegex(@"^""?\\\\[^\\\s]+\\(?:admin|[a-z])\$\\", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OwnShare();

    [GeneratedRegex(@"\\WinRing0(?:x64|_1_2_0)?(?:\.sys)?(?:\\|$)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MinerDriver();
}
