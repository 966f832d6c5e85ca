using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What a scheduled task says about itself: names of known malware, names of Windows that run something else, a document type, and the sum of small signs (hidden, no author, every few minutes, an interpreter with encoded text).</summary>
/// <remarks><b>Limitations:</b> tasks that stand in the registry only are judged by <see cref="HiddenTaskDetector"/> and by what they run.</remarks>
public sealed partial class ScheduledTaskDetector : IDetector
{
    private static readonly RuleInfo s_known = new("W-TASK.known-name", "Task with the name of known malware", "malware", ["T1053.005"]);
    private static readonly RuleInfo s_imitated = new("W-TASK.imitated-name", "Task among those of Windows that runs something else", "evasion", ["T1053.005", "T1036.004"]);
    private static readonly RuleInfo s_documentType = new("W-TASK.document-type", "Task whose XML declares a document type", "evasion", ["T1053.005"]);
    private static readonly RuleInfo s_signs = new("W-TASK.suspicious-settings", "Task whose settings hide what it does", "persistence", ["T1053.005", "T1564"]);

    private static readonly string[] s_interpreters = ["powershell", "pwsh", "cmd", "wscript", "cscript", "mshta"];
    // With a library of Windows these do what Windows does.
    private static readonly string[] s_loaders = ["rundll32", "regsvr32", "certutil", "bitsadmin", "wmic", "msbuild", "installutil"];

    private const string WindowsFolder = @"\Microsoft\Windows\";
    private static readonly TimeSpan s_often = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_known, s_imitated, s_documentType, s_signs];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is ScheduledTask).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        foreach (ScheduledTask task in evidence.OfType<ScheduledTask>())
        {
            if (task.HasDocumentType)
            {
                yield return Of(s_documentType, Severity.Medium, task, "The XML declares a document type, which no task of Windows has; it can name files and addresses to be read. Neither the service nor this program reads on.", evidence);
                continue;
            }
            string name = WindowsPlaces.Name(task.Name.Replace('\\', '/'));
            if (KnownName().IsMatch(name) && task.Name.LastIndexOf('\\') == 0)
            {
                yield return Of(s_known, Dormant(task, Severity.High), task, $"Miners and worms register a task of the name {name}.", evidence, [.. Registered(links[task])]);
            }
            StartedFile[] files = [.. links[task].SelectMany(link => link.Files).Where(file => file.Relation is "starts" or "interprets" or "loads")];
            if (task.Name.StartsWith(WindowsFolder, StringComparison.OrdinalIgnoreCase) && files.FirstOrDefault(file => !WindowsPlaces.IsInstalled(EvidenceQueries.PathOf(file))) is { } foreign)
            {
                yield return Of(s_imitated, Dormant(task, WindowsPlaces.IsUserWritable(EvidenceQueries.PathOf(foreign)) ? Severity.High : Severity.Medium), task,
                    $"The task lies among those of Windows but runs {EvidenceQueries.PathOf(foreign)}, which is none of its programs.", evidence, [new RelatedFile(EvidenceQueries.PathOf(foreign), foreign.Resolved is null ? "missing" : foreign.Relation), .. Registered(links[task])]);
            }
            (int points, List<string> why) = Signs(task, files);
            if (points >= 40)
            {
                yield return Of(s_signs, Dormant(task, points >= 60 ? Severity.High : Severity.Medium), task, string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", why)} ({points} points)."), evidence, [.. Registered(links[task])]);
            }
        }
    }

    /// <summary>The hive that says the same.</summary>
    private static IEnumerable<RelatedFile> Registered(IEnumerable<CommandLink> links) => links.SelectMany(link => link.AlsoStatedIn).Distinct(StringComparer.Ordinal).Select(path => new RelatedFile(path, "stated-in"));

    private static (int Points, List<string> Why) Signs(ScheduledTask task, StartedFile[] files)
    {
        var why = new List<string>();
        int points = 0;
        void Add(bool holds, int weight, string reason)
        {
            if (holds)
            {
                points += weight;
                why.Add(reason);
            }
        }
        string[] commands = [.. task.Commands.Select(command => command.Text)];
        bool isInterpreter = commands.Any(command => Starts(command, s_interpreters))
            || (commands.Any(command => Starts(command, s_loaders)) && (files.Length < 2 || files.Any(file => !WindowsPlaces.IsInstalled(EvidenceQueries.PathOf(file)))));
        bool isOfWindows = task.Name.StartsWith(WindowsFolder, StringComparison.OrdinalIgnoreCase) && !isInterpreter;
        // Windows hides many of its own tasks, and they have no author.
        if (task.Format == TaskFormat.Job || commands.Length == 0 || isOfWindows)
        {
            return (0, why);
        }
        bool isEncoded = commands.Any(command => EncodedCommand().IsMatch(command));
        bool isWindowHidden = commands.Any(command => HiddenWindow().IsMatch(command));
        Add(isInterpreter && task.IsHidden, 25, "It is hidden from the user interface and runs an interpreter");
        Add(!isInterpreter && task.IsHidden, 10, "it is hidden from the user interface");
        Add(isInterpreter && task.RunsAsSystem, 10, "it runs an interpreter as the system");
        Add(isEncoded, 15, "the command is encoded");
        Add(isWindowHidden, 10, "the window is hidden");
        Add(string.IsNullOrWhiteSpace(task.Author) && isInterpreter, 10, "no author is stated");
        Add(task.ShortestInterval is { } interval && interval <= s_often && isInterpreter, 10, "it is repeated every hour or more often");
        Add(GuidName().IsMatch(task.Name) && isInterpreter, 10, "its name is a number");
        Add(files.Any(file => WindowsPlaces.IsOdd(EvidenceQueries.PathOf(file))), 20, "it runs a file where no program belongs");
        return (points, why);
    }

    private static bool Starts(string command, string[] programs)
    {
        string program = WindowsPlaces.Name(WindowsCommandWords.Program(command).Replace('\\', '/'));
        return Array.Exists(programs, name => program.Equals(name, StringComparison.OrdinalIgnoreCase) || program.Equals(name + ".exe", StringComparison.OrdinalIgnoreCase));
    }

    private static Severity Dormant(ScheduledTask task, Severity severity) => task.DormantBecause is null ? severity : severity.Lower();

    private static Finding Of(RuleInfo rule, Severity severity, ScheduledTask task, string message, EvidenceIndex evidence, IReadOnlyList<RelatedFile>? related = null) => new(rule, severity, task.Location)
    {
        Message = message + (task.DormantBecause is { } dormant && !task.HasDocumentType ? $" It would not run at present: {dormant}; one level lower." : ""),
        Evidence = Clip.Evidence(task.Actions.Count == 0 ? task.Name : string.Join("; ", task.Actions.Take(4))),
        Hashes = evidence.HashesOf(task.Location),
        Related = related ?? [],
        Remediation = Place.CleanUp(task, null),
    };

    [GeneratedRegex(@"^(?:Mysa[0-9]?|blackball[0-9]?|bluetea[0-9]?|bluebear|Rtsa[0-9]?|oka|DnsScan|WebServers|Ddrivers|Bluetooths|Autocheck|my1|Windows_Update_[a-z0-9]{4,})$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KnownName();

    [GeneratedRegex(@"\s[-/\u2013]e(?:c|n|nc[a-z]*)?\s+[A-Za-z0-9+/=]{40,}", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EncodedCommand();

    [GeneratedRegex(@"\s[-/\u2013]w[a-z]*\s+(?:h[a-z]*|1)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HiddenWindow();

    [GeneratedRegex(@"^\\\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GuidName();
}
