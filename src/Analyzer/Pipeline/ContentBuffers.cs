namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Memory for large contents, shared by all workers so that peak memory does not grow with their number: one arena from which each large content gets a segment.
/// Pages of the arena that were never written cost nothing.
/// </summary>
public sealed class ContentBuffers
{
    /// <summary>Largest content that is held in memory as a whole; above it digests are streamed and YARA is not run.</summary>
    public const int MaximumBytes = 128 << 20;
    /// <summary>Largest content that a worker reads into its own buffer.</summary>
    public const int OrdinaryBytes = 8 << 20;
    // libyara needs memory of its own in proportion to what it scans, so large contents are not all held at once even when they would fit.
    private const int TogetherBytes = 96 << 20;

    private readonly Lock _lock = new();
    private readonly SortedList<int, int> _segments = [];
    private byte[]? _arena;
    private int _inUse;

    /// <summary>A segment for a large content, or false while too much is in use. Give it back with <see cref="Return"/>.</summary>
    public bool TryRent(int length, out ArraySegment<byte> segment)
    {
        segment = default;
        lock (_lock)
        {
            if (_inUse > 0 && _inUse + length > TogetherBytes)
            {
                return false;
            }
            int start = 0;
            foreach ((int offset, int size) in _segments)
            {
                if (offset - start >= length)
                {
                    break;
                }
                start = offset + size;
            }
            if (MaximumBytes - start < length)
            {
                return false;
            }
            _arena ??= GC.AllocateUninitializedArray<byte>(MaximumBytes);
            _segments.Add(start, length);
            _inUse += length;
            segment = new ArraySegment<byte>(_arena, start, length);
            return true;
        }
    }

    /// <summary>Gives a segment back.</summary>
    public void Return(ArraySegment<byte> segment)
    {
        lock (_lock)
        {
            _segments.Remove(segment.Offset);
            _inUse -= segment.Count;
        }
    }
}
