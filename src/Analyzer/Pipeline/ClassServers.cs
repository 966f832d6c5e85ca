using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Finds the files behind COM classes that scheduled tasks call: those of the account that the task runs as win, then those of the machine.</summary>
/// <remarks><b>Limitations:</b> an account that a task states by its SID is not known to have classes of its own.</remarks>
internal sealed class ClassServers
{
    private readonly Dictionary<ImageTree, MachineClasses> _machine = [];
    private readonly Dictionary<(ImageTree Tree, string User, Guid Id), string> _users = [];

    /// <param name="artifacts">All artefacts.</param>
    /// <param name="treeOf">The tree that an artefact belongs to.</param>
    public ClassServers(IReadOnlyList<Artifact> artifacts, Func<Artifact, ImageTree?> treeOf)
    {
        foreach (Artifact artifact in artifacts)
        {
            if (artifact is MachineClasses classes && treeOf(classes) is { } tree)
            {
                _machine.TryAdd(tree, classes);
            }
            else if (artifact is AutorunEntry { Mechanism: AutorunKind.UserClass, User: { } user } entry && ClassIds.Of(entry.KeyPath) is { } id && MachineClasses.PathOf(entry.Data) is { } server && treeOf(entry) is { } own)
            {
                _users.TryAdd((own, user.ToUpperInvariant(), id), server);
            }
        }
    }

    /// <summary>The files that a task loads by calling classes; null when it calls none that is known.</summary>
    public CommandLink? LinkOf(ScheduledTask task, ImageTree tree)
    {
        var files = new List<StartedFile>();
        foreach (TaskAction action in task.Actions.Take(32))
        {
            if (action.Kind == TaskActionKind.ComHandler && Guid.TryParse(action.ClassId, out Guid id) && ServerOf(task, tree, id) is { } path && !files.Exists(file => file.Requested == path))
            {
                files.Add(new StartedFile(path, ((IPathLookup)tree).Resolve(path), "loads"));
            }
        }
        return files.Count == 0 ? null : new CommandLink(task, null, [], files);
    }

    private string? ServerOf(ScheduledTask task, ImageTree tree, Guid id)
    {
        string user = task.RunsAs is { } account ? account[(account.LastIndexOf('\\') + 1)..].Trim().ToUpperInvariant() : "";
        return _users.GetValueOrDefault((tree, user, id)) ?? _machine.GetValueOrDefault(tree)?.ServerOf(id);
    }
}
