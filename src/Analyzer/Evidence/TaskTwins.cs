using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Evidence;

/// <summary>A scheduled task stands twice on a Windows host: as XML, and in the scheduler's cache in the registry, by which it is run. Where both say the same, it is one thing.</summary>
/// <remarks><b>Limitations:</b> triggers are not compared, as the cache's are not decoded; of COM handlers only the class is.</remarks>
internal static class TaskTwins
{
    private const string Store = "/Windows/System32/Tasks/";

    /// <summary>The task is one of those that the service keeps beside the registry; those of SysWOW64 and <c>.job</c> files are not.</summary>
    public static bool IsInStore(ScheduledTask task) => task.Format == TaskFormat.Xml && task.Location.Path.StartsWith(Store, StringComparison.OrdinalIgnoreCase);

    /// <summary>Leaves out links of the cache whose XML says the same; those of the XML name the hive instead.</summary>
    /// <param name="links">All links.</param>
    /// <param name="artifacts">All artefacts.</param>
    /// <param name="treeOf">What tells the host of a volume.</param>
    public static IReadOnlyList<CommandLink> Fold(IReadOnlyList<CommandLink> links, IReadOnlyList<Artifact> artifacts, Func<string, string> treeOf)
    {
        var twins = new Dictionary<Artifact, string?>(ReferenceEqualityComparer.Instance);
        Dictionary<(string, string), ScheduledTask>? stored = null;
        foreach (TaskCacheEntry entry in artifacts.OfType<TaskCacheEntry>())
        {
            stored ??= Stored(artifacts, treeOf);
            if (entry is { IsInTree: true, IsInTasks: true } && stored.TryGetValue(Key(treeOf(entry.Location.Volume), entry.Path), out ScheduledTask? task) && Agree(task, entry))
            {
                twins[entry] = null;
                twins[task] = entry.Location.Path;
            }
        }
        return twins.Count == 0 ? links
            : [.. links.Where(link => !(link.Source is TaskCacheEntry && twins.ContainsKey(link.Source))).Select(link => twins.GetValueOrDefault(link.Source) is { } hive ? link with { AlsoStatedIn = [hive] } : link)];
    }

    /// <summary>Tasks as XML, by host and name.</summary>
    public static Dictionary<(string Tree, string Name), ScheduledTask> Stored(IReadOnlyList<Artifact> artifacts, Func<string, string> treeOf) =>
        artifacts.OfType<ScheduledTask>().Where(IsInStore).GroupBy(task => Key(treeOf(task.Location.Volume), task.Name)).ToDictionary(group => group.Key, group => group.First());

    /// <summary>What a task is found by: names have no case.</summary>
    public static (string Tree, string Name) Key(string tree, string name) => (tree, name.ToUpperInvariant());

    /// <summary>Both say that the task does the same; null when one of them cannot be read to its end.</summary>
    public static bool? SameActions(ScheduledTask task, TaskCacheEntry entry)
    {
        if (task.IsDamaged || task.HasDocumentType || entry.ActionsDamagedBecause is not null)
        {
            return null;
        }
        return task.Actions.Select(Normal).SequenceEqual(entry.Actions.Select(Normal), StringComparer.OrdinalIgnoreCase);
    }

    private static bool Agree(ScheduledTask task, TaskCacheEntry entry) => SameActions(task, entry) == true && (entry.IsEnabled is null || entry.IsEnabled == task.IsEnabled);

    private static string Normal(TaskAction action) => action.Kind switch
    {
        TaskActionKind.Exec => Normal(action.Command, action.Arguments, action.WorkingDirectory),
        TaskActionKind.ComHandler => Class(action.ClassId),
        TaskActionKind.SendEmail => "send-mail",
        _ => "show-message",
    };

    private static string Normal(CachedTaskAction action) => action.Type switch
    {
        "exec" => Normal(action.Command, action.Arguments, action.WorkingDirectory),
        "com-handler" => Class(action.ClassId),
        _ => action.Type,
    };

    private static string Class(string? identifier) => "class " + (identifier ?? "").Trim().Trim('{', '}');

    private static string Normal(string? command, string? arguments, string? directory) => Words(command) + " | " + Words(arguments) + " | " + Words(directory).TrimEnd('\\');

    // Variables, quotes and blanks may be written in several ways.
    private static string Words(string? text) =>
        string.Join(' ', WindowsPaths.Expand(text ?? "", WindowsPaths.MachineVariable).Replace("\"", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
