using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads the tables by account: last login (<c>lastlog</c>), failed logins (<c>faillog</c>, <c>tallylog</c> of pam_tally2, the files of pam_faillock).
/// </summary>
/// <remarks>
/// Specifications: lastlog(8), faillog(5), pam_tally2(8), pam_faillock(8) and their headers. The files are sparse: holes are passed over, and accounts without a record cost nothing.
/// Limitations: little-endian layouts, and big-endian ones where a time read as little-endian makes no sense.
/// </remarks>
public sealed class AccountTableParser : LogParser
{
    private const long LastAccount = 1L << 32;

    /// <inheritdoc/>
    public override string Name => "log/accounts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/var/log/lastlog", "/var/log/faillog", "/var/log/tallylog", "/var/run/faillock/*", "/run/faillock/*", "/var/lib/faillock/*",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using LogContent content = PackedLog.Open(input, sink);
        string name = input.Location.Name;
        Table table = name.StartsWith("lastlog", StringComparison.Ordinal) ? Table.LastLogin
            : name.StartsWith("faillog", StringComparison.Ordinal) ? Table.Failures
            : name.StartsWith("tallylog", StringComparison.Ordinal) ? Table.Tally : Table.Faillock;
        // 64-bit systems keep the time of lastlog in 32 bits when they have a 32-bit sibling; which it is shows by the first record in use.
        var clock = new LogClock(input.LogLimits, LogRhythm.Ordered);
        var events = new LogEventCollector(input, clock);
        int size = SizeOf(table, input.Content.Length);
        long bytes = 0;
        int left = 0;
        long bufferAt = 0;
        var buffer = new byte[size * 512];
        var run = new Run(input, table, size, events);
        while (true)
        {
            input.Cancellation.ThrowIfCancellationRequested();
            if (left == 0)
            {
                content.SkipHole();
            }
            int into = left == 0 ? (int)(content.Position % size) : left;
            if (left == 0)
            {
                // A hole may end within a record.
                buffer.AsSpan(0, into).Clear();
                bufferAt = content.Position - into;
            }
            int count = content.ReadUpTo(buffer.AsSpan(into));
            if (count == 0)
            {
                break;
            }
            bytes += count;
            int used = (into + count) / size * size;
            for (int at = 0; at < used; at += size)
            {
                run.One(buffer.AsSpan(at, size), bufferAt + at);
            }
            left = into + count - used;
            buffer.AsSpan(used, left).CopyTo(buffer);
            bufferAt += used;
            if (bytes > input.LogLimits.UnpackedBytes || bufferAt / size > LastAccount)
            {
                sink.Report(new Diagnostic("log.accounts.limit", "the table is larger than any number of accounts, its end was not read")
                {
                    Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Offset = bufferAt, LosesContent = true,
                    Actual = input.Content.Length.ToString(CultureInfo.InvariantCulture),
                });
                break;
            }
        }
        events.Finish(sink, input.Entry.Modified);
    }

    private static int SizeOf(Table table, long length) => table switch
    {
        // "lastlog" of systems with 64-bit times has records of 296 bytes.
        Table.LastLogin => length % 292 != 0 && length % 296 == 0 ? 296 : 292,
        Table.Failures => length % 32 != 0 && length % 24 == 0 ? 24 : 32,
        _ => 64,
    };

    private enum Table
    {
        LastLogin,
        Failures,
        Tally,
        Faillock,
    }

    private sealed class Run(LogInput input, Table table, int size, LogEventCollector events)
    {
        private readonly EventDraft _draft = new();

        public void One(ReadOnlySpan<byte> record, long offset)
        {
            if (!record.ContainsAnyExcept((byte)0))
            {
                return;
            }
            _draft.Reset();
            long seconds = Fill(record, offset / size);
            if (seconds is <= 0 or > 253402300799)
            {
                return;
            }
            events.Add(_draft, CivilTime.FromUnix(seconds, 0, LogTimePrecision.Second), 0, offset, default);
        }

        private long Fill(ReadOnlySpan<byte> record, long index)
        {
            _draft.UserId = index;
            switch (table)
            {
                case Table.LastLogin:
                    _draft.Is(LogEventKind.Login);
                    _draft.Method = "lastlog";
                    ReadOnlySpan<byte> rest = record[(size - 288)..];
                    _draft.Terminal = Text(rest[..32]);
                    _draft.RemoteAddress = Text(rest[32..]);
                    return size == 296 ? Time64(record) : Time32(record);
                case Table.Failures:
                    _draft.Is(LogEventKind.LoginFailed);
                    _draft.Method = "faillog";
                    _draft.Times = Math.Max(1, (int)BinaryPrimitives.ReadInt16LittleEndian(record));
                    _draft.Terminal = Text(record.Slice(4, 12));
                    return size == 32 ? Time64(record[16..]) : Time32(record[16..]);
                case Table.Tally:
                    _draft.Is(LogEventKind.LoginFailed);
                    _draft.Method = "pam_tally2";
                    _draft.RemoteAddress = Text(record[..52]);
                    _draft.Times = Math.Max(1, (int)BinaryPrimitives.ReadUInt16LittleEndian(record[54..]));
                    return Time64(record[56..]);
                default:
                    _draft.Is(LogEventKind.LoginFailed);
                    _draft.Method = "pam_faillock";
                    _draft.UserId = null;
                    _draft.User = input.Location.Name;
                    // Status bit 1: the source is a host; 2: a terminal.
                    ushort status = BinaryPrimitives.ReadUInt16LittleEndian(record[54..]);
                    _draft.RemoteAddress = (status & 2) != 0 ? Text(record[..52]) : null;
                    _draft.Terminal = (status & 2) == 0 ? Text(record[..52]) : null;
                    _draft.Detail = (status & 1) != 0 ? null : "no longer counted";
                    return Time64(record[56..]);
            }
        }

        private string? Text(ReadOnlySpan<byte> field)
        {
            int end = field.IndexOf((byte)0);
            return _draft.Text(end < 0 ? field : field[..end]);
        }

        private static long Time32(ReadOnlySpan<byte> bytes)
        {
            uint little = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            return little is > 315_532_800 and < 4_102_444_800 ? little : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        private static long Time64(ReadOnlySpan<byte> bytes)
        {
            long little = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            return little is > 315_532_800 and < 4_102_444_800 ? little : BinaryPrimitives.ReadInt64BigEndian(bytes);
        }
    }
}
