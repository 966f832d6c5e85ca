using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>
/// A volume as it looks after recovery: replaced blocks come from their places in the journal, everything else from the volume. Thread-safe. A read costs one
/// binary search; stretches without replaced blocks, and neighbours in volume and journal alike, are read in one go.
/// </summary>
/// <remarks>Memory: 16 bytes a replaced block. Limitations: as long as the volume; what the journal holds for blocks past a cut end is not shown.</remarks>
internal sealed class ReplayedVolume(IByteSource volume, JournalLog log, ReplayPlan plan) : IByteSource
{
    private const int MagicSize = 4;

    private readonly long[] _blocks = plan.Blocks;
    private readonly ulong[] _places = plan.Places;
    private readonly int _blockSize = log.BlockSize;

    /// <inheritdoc/>
    public long Length => volume.Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        long length = Length;
        if (offset >= length || destination.IsEmpty)
        {
            return 0;
        }
        destination = destination[..(int)Math.Min(destination.Length, length - offset)];
        int index = FirstAtOrAfter(offset / _blockSize);
        int done = 0;
        while (done < destination.Length)
        {
            long position = offset + done;
            long start = index < _blocks.Length ? _blocks[index] * _blockSize : long.MaxValue;
            if (start > position)
            {
                int untouched = (int)Math.Min(destination.Length - done, start - position);
                int count = volume.ReadUpTo(position, destination.Slice(done, untouched));
                done += count;
                if (count < untouched)
                {
                    return done;
                }
                continue;
            }
            int together = Together(index, destination.Length - done);
            ReadReplaced(index, together, position, destination[done..], out int read);
            done += read;
            index += together;
        }
        return done;
    }

    /// <summary>Whether any byte of a range comes from the journal.</summary>
    public bool IsReplaced(long offset, long length)
    {
        if (length <= 0)
        {
            return false;
        }
        int index = FirstAtOrAfter(offset / _blockSize);
        return index < _blocks.Length && _blocks[index] <= (offset + length - 1) / _blockSize;
    }

    /// <summary>How many replaced blocks from <paramref name="index"/> on are neighbours both in the volume and in the journal, as far as they are wanted.</summary>
    private int Together(int index, int wanted)
    {
        int most = wanted / _blockSize + 2;
        int count = 1;
        ulong place = _places[index] & ~ReplayPlan.EscapedBit;
        while (count < most && index + count < _blocks.Length && _blocks[index + count] == _blocks[index] + count
            && (_places[index + count] & ~ReplayPlan.EscapedBit) == place + (uint)count)
        {
            count++;
        }
        return count;
    }

    private void ReadReplaced(int index, int count, long position, Span<byte> destination, out int read)
    {
        long within = position - _blocks[index] * _blockSize;
        read = (int)Math.Min(destination.Length, (long)count * _blockSize - within);
        destination = destination[..read];
        log.Source.ReadExactly((long)(_places[index] & ~ReplayPlan.EscapedBit) * _blockSize + within, destination, "ext4.journal.block");
        for (int i = 0; i < count; i++)
        {
            if ((_places[index + i] & ReplayPlan.EscapedBit) != 0)
            {
                RestoreMagic((long)i * _blockSize - within, destination);
            }
        }
    }

    /// <summary>Writes as much of the magic number as lies inside the destination when its block begins at <paramref name="at"/>, which may be outside.</summary>
    private static void RestoreMagic(long at, Span<byte> destination)
    {
        Span<byte> magic = stackalloc byte[MagicSize];
        JournalBlockHeader.RestoreMagic(magic);
        for (int i = 0; i < MagicSize; i++)
        {
            if (at + i >= 0 && at + i < destination.Length)
            {
                destination[(int)(at + i)] = magic[i];
            }
        }
    }

    private int FirstAtOrAfter(long block)
    {
        int index = Array.BinarySearch(_blocks, block);
        return index < 0 ? ~index : index;
    }
}
