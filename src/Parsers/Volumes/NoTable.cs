using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>A disk without a partition table: one volume, <c>disk</c>, from the first byte to the last. Matches everything and so is tried last.</summary>
/// <remarks>Throws nothing. Limitations: whether a file system is there is for the file systems to say.</remarks>
public sealed class NoTable : IFormat<IVolumeSystem>
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public int HeaderSize => 0;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => true;

    /// <inheritdoc/>
    public IVolumeSystem Open(IByteSource source, ParseContext context) =>
        new VolumeSystem(Name, 512, null, [new Volume("disk", 0, source.Length, source)]);
}

/// <summary>A volume system as it was read.</summary>
internal sealed record VolumeSystem(string Kind, int SectorSize, string? DiskIdentifier, IReadOnlyList<Volume> Volumes) : IVolumeSystem;
