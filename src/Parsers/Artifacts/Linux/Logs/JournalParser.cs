using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.SystemdJournal;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads files of the systemd journal with the same understanding of messages as <see cref="SyslogParser"/>, and of audit records sent to it.</summary>
/// <remarks>
/// Specification: https://systemd.io/JOURNAL_FILE_FORMAT/, systemd.journal-fields(7).
/// Whoever may write to the log socket chooses the identifier of a message; where an account other than root wrote under the name of a program of the system, the
/// detail says which. Limitations: those of <see cref="JournalFile"/> and of <see cref="SyslogParser"/>.
/// </remarks>
public sealed class JournalParser : LogParser
{
    private const int Message = 0, Identifier = 1, Command = 2, Executable = 3, Unit = 4, AboutUnit = 5, UserId = 6, ProcessId = 7, SyslogProcessId = 8, Transport = 9, AuditType = 10,
        SystemdUnit = 11;
    private static readonly string[] s_fields =
    [
        "MESSAGE", "SYSLOG_IDENTIFIER", "_COMM", "_EXE", "_SYSTEMD_UNIT", "UNIT", "_UID", "_PID", "SYSLOG_PID", "_TRANSPORT", "_AUDIT_TYPE_NAME", "USER_UNIT",
    ];

    /// <inheritdoc/>
    public override string Name => "log/journal";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/var/log/journal/*/*.journal", "/var/log/journal/*/*.journal~", "/run/log/journal/*/*.journal", "/run/log/journal/*/*.journal~", "/var/log/journal/*.journal",
        "/var/log/journal/remote/*.journal",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (input.Content.Length == 0)
        {
            return;
        }
        JournalFile file = JournalFile.Open(input.Content, new LocatedSink(input, sink));
        var clock = new LogClock(input.LogLimits, LogRhythm.Continuous);
        var events = new LogEventCollector(input, clock);
        var draft = new EventDraft();
        UInt128 boot = 0;
        ulong highest = 0;
        using JournalReader entry = file.ReadEntries(s_fields, input.Limits.LineBytes, input.Cancellation);
        while (entry.Read())
        {
            var time = CivilTime.FromUnix((long)Math.Min(entry.Realtime / 1_000_000, 253402300799), (int)(entry.Realtime % 1_000_000) * 1000, LogTimePrecision.Microsecond);
            clock.Observe(time, 0, entry.Offset);
            if (entry.BootId != boot)
            {
                // A file that begins within a boot does not tell of it.
                if (boot != 0 || entry.Monotonic < 300_000_000)
                {
                    draft.Reset();
                    draft.Target = entry.BootId.ToString("x32", CultureInfo.InvariantCulture);
                    draft.Detail = "first entry of a boot";
                    draft.Is(LogEventKind.Boot);
                    events.Add(draft, time, 0, entry.Offset, default);
                }
                boot = entry.BootId;
            }
            highest = Math.Max(highest, entry.Realtime);
            draft.Reset();
            if (Classify(entry, draft))
            {
                events.Add(draft, time, 0, entry.Offset, entry.Value(Message));
            }
        }
        events.Finish(sink, input.Entry.Modified);
        LogWipes.ReportOrder(input, clock, input.Entry.Modified, sink);
        if (file.TailRealtime > 0 && highest > 0 && file.State != JournalFileState.Online && highest < file.TailRealtime)
        {
            sink.Report(new Diagnostic("journal.tail", "the header names a later last entry than there is: entries at the end are missing")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true,
                Expected = file.TailRealtime.ToString(CultureInfo.InvariantCulture), Actual = highest.ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private static bool Classify(JournalReader entry, EventDraft draft)
    {
        ReadOnlySpan<byte> message = entry.Value(Message);
        if (message.IsEmpty)
        {
            return false;
        }
        bool isEvent;
        ReadOnlySpan<byte> program = entry.Has(Identifier) ? entry.Value(Identifier) : entry.Value(Command);
        if (entry.Value(Transport).SequenceEqual("audit"u8))
        {
            // "USER_LOGIN pid=1 uid=0 ...": the name of the type stands in front of the fields.
            ReadOnlySpan<byte> type = entry.Value(AuditType);
            ReadOnlySpan<byte> fields = message.StartsWith(type) ? message[type.Length..].TrimStart((byte)' ') : message;
            isEvent = AuditMessages.Classify(AuditRecord.FromParts(type, fields), draft);
        }
        else
        {
            int slash = program.LastIndexOf((byte)'/');
            isEvent = MessageClassifier.Classify(new LogMessage(program[(slash + 1)..], message), draft);
        }
        if (!isEvent)
        {
            return false;
        }
        draft.Process ??= draft.Text(entry.Has(Executable) ? entry.Value(Executable) : program);
        draft.ProcessId ??= ByteScan.NumberOf(entry.Has(ProcessId) ? entry.Value(ProcessId) : entry.Value(SyslogProcessId));
        if (draft.Kind is LogEventKind.ServiceStarted or LogEventKind.ServiceStopped or LogEventKind.ServiceFailed)
        {
            if (program.SequenceEqual("systemd"u8))
            {
                draft.Unit ??= draft.Text(entry.Has(AboutUnit) ? entry.Value(AboutUnit) : entry.Value(SystemdUnit));
            }
            if (draft.Unit is { } unit && (unit.EndsWith(".scope", StringComparison.Ordinal) || unit.EndsWith(".slice", StringComparison.Ordinal) || unit.EndsWith(".target", StringComparison.Ordinal)))
            {
                return false;
            }
        }
        draft.Unit ??= draft.Text(entry.Value(Unit));
        if (entry.Has(UserId) && !entry.Value(UserId).SequenceEqual("0"u8) && (draft.Kind is LogEventKind.Login or LogEventKind.AccountCreated or LogEventKind.AccountDeleted
            or LogEventKind.AccountChanged or LogEventKind.PasswordChanged or LogEventKind.GroupChanged or LogEventKind.CronRun))
        {
            draft.Detail = (draft.Detail is null ? "" : draft.Detail + "; ") + "written by uid " + draft.Text(entry.Value(UserId));
        }
        return true;
    }

    /// <summary>Adds to diagnostics which file they are about.</summary>
    private sealed class LocatedSink(LogInput input, ILogEventSink sink) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => sink.Report(diagnostic with { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
    }
}
