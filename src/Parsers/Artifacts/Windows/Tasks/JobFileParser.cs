using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads <c>.job</c> files, the tasks of Windows up to 2003, which later versions still run. Specification: [MS-TSCH] 2.4.</summary>
/// <remarks><b>Limitations:</b> user data and the signature are passed over; at most 256 triggers and 32 Ki characters a text. The account is not in the file but in the registry.</remarks>
public sealed class JobFileParser : ArtifactParser
{
    private const int FixedLength = 68;
    private const int TriggerLength = 48;
    private const int MaximumTriggers = 256;
    private const int MaximumText = 32 << 10;
    private const uint Disabled = 0x4;
    private const uint Hidden = 0x200;
    private const uint TriggerDisabled = 0x4;

    private static readonly string[] s_triggers = ["Time", "Daily", "Weekly", "MonthlyDate", "MonthlyDayOfWeek", "Idle", "Boot", "Logon"];

    /// <inheritdoc/>
    public override string Name => "windows/job-file";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/Tasks/*.job"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        if (content.Length < FixedLength)
        {
            throw new CorruptDataException("job file", 0, "at least 68 bytes", content.Length.ToString(CultureInfo.InvariantCulture));
        }
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(content[2..]);
        if (version != 1)
        {
            throw new CorruptDataException("job file version", 2, "1", version.ToString(CultureInfo.InvariantCulture));
        }
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(content[48..]);
        int at = BinaryPrimitives.ReadUInt16LittleEndian(content[20..]);
        bool isWhole = true;
        string? application = Text(content, ref at, ref isWhole);
        string? parameters = Text(content, ref at, ref isWhole);
        string? directory = Text(content, ref at, ref isWhole);
        string? author = Text(content, ref at, ref isWhole);
        string? comment = Text(content, ref at, ref isWhole);
        IReadOnlyList<TaskTrigger> triggers = Triggers(content, ref isWhole);
        if (!isWhole)
        {
            sink.Report(new Diagnostic("windows.job.cut", "a job file ends before what it states")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true,
            });
        }
        string name = input.Location.Name;
        sink.Add(new ScheduledTask(input.Location)
        {
            Format = TaskFormat.Job,
            Name = "\\" + (name.EndsWith(".job", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name),
            Author = author,
            Description = comment,
            IsEnabled = (flags & Disabled) == 0,
            IsHidden = (flags & Hidden) != 0,
            ExecutionTimeLimit = BinaryPrimitives.ReadUInt32LittleEndian(content[36..]) is var limit and not uint.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"{limit} ms") : null,
            ExitCode = BinaryPrimitives.ReadUInt32LittleEndian(content[40..]),
            LastRun = SystemTime(content.Slice(52, 16)),
            IsDamaged = !isWhole,
            Triggers = triggers,
            Actions = [new TaskAction(TaskActionKind.Exec) { Command = application, Arguments = parameters, WorkingDirectory = directory }],
        });
    }

    /// <summary>A counted string of UTF-16, whose count includes the zero at its end.</summary>
    private static string? Text(ReadOnlySpan<byte> content, ref int at, ref bool isWhole)
    {
        if (at < FixedLength || at > content.Length - 2)
        {
            isWhole = false;
            return null;
        }
        int count = BinaryPrimitives.ReadUInt16LittleEndian(content[at..]);
        at += 2;
        int bytes = Math.Min(count * 2, (content.Length - at) & ~1);
        isWhole &= bytes == count * 2;
        string text = Encoding.Unicode.GetString(content.Slice(at, Math.Min(bytes, MaximumText * 2))).TrimEnd('\0');
        at += bytes;
        return text.Length == 0 ? null : text;
    }

    private static List<TaskTrigger> Triggers(ReadOnlySpan<byte> content, ref bool isWhole)
    {
        var triggers = new List<TaskTrigger>();
        int at = BinaryPrimitives.ReadUInt16LittleEndian(content[22..]);
        if (at < FixedLength || at > content.Length - 2)
        {
            isWhole = false;
            return triggers;
        }
        int count = BinaryPrimitives.ReadUInt16LittleEndian(content[at..]);
        at += 2;
        isWhole &= count <= MaximumTriggers;
        for (int i = 0; i < Math.Min(count, MaximumTriggers); i++, at += TriggerLength)
        {
            if (at > content.Length - TriggerLength)
            {
                isWhole = false;
                break;
            }
            triggers.Add(Trigger(content.Slice(at, TriggerLength)));
        }
        return triggers;
    }

    private static TaskTrigger Trigger(ReadOnlySpan<byte> row)
    {
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(row[28..]);
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(row[32..]);
        uint interval = BinaryPrimitives.ReadUInt32LittleEndian(row[24..]);
        uint duration = BinaryPrimitives.ReadUInt32LittleEndian(row[20..]);
        return new TaskTrigger(type < s_triggers.Length ? s_triggers[type] : string.Create(CultureInfo.InvariantCulture, $"Unknown{type}"))
        {
            IsEnabled = (flags & TriggerDisabled) == 0,
            RepetitionInterval = interval == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"PT{interval}M"),
            RepetitionDuration = duration == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"PT{duration}M"),
            StartBoundary = Date(row[4..]) is { } begin ? string.Create(CultureInfo.InvariantCulture, $"{begin}T{U16(row, 16):00}:{U16(row, 18):00}") : null,
            EndBoundary = (flags & 1) != 0 ? Date(row[10..]) : null,
            Details = type is 1 or 2 or 3 or 4 ? string.Create(CultureInfo.InvariantCulture, $"{U16(row, 36)} {U16(row, 38)} {U16(row, 40)}") : null,
        };
    }

    private static ushort U16(ReadOnlySpan<byte> row, int at) => BinaryPrimitives.ReadUInt16LittleEndian(row[at..]);

    private static string? Date(ReadOnlySpan<byte> at) => U16(at, 0) == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{U16(at, 0):0000}-{U16(at, 2):00}-{U16(at, 4):00}");

    /// <summary>SYSTEMTIME: year, month, day of the week, day, hour, minute, second, milliseconds.</summary>
    private static string? SystemTime(ReadOnlySpan<byte> at) => U16(at, 0) == 0 ? null
        : string.Create(CultureInfo.InvariantCulture, $"{U16(at, 0):0000}-{U16(at, 2):00}-{U16(at, 6):00}T{U16(at, 8):00}:{U16(at, 10):00}:{U16(at, 12):00}");
}
