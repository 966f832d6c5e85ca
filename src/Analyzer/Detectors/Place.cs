using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>A place of the catalogue where a host is told to start something: the first part of a rule id.</summary>
/// <param name="Id"><c>L-CRON-USER</c>.</param>
/// <param name="Label">How a message names it: <c>user crontab</c>.</param>
/// <param name="Technique">ATT&amp;CK id of the place itself.</param>
public sealed record Place(string Id, string Label, string Technique)
{
    private static Place CronUser { get; } = new("L-CRON-USER", "user crontab", "T1053.003");
    private static Place CronSystem { get; } = new("L-CRON-SYS", "system crontab", "T1053.003");
    private static Place CronParts { get; } = new("L-CRON-PARTS", "periodic cron script", "T1053.003");
    private static Place Anacron { get; } = new("L-ANACRON", "anacron table", "T1053.003");
    private static Place OtherScheduler { get; } = new("L-SCHED-OTHER", "job of another scheduler", "T1053.003");
    private static Place Unit { get; } = new("L-UNIT", "systemd service", "T1543.002");
    private static Place UnitDropIn { get; } = new("L-UNIT-DROPIN", "systemd drop-in", "T1543.002");
    private static Place UnitUser { get; } = new("L-UNIT-USER", "systemd user unit", "T1543.002");
    private static Place Timer { get; } = new("L-TIMER", "systemd timer", "T1053.006");
    private static Place UnitOther { get; } = new("L-UNIT-OTHER", "systemd unit", "T1543.002");
    private static Place InitScript { get; } = new("L-INITD", "init script", "T1037");
    private static Place RcLocal { get; } = new("L-RCLOCAL", "rc.local script", "T1037.004");
    private static Place Inittab { get; } = new("L-INITTAB", "inittab", "T1037");
    private static Place SshKeys { get; } = new("L-SSH-KEYS", "SSH forced command", "T1098.004");
    private static Place Preload { get; } = new("L-LDPRELOAD", "ld.so.preload", "T1574.006");
    private static Place Script { get; } = new("L-EXECLOC", "started script", "T1059");

    /// <summary>All places.</summary>
    public static IReadOnlyList<Place> All { get; } =
    [
        CronUser, CronSystem, CronParts, Anacron, OtherScheduler, Unit, UnitDropIn, UnitUser, Timer, UnitOther, InitScript, RcLocal, Inittab, SshKeys, Preload, Script,
    ];

    /// <summary>The place of an artefact; null when it starts nothing.</summary>
    public static Place? Of(Artifact artifact) => artifact switch
    {
        CronJob { Table: CronTable.User } => CronUser,
        CronJob { Table: CronTable.System or CronTable.SystemDirectory } => CronSystem,
        CronJob { Table: CronTable.Anacron } => Anacron,
        CronJob => OtherScheduler,
        StartupScript { Place: StartupPlace.CronParts } => CronParts,
        StartupScript { Place: StartupPlace.RcLocal } => RcLocal,
        StartupScript => InitScript,
        RunlevelLink => InitScript,
        SystemdUnit { IsDropIn: true } => UnitDropIn,
        SystemdUnit { IsUserUnit: true } => UnitUser,
        SystemdUnit { UnitType: "service" } => Unit,
        SystemdUnit { UnitType: "timer" } => Timer,
        SystemdUnit => UnitOther,
        SystemdLink { IsUserUnit: true } => UnitUser,
        SystemdLink => Unit,
        InittabEntry => Inittab,
        AuthorizedKey => SshKeys,
        PreloadedLibrary => Preload,
        ScriptFacts => Script,
        _ => null,
    };

    /// <summary>The rule at this place.</summary>
    public RuleInfo Rule(string suffix, string title, string category, params IReadOnlyList<string> techniques) =>
        new(Id + "." + suffix, title, category, techniques.Contains(Technique) ? techniques : [Technique, .. techniques]);
}
