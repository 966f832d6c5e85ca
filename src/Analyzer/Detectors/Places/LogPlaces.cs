using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors;

/// <summary>What ran by the logs and is no longer told to.</summary>
internal sealed class LogPlaces : PlaceFamily
{
    private static readonly Place s_cron = new("L-CRON-LOG", "job that cron ran and that no table holds any more", "T1053.003");

    public override IReadOnlyList<Place> Places { get; } = [s_cron];

    public override Place? PlaceOf(Artifact artifact) => artifact is LoggedCronJob ? s_cron : null;

    // The log itself stays: it is evidence.
    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source is LoggedCronJob { User: string user } && ShellQuote.TryText(user, out string word) && !user.StartsWith('-')
        ? ["No table holds this job any more; look for what removed it, and whether it still runs", $"crontab -u {word} -l"] : ["No table holds this job any more; look for what removed it, and whether it still runs"];
}
