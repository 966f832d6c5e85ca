using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>The task scheduler's cache, as the service keeps it beside the files of the tasks.</summary>
internal static partial class WindowsStockHives
{
    public const string TaskCache = Nt + @"Schedule\TaskCache\";

    private const uint Enabled = 0x400000;

    // O:BAG:SYD:P(A;;FA;;;BA)(A;;FA;;;SY)
    private static readonly byte[] s_descriptor =
    [
        1, 0, 4, 0x90, 0x48, 0, 0, 0, 0x58, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 2, 0, 0x34, 0, 2, 0, 0, 0, 0, 0, 0x18, 0, 0xFF, 1, 0x1F, 0, 1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2, 0, 0,
        0, 0, 0x14, 0, 0xFF, 1, 0x1F, 0, 1, 1, 0, 0, 0, 0, 0, 5, 0x12, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 2, 0, 0, 1, 1, 0, 0, 0, 0, 0, 5, 0x12, 0, 0, 0,
    ];

    /// <summary>The same descriptor with an entry that denies everything to administrators.</summary>
    public static byte[] Denying { get; } = [.. s_descriptor[..28], 1, .. s_descriptor[29..]];

    /// <summary>Name of the key that a task has in the list of tasks.</summary>
    public static string TaskId(string name) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString("B").ToUpperInvariant();

    /// <summary>Registers a task with actions, as bytes of <see cref="ExecAction"/> and <see cref="HandlerAction"/>.</summary>
    public static void Register(RegistryHiveWriter hive, string name, bool enabled, params byte[][] actions)
    {
        string id = TaskId(name);
        hive.Key(TaskCache + @"Tree\" + name).Text("Id", id).Number("Index", 3).Binary("SD", s_descriptor);
        hive.Key(TaskCache + @"Plain\" + id);
        hive.Key(TaskCache + @"Tasks\" + id).Text("Path", "\\" + name).Binary("Actions", [3, 0, .. Counted("Author"), .. actions.SelectMany(action => action)]).Binary("Triggers", Triggers(enabled))
            .Binary("DynamicInfo", [3, 0, 0, 0, .. BitConverter.GetBytes(WrittenKey.DefaultTime), .. new byte[24]]);
    }

    /// <summary>The key of a task in the tree.</summary>
    public static WrittenKey TreeKey(RegistryHiveWriter hive, string name) => hive.Key(TaskCache + @"Tree\" + name);

    /// <summary>The key of a task in the list of tasks.</summary>
    public static WrittenKey TaskKey(RegistryHiveWriter hive, string name) => hive.Key(TaskCache + @"Tasks\" + TaskId(name));

    /// <summary>Takes a value away.</summary>
    public static void Remove(WrittenKey key, string value) => key.Values.RemoveAll(one => one.Name == value);

    /// <summary>An action that starts a program: identifier, program, arguments, working directory, flags.</summary>
    public static byte[] ExecAction(string command, string arguments = "", string directory = "") => [0x66, 0x66, .. Counted(""), .. Counted(command), .. Counted(arguments), .. Counted(directory), 0, 0];

    /// <summary>An action that calls a class: identifier, class, data.</summary>
    public static byte[] HandlerAction(string classId) => [0x77, 0x77, .. Counted(""), .. new Guid(classId).ToByteArray(), .. Counted("")];

    // What is planted as XML is registered, as the service does.
    private static void RegisterPlanted(RegistryHiveWriter hive, PlantTree tree)
    {
        foreach (PlantedFile file in tree.Files.Where(file => file.Path.StartsWith("/Windows/System32/Tasks/", StringComparison.Ordinal)).ToArray())
        {
            var found = new ArtifactList();
            new ScheduledTaskParser().Parse(new ArtifactInput(new EvidenceLocation("disk.raw", "v", 0, file.Path, 1), new FileEntry { Type = FileType.Regular }, file.Content), found);
            foreach (ScheduledTask task in found.Artifacts.OfType<ScheduledTask>())
            {
                Register(hive, task.Name[1..], task.IsEnabled, [.. task.Actions.Select(action => action.ClassId is { } handler ? HandlerAction(handler) : ExecAction(action.Command ?? "", action.Arguments ?? "", action.WorkingDirectory ?? ""))]);
            }
        }
    }

    // Version, two times, flags, checksum, principal, name, account: each aligned to eight bytes.
    private static byte[] Triggers(bool enabled) =>
    [
        0x17, 0, 0, 0, 0, 0, 0, 0, .. new byte[32], .. BitConverter.GetBytes(0x42000000 | (enabled ? Enabled : 0)), .. "HHHH"u8, .. new byte[8], .. Aligned(Encoding.Unicode.GetBytes("Author")), .. Aligned([]),
        .. new byte[16], 5, 0, 0, 0, .. "HHHH"u8, .. Aligned([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]), .. Aligned([]), .. new byte[8],
    ];

    private static byte[] Aligned(byte[] data) => [.. BitConverter.GetBytes((long)data.Length), .. data, .. new byte[-data.Length & 7]];

    private static byte[] Counted(string text) => [.. BitConverter.GetBytes(text.Length * 2), .. Encoding.Unicode.GetBytes(text)];
}
