using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Deleted entries of the registry that had started something bad: by the rules for commands, by where the program lay, by its name. Updates and uninstallers delete entries all the time, so that a deletion by itself says nothing.</summary>
/// <remarks><b>Limitations:</b> one level lower than the same entry in force, and never above medium; the file that was started is not looked for; see <see cref="DeletedRegistryEntry"/>.</remarks>
public sealed class DeletedRegistryDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo s_run = new("W-RUN.deleted", "Deleted Run entry of something bad", "persistence", ["T1547.001", "T1070.009"]);
    private static readonly RuleInfo s_service = new("W-SERVICE.deleted", "Deleted service of something bad", "persistence", ["T1543.003", "T1070.009"]);
    private static readonly RuleInfo s_task = new("W-TASK.deleted", "Deleted task of something bad", "persistence", ["T1053.005", "T1070.009"]);

    private const int MostListed = 50;
    private readonly CommandScorer _scorer = new(signatures);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_run, s_service, s_task];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) => evidence.OfType<DeletedRegistryEntry>().GroupBy(entry => (entry.Location.Volume, entry.Location.Path))
        .SelectMany(hive => hive.DistinctBy(entry => (entry.Shape, entry.ValueName, entry.Data)).Select(Judge).OfType<Finding>().Take(MostListed));

    private Finding? Judge(DeletedRegistryEntry entry)
    {
        if ((OfText(entry) ?? OfPlace(entry)) is not { } found)
        {
            return null;
        }
        RuleInfo rule = entry.Shape switch { DeletedEntryShape.Service => s_service, DeletedEntryShape.Task => s_task, _ => s_run };
        string place = entry.Shape == DeletedEntryShape.Command ? $"A command line named {entry.ValueName}, whose key is not known any more," : $"{entry.KeyPath}, value {(entry.ValueName.Length == 0 ? "(default)" : entry.ValueName)},";
        return new Finding(rule, found.Severity, entry.Location)
        {
            Message = $"{place} was there and was deleted{(entry.LastWritten is { } time ? $" after {time}" : "")}: {found.Why}. Out of the free space of the hive; one level lower than if it were there.",
            Evidence = Clip.Evidence(entry.Data),
            Remediation = found.Severity <= Severity.Low ? [] : ["The entry is gone already: look for what it started and for other entries that start the same, and find out who deleted it"],
        };
    }

    private (Severity Severity, string Why)? OfText(DeletedRegistryEntry entry)
    {
        if (entry.IsLibrary)
        {
            return null;
        }
        List<ScoredHit> hits = _scorer.Hits(WindowsLogEvents.Texts(entry.Data, WindowsReader.Process), RuleScope.Command);
        CommandScorer.Sort(hits);
        return CommandScorer.SeverityOf(hits) is { } severity && severity >= Severity.Medium ? (Lowered(severity), "it " + hits[0].Hit.Rule.Message)
            : entry.Shape != DeletedEntryShape.Service ? null
            : WindowsServiceDetector.IsShell(entry.Data) ? (Severity.Medium, "a service cannot be a shell; what it is given is run as the system and the service then fails")
            : WindowsServiceDetector.IsOnOwnShare(entry.Data) ? (Severity.Medium, "its program was put on an administrative share for it, as tools do that move from host to host") : null;
    }

    private static (Severity Severity, string Why)? OfPlace(DeletedRegistryEntry entry)
    {
        // A bare name has no place; what it was given may have one.
        string path = WindowsLogEvents.ImagePath(entry.IsLibrary ? entry.Data : Program(entry.Data)) ?? "";
        if (MinerNames.IsMiner(WindowsPlaces.Name(path)))
        {
            return (Severity.Medium, "its program has the name of a miner");
        }
        // Command lines without a key may have been anything, such as what a user opened once.
        if (entry.Shape == DeletedEntryShape.Command)
        {
            return null;
        }
        if (entry.IsLibrary)
        {
            return WindowsPlaces.IsUserWritable(path) && !WindowsPlaces.IsInstalled(path) ? (Severity.Medium, "a host process that services of Windows share loaded a library for it from where users may write") : null;
        }
        if (WindowsPlaces.IsOdd(path))
        {
            return (Grade(entry, path), "no installer puts a program where its own lay");
        }
        return WindowsInterpreters.Runs(entry.Data) && WindowsCommandLine.Words(entry.Data).Skip(1).Select(WindowsLogEvents.ImagePath).OfType<string>().FirstOrDefault(word => WindowsNames.IsScript(word) && WindowsPlaces.IsOdd(word)) is { } script
            ? (Grade(entry, script), $"an interpreter ran {script}, where no installer puts a script") : null;
    }

    /// <summary>Installers leave entries for the next start in temporary folders, and tools that measure hardware their drivers.</summary>
    private static Severity Grade(DeletedRegistryEntry entry, string path) =>
        WindowsPlaces.IsTemporary(path) || entry.Mechanism is AutorunKind.RunOnce or AutorunKind.RunOnceEx ? Severity.Low : Severity.Medium;

    private static Severity Lowered(Severity severity) => severity.Lower() is var lower && lower > Severity.Medium ? Severity.Medium : lower;

    // Drivers' paths have a prefix, and paths with blanks no quotes.
    private static string Program(string command)
    {
        string text = command.StartsWith(@"\??\", StringComparison.Ordinal) ? command[4..] : command;
        int end = text.StartsWith('"') ? -1 : text.IndexOf(".exe ", StringComparison.OrdinalIgnoreCase);
        return end >= 0 ? text[..(end + 4)] : text.StartsWith('"') || !text.EndsWith(".sys", StringComparison.OrdinalIgnoreCase) ? WindowsCommandWords.Program(text) : text;
    }
}
