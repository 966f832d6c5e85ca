using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>
/// The pages of a journal file that were read last, for one thread and so without locks: objects are small, lie one behind the other and are looked at several
/// times. A page has one place it can be in.
/// </summary>
internal sealed class JournalPages(IByteSource source)
{
    private const int Shift = 16;
    private const int Slots = 64;

    private readonly byte[]?[] _pages = new byte[]?[Slots];
    private readonly int[] _lengths = new int[Slots];
    private readonly long[] _indexes = new long[Slots];

    /// <summary>Bytes of a page; the last one of the file may be shorter.</summary>
    public const int PageSize = 1 << Shift;

    /// <summary>Bytes of the file.</summary>
    public long Length => source.Length;

    /// <summary>A page by its number; empty past the end. Valid until another page is asked for.</summary>
    public ReadOnlySpan<byte> Page(long index)
    {
        int slot = (int)(index % Slots);
        byte[]? page = _pages[slot];
        if (page is null || _indexes[slot] != index)
        {
            page ??= _pages[slot] = new byte[PageSize];
            // Until it is read whole the page is none: the source may throw.
            _indexes[slot] = -1;
            _lengths[slot] = source.ReadUpTo(index << Shift, page);
            _indexes[slot] = index;
        }
        return page.AsSpan(0, _lengths[slot]);
    }

    /// <summary>Reads until the destination is full or the file ends; returns how many bytes.</summary>
    public int ReadUpTo(long offset, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ReadOnlySpan<byte> page = Page((offset + done) >> Shift);
            int at = (int)((offset + done) & (PageSize - 1));
            if (at >= page.Length)
            {
                break;
            }
            int count = Math.Min(page.Length - at, destination.Length - done);
            page.Slice(at, count).CopyTo(destination[done..]);
            done += count;
        }
        return done;
    }

    /// <summary>A new array with up to <paramref name="count"/> bytes; shorter at the end of the file.</summary>
    public byte[] ReadArray(long offset, int count)
    {
        var result = new byte[(int)Math.Clamp(Length - offset, 0, count)];
        int read = ReadUpTo(offset, result);
        return read == result.Length ? result : result[..read];
    }
}
