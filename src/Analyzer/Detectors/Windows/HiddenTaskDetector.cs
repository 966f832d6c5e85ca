using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Scheduled tasks that the registry and the directory of tasks tell differently, or that no tool lists: a key of the tree without descriptor (Tarrask), one that keeps administrators out, index 0, parts that are missing, other actions.</summary>
/// <remarks>
/// <b>Limitations:</b> where the hive or the directory could not be read nothing is compared. What upgrades and clean-ups leave behind looks like what intruders leave: what only runs programs that installers put
/// in their place is low. Triggers are not compared.
/// </remarks>
public sealed partial class HiddenTaskDetector : IDetector
{
    private static readonly string[] s_techniques = ["T1053.005", "T1564"];
    private static readonly RuleInfo s_descriptor = new("W-TASK-HIDDEN.no-descriptor", "Task that no tool lists, as its descriptor was taken away", "evasion", s_techniques);
    private static readonly RuleInfo s_denied = new("W-TASK-HIDDEN.denied", "Task that keeps administrators out", "evasion", s_techniques);
    private static readonly RuleInfo s_index = new("W-TASK-HIDDEN.index-zero", "Task that lists leave out by its index", "evasion", s_techniques);
    private static readonly RuleInfo s_tree = new("W-TASK-HIDDEN.no-tree", "Task without a name in the tree of tasks", "evasion", s_techniques);
    private static readonly RuleInfo s_file = new("W-TASK-HIDDEN.no-file", "Task in the registry only", "evasion", s_techniques);
    private static readonly RuleInfo s_registry = new("W-TASK-HIDDEN.not-registered", "Task whose registration was taken away", "evasion", s_techniques);
    private static readonly RuleInfo s_actions = new("W-TASK-HIDDEN.other-actions", "Task that does something else than its file says", "evasion", s_techniques);

