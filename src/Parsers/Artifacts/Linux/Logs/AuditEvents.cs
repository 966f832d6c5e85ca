using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Puts together the records that make up one event of the kernel (SYSCALL, EXECVE, CWD, PATH, PROCTITLE) by their serial number. Records of several events may be
/// interleaved; at most <see cref="Pending"/> events are open at once, the oldest is then closed as it is.
/// </summary>
internal sealed class AuditEvents(Action<AuditEvents.Event> closed)
{
    private const int Pending = 64;
    private const int MostArguments = 1024;

    private readonly LinkedList<Event> _open = new();

    /// <summary>Takes a record; false when it is none of those that are put together.</summary>
    public bool Take(AuditRecord record, long line, long offset)
    {
        ReadOnlySpan<byte> type = record.Type;
        if (type.SequenceEqual("EOE"u8))
        {
            Close(record.Serial);
            return true;
        }
        bool isSyscall = type.SequenceEqual("SYSCALL"u8);
        bool isExecution = type.SequenceEqual("EXECVE"u8);
        if (!isSyscall && !isExecution && !type.SequenceEqual("CWD"u8) && !type.SequenceEqual("PATH"u8) && !type.SequenceEqual("PROCTITLE"u8))
        {
            return false;
        }
        Event found = Open(record, line, offset);
        if (isSyscall)
        {
            found.UserId = record.Number("auid"u8);
            found.EffectiveId = record.Number("uid"u8);
            found.User = record.Name("AUID"u8);
            found.Executable = record.Text("exe"u8) ?? record.Text("comm"u8);
            found.ProcessId = record.Number("pid"u8);
            found.Terminal = record.Text("tty"u8);
            found.RuleKey = record.Text("key"u8);
            found.Succeeded = !record.Raw("success"u8).SequenceEqual("no"u8);
            found.HasSyscall = true;
        }
        else if (isExecution)
        {
            found.IsExecution = true;
            Arguments(record, found.Command);
        }
        else if (type[0] == 'C')
        {
            found.Directory = record.Text("cwd"u8);
        }
        else if (type.SequenceEqual("PROCTITLE"u8))
        {
            found.Title = record.Text("proctitle"u8);
        }
        else if (found.Path is null && record.Raw("item"u8).SequenceEqual("0"u8))
        {
            found.Path = record.Text("name"u8);
        }
        return true;
    }

    /// <summary>Closes what is open.</summary>
    public void Finish()
    {
        while (_open.First is { } first)
        {
            _open.RemoveFirst();
            closed(first.Value);
        }
    }

    private Event Open(AuditRecord record, long line, long offset)
    {
        for (LinkedListNode<Event>? node = _open.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Serial == record.Serial && node.Value.Seconds == record.Seconds)
            {
                return node.Value;
            }
        }
        if (_open.Count >= Pending)
        {
            Event oldest = _open.First!.Value;
            _open.RemoveFirst();
            closed(oldest);
        }
        var added = new Event { Serial = record.Serial, Seconds = record.Seconds, Milliseconds = record.Milliseconds, Line = line, Offset = offset };
        _open.AddLast(added);
        return added;
    }

    private void Close(long serial)
    {
        for (LinkedListNode<Event>? node = _open.First; node is not null; node = node.Next)
        {
            if (node.Value.Serial == serial)
            {
                _open.Remove(node);
                closed(node.Value);
                return;
            }
        }
    }

    /// <summary><c>argc=3 a0="sh" a1="-c" a2=6563686F...</c>; a long one comes as <c>a2_len=9000 a2[0]=... a2[1]=...</c>, over several records.</summary>
    private static void Arguments(AuditRecord record, StringBuilder command)
    {
        ReadOnlySpan<byte> rest = record.Fields;
        for (int i = 0; i < MostArguments && !rest.IsEmpty && command.Length < EventDraft.LongestText; i++)
        {
            var scan = new ByteScan(rest);
            ReadOnlySpan<byte> word = scan.Word();
            rest = scan.Rest;
            int equals = word.IndexOf((byte)'=');
            if (equals < 2 || word[0] != 'a' || word[1] is < (byte)'0' or > (byte)'9' || word[..equals].EndsWith("_len"u8))
            {
                continue;
            }
            bool goesOn = word[..equals].IndexOf((byte)'[') > 0 && !word[..equals].EndsWith("[0]"u8);
            if (command.Length > 0 && !goesOn)
            {
                command.Append(' ');
            }
            ReadOnlySpan<byte> value = word[(equals + 1)..];
            string? text = value.Length >= 2 && value[0] == '"' ? EventDraft.LongText(value[1..^1]) : AuditRecord.FromHex(value);
            command.Append(text is null ? "''" : !goesOn && text.AsSpan().ContainsAny(' ', '\t', '\n') ? "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : text);
        }
    }

    /// <summary>Records with one serial number.</summary>
    internal sealed class Event
    {
        public long Serial { get; init; }
        public long Seconds { get; init; }
        public int Milliseconds { get; init; }
        public long Line { get; init; }
        public long Offset { get; init; }
        public StringBuilder Command { get; } = new();
        public bool IsExecution { get; set; }
        public bool HasSyscall { get; set; }
        public bool Succeeded { get; set; } = true;
        public long? UserId { get; set; }
        public long? EffectiveId { get; set; }
        public long? ProcessId { get; set; }
        public string? User { get; set; }
        public string? Executable { get; set; }
        public string? Terminal { get; set; }
        public string? RuleKey { get; set; }
        public string? Directory { get; set; }
        public string? Path { get; set; }
        public string? Title { get; set; }

        /// <summary>Fills a draft; false when the event says nothing.</summary>
        public bool Fill(EventDraft draft)
        {
            draft.UserId = UserId ?? EffectiveId;
            draft.User = User;
            draft.Process = Executable;
            draft.ProcessId = ProcessId;
            draft.Terminal = Terminal;
            draft.Method = RuleKey;
            draft.Detail = (Succeeded ? null : "refused; ") + (EffectiveId == draft.UserId || EffectiveId is null ? "" : string.Create(CultureInfo.InvariantCulture, $"as uid {EffectiveId}; "))
                + (Directory is null ? "" : "in " + Directory);
            draft.Detail = draft.Detail.Length == 0 ? null : draft.Detail.TrimEnd(';', ' ');
            if (IsExecution)
            {
                draft.Command = Command.Length > 0 ? Command.ToString() : Title;
                draft.Target = Path;
                return draft.Is(LogEventKind.Execution);
            }
            if (!HasSyscall || (RuleKey is null && Path is null))
            {
                return false;
            }
            draft.Command = Title;
            draft.Target = Path;
            return draft.Is(LogEventKind.AuditedAction);
        }
    }
}
