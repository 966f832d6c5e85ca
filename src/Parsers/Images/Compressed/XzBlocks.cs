using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>
/// The blocks of an xz file by its indexes, which stand at the end of each stream: read backwards, no data are touched. Writers that use several threads (<c>xz -T</c>, <c>pixz</c>) make
/// many blocks.
/// </summary>
internal sealed class XzBlocks : IPackedBlocks
{
    /// <summary>More padding than this is left to the reader that goes forward.</summary>
    private const int MaxPadding = 1 << 20;

    private readonly IByteSource _source;

    private XzBlocks(IByteSource source, List<PackedBlock> blocks)
    {
        _source = source;
        Blocks = blocks;
    }

    public string Format => "xz";

    public IReadOnlyList<PackedBlock> Blocks { get; }

    /// <summary>Reads the indexes. Throws <see cref="CorruptDataException"/> when they do not tile the file, also when it is truncated or data follow it.</summary>
    public static XzBlocks Read(IByteSource source, ParseContext context)
    {
        var streams = new Stack<List<PackedBlock>>();
        long end = source.Length;
        long budget = context.Limits.TableBytes / 32;
        while (end > 0)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            end = SkipPadding(source, end);
            List<PackedBlock> stream = ReadStream(source, ref end, ref budget, context);
            streams.Push(stream);
        }
        var blocks = new List<PackedBlock>();
        long offset = 0;
        foreach (List<PackedBlock> stream in streams)
        {
            foreach (PackedBlock block in stream)
            {
                if (block.Length == 0)
                {
                    continue;
                }
                blocks.Add(block with { Offset = offset });
                offset = offset <= long.MaxValue - block.Length ? offset + block.Length : throw new LimitExceededException("size of decompressed data", long.MaxValue);
            }
        }
        return new XzBlocks(source, blocks);
    }

    public ForwardReader Open(PackedBlock block) =>
        new XzBlockReader(new SourceStream(_source, block.PackedOffset, block.PackedLength), block.Kind, block.Length);

    private static long SkipPadding(IByteSource source, long end)
    {
        Span<byte> word = stackalloc byte[4];
        long least = Math.Max(4, end - MaxPadding);
        while (end >= least && source.ReadUpTo(end - 4, word) == 4 && !word.ContainsAnyExcept((byte)0))
        {
            end -= 4;
        }
        return end;
    }

    /// <summary>The blocks of the stream that ends at <paramref name="end"/>, which becomes where it begins.</summary>
    private static List<PackedBlock> ReadStream(IByteSource source, ref long end, ref long budget, ParseContext context)
    {
        Span<byte> fixedPart = stackalloc byte[XzLayout.HeaderSize];
        long footer = Math.Max(0, end - XzLayout.HeaderSize);
        (int check, long indexSize) = XzLayout.ReadFooter(fixedPart[..source.ReadUpTo(footer, fixedPart)], footer);
        if (indexSize > context.Limits.TableBytes)
        {
            throw new LimitExceededException("xz index", indexSize);
        }
        long indexStart = footer - indexSize;
        byte[] index = indexStart < XzLayout.HeaderSize ? [] : source.ReadArray(indexStart, (int)indexSize);
        if (index.Length < 8 || index[0] != 0)
        {
            throw new CorruptDataException("xz.index", indexStart, "an index", "none");
        }
        XzLayout.RequireCrc(index.AsSpan(..^4), index.AsSpan(^4..), "xz.index", indexStart);
        ReadOnlySpan<byte> records = index.AsSpan(..^4);
        int position = 1;
        long count = XzLayout.ReadNumber(records, ref position, "xz.index", indexStart);
        if (count > records.Length / 2 || (budget -= count + 1) < 0)
        {
            throw new LimitExceededException("blocks of an xz file", count);
        }
        var sizes = new List<PackedBlock>();
        long total = 0;
        for (long i = 0; i < count; i++)
        {
            long unpadded = XzLayout.ReadNumber(records, ref position, "xz.index", indexStart);
            long length = XzLayout.ReadNumber(records, ref position, "xz.index", indexStart);
            if (unpadded < 8 || unpadded > indexStart - total)
            {
                throw new CorruptDataException("xz.index", indexStart, "blocks inside the file", "a longer one");
            }
            long padded = (unpadded + 3) / 4 * 4;
            sizes.Add(new PackedBlock(0, length, total, padded, check));
            total += padded;
        }
        long start = indexStart - total - XzLayout.HeaderSize;
        if (start < 0 || XzLayout.ReadHeader(fixedPart[..source.ReadUpTo(start, fixedPart)], start) != check)
        {
            throw new CorruptDataException("xz.index", indexStart, "blocks that begin after a stream header", "others");
        }
        for (int i = 0; i < sizes.Count; i++)
        {
            sizes[i] = sizes[i] with { PackedOffset = start + XzLayout.HeaderSize + sizes[i].PackedOffset };
        }
        end = start;
        return sizes;
    }
}
