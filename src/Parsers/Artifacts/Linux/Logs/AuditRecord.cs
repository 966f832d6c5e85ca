using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// One record of the audit system: <c>[node=N ]type=T msg=audit(SECONDS.MILLISECONDS:SERIAL): KEY=VALUE ...</c>. Values are quoted, hexadecimal where they hold
/// blanks, quotes or control characters, or plain. Records of user programs hold their fields once more inside <c>msg='...'</c>; the enriched format appends
/// names for numbers behind a 0x1D. Specification: auditd(8), ausearch-expression(5) and the field dictionary of the audit documentation.
/// </summary>
internal readonly ref struct AuditRecord
{
    private const byte EnrichmentMark = 0x1D;

    private AuditRecord(ReadOnlySpan<byte> type, long seconds, int milliseconds, long serial, ReadOnlySpan<byte> fields)
    {
        Type = type;
        Seconds = seconds;
        Milliseconds = milliseconds;
        Serial = serial;
        Fields = fields;
    }

    public ReadOnlySpan<byte> Type { get; }
    public long Seconds { get; }
    public int Milliseconds { get; }
    public long Serial { get; }
    public ReadOnlySpan<byte> Fields { get; }

    /// <summary>False when the line is no record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out AuditRecord record)
    {
        record = default;
        var scan = new ByteScan(line);
        if (scan.Take("node="u8))
        {
            scan.Word();
        }
        if (!scan.Take("type="u8))
        {
            return false;
        }
        ReadOnlySpan<byte> type = scan.Word();
        return scan.Take("msg=audit("u8) && TryStamp(ref scan, out long seconds, out int milliseconds, out long serial)
            && Set(new AuditRecord(type, seconds, milliseconds, serial, scan.Rest.TrimStart((byte)' ')), out record);
    }

    /// <summary>A record as the kernel's log and the journal have it: a type in front, then the fields.</summary>
    public static AuditRecord FromParts(ReadOnlySpan<byte> type, ReadOnlySpan<byte> fields) => new(type, 0, 0, 0, fields);

    /// <summary><c>audit: type=1130 audit(1700000000.123:45): fields</c> from behind the number of the type.</summary>
    public static bool ClassifyKernel(long type, ReadOnlySpan<byte> rest, EventDraft draft)
    {
        ReadOnlySpan<byte> name = AuditTypes.NameOf(type);
        var scan = new ByteScan(rest.TrimStart((byte)' '));
        return !name.IsEmpty && scan.Take("audit("u8) && scan.Until("): "u8, out _) && AuditMessages.Classify(FromParts(name, scan.Rest), draft);
    }

    /// <summary>The value of a field as it stands, without its quotes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> value = Value(key, out _);
        return value;
    }

    /// <summary>The text of a field that may be hexadecimal; null when it is missing, empty or <c>(null)</c>.</summary>
    public string? Text(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> value = Value(key, out bool isQuoted);
        if (value.IsEmpty || value.SequenceEqual("(null)"u8) || value.SequenceEqual("?"u8))
        {
            return null;
        }
        return isQuoted ? EventDraft.LongText(value) : FromHex(value);
    }

    /// <summary>A number; null when missing, or 4294967295, which stands for none.</summary>
    public long? Number(ReadOnlySpan<byte> key) => ByteScan.NumberOf(Raw(key)) is { } value && value != uint.MaxValue ? value : null;

    /// <summary>The name that the enriched format gives for a numeric field (<c>AUID="root"</c>); null without one.</summary>
    public string? Name(ReadOnlySpan<byte> upperKey)
    {
        int mark = Fields.IndexOf(EnrichmentMark);
        if (mark < 0)
        {
            return null;
        }
        var enriched = new AuditRecord(Type, 0, 0, 0, Fields[(mark + 1)..]);
        string? name = enriched.Text(upperKey);
        return name is "unset" or "unknown" ? null : name;
    }

    /// <summary>Hexadecimal to text where it is that; else the text. NULs between the arguments of a process title become blanks.</summary>
    public static string? FromHex(ReadOnlySpan<byte> value)
    {
        if (value.Length < 2 || value.Length % 2 != 0 || value.ContainsAnyExcept("0123456789ABCDEFabcdef"u8))
        {
            return EventDraft.LongText(value);
        }
        value = value[..Math.Min(value.Length, 2 * EventDraft.LongestText)];
        var bytes = new byte[value.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            Utf8Parser.TryParse(value.Slice(2 * i, 2), out bytes[i], out _, 'x');
        }
        bytes.AsSpan().Replace((byte)0, (byte)' ');
        return EventDraft.LongText(bytes.AsSpan().TrimEnd((byte)' '));
    }

    private static bool Set(AuditRecord value, out AuditRecord record)
    {
        record = value;
        return true;
    }

    private static bool TryStamp(ref ByteScan scan, out long seconds, out int milliseconds, out long serial)
    {
        milliseconds = 0;
        serial = 0;
        if (!scan.Number(out seconds) || seconds > 253402300799 || !scan.Take("."u8) || !scan.Number(out long fraction) || !scan.Take(":"u8) || !scan.Number(out serial))
        {
            return false;
        }
        milliseconds = (int)Math.Min(fraction, 999);
        return scan.Take("):"u8);
    }

    private ReadOnlySpan<byte> Value(ReadOnlySpan<byte> key, out bool isQuoted)
    {
        isQuoted = false;
        ReadOnlySpan<byte> rest = Fields;
        while (rest.IndexOf(key) is >= 0 and int at)
        {
            bool begins = at == 0 || rest[at - 1] is (byte)' ' or (byte)'\'' or EnrichmentMark or (byte)'{' or (byte)',';
            ReadOnlySpan<byte> behind = rest[(at + key.Length)..];
            if (!begins || behind.IsEmpty || behind[0] != '=')
            {
                rest = behind;
                continue;
            }
            behind = behind[1..];
            if (!behind.IsEmpty && behind[0] == '"')
            {
                isQuoted = true;
                int close = behind[1..].IndexOf((byte)'"');
                return close < 0 ? behind[1..] : behind.Slice(1, close);
            }
            int end = behind.IndexOfAny((byte)' ', (byte)'\'', EnrichmentMark);
            return end < 0 ? behind : behind[..end];
        }
        return default;
    }
}

