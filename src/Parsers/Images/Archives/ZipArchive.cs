using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A zip, by its central directory; zip64 too. Specification: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT</summary>
/// <remarks>
/// Throws <see cref="CorruptDataException"/> when the directory, which ends the file, is not there: a truncated zip. Limitations: no archives in several volumes; local headers
/// without an entry in the directory are not looked for.
/// </remarks>
internal sealed class ZipArchive : IArchive
{
    private const int EndSize = 22;
    private const int Locator64Size = 20;
    private const int End64Size = 56;
    private const int EntrySize = 46;
    private const uint EndMagic = 0x06054B50;
    private const uint Locator64Magic = 0x07064B50;
    private const uint End64Magic = 0x06064B50;
    private const uint EntryMagic = 0x02014B50;

    private readonly IByteSource _source;
    private readonly ParseContext _context;
    private readonly long _directory;
    private readonly long _directorySize;
    /// <summary>Bytes before the archive, such as a program that unpacks it: offsets in it do not count them.</summary>
    private readonly long _shift;

    public ZipArchive(IByteSource source, ParseContext context)
    {
        _source = source;
        _context = context;
        long end = FindEnd(source);
        byte[] record = source.ReadArray(end, EndSize);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(12));
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(16));
        bool isSplit = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(4)) is not (0 or ushort.MaxValue);
        if (ReadEnd64(source, end, out long end64, out long size64, out long offset64))
        {
            (size, offset, end) = (size64, offset64, end64);
        }
        else if (isSplit)
        {
            throw new UnsupportedFeatureException("zip archive in several volumes");
        }
        if (size < 0 || offset < 0 || size > end || offset > end - size)
        {
            throw new CorruptDataException("zip.directory", end, "a directory inside the file", "one of " + size + " bytes at " + offset);
        }
        _directory = end - size;
        _directorySize = size;
        _shift = _directory - offset;
    }

    public string Format => "zip";

    public bool IsSequential => false;

    public IEnumerable<ArchiveEntry> Entries()
    {
        using var input = new SourceStream(_source, _directory, _directorySize);
        byte[] header = new byte[EntrySize];
        while (input.ReadUpTo(header) == EntrySize && BinaryPrimitives.ReadUInt32LittleEndian(header) == EntryMagic)
        {
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
            int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
            int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
            byte[] name = new byte[nameLength];
            byte[] extra = new byte[extraLength];
            if (input.ReadUpTo(name) < nameLength || input.ReadUpTo(extra) < extraLength)
            {
                break;
            }
            input.Position += commentLength;
            yield return Entry(header, name, extra);
        }
        if (input.Position < input.Length)
        {
            _context.Diagnostics.Report(new Diagnostic("zip.directory.damaged", "the directory of the archive is damaged; members after that place are not seen")
            {
                Offset = _directory + input.Position,
                LosesContent = true,
            });
        }
    }

    private static long FindEnd(IByteSource source)
    {
        byte[] tail = source.ReadArray(Math.Max(0, source.Length - EndSize - ushort.MaxValue), EndSize + ushort.MaxValue);
        for (int at = tail.Length - EndSize; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) == EndMagic && at + EndSize + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 20)) <= tail.Length)
            {
                return source.Length - tail.Length + at;
            }
        }
        throw new CorruptDataException("zip.end", source.Length, "the end of the central directory", "none: the file is truncated");
    }

    private static bool ReadEnd64(IByteSource source, long end, out long start, out long size, out long offset)
    {
        start = size = offset = 0;
        Span<byte> locator = stackalloc byte[Locator64Size];
        if (end < Locator64Size + End64Size || source.ReadUpTo(end - Locator64Size, locator) < Locator64Size || BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Magic)
        {
            return false;
        }
        Span<byte> record = stackalloc byte[End64Size];
        // Where it says, or, when something was put before the archive, just before the locator.
        long stated = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        foreach (long at in new[] { stated, end - Locator64Size - End64Size })
        {
            if (at >= 0 && at <= end - Locator64Size - End64Size && source.ReadUpTo(at, record) == End64Size && BinaryPrimitives.ReadUInt32LittleEndian(record) == End64Magic)
            {
                start = at;
                size = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
                offset = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
                return true;
            }
        }
        throw new CorruptDataException("zip.end64", stated, "the zip64 end of the central directory", "none");
    }

    private ZipEntry Entry(ReadOnlySpan<byte> header, byte[] name, ReadOnlySpan<byte> extra)
    {
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        while (extra.Length >= 4)
        {
            int size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, size);
                length = Take(length, ref field);
                packed = Take(packed, ref field);
                offset = Take(offset, ref field);
            }
            extra = extra[(4 + size)..];
        }
        int mode = header[5] == 3 ? BinaryPrimitives.ReadUInt16LittleEndian(header[40..]) & 0xF000 : 0;
        ArchiveEntryKind kind = name is [.., (byte)'/'] || mode == 0x4000 ? ArchiveEntryKind.Directory
            : mode == 0xA000 ? ArchiveEntryKind.Link
            : ArchiveEntryKind.Regular; // What zip read from a pipe bears the mode of a pipe.
        return new ZipEntry(_source, _context.Diagnostics, name, length >= 0 ? kind : ArchiveEntryKind.Special, Math.Max(0, length))
        {
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]),
            Method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]),
            Crc = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]),
            PackedLength = packed,
            HeaderOffset = offset < 0 || offset > long.MaxValue - _shift ? -1 : offset + _shift,
        };
    }

    /// <summary>A field that is in the zip64 extra data exactly when the field of the header is all ones.</summary>
    private static long Take(long value, ref ReadOnlySpan<byte> field)
    {
        if (value != uint.MaxValue || field.Length < 8)
        {
            return value;
        }
        long wide = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
        return wide;
    }
}
