namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Reads the log of the audit system: executions put together from their records, logins, accounts, services, modules.</summary>
/// <remarks>
/// Specification: auditd(8), and the field dictionary of the audit documentation. Both the raw and the enriched format.
/// Limitations: of system calls other than executions only those that a rule watches are kept; SELinux decisions are not.
/// </remarks>
public sealed class AuditLogParser : LogParser
{
    /// <inheritdoc/>
    public override string Name => "log/audit";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = LogRotation.Claims("/var/log/audit/audit.log", "/var/log/audit.log");

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.audit", LogRhythm.Continuous);
        EventDraft draft = file.Draft;
        var joined = new AuditEvents(found =>
        {
            draft.Reset();
            if (found.Fill(draft))
            {
                file.Add(CivilTime.FromUnix(found.Seconds, found.Milliseconds * 1_000_000, LogTimePrecision.Millisecond), found.Line, found.Offset, default);
            }
        });
        while (file.ReadLine())
        {
            if (!AuditRecord.TryParse(file.Line, out AuditRecord record))
            {
                continue;
            }
            CivilTime time = file.Observe(CivilTime.FromUnix(record.Seconds, record.Milliseconds * 1_000_000, LogTimePrecision.Millisecond));
            if (joined.Take(record, file.Number, file.Offset))
            {
                continue;
            }
            draft.Reset();
            if (AuditMessages.Classify(record, draft))
            {
                file.Add(time, file.Line);
            }
        }
        joined.Finish();
        file.Finish();
    }
}
