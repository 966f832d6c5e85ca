using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors;

/// <summary>Where Windows is told to start something.</summary>
internal sealed class WindowsPlaceFamily : PlaceFamily
{
    private static readonly Place s_task = new("W-TASK", "scheduled task", "T1053.005");
    private static readonly Place s_startup = new("W-STARTUP", "file in a Startup folder", "T1547.001");
    private static readonly Place s_profile = new("W-PSPROFILE", "PowerShell profile", "T1546.013");
    private static readonly Place s_wmi = new("W-WMI", "WMI subscription", "T1546.003");
    private static readonly Place s_bits = new("W-BITS", "BITS job", "T1197");

    private static readonly Place s_remote = new("W-RDP", "entry of remote access", "T1021");

    public override IReadOnlyList<Place> Places { get; } = [s_task, s_startup, s_profile, s_wmi, s_bits, s_remote];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        ScheduledTask or TaskCacheEntry => s_task,
        StartupItem { Folder: StartupFolder.PowerShellMachine or StartupFolder.PowerShellUser } => s_profile,
        StartupItem or StartupShortcut => s_startup,
        WmiSubscription => s_wmi,
        BitsJob => s_bits,
        AuthorizedKey or SshServerOption when IsOfOpenSsh(artifact.Location.Path) => s_remote,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        ScheduledTask { Format: TaskFormat.Xml } task => WindowsRemediation.DeleteTask(task.Name),
        TaskCacheEntry task => WindowsRemediation.DeleteTask(task.Path),
        WmiSubscription subscription => WindowsRemediation.DeleteSubscription(subscription.Namespace, subscription.FilterName, subscription.ConsumerKind, subscription.ConsumerName),
        BitsJob { Job: { } job } => ["bitsadmin /cancel " + job.Id.ToString("B")],
        BitsJob => ["bitsadmin /reset /allusers"],
        ScheduledTask or StartupItem or StartupShortcut => WindowsRemediation.RemoveFile(source.Location.Path),
        AuthorizedKey or SshServerOption => WindowsRemediation.RemoveLine(source.Location.Path, line ?? source.Location.Line),
        _ => null,
    };

    // The facts are those of OpenSSH everywhere; where their files lie tells of Windows.
    private static bool IsOfOpenSsh(string path) => Evidence.WindowsPlaces.StartsWithAny(path, ["/ProgramData/ssh/", "/Users/", "/Windows/"]);
}
