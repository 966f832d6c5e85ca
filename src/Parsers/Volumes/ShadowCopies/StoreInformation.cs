using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>What stands behind the header of a store. Specification: libyal, Volume Shadow Snapshot (VSS) format, "Store information".</summary>
internal readonly ref struct StoreInformation(ReadOnlySpan<byte> block)
{
    private readonly ReadOnlySpan<byte> _bytes = block[StoreBlock.HeaderSize..];

    /// <summary>Shadow copy identifier.</summary>
    public Guid CopyIdentifier => new(_bytes[16..32]);
    /// <summary>Shadow copy set identifier.</summary>
    public Guid CopySetIdentifier => new(_bytes[32..48]);
    /// <summary>What it was made for; not documented.</summary>
    public uint Type => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[48..]);
    /// <summary>A number for the provider.</summary>
    public uint Provider => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[52..]);
    /// <summary>VSS_VOLUME_SNAPSHOT_ATTRIBUTES.</summary>
    public uint AttributeFlags => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[56..]);
    /// <summary>Machine that made the copy, in display form; null when it is not stored.</summary>
    public string? OperatingMachine => Text(64, out _);
    /// <summary>Machine that serves it, in display form; null when it is not stored.</summary>
    public string? ServiceMachine => Text(64, out int next) is null && next < 0 ? null : Text(next, out _);

    /// <summary>A string of UTF-16 with its size in bytes before it; <paramref name="next"/> is -1 when it does not fit.</summary>
    private string? Text(int offset, out int next)
    {
        next = -1;
        if (offset + 2 > _bytes.Length)
        {
            return null;
        }
        int size = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[offset..]);
        if (size > _bytes.Length - offset - 2)
        {
            return null;
        }
        next = offset + 2 + size;
        return size < 2 ? null : PathText.FromText(Encoding.Unicode.GetString(_bytes.Slice(offset + 2, size & ~1)));
    }
}
