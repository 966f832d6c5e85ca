using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>Room outside the evidence for decompressed data. Whoever creates the space removes all of it at the end, also on Ctrl-C.</summary>
public interface ITemporarySpace
{
    /// <summary>A new empty file. Throws <see cref="TemporarySpaceException"/> when there is no room.</summary>
    /// <param name="purpose">What it is for, in a few words, for messages.</param>
    /// <param name="expectedLength">Bytes that will probably be written, checked against what is free first; 0 when unknown.</param>
    ITemporaryFile Create(string purpose, long expectedLength);
}

/// <summary>A sparse temporary file: what is never written reads as zeros and occupies nothing. Thread-safe as long as no two threads write the same range and a range is read after its writing ended.</summary>
public interface ITemporaryFile : ISparseByteSource
{
    /// <summary>Writes at a position. Throws <see cref="TemporarySpaceException"/> when the disk is full.</summary>
    void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Sets the length; a longer file ends with a hole.</summary>
    void SetLength(long length);
}

/// <summary>No temporary space is provided.</summary>
internal sealed class NoTemporarySpace : ITemporarySpace
{
    public static NoTemporarySpace Instance { get; } = new();

    public ITemporaryFile Create(string purpose, long expectedLength) => throw new TemporarySpaceException("no temporary space is provided for " + purpose);
}
