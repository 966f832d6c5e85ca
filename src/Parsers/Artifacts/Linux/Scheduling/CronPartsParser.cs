namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Scripts that <c>run-parts</c> starts by the hour, day, week, month or year. See run-parts(8), cron(8).</summary>
/// <remarks><b>Limitations</b>: whether the system's crontab still calls <c>run-parts</c> for the directory is not looked at here.</remarks>
public sealed class CronPartsParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/cron-parts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/cron.{hourly,daily,weekly,monthly,yearly}/*", "/etc/periodic/*/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string directory = path[..Math.Max(path.LastIndexOf('/'), 0)];
        bool isPeriodic = path.StartsWith("/etc/periodic/", StringComparison.Ordinal);
        string name = input.Location.Name;
        string? nameRule = CronTableRules.NameProblem(name) is { } problem ? $"run-parts of {(isPeriodic ? "Busybox" : "Debian")} ignores files with {problem} in their name" : null;
        new StartupScriptReader
        {
            Place = StartupPlace.CronParts,
            Trigger = isPeriodic ? "periodic " + directory[(directory.LastIndexOf('/') + 1)..] : directory[(directory.LastIndexOf('/') + 1)..],
            DormantBecause = isPeriodic ? nameRule : SkippedEverywhere(name),
            DebianRefusal = isPeriodic ? null : nameRule,
            WithoutShebang = (isPeriodic ? "no shebang line: run-parts of Busybox cannot execute it" : "no shebang line: run-parts of Debian cannot execute it", !isPeriodic),
        }.Read(input, sink);
    }

    /// <summary>What the run-parts script of the RHEL family skips too.</summary>
    private static string? SkippedEverywhere(string name)
    {
        foreach (string suffix in (ReadOnlySpan<string>)["~", ",", ".rpmsave", ".rpmorig", ".rpmnew", ".swp", ".cfsaved"])
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                return "run-parts ignores files whose name ends in " + suffix;
            }
        }
        return null;
    }
}
