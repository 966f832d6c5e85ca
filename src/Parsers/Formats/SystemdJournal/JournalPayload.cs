using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using SharpCompress.Common;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>Reads data objects: <c>NAME=value</c>, plain or compressed, as much of it as is wanted.</summary>
internal sealed class JournalPayload(JournalFile file, int longestValue) : IDisposable
{
    private const int FlagXz = 1;
    private const int FlagLz4 = 2;
    private const int FlagZstd = 4;
    private const int NameBytes = 64;
    private const int LargestStored = 4 << 20;
    private const int MaxWindowLog = 23;
    private const int LargestXzDictionary = 16 << 20;

    private readonly byte[] _head = new byte[72 + NameBytes + 1];
    private readonly int _payloadOffset = file.IsCompact ? 72 : 64;
    private Decompressor? _zstd;
    private long _damaged;
    private long _firstDamaged;
    private long _cut;

    /// <summary>
    /// The field and value at an offset; the field is -1 when it is none of the names, and then there is no value. False when there are no data at the offset.
    /// </summary>
    public bool TryRead(long offset, byte[][] names, out int field, out byte[]? value)
    {
        field = -1;
        value = null;
        if (!file.TryObject(offset, _head, out JournalObjectType type, out long size) || type != JournalObjectType.Data)
        {
            return false;
        }
        byte flags = new JournalObjectHeader(_head).Flags;
        long stored = size - _payloadOffset;
        if (flags != 0)
        {
            return ReadCompressed(offset, flags, stored, names, ref field, ref value);
        }
        int head = (int)Math.Min(stored, NameBytes + 1);
        ReadOnlySpan<byte> name = _head.AsSpan(0, file.Bytes.ReadUpTo(offset + _payloadOffset, _head.AsSpan(0, head)));
        field = Find(name, names, out int nameLength);
        if (field < 0)
        {
            return true;
        }
        long length = stored - nameLength - 1;
        _cut += length > longestValue ? 1 : 0;
        value = file.Bytes.ReadArray(offset + _payloadOffset + nameLength + 1, (int)Math.Min(length, longestValue));
        return true;
    }

    /// <summary>Says what could not be decompressed or was cut.</summary>
    public void Report()
    {
        if (_damaged > 0)
        {
            file.Diagnostics.Report(new Diagnostic("journal.compressed", "compressed data of the journal cannot be decompressed whole")
            {
                Offset = _firstDamaged, Actual = _damaged.ToString(CultureInfo.InvariantCulture), LosesContent = true,
            });
        }
        if (_cut > 0)
        {
            file.Diagnostics.Report(new Diagnostic("journal.value-cut", "values are longer than the limit, their ends were not read")
            {
                Expected = longestValue.ToString(CultureInfo.InvariantCulture), Actual = _cut.ToString(CultureInfo.InvariantCulture), LosesContent = true,
            });
        }
    }

    public void Dispose() => _zstd?.Dispose();

