using System.Buffers.Binary;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// A task as the Task Scheduler's cache in the registry knows it: what it runs is decided here, not by the XML file. The parts may disagree, which hides tasks: a key of the tree without
/// security descriptor, a task without tree.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> triggers and the hash over the XML are not decoded. See <see cref="TaskCacheActions"/> for actions, <see cref="TaskCacheSettings"/> for the account. Security descriptors are kept up to 256 bytes.
/// </remarks>
public sealed record TaskCacheEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    private static readonly string[] s_lists = ["Boot", "Logon", "Plain", "Maintenance"];

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
    /// <summary>That descriptor in hexadecimal digits; null when there is none.</summary>
    public string? SecurityDescriptor { get; init; }
    /// <summary><c>Index</c>: 0 hides, 1 boot, 2 logon, 3 others, 4 maintenance; null when absent.</summary>
    public long? Index { get; init; }
    /// <summary>Lists of the cache that name it, which the service goes through when it starts: <c>Boot</c>, <c>Logon</c>, <c>Plain</c>, <c>Maintenance</c>.</summary>
    public IReadOnlyList<string> ListedIn { get; init; } = [];
    /// <summary>Name, within the task, of the principal that the actions run as.</summary>
    public string? Context { get; init; }
    /// <summary>Security identifier or name of the account it runs as; null when it is not stated.</summary>
    public string? Account { get; init; }
    /// <summary>The settings say it runs; null when they could not be read.</summary>
    public bool? IsEnabled { get; init; }
    /// <summary>The settings say the user interface leaves it out; null when they could not be read.</summary>
    public bool? IsHidden { get; init; }
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
        User = Account,
        WorkingDirectory = action.WorkingDirectory.Length > 0 ? action.WorkingDirectory : null,
        ByteOffset = Location.ByteOffset,
        DormantBecause = DormantBecause,
    })];

    /// <summary>It runs with the rights of the system or of a service.</summary>
    public bool RunsAsSystem => Account is "S-1-5-18" or "S-1-5-19" or "S-1-5-20" || (Account is null && Context == "LocalSystem");

    /// <summary>Why the service would not start it, as a clause; null when it would, or when that is not known.</summary>
    public string? DormantBecause => !IsInTasks || !IsInTree ? "the task is not registered in full" : IsEnabled == false ? "the task is disabled" : null;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("path", Path);
        fields.Text("id", Id);
        fields.Flag("isInTree", IsInTree);
        fields.Flag("isInTasks", IsInTasks);
        fields.Flag("hasSecurityDescriptor", HasSecurityDescriptor);
        fields.Text("securityDescriptor", SecurityDescriptor);
        fields.Number("index", Index);
        fields.List("listedIn", ListedIn);
        fields.Text("context", Context);
        fields.Text("account", Account);
        fields.Flag("isEnabled", IsEnabled);
        fields.Flag("isHidden", IsHidden);
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
        Dictionary<string, List<(string List, RegistryKey Key)>> lists = Lists(cache);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (cache.FindSubkey("Tree") is { } tree)
        {
            foreach (RegistryKey key in tree.Tree())
            {
                if (key.FindValue("Id") is { } value)
                {
                    string id = value.AsText() ?? "";
                    seen.Add(id);
                    facts.Add(Make(facts, key.Path[tree.Path.Length..], id, key, tasks?.FindSubkey(id), lists));
                }
            }
        }
        foreach (RegistryKey task in tasks?.Subkeys() ?? [])
        {
            if (seen.Add(task.Name))
            {
                facts.Add(Make(facts, RegistryText.Text(task, "Path") ?? "", task.Name, null, task, lists));
            }
        }
        foreach ((string id, List<(string List, RegistryKey Key)> keys) in lists)
        {
            if (seen.Add(id))
            {
                facts.Add(Make(facts, "", id, null, null, lists, keys[0].Key));
            }
        }
    }

    // Each list is a key, each task in it a key named after its identifier.
    private static Dictionary<string, List<(string List, RegistryKey Key)>> Lists(RegistryKey cache)
    {
        var lists = new Dictionary<string, List<(string List, RegistryKey Key)>>(StringComparer.OrdinalIgnoreCase);
        foreach ((string list, RegistryKey entry) in s_lists.SelectMany(name => (cache.FindSubkey(name)?.Subkeys() ?? []).Select(entry => (name, entry))))
        {
            (lists.TryGetValue(entry.Name, out List<(string, RegistryKey)>? same) ? same : lists[entry.Name] = []).Add((list, entry));
        }
        return lists;
    }

    private static TaskCacheEntry Make(HiveFacts facts, string path, string id, RegistryKey? tree, RegistryKey? task, Dictionary<string, List<(string List, RegistryKey Key)>> lists, RegistryKey? entry = null)
    {
        TaskCacheActions? actions = task?.FindValue("Actions") is { } blob ? TaskCacheActions.Decode(blob.Data().Span) : null;
        TaskCacheSettings? settings = task?.FindValue("Triggers") is { } triggers ? TaskCacheSettings.Decode(triggers.Data().Span) : null;
        ReadOnlySpan<byte> times = task?.FindValue("DynamicInfo") is { } info ? info.Data().Span : default;
        RegistryKey key = (tree ?? task ?? entry)!;
        return new TaskCacheEntry(facts.At(key))
        {
            Path = path,
            Id = id.Length > 0 ? id : null,
            IsInTree = tree is not null,
            IsInTasks = task is not null,
            HasSecurityDescriptor = tree?.FindValue("SD") is { DataSize: > 0 },
            SecurityDescriptor = RegistryText.Of(tree?.FindValue("SD")),
            Index = RegistryText.Number(tree, "Index"),
            ListedIn = [.. (lists.GetValueOrDefault(id) ?? []).Select(listed => listed.List)],
            Context = actions?.Context,
            Account = settings?.Account,
            IsEnabled = settings?.IsEnabled,
            IsHidden = settings?.IsHidden,
            Actions = actions?.Actions ?? [],
            ActionsDamagedBecause = actions?.DamagedBecause,
            Author = RegistryText.Text(task, "Author"),
            Registered = Time(times, 4),
            LastRun = Time(times, 12),
            LastWritten = key.LastWritten,
        };
    }

    private static Timestamp? Time(ReadOnlySpan<byte> data, int offset) =>
        data.Length >= offset + 8 && BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]) is > 0 and var ticks ? Timestamp.FromFileTime(ticks) : null;
}
