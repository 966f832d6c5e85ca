using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Memory for large contents, shared by all workers so that peak memory does not grow with their number: buffers are made one for each large content, freed right
/// after it, and only so many bytes are out at once.
/// </summary>
public sealed class ContentBuffers
{
    /// <summary>Largest content that is held in memory as a whole; above it digests are streamed and YARA is not run.</summary>
    public const int MaximumBytes = 128 << 20;
    /// <summary>Largest content that a worker reads into its own buffer.</summary>
    public const int OrdinaryBytes = 8 << 20;
    /// <summary>How much is out at once in a long scan: libyara needs memory of its own in proportion to what it scans, so besides the largest content there is room for little else.</summary>
    public const int TogetherBytes = 96 << 20;

    private readonly Lock _lock = new();
    private int _inUse;

    /// <summary>A buffer for a large content, or null while more than <paramref name="together"/> bytes would be in use. Give it back with <see cref="Return"/>.</summary>
    public ScanBuffer? TryRent(int length, int together)
    {
        lock (_lock)
        {
            if (_inUse > 0 && _inUse + length > together)
            {
                return null;
            }
            _inUse += length;
        }
        return new ScanBuffer(length);
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(ScanBuffer buffer)
    {
        int length = buffer.Length;
        ((IDisposable)buffer).Dispose();
        lock (_lock)
        {
            _inUse -= length;
        }
    }
}
