using System.Buffers.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>The stored stretches of a sparse member, in order. Specification of all variants: https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html</summary>
internal sealed class SparseMap(int limit)
{
    private readonly List<ContentRun> _runs = [];
    private long _end;

    /// <summary>Bytes that are stored, in all.</summary>
    public long Stored { get; private set; }

    /// <summary>Adds the next stretch. Throws when it overlaps the one before, or there are too many.</summary>
    public void Add(long offset, long length, long headerOffset)
    {
        if (offset < _end || length < 0 || offset > long.MaxValue - length || length > long.MaxValue - Stored)
        {
            throw new CorruptDataException("tar.sparse", headerOffset, "stretches in order that do not overlap", $"one of {length} bytes at {offset} after one that ends at {_end}");
        }
        if (_runs.Count >= limit)
        {
            throw new LimitExceededException("stretches of a sparse member", _runs.Count + 1);
        }
        _end = offset + length;
        if (length > 0)
        {
            _runs.Add(new ContentRun(offset, length, Stored));
            Stored += length;
        }
    }

    /// <summary>The runs with their places in the archive, given where the stored data begin. Throws unless they make a file of that size out of that many bytes.</summary>
    public ContentRun[] Place(long dataStart, long stored, long size, long headerOffset)
    {
        if (_end > size || Stored > stored)
        {
            throw new CorruptDataException("tar.sparse", headerOffset, $"stretches inside {size} bytes, {stored} of them stored", $"an end at {_end}, {Stored} stored");
        }
        var runs = new ContentRun[_runs.Count];
        for (int i = 0; i < runs.Length; i++)
        {
            runs[i] = _runs[i] with { Physical = dataStart + _runs[i].Physical };
        }
        return runs;
    }

    /// <summary>Adds the entries of an old GNU header: pairs of 12-byte numbers, ended by an empty one.</summary>
    public void AddOldGnu(ReadOnlySpan<byte> entries, long headerOffset)
    {
        for (; entries.Length >= 24 && entries[12] != 0; entries = entries[24..])
        {
            Add(TarHeader.Number(entries[..12], "tar.sparse", headerOffset), TarHeader.Number(entries.Slice(12, 12), "tar.sparse", headerOffset), headerOffset);
        }
    }

    /// <summary>Adds a list <c>offset,length,offset,length</c> of decimal numbers (format 0.1).</summary>
    public void AddList(ReadOnlySpan<byte> list, long headerOffset)
    {
        long offset = -1;
        while (!list.IsEmpty)
        {
            int comma = list.IndexOf((byte)',');
            long value = Decimal(comma < 0 ? list : list[..comma], headerOffset);
            list = comma < 0 ? [] : list[(comma + 1)..];
            if (offset < 0)
            {
                offset = value;
                continue;
            }
            Add(offset, value, headerOffset);
            offset = -1;
        }
    }

    /// <summary>Reads the map at the beginning of the data (format 1.0): decimal numbers, each with a line feed, filled up to a whole block. Returns its size.</summary>
    public long ReadFrom(TarInput input, long stored, long headerOffset)
    {
        Span<byte> block = stackalloc byte[TarHeader.Size];
        long size = 0;
        long count = -1;
        long offset = -1;
        long value = -1;
        while (count != 0)
        {
            if (stored - size < TarHeader.Size || input.ReadUpTo(block) < TarHeader.Size)
            {
                throw new CorruptDataException("tar.sparse", headerOffset, "a whole map", "the end of the data");
            }
            size += TarHeader.Size;
            foreach (byte next in block)
            {
                if (next is >= (byte)'0' and <= (byte)'9' && value <= (long.MaxValue - 9) / 10)
                {
                    value = Math.Max(0, value) * 10 + (next - '0');
                    continue;
                }
                if (next != '\n' || value < 0)
                {
                    throw new CorruptDataException("tar.sparse", headerOffset, "decimal numbers, each on a line", "something else");
                }
                Take(value, ref count, ref offset, headerOffset);
                value = -1;
                if (count == 0)
                {
                    break;
                }
            }
        }
        return size;
    }

    /// <summary>A decimal number.</summary>
    public static long Decimal(ReadOnlySpan<byte> text, long headerOffset) => Utf8Parser.TryParse(text, out long value, out int used) && used == text.Length && value >= 0
        ? value
        : throw new CorruptDataException("tar.sparse", headerOffset, "a decimal number", PathText.FromBytes(text[..Math.Min(text.Length, 32)]));

    private void Take(long value, ref long count, ref long offset, long headerOffset)
    {
        if (count < 0)
        {
            count = value <= limit ? value : throw new LimitExceededException("stretches of a sparse member", value);
        }
        else if (offset < 0)
        {
            offset = value;
        }
        else
        {
            Add(offset, value, headerOffset);
            offset = -1;
            count--;
        }
    }
}
