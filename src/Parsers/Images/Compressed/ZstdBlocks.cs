using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>
/// The frames of a zstd file when all state their content size: by the table at the end that the seekable format has, or by their headers (<c>pzstd</c>, concatenated files).
/// Specification of the table: https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md
/// </summary>
internal sealed class ZstdBlocks : IPackedBlocks
{
    private const uint SeekTableMagic = 0x8F92EAB1;
    private const uint SeekTableFrame = 0x184D2A5E;
    private const int SeekFooterSize = 9;

    /// <summary>A frame larger than this is not worth waiting for when one byte of it is wanted.</summary>
    private const long LargestFrame = 256L << 20;

    private readonly IByteSource _source;

    private ZstdBlocks(IByteSource source, List<PackedBlock> blocks)
    {
        _source = source;
        Blocks = blocks;
    }

    public string Format => "zstd";

    public IReadOnlyList<PackedBlock> Blocks { get; }

    /// <summary>The frames; null when they are one, or too large, or do not tell their sizes, or anything is wrong: then the file is read from the beginning.</summary>
    public static ZstdBlocks? TryRead(IByteSource source, ParseContext context)
    {
        List<PackedBlock>? blocks = FromTable(source, context) ?? FromFrames(source, context);
        return blocks is { Count: > 1 } ? new ZstdBlocks(source, blocks) : null;
    }

    public ForwardReader Open(PackedBlock block) =>
        new ZstdReader(new SourceStream(_source, block.PackedOffset, block.PackedLength), NullDiagnosticSink.Instance);

    private static List<PackedBlock>? FromTable(IByteSource source, ParseContext context)
    {
        Span<byte> footer = stackalloc byte[SeekFooterSize];
        long end = source.Length - SeekFooterSize;
        if (end < 8 || source.ReadUpTo(end, footer) < SeekFooterSize || BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]) != SeekTableMagic || (footer[4] & 0x7C) != 0)
        {
            return null;
        }
        long count = BinaryPrimitives.ReadUInt32LittleEndian(footer);
        int entrySize = (footer[4] & 0x80) != 0 ? 12 : 8;
        long size = count * entrySize;
        long start = end - size;
        if (size > context.Limits.TableBytes || start < 8)
        {
            return null;
        }
        byte[] table = source.ReadArray(start - 8, (int)size + 8);
        if (table.Length < size + 8 || BinaryPrimitives.ReadUInt32LittleEndian(table) != SeekTableFrame || BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(4)) != size + SeekFooterSize)
        {
            return null;
        }
        var blocks = new List<PackedBlock>();
        long packed = 0;
        long offset = 0;
        for (int at = 8; at < table.Length; at += entrySize)
        {
            long packedLength = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(at));
            long length = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(at + 4));
            if (length > LargestFrame)
            {
                return null;
            }
            if (length > 0)
            {
                blocks.Add(new PackedBlock(offset, length, packed, packedLength, 0));
            }
            packed += packedLength;
            offset += length;
        }
        return packed == start - 8 ? blocks : null;
    }

    private static List<PackedBlock>? FromFrames(IByteSource source, ParseContext context)
    {
        var input = new SourceStream(source, 0, source.Length, bufferSize: 4096);
        var blocks = new List<PackedBlock>();
        Span<byte> head = stackalloc byte[ZstdFrameHeader.MaxSize];
        long offset = 0;
        long budget = context.Limits.TableBytes / 40;
        while (input.Position < input.Length)
        {
            long start = input.Position;
            ReadOnlySpan<byte> bytes = head[..input.ReadUpTo(head)];
            if (ZstdFrameHeader.IsSkippable(bytes) && bytes.Length >= 8 && budget-- > 0)
            {
                long size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
                if (size > input.Length - start - 8)
                {
                    return null;
                }
                input.Position = start + 8 + size;
                continue;
            }
            if (!ZstdFrameHeader.IsFrame(bytes) || bytes.Length < ZstdFrameHeader.MaxSize || budget-- <= 0)
            {
                return null;
            }
            context.Cancellation.ThrowIfCancellationRequested();
            if (Frame(input, bytes, start) is not { } length || length > long.MaxValue - offset)
            {
                return null;
            }
            if (length > 0)
            {
                blocks.Add(new PackedBlock(offset, length, start, input.Position - start, 0));
            }
            offset += length;
        }
        return blocks;
    }

    /// <summary>Passes over a frame by its block headers; its content size, null when it is not one that can be used.</summary>
    private static long? Frame(SourceStream input, ReadOnlySpan<byte> bytes, long start)
    {
        ZstdFrameHeader header;
        try
        {
            header = ZstdFrameHeader.Read(bytes, start);
        }
        catch (ForensicException)
        {
            // The reader that goes forward says what is wrong.
            return null;
        }
        if (header.ContentSize is < 0 or > LargestFrame)
        {
            return null;
        }
        input.Position = start + header.Size;
        Span<byte> block = stackalloc byte[3];
        bool isLast = false;
        while (!isLast)
        {
            if (input.Position - start > LargestFrame || input.ReadUpTo(block) < block.Length || (block[0] >> 1 & 3) == 3)
            {
                return null;
            }
            (isLast, int stored) = ZstdFrameHeader.ReadBlock(block, input.Position);
            if (stored > input.Length - input.Position)
            {
                return null;
            }
            input.Position += stored;
        }
        int checksum = header.HasChecksum ? 4 : 0;
        if (input.Length - input.Position < checksum)
        {
            return null;
        }
        input.Position += checksum;
        return header.ContentSize;
    }
}
