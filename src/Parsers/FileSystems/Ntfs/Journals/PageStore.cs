using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>The pages of a volume that replay changes, in memory, in the form in which they lie on the disk. For one thread until it is shown.</summary>
internal sealed class PageStore(IByteSource volume)
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    /// <summary>Most memory for pages.</summary>
    public const int MostBytes = 64 << 20;

    private readonly Dictionary<long, byte[]> _pages = [];

    /// <summary>Pages that were changed.</summary>
    public int Count => _pages.Count;

    /// <summary>Reads what is there after the changes so far; zeros past the end of the volume.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int within = (int)(offset % PageSize);
            Span<byte> part = destination[..Math.Min(destination.Length, PageSize - within)];
            if (_pages.TryGetValue(offset / PageSize, out byte[]? page))
            {
                page.AsSpan(within, part.Length).CopyTo(part);
            }
            else
            {
                volume.ReadOrZero(offset, part);
            }
            offset += part.Length;
            destination = destination[part.Length..];
        }
    }

    /// <summary>Changes bytes.</summary>
    /// <exception cref="LimitExceededException">More pages than may be kept.</exception>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int within = (int)(offset % PageSize);
            ReadOnlySpan<byte> part = source[..Math.Min(source.Length, PageSize - within)];
            long number = offset / PageSize;
            if (!_pages.TryGetValue(number, out byte[]? page))
            {
                if (_pages.Count >= MostBytes / PageSize)
                {
                    throw new LimitExceededException("ntfs.logfile.pages", MostBytes);
                }
                page = new byte[PageSize];
                volume.ReadOrZero(number * PageSize, page);
                _pages.Add(number, page);
            }
            part.CopyTo(page.AsSpan(within));
            offset += part.Length;
            source = source[part.Length..];
        }
    }

    /// <summary>The volume with the changes.</summary>
    public OverlaySource Show()
    {
        long[] numbers = [.. _pages.Keys.Order()];
        var content = new byte[numbers.Length * PageSize];
        var runs = new List<ContentRun>();
        for (int i = 0; i < numbers.Length; i++)
        {
            _pages[numbers[i]].CopyTo(content, i * PageSize);
            if (i > 0 && numbers[i] == numbers[i - 1] + 1)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + PageSize };
            }
            else
            {
                runs.Add(new ContentRun(numbers[i] * PageSize, PageSize, (long)i * PageSize));
            }
        }
        return new OverlaySource(volume, new MemorySource(content), [.. runs], volume.Length);
    }
}
