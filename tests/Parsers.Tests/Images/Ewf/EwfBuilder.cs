using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Tests.Images.Ewf;

/// <summary>Writes one segment section by section, all checksums right, so that a test can then break or invent a single thing.</summary>
internal sealed class EwfBuilder
{
    public const int ChunkSize = 32768;

    private readonly List<byte> _bytes = [];
    private readonly long _origin;

    /// <param name="segment">Number of the segment.</param>
    /// <param name="origin">What the offsets inside count from, for a segment that lies behind a hole.</param>
    public EwfBuilder(int segment = 1, long origin = 0)
    {
        _origin = origin;
        _bytes.AddRange([0x45, 0x56, 0x46, 0x09, 0x0D, 0x0A, 0xFF, 0x00, 1, (byte)segment, (byte)(segment >> 8), 0, 0]);
    }

    /// <summary>Offset of the next section.</summary>
    public long Position => _origin + _bytes.Count;

    public EwfBuilder Section(string type, ReadOnlySpan<byte> data)
    {
        var header = new byte[76];
        Encoding.ASCII.GetBytes(type).CopyTo(header, 0);
        bool isLast = type is "next" or "done";
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), isLast ? Position : Position + 76 + data.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), isLast ? 0 : 76 + data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(72), Adler(header.AsSpan(0, 72)));
        _bytes.AddRange(header);
        _bytes.AddRange(data);
        return this;
    }

    public EwfBuilder Volume(long bytes, string type = "volume", uint chunks = uint.MaxValue, uint sectorsPerChunk = 64, byte mediaType = 1)
    {
        var data = new byte[1052];
        data[0] = mediaType;
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), chunks == uint.MaxValue ? (uint)((bytes + ChunkSize - 1) / ChunkSize) : chunks);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(8), sectorsPerChunk);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(12), 512);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(16), bytes / 512);
        return Section(type, Sealed(data));
    }

    /// <summary>Chunks in a sectors section, then table and table2. Every second chunk is compressed.</summary>
    public EwfBuilder Chunks(byte[] raw, bool fillLast = false, bool hasMirror = true)
    {
        var data = new List<byte>();
        var entries = new List<uint>();
        long start = Position + 76;
        for (int at = 0, i = 0; at < raw.Length; at += ChunkSize, i++)
        {
            byte[] chunk = raw[at..Math.Min(at + ChunkSize, raw.Length)];
            if (fillLast && chunk.Length < ChunkSize)
            {
                chunk = [.. chunk, .. new byte[ChunkSize - chunk.Length]];
            }
            entries.Add((uint)(start + data.Count) | (i % 2 == 0 ? 0u : 0x80000000));
            data.AddRange(i % 2 == 0 ? [.. chunk, .. Bytes(Adler(chunk))] : Compress(chunk));
        }
        Section("sectors", data.ToArray());
        Table([.. entries]);
        return hasMirror ? Table([.. entries], type: "table2") : this;
    }

    public EwfBuilder Table(uint[] entries, ulong baseOffset = 0, string type = "table")
    {
        var header = new byte[24];
        BinaryPrimitives.WriteInt32LittleEndian(header, entries.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), baseOffset);
        byte[] body = [.. entries.SelectMany(Bytes)];
        return Section(type, [.. Sealed(header), .. body, .. Bytes(Adler(body))]);
    }

    public byte[] Build() => [.. _bytes];

    /// <summary>The bytes with the Adler-32 of all before in the last four.</summary>
    public static byte[] Sealed(byte[] data)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(data.Length - 4), Adler(data.AsSpan(0, data.Length - 4)));
        return data;
    }

    public static byte[] Compress(ReadOnlySpan<byte> data)
    {
        using var result = new MemoryStream();
        using (var zlib = new ZLibStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(data);
        }
        return result.ToArray();
    }

    public static byte[] Bytes(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>Adler-32 as RFC 1950 words it, one byte at a time.</summary>
    public static uint Adler(ReadOnlySpan<byte> data)
    {
        uint a = 1;
        uint b = 0;
        foreach (byte value in data)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }
        return b << 16 | a;
    }
}

/// <summary>A long file of which only a few places hold anything.</summary>
internal sealed class PatchworkSource(long length, params (long Offset, byte[] Bytes)[] patches) : IByteSource
{
    public long Length => length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        int count = (int)Math.Clamp(length - offset, 0, destination.Length);
        destination = destination[..count];
        destination.Clear();
        foreach ((long start, byte[] bytes) in patches)
        {
            long from = Math.Max(start, offset);
            long to = Math.Min(start + bytes.Length, offset + count);
            if (from < to)
            {
                bytes.AsSpan((int)(from - start), (int)(to - from)).CopyTo(destination[(int)(from - offset)..]);
            }
        }
        return count;
    }
}