    private const string Store = "/WINDOWS/SYSTEM32/TASKS";

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_descriptor, s_denied, s_index, s_tree, s_file, s_registry, s_actions];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<TaskCacheEntry> entries = evidence.OfType<TaskCacheEntry>();
        if (entries.Count == 0)
        {
            yield break;
        }
        Dictionary<(string Tree, string Name), ScheduledTask> stored = TaskTwins.Stored(evidence.Artifacts, evidence.TreeOf);
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is ScheduledTask or TaskCacheEntry).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        HashSet<(string, string)> files = [.. evidence.OfType<FileFacts>().Where(file => file.Location.Path.StartsWith(Store, StringComparison.OrdinalIgnoreCase)).Select(file => TaskTwins.Key(evidence.TreeOf(file.Location.Volume), file.Location.Path))];
        foreach (IGrouping<string, TaskCacheEntry> host in entries.GroupBy(entry => evidence.TreeOf(entry.Location.Volume)))
        {
            bool hasFiles = stored.Keys.Any(key => key.Tree == host.Key);
            // Windows before 8 keeps no descriptors here.
            bool hasDescriptors = host.Count(entry => entry.HasSecurityDescriptor) > host.Count(entry => entry.IsInTree && !entry.HasSecurityDescriptor);
            foreach (TaskCacheEntry entry in host)
            {
                ScheduledTask? task = stored.GetValueOrDefault(TaskTwins.Key(host.Key, entry.Path));
                bool isFileMissing = hasFiles && task is null && !files.Contains(TaskTwins.Key(host.Key, Store + entry.Path.Replace('\\', '/')));
                CommandLink[] own = [.. links[entry], .. task is not null && !links[entry].Any() ? links[task] : []];
                if (Judge(entry, task, isFileMissing, hasDescriptors, IsOrdinary(entry, own)) is { } found)
                {
                    yield return Of(found.Rule, found.Severity, entry, task, own, found.Why, evidence);
                }
            }
            var registered = host.Where(entry => entry.IsInTree).Select(entry => TaskTwins.Key(host.Key, entry.Path)).ToHashSet();
            foreach (ScheduledTask task in registered.Count == 0 ? [] : stored.Where(pair => pair.Key.Tree == host.Key && !registered.Contains(pair.Key)).Select(pair => pair.Value))
            {
                yield return Unregistered(task, [.. links[task]], evidence);
            }
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(TaskCacheEntry entry, ScheduledTask? task, bool isFileMissing, bool hasDescriptors, bool isOrdinary)
    {
        Severity graded = isOrdinary ? Severity.Low : Severity.High;
        if (!entry.IsInTree)
        {
            return entry.IsInTasks ? (s_tree, graded, "it is registered but has no name in the tree of tasks, so that no tool lists it; a service that is running goes on with it. Upgrades leave such remains too") : null;
        }
        if (!entry.HasSecurityDescriptor && hasDescriptors)
        {
            return (s_descriptor, isOrdinary ? Severity.High : Severity.Critical, "its key in the tree of tasks has no security descriptor, so that neither schtasks nor the task scheduler's window lists it; the service runs it all the same. Nothing but tampering as the system takes it away");
        }
        if (entry.SecurityDescriptor is { } descriptor && (WindowsDescriptors.DeniesAdministrators(descriptor, WindowsDescriptors.ReadTask) || WindowsDescriptors.AdmitsNobody(descriptor)))
        {
            return (s_denied, graded, "its security descriptor keeps out administrators or everybody, so that lists leave it out");
        }
        if (entry.Index == 0)
        {
            return (s_index, graded, "its index is 0, by which lists leave it out; the service itself gives 1 to 4");
        }
        if (!entry.IsInTasks)
        {
            return null; // a name alone runs nothing
        }
        if (isFileMissing)
        {
            return (s_file, graded, "there is no file of it among the tasks; the service needs none, and tools that read the files see nothing");
        }
        return task is not null && TaskTwins.SameActions(task, entry) == false ? (s_actions, graded, $"the registry, by which it is run, names other actions than its file, which says: {Clip.Evidence(string.Join("; ", task.Actions.Take(4)))}") : null;
    }

    /// <summary>All that it runs are programs where installers put them, and no interpreter on its own; a class of COM is not followed and counts as such, and so does nothing at all.</summary>
    private static bool IsOrdinary(TaskCacheEntry entry, CommandLink[] links)
    {
        if (entry.Commands.Count == 0 && links.Length == 0)
        {
            return true;
        }
        return Array.TrueForAll(links, link =>
        {
            string[] paths = [.. link.Files.Where(file => file.Relation is "starts" or "interprets" or "loads").Select(EvidenceQueries.PathOf)];
            string[] given = [.. paths.Where(path => !WindowsInterpreters.Runs(WindowsPlaces.Name(path)))];
            bool isInterpreter = link.Command is { } command && WindowsInterpreters.Runs(command.Text);
            // What an upgrade removed need not be there.
            return paths.Length > 0 && (!isInterpreter || given.Length > 0 || BareLibrary().IsMatch(link.Command!.Text)) && Array.TrueForAll(paths, path => WindowsPlaces.IsInstalled(path) && !WindowsPlaces.IsUserWritable(path));
        });
    }

    private static Finding Unregistered(ScheduledTask task, CommandLink[] links, EvidenceIndex evidence)
    {
        bool isOrdinary = links.Length == 0 || IsOrdinary(links);
        return new Finding(s_registry, isOrdinary ? Severity.Low : task.DormantBecause is null ? Severity.Medium : Severity.Low, task.Location)
        {
            Message = $"The task {task.Name} has a file but no name in the registry, so that the service does not know it after its next start: its registration was taken away, or the file was put there by hand."
                + (task.DormantBecause is { } dormant && !isOrdinary ? $" It would not run at present: {dormant}; one level lower." : ""),
            Evidence = Clip.Evidence(task.Actions.Count == 0 ? task.Name : string.Join("; ", task.Actions.Take(4))),
            Hashes = evidence.HashesOf(task.Location),
            Related = [.. links.SelectMany(EvidenceQueries.Related).Take(16)],
            Remediation = isOrdinary ? [] : WindowsRemediation.RemoveFile(task.Location.Path),
        };
    }

    private static bool IsOrdinary(CommandLink[] links) => WindowsInterpreters.LeadsToInstalledOnly(links);

    private static Finding Of(RuleInfo rule, Severity severity, TaskCacheEntry entry, ScheduledTask? task, CommandLink[] links, string why, EvidenceIndex evidence)
    {
        bool isOff = entry.IsEnabled == false;
        return new Finding(rule, isOff ? severity.Lower() : severity, entry.Location)
        {
            Message = $"The task {(entry.Path.Length > 0 ? entry.Path : entry.Id)}: {why}." + (isOff ? " It would not run at present: the task is disabled; one level lower." : ""),
            Evidence = Clip.Evidence(entry.Actions.Count == 0 ? entry.Path : string.Join("; ", entry.Actions.Take(4))),
            Hashes = evidence.HashesOf(entry.Location),
            Related = [.. links.SelectMany(EvidenceQueries.Related).Where(file => file.Relation != "stated-in").Take(16), .. task is null ? [] : new[] { new RelatedFile(task.Location.Path, "stated-in") }],
            Remediation = severity <= Severity.Low ? [] : [.. WindowsRemediation.DeleteHiddenTask(entry.Path, entry.Id, entry.ListedIn), .. task is null ? [] : WindowsRemediation.RemoveFile(task.Location.Path)],
        };
    }

    // A library without a path is one of System32, also when an upgrade took it away.
    [GeneratedRegex(@"^""?(?:[^""\s]*\\)?(?:rundll32|regsvr32)(?:\.exe)?""?\s+(?:/[su]\s+)*""?[a-z0-9_.-]+\.(?:dll|cpl|ocx)""?(?:[,\s]|$)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BareLibrary();
}
