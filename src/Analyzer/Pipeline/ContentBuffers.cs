namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Memory for whole contents. Each worker owns a buffer for ordinary files; the few large ones share big buffers, so that peak memory does not
/// grow with the number of threads.
/// </summary>
public sealed class ContentBuffers : IDisposable
{
    /// <summary>Largest content that is held in memory as a whole; above it digests are streamed and YARA is not run.</summary>
    public const int MaximumBytes = 128 << 20;
    /// <summary>Largest content read into a worker's own buffer.</summary>
    public const int OrdinaryBytes = 8 << 20;
    private const int BigBuffers = 2;

    private readonly SemaphoreSlim _free = new(BigBuffers, BigBuffers);
    private readonly Stack<byte[]> _idle = new();
    private readonly Lock _lock = new();

    /// <summary>
    /// A big buffer of <see cref="MaximumBytes"/>; waits while all are in use. Each is made once at its full size: pages that are never written cost nothing,
    /// while growing it would leave the smaller ones to the collector.
    /// </summary>
    public byte[] RentBig(CancellationToken cancellation)
    {
        _free.Wait(cancellation);
        lock (_lock)
        {
            if (_idle.TryPop(out byte[]? buffer))
            {
                return buffer;
            }
        }
        return GC.AllocateUninitializedArray<byte>(MaximumBytes);
    }

    /// <summary>Gives a big buffer back.</summary>
    public void ReturnBig(byte[] buffer)
    {
        lock (_lock)
        {
            _idle.Push(buffer);
        }
        _free.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();
}
