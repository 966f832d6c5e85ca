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

    /// <summary>A big buffer of at least <paramref name="length"/> bytes; waits while all are in use.</summary>
    public byte[] RentBig(int length, CancellationToken cancellation)
    {
        _free.Wait(cancellation);
        byte[]? buffer;
        lock (_lock)
        {
            _idle.TryPop(out buffer);
        }
        return buffer is not null && buffer.Length >= length ? buffer : GC.AllocateUninitializedArray<byte>(Math.Max(length, 2 * OrdinaryBytes));
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
