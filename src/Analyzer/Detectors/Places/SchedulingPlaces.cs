using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>cron, anacron and other schedulers.</summary>
internal sealed class SchedulingPlaces : PlaceFamily
{
    private static readonly Place s_cronUser = new("L-CRON-USER", "user crontab", "T1053.003");
    private static readonly Place s_cronSystem = new("L-CRON-SYS", "system crontab", "T1053.003");
    private static readonly Place s_cronParts = new("L-CRON-PARTS", "periodic cron script", "T1053.003");
    private static readonly Place s_anacron = new("L-ANACRON", "anacron table", "T1053.003");
    private static readonly Place s_at = new("L-AT", "at job", "T1053.002");
    private static readonly Place s_other = new("L-SCHED-OTHER", "job of another scheduler", "T1053.003");

    public override IReadOnlyList<Place> Places { get; } = [s_cronUser, s_cronSystem, s_cronParts, s_anacron, s_at, s_other];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        CronJob { Table: CronTable.User } => s_cronUser,
        CronJob { Table: CronTable.System or CronTable.SystemDirectory } => s_cronSystem,
        CronJob { Table: CronTable.Anacron } => s_anacron,
        CronJob => s_other,
        AtJob => s_at,
        StartupScript { Place: StartupPlace.CronParts } => s_cronParts,
        StartupScript { Place: StartupPlace.UserCronDirectory } => s_other,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        CronJob { Table: CronTable.User, User: string user } => Remediation.UserCrontab(source.Location.Path, user, line),
        CronJob { Table: CronTable.SystemDirectory } => [.. Remediation.RemoveLine(source.Location.Path, line), Remediation.RemoveWhenHostile(source.Location.Path)],
        AtJob { Number: int number } => [.. Remediation.Unlock(source.Location.Path), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"atrm {number}"), Remediation.RemoveWhenHostile(source.Location.Path)],
        AtJob or StartupScript => Remediation.RemoveFile(source.Location.Path),
        _ => null,
    };
}