    private static int Find(ReadOnlySpan<byte> text, byte[][] names, out int nameLength)
    {
        nameLength = text.IndexOf((byte)'=');
        if (nameLength > 0)
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (names[i].Length == nameLength && text[..nameLength].SequenceEqual(names[i]))
                {
                    return i;
                }
            }
        }
        return -1;
    }

    private bool ReadCompressed(long offset, byte flags, long stored, byte[][] names, ref int field, ref byte[]? value)
    {
        int length = (int)Math.Min(stored, LargestStored);
        byte[] packed = ArrayPool<byte>.Shared.Rent(length);
        byte[] plain = ArrayPool<byte>.Shared.Rent(longestValue + NameBytes + 1);
        try
        {
            length = file.Bytes.ReadUpTo(offset + _payloadOffset, packed.AsSpan(0, length));
            Span<byte> target = plain.AsSpan(0, longestValue + NameBytes + 1);
            bool isWhole = Decode(flags, packed, length, target, out int count);
            if (!isWhole || stored > LargestStored)
            {
                _firstDamaged = _damaged == 0 ? offset : _firstDamaged;
                _damaged++;
            }
            field = Find(target[..Math.Min(count, NameBytes + 1)], names, out int nameLength);
            if (field >= 0)
            {
                int rest = count - nameLength - 1;
                _cut += count == target.Length ? 1 : 0;
                value = target.Slice(nameLength + 1, Math.Min(rest, longestValue)).ToArray();
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private bool Decode(byte flags, byte[] packed, int length, Span<byte> target, out int count)
    {
        count = 0;
        switch (flags)
        {
            case FlagLz4:
                // The length of the content in front is not needed: the block ends by itself.
                return length > 8 && Lz4Block.Decode(packed.AsSpan(8, length - 8), target[..(int)Math.Min((ulong)target.Length, BinaryPrimitives.ReadUInt64LittleEndian(packed))], ref count) != Lz4End.Damaged;
            case FlagZstd:
                return Zstd(packed, length, target, out count);
            default:
                return Xz(packed, length, target, out count);
        }
    }

    private bool Zstd(byte[] packed, int length, Span<byte> target, out int count)
    {
        count = 0;
        ReadOnlySpan<byte> frame = packed.AsSpan(0, length);
        using var input = new MemoryStream(packed, 0, length, writable: false);
        try
        {
            ulong content = Decompressor.GetDecompressedSize(frame);
            if (content > 0 && content <= (ulong)target.Length)
            {
                // Journald states the size; one that fits needs no window.
                _zstd ??= new Decompressor();
                return _zstd.TryUnwrap(frame, target, out count);
            }
            using var stream = new DecompressionStream(input, bufferSize: 0, checkEndOfStream: false, leaveOpen: true);
            stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
            count = Fill(stream, target);
            return count > 0;
        }
        catch (ZstdException)
        {
            return false;
        }
    }

    /// <summary>
    /// One stream of one block, as the journal writes it: the headers are taken apart here so that the data cannot ask for a large dictionary. Specification: The .xz File Format 1.2.
    /// </summary>
    private static bool Xz(byte[] packed, int length, Span<byte> target, out int count)
    {
        count = 0;
        const int StreamHeader = 12;
        const byte Lzma2 = 0x21;
        if (length < StreamHeader + 8 || packed[0] != 0xFD || !packed.AsSpan(1).StartsWith("7zXZ\0"u8))
        {
            return false;
        }
        int headerSize = (packed[StreamHeader] + 1) * 4;
        int at = StreamHeader + 2;
        byte flags = packed[StreamHeader + 1];
        if (packed[StreamHeader] == 0 || StreamHeader + headerSize > length || (flags & 0x3F) != 0)
        {
            return false;
        }
        int end = StreamHeader + headerSize;
        for (int sizes = (flags >> 6 & 1) + (flags >> 7); sizes > 0; sizes--)
        {
            while (at < end && (packed[at++] & 0x80) != 0)
            {
            }
        }
        if (at + 3 > end || packed[at] != Lzma2 || packed[at + 1] != 1 || packed[at + 2] > 40)
        {
            return false;
        }
        byte property = packed[at + 2];
        long dictionary = (2L | (property & 1)) << (property / 2 + 11);
        if (dictionary > LargestXzDictionary)
        {
            return false;
        }
        using var input = new MemoryStream(packed, end, length - end, writable: false);
        try
        {
            using LzmaStream stream = LzmaStream.Create([property], input, -1, -1, null, isLzma2: true, leaveOpen: true);
            count = Fill(stream, target);
            return count > 0;
        }
        catch (Exception e) when (e is SharpCompressException or InvalidDataException or EndOfStreamException or IndexOutOfRangeException or OverflowException)
        {
            return false;
        }
    }

    private static int Fill(Stream stream, Span<byte> target)
    {
        int done = 0;
        while (done < target.Length && stream.Read(target[done..]) is > 0 and int read)
        {
            done += read;
        }
        return done;
    }
}