/// <summary>Numbers of record types. Specification: linux/audit.h and libaudit.h.</summary>
internal static class AuditTypes
{
    public static ReadOnlySpan<byte> NameOf(long type) => type switch
    {
        1100 => "USER_AUTH"u8,
        1105 => "USER_START"u8,
        1106 => "USER_END"u8,
        1108 => "USER_CHAUTHTOK"u8,
        1112 => "USER_LOGIN"u8,
        1114 => "ADD_USER"u8,
        1115 => "DEL_USER"u8,
        1116 => "ADD_GROUP"u8,
        1117 => "DEL_GROUP"u8,
        1102 => "USER_MGMT"u8,
        1123 => "USER_CMD"u8,
        1124 => "USER_TTY"u8,
        1127 => "SYSTEM_BOOT"u8,
        1128 => "SYSTEM_SHUTDOWN"u8,
        1130 => "SERVICE_START"u8,
        1131 => "SERVICE_STOP"u8,
        1132 => "GRP_MGMT"u8,
        1135 => "ACCT_LOCK"u8,
        1136 => "ACCT_UNLOCK"u8,
        1305 => "CONFIG_CHANGE"u8,
        1319 => "TTY"u8,
        1330 => "KERN_MODULE"u8,
        1700 => "ANOM_PROMISCUOUS"u8,
        1701 => "ANOM_ABEND"u8,
        _ => default,
    };

    /// <summary>Text for messages.</summary>
    public static string Display(ReadOnlySpan<byte> type) => string.Create(CultureInfo.InvariantCulture, $"{Encoding.Latin1.GetString(type[..Math.Min(type.Length, 40)])}");
}
