namespace Forensics.Parsers.Bytes;

/// <summary>Bytes already in memory: inline content, decoded layers, tests.</summary>
public sealed class MemorySource(ReadOnlyMemory<byte> content) : IByteSource
{
    /// <summary>An empty source.</summary>
    public static MemorySource Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    /// <inheritdoc/>
    public long Length => content.Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= content.Length)
        {
            return 0;
        }
        ReadOnlySpan<byte> rest = content.Span[(int)offset..];
        int count = Math.Min(rest.Length, destination.Length);
        rest[..count].CopyTo(destination);
        return count;
    }
}
