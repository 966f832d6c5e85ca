using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads syslog files in all common shapes (<see cref="SyslogLine"/>): who logged in, became another, made accounts, what cron and systemd started.
/// </summary>
/// <remarks>
/// Specifications: RFC 3164, RFC 5424; the messages are those of OpenSSH, sudo, shadow, cron, systemd and the kernel.
/// Limitations: messages of other programs give no events, though their times count for gaps; a message over several lines is read from its first; without a
/// year in the lines and without the time of the file's last change there is no time.
/// </remarks>
public sealed class SyslogParser : LogParser
{
    /// <inheritdoc/>
    public override string Name => "log/syslog";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = LogRotation.Claims(
        "/var/log/auth.log", "/var/log/secure", "/var/log/messages", "/var/log/syslog", "/var/log/cron", "/var/log/cron.log", "/var/log/kern.log", "/var/log/daemon.log",
        "/var/log/user.log", "/var/log/sudo.log", "/var/log/debug", "/var/log/boot.log", "/var/log/authpriv.log", "/var/log/warn", "/var/log/localmessages");

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.syslog", LogRhythm.Continuous);
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            if (!SyslogLine.TryParse(file.Line, out SyslogLine line))
            {
                continue;
            }
            CivilTime time = file.Observe(line.Time);
            draft.Reset();
            if (MessageClassifier.Classify(new LogMessage(line.Process, line.Message), draft))
            {
                draft.Process ??= draft.Text(line.Process);
                draft.ProcessId ??= ByteScan.NumberOf(line.ProcessId);
                file.Add(time, line.Message);
            }
        }
        file.Finish();
    }
}
