using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Who owns files by the number of their security descriptor: $Secure:$SDS read once from end to end. Immutable.</summary>
/// <remarks>Limitations: at most 256 MiB of descriptors are read; volumes of real systems have a few MiB.</remarks>
internal sealed class SecurityTable
{
    // Each 256 KiB of descriptors are followed by a copy of them.
    private const int BlockSize = 256 << 10;
    private const int EntryHeaderSize = 20;
    private const int Alignment = 16;
    private const long MostBytes = 256L << 20;

    private readonly Dictionary<uint, FileOwner> _owners = [];

    private SecurityTable()
    {
    }

    /// <summary>The table of a stream; null for an empty one.</summary>
    public static SecurityTable Read(IByteSource? stream, NtfsDiagnostics diagnostics, CancellationToken cancellation)
    {
        var table = new SecurityTable();
        if (stream is null)
        {
            return table;
        }
        var texts = new Dictionary<FileOwner, FileOwner>();
        byte[] buffer = new byte[BlockSize];
        long end = Math.Min(stream.Length, MostBytes);
        if (stream.Length > MostBytes)
        {
            diagnostics.Report("ntfs.security.size", "there are more security descriptors than are read", "at most 256 MiB", stream.Length.ToString(CultureInfo.InvariantCulture) + " bytes");
        }
        for (long offset = 0; offset < end; offset += 2 * BlockSize)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> block = buffer.AsSpan(0, (int)Math.Min(BlockSize, end - offset));
            if (!table.TryReadBlock(stream, offset, block, texts, out int bad) && !(stream.Length - offset > BlockSize && table.TryReadBlock(stream, offset + BlockSize, block, texts, out _)))
            {
                diagnostics.Report("ntfs.security.entry", "a security descriptor in $Secure and its copy cannot be read: owners of files are missing", "an entry that names its own place",
                    "another at " + (offset + bad).ToString(CultureInfo.InvariantCulture));
            }
        }
        return table;
    }

    /// <summary>Owner and group; false when there is no such descriptor.</summary>
    public bool TryFind(uint securityId, out FileOwner owner) => _owners.TryGetValue(securityId, out owner);

    /// <summary>False when an entry is damaged; those before it were taken.</summary>
    private bool TryReadBlock(IByteSource stream, long offset, Span<byte> block, Dictionary<FileOwner, FileOwner> texts, out int position)
    {
        position = 0;
        long first = offset / (2 * BlockSize) * (2 * BlockSize);
        int count;
        try
        {
            count = stream.ReadUpTo(offset, block);
        }
        catch (ForensicException exception) when (exception is CorruptDataException or ImageReadException)
        {
            return false;
        }
        ReadOnlySpan<byte> data = block[..count];
        while (position + EntryHeaderSize <= data.Length)
        {
            // Hash of the descriptor, its number, its place in the stream, length with this header.
            ReadOnlySpan<byte> entry = data[position..];
            uint id = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            ulong place = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            if (length == 0)
            {
                // Nothing more in this block.
                return true;
            }
            if (length < EntryHeaderSize || length > (uint)entry.Length || (long)(place & long.MaxValue) != first + position)
            {
                return false;
            }
            FileOwner owner = SecurityDescriptor.Read(entry[EntryHeaderSize..(int)length]);
            if (!texts.TryGetValue(owner, out FileOwner known))
            {
                texts.Add(owner, known = owner);
            }
            _owners.TryAdd(id, known);
            position += ((int)length + Alignment - 1) / Alignment * Alignment;
        }
        return true;
    }
}
