namespace Forensics.Parsers.Formats.Sqlite;

/// <summary>SQLite's variable-length integers: up to eight bytes of seven bits, high bit set while more follow, a ninth byte of eight bits.</summary>
internal static class SqliteVarint
{
    /// <summary>Reads one and moves past it; false when the bytes end too early.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out long value)
    {
        ulong result = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i == 8)
            {
                value = unchecked((long)(result << 8 | bytes[8]));
                bytes = bytes[9..];
                return true;
            }
            result = result << 7 | (uint)(bytes[i] & 0x7F);
            if (bytes[i] < 0x80)
            {
                value = unchecked((long)result);
                bytes = bytes[(i + 1)..];
                return true;
            }
        }
        value = 0;
        return false;
    }
}
