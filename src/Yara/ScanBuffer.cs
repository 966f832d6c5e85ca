using System.Buffers;
using System.Runtime.InteropServices;

namespace Forensics.Yara;

/// <summary>
/// Memory for one large content, outside the managed heap: it never moves, so a scan need not pin it. When it is disposed its pages go back to the system at once, and
/// with them what libyara allocated for matches while it scanned the content, which can be twice as much.
/// </summary>
/// <remarks><b>Limitations:</b> the bytes are not cleared; use after <see cref="IDisposable.Dispose"/> throws.</remarks>
public sealed unsafe partial class ScanBuffer : MemoryManager<byte>
{
    private static bool s_canTrim = OperatingSystem.IsLinux();

    private byte* _start;

    /// <summary>A buffer of <paramref name="length"/> bytes. Throws <see cref="OutOfMemoryException"/> when the system has none.</summary>
    public ScanBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _start = (byte*)NativeMemory.Alloc((nuint)length);
        Length = length;
    }

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => _start is null ? throw new ObjectDisposedException(nameof(ScanBuffer)) : new Span<byte>(_start, Length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length, nameof(elementIndex));
        return _start is null ? throw new ObjectDisposedException(nameof(ScanBuffer)) : new MemoryHandle(_start + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Native memory does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_start);
        _start = null;
        if (s_canTrim)
        {
            Trim();
        }
    }

    // The C library keeps freed memory of every thread; other C libraries than glibc have no such call and hold less.
    private static void Trim()
    {
        try
        {
            MallocTrim(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            s_canTrim = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
