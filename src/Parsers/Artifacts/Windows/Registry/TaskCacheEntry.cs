using System.Buffers.Binary;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// A task as the Task Scheduler's cache in the registry knows it: what it runs is decided here, not by the XML file. The parts may disagree, which hides tasks: a key of the tree without
/// security descriptor, a task without tree.
/// </summary>
/// <remarks><b>Limitations:</b> triggers and the hash over the XML are not decoded. See <see cref="TaskCacheActions"/> for actions.</remarks>
public sealed record TaskCacheEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "task-cache-entry";
    /// <summary>Path of the task: of the tree, or as the task states it when the tree has none.</summary>
    public required string Path { get; init; }
    /// <summary>Identifier, with braces; null when the tree gives none.</summary>
    public string? Id { get; init; }
    /// <summary>There is a key of the tree.</summary>
    public required bool IsInTree { get; init; }
    /// <summary>There is a key of the tasks.</summary>
    public required bool IsInTasks { get; init; }
    /// <summary>The key of the tree has a security descriptor (<c>SD</c>); without one no tool lists the task.</summary>
    public bool HasSecurityDescriptor { get; init; }
    /// <summary><c>Index</c>: 0 hides, 1 boot, 2 logon, 3 others, 4 maintenance; null when absent.</summary>
    public long? Index { get; init; }
    /// <summary>Account of the actions.</summary>
    public string? Context { get; init; }
    /// <summary>What it does.</summary>
    public IReadOnlyList<CachedTaskAction> Actions { get; init; } = [];
    /// <summary>Why its actions could not be decoded to the end; null when they could.</summary>
    public string? ActionsDamagedBecause { get; init; }
    /// <summary>Author as stated.</summary>
    public string? Author { get; init; }
    /// <summary>When it was registered.</summary>
    public Timestamp? Registered { get; init; }
    /// <summary>When it last began to run.</summary>
    public Timestamp? LastRun { get; init; }
    /// <summary>Last write of the key of the tree, or of the tasks.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [.. Actions.Where(action => action.Command.Length > 0).Select(action => new StartCommand(action.CommandLine)
    {
        Trigger = "scheduled task",
        User = Context,
        WorkingDirectory = action.WorkingDirectory.Length > 0 ? action.WorkingDirectory : null,
        ByteOffset = Location.ByteOffset,
        DormantBecause = IsInTasks && IsInTree ? null : "the task is not registered in full",
    })];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("path", Path);
        fields.Text("id", Id);
        fields.Flag("isInTree", IsInTree);
        fields.Flag("isInTasks", IsInTasks);
        fields.Flag("hasSecurityDescriptor", HasSecurityDescriptor);
        fields.Number("index", Index);
        fields.Text("context", Context);
        fields.List("actions", [.. Actions.Select(action => action.ToString())]);
        fields.Text("actionsDamagedBecause", ActionsDamagedBecause);
        fields.Text("author", Author);
        fields.Time("registered", Registered);
        fields.Time("lastRun", LastRun);
        fields.Time("lastWritten", LastWritten);
    }

    /// <summary>Reads the cache below <c>Schedule\TaskCache</c>.</summary>
    internal static void ReadAll(HiveFacts facts, RegistryKey cache)
    {
        RegistryKey? tasks = cache.FindSubkey("Tasks");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (cache.FindSubkey("Tree") is { } tree)
        {
            foreach (RegistryKey key in tree.Tree())
            {
                if (key.FindValue("Id") is { } value)
                {
                    string id = value.AsText() ?? "";
                    seen.Add(id);
                    facts.Add(Make(facts, key.Path[tree.Path.Length..], id, key, tasks?.FindSubkey(id)));
                }
            }
        }
        foreach (RegistryKey task in tasks?.Subkeys() ?? [])
        {
            if (!seen.Contains(task.Name))
            {
                facts.Add(Make(facts, RegistryText.Text(task, "Path") ?? "", task.Name, null, task));
            }
        }
    }

    private static TaskCacheEntry Make(HiveFacts facts, string path, string id, RegistryKey? tree, RegistryKey? task)
    {
        TaskCacheActions? actions = task?.FindValue("Actions") is { } blob ? TaskCacheActions.Decode(blob.Data().Span) : null;
        ReadOnlySpan<byte> times = task?.FindValue("DynamicInfo") is { } info ? info.Data().Span : default;
        return new TaskCacheEntry(facts.At((tree ?? task)!))
        {
            Path = path,
            Id = id.Length > 0 ? id : null,
            IsInTree = tree is not null,
            IsInTasks = task is not null,
            HasSecurityDescriptor = tree?.FindValue("SD") is { DataSize: > 0 },
            Index = RegistryText.Number(tree, "Index"),
            Context = actions?.Context,
            Actions = actions?.Actions ?? [],
            ActionsDamagedBecause = actions?.DamagedBecause,
            Author = RegistryText.Text(task, "Author"),
            Registered = Time(times, 4),
            LastRun = Time(times, 12),
            LastWritten = (tree ?? task)!.LastWritten,
        };
    }

    private static Timestamp? Time(ReadOnlySpan<byte> data, int offset) =>
        data.Length >= offset + 8 && BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]) is > 0 and var ticks ? Timestamp.FromFileTime(ticks) : null;
}
