using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>What a build leaves in a program: the path of its symbols, the "Rich" header of Microsoft's linker, callbacks.</summary>
internal static class PeBuildMarks
{
    private const int DebugEntry = 28;
    private const int MostDebugEntries = 64;
    private const int CodeView = 2;
    private const int LongestPath = 1024;
    private const uint DanS = 0x536E6144;
    private const uint Rich = 0x68636952;
    private const int LargestStub = 8192;

    /// <summary>Path in the CodeView record (RSDS or NB10); null when there is none.</summary>
    public static string? SymbolPath(ReadOnlySpan<byte> content, PeLayout layout)
    {
        (uint address, uint size) = layout.Directory(PeDirectory.Debug);
        ReadOnlySpan<byte> table = layout.At(content, address, Math.Min(size, MostDebugEntries * DebugEntry));
        for (; table.Length >= DebugEntry; table = table[DebugEntry..])
        {
            uint at = BinaryPrimitives.ReadUInt32LittleEndian(table[24..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(table[12..]) != CodeView || at >= content.Length)
            {
                continue;
            }
            ReadOnlySpan<byte> record = content[(int)at..];
            int path = record.StartsWith("RSDS"u8) ? 24 : record.StartsWith("NB10"u8) ? 16 : -1;
            if (path > 0 && record.Length > path)
            {
                record = record[path..Math.Min(record.Length, path + LongestPath)];
                int end = record.IndexOf((byte)0);
                string text = System.Text.Encoding.UTF8.GetString(end < 0 ? record : record[..end]);
                return text.Length == 0 ? null : text;
            }
        }
        return null;
    }

    /// <summary>MD5 of the decoded header between the DOS stub and the PE header, without its end mark and key.</summary>
    public static string? RichHash(ReadOnlySpan<byte> content, PeLayout layout)
    {
        ReadOnlySpan<byte> stub = content[..(int)Math.Min(layout.Offset, LargestStub)];
        for (int end = 0x80; end <= stub.Length - 8; end += 4)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(stub[end..]) != Rich)
            {
                continue;
            }
            uint key = BinaryPrimitives.ReadUInt32LittleEndian(stub[(end + 4)..]);
            for (int start = end - 4; start >= 64; start -= 4)
            {
                if ((BinaryPrimitives.ReadUInt32LittleEndian(stub[start..]) ^ key) == DanS)
                {
                    var clear = new byte[end - start];
                    for (int i = 0; i < clear.Length; i += 4)
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(clear.AsSpan(i), BinaryPrimitives.ReadUInt32LittleEndian(stub[(start + i)..]) ^ key);
                    }
                    return Convert.ToHexStringLower(MD5.HashData(clear));
                }
            }
            return null;
        }
        return null;
    }

    /// <summary>The TLS directory names a table of callbacks.</summary>
    public static bool HasTlsCallbacks(ReadOnlySpan<byte> content, PeLayout layout)
    {
        ReadOnlySpan<byte> tls = layout.At(content, layout.Directory(PeDirectory.Tls).Address, layout.Is64Bit ? 40 : 24);
        return layout.Is64Bit ? tls.Length == 40 && BinaryPrimitives.ReadUInt64LittleEndian(tls[24..]) != 0 : tls.Length == 24 && BinaryPrimitives.ReadUInt32LittleEndian(tls[12..]) != 0;
    }
}

/// <summary>The checksum of the optional header: a sum of 16-bit words with carry, and the length.</summary>
internal static class PeChecksum
{
    /// <summary>Whether the stored one is right; null when none is stored.</summary>
    public static bool? IsValid(ReadOnlySpan<byte> content, PeLayout layout) => layout.CheckSum == 0 || layout.CheckSumOffset % 4 != 0 ? null : Of(content, layout) == layout.CheckSum;

    /// <summary>The checksum that the content should have.</summary>
    public static uint Of(ReadOnlySpan<byte> content, PeLayout layout)
    {
        ulong sum = 0;
        ReadOnlySpan<byte> rest = content;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            // 2 GiB of 32-bit words never overflow 64 bits.
            sum += BinaryPrimitives.ReadUInt32LittleEndian(rest);
        }
        uint last = 0;
        for (int i = rest.Length - 1; i >= 0; i--)
        {
            last = (last << 8) | rest[i];
        }
        sum += last;
        sum -= layout.CheckSum;
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return (uint)(sum + (ulong)content.Length);
    }
}
