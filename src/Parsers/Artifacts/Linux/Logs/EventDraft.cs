using System.Text;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>The fields of an event while a message is read: one object a file, filled again for each message.</summary>
internal sealed class EventDraft
{
    /// <summary>Longest text of a field in bytes of the log.</summary>
    public const int LongestText = 4096;

    private readonly TextPool _pool = new();

    public LogEventKind Kind { get; set; }
    /// <summary>How often the message says that it happened.</summary>
    public long Times { get; set; }
    public string? User { get; set; }
    public long? UserId { get; set; }
    public string? Target { get; set; }
    public string? RemoteAddress { get; set; }
    public long? RemotePort { get; set; }
    public string? Method { get; set; }
    public string? KeyFingerprint { get; set; }
    public string? Process { get; set; }
    public long? ProcessId { get; set; }
    public string? Command { get; set; }
    public string? Unit { get; set; }
    public string? Terminal { get; set; }
    public string? Detail { get; set; }
    public string? UserSid { get; set; }
    public string? TargetSid { get; set; }
    public long? EventId { get; set; }
    public long? RecordId { get; set; }
    public string? Channel { get; set; }
    public bool IsCarved { get; set; }

    /// <summary>Empties it for a new message.</summary>
    public void Reset()
    {
        Kind = default;
        Times = 1;
        User = Target = RemoteAddress = Method = KeyFingerprint = Process = Command = Unit = Terminal = Detail = UserSid = TargetSid = Channel = null;
        UserId = RemotePort = ProcessId = EventId = RecordId = null;
        IsCarved = false;
    }

    /// <summary>Sets the kind and says that there is an event.</summary>
    public bool Is(LogEventKind kind)
    {
        Kind = kind;
        return true;
    }

    /// <summary>Text of a field, null when empty; short ones that come again and again are one string.</summary>
    public string? Text(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? null : _pool.Get(bytes);

    /// <summary>Text of a long field, which seldom comes twice.</summary>
    public static string? LongText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }
        return Formats.TextLines.Decode(bytes[..Math.Min(bytes.Length, LongestText)]);
    }

    /// <summary>Remembers a thousand short texts by their bytes.</summary>
    private sealed class TextPool
    {
        private const int Slots = 1024;
        private const int LongestPooled = 64;

        private readonly string?[] _texts = new string?[Slots];

        public string Get(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > LongestPooled || bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF) >= 0)
            {
                return LongText(bytes)!;
            }
            uint hash = 2166136261;
            foreach (byte value in bytes)
            {
                hash = unchecked((hash ^ value) * 16777619);
            }
            ref string? slot = ref _texts[(hash ^ hash >> 16) % Slots];
            if (slot is null || slot.Length != bytes.Length || !Ascii.Equals(bytes, slot))
            {
                slot = Encoding.ASCII.GetString(bytes);
            }
            return slot;
        }
    }
}
