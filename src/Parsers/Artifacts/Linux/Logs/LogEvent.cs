namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Something a log or a history says has happened, once or, where the same was said many times, <see cref="Count"/> times between <see cref="First"/> and
/// <see cref="Last"/>. The location is that of the first: line and byte offset in the text of the log, unpacked where the file is compressed.
/// </summary>
/// <remarks>
/// A statement of the log, not a fact: who writes to the log can write anything.
/// Limitations: texts are cut at 4,096 characters, those of scripts at 16,384; a port, process number or message is that of the first where <see cref="Count"/> is more than 1.
/// </remarks>
public sealed record LogEvent(EvidenceLocation Location, LogEventKind Event) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => LogEventKinds.NameOf(Event);
    /// <summary>When; of several the first in the order of the log. Null when the log does not say.</summary>
    public LogTime? First { get; init; }
    /// <summary>The last of several; the same as <see cref="First"/> for a single one.</summary>
    public LogTime? Last { get; init; }
    /// <summary>How often.</summary>
    public long Count { get; init; } = 1;
    /// <summary>True when different events were counted together because there were too many: fields that differ are left out.</summary>
    public bool IsSummary { get; init; }
    /// <summary>Account that did it, or tried.</summary>
    public string? User { get; init; }
    /// <summary>Numeric id of that account.</summary>
    public long? UserId { get; init; }
    /// <summary>What it was done to: account, group, package, module, file.</summary>
    public string? Target { get; init; }
    /// <summary>Address or name of the other host.</summary>
    public string? RemoteAddress { get; init; }
    /// <summary>Port of the other host.</summary>
    public long? RemotePort { get; init; }
    /// <summary>How: <c>publickey</c>, <c>password</c>, <c>sudo</c>, <c>pam_unix(cron)</c> ...</summary>
    public string? Method { get; init; }
    /// <summary>Fingerprint of the key, <c>SHA256:...</c> or MD5 in hexadecimal, as logged.</summary>
    public string? KeyFingerprint { get; init; }
    /// <summary>Program that wrote the message, or that was run.</summary>
    public string? Process { get; init; }
    /// <summary>Its process number.</summary>
    public long? ProcessId { get; init; }
    /// <summary>Command line.</summary>
    public string? Command { get; init; }
    /// <summary>systemd unit.</summary>
    public string? Unit { get; init; }
    /// <summary>Terminal.</summary>
    public string? Terminal { get; init; }
    /// <summary>What else is said: versions, shell and home, reason, result.</summary>
    public string? Detail { get; init; }
    /// <summary>The message as logged.</summary>
    public string? Message { get; init; }
    /// <summary>Security identifier of <see cref="User"/> (Windows).</summary>
    public string? UserSid { get; init; }
    /// <summary>Security identifier of <see cref="Target"/> (Windows).</summary>
    public string? TargetSid { get; init; }
    /// <summary>Number of the event, which says what happened (Windows); that of its provider.</summary>
    public long? EventId { get; init; }
    /// <summary>Number of the record in the log (Windows).</summary>
    public long? RecordId { get; init; }
    /// <summary>Log it was written to (Windows): <c>Security</c>.</summary>
    public string? Channel { get; init; }
    /// <summary>Taken out of the free space of the log: deleted, or left over from an older state.</summary>
    public bool IsCarved { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Time("time", First?.Instant);
        fields.Time("lastTime", Count > 1 ? Last?.Instant : null);
        fields.Text("timeBasis", First?.BasisText);
        fields.Text("timePrecision", First?.Precision.ToString().ToLowerInvariant());
        fields.Number("count", Count);
        fields.Flag("summary", IsSummary ? true : null);
        fields.Text("user", User);
        fields.Number("userId", UserId);
        fields.Text("target", Target);
        fields.Text("remoteAddress", RemoteAddress);
        fields.Number("remotePort", RemotePort);
        fields.Text("method", Method);
        fields.Text("keyFingerprint", KeyFingerprint);
        fields.Text("process", Process);
        fields.Number("processId", ProcessId);
        fields.Text("command", Command);
        fields.Text("unit", Unit);
        fields.Text("terminal", Terminal);
        fields.Text("detail", Detail);
        fields.Text("message", Message);
        fields.Text("userSid", UserSid);
        fields.Text("targetSid", TargetSid);
        fields.Number("eventId", EventId);
        fields.Number("recordId", RecordId);
        fields.Text("channel", Channel);
        fields.Flag("carved", IsCarved ? true : null);
    }
}
