namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Sizes and places of an NTFS volume, validated when the boot sector was read. Sizes in bytes, places in bytes from the start of the volume.</summary>
/// <param name="SectorSize">256 to 4096, a power of two.</param>
/// <param name="ClusterSize">512 B to 2 MiB, a power of two; at least a sector.</param>
/// <param name="RecordSize">Size of a record of the master file table: 512 B to 64 KiB, a power of two.</param>
/// <param name="IndexRecordSize">Size of an index record: 512 B to 64 KiB, a power of two.</param>
/// <param name="ClusterCount">Clusters that lie inside the volume and that data runs may use.</param>
/// <param name="MftOffset">First cluster of the master file table.</param>
/// <param name="MftMirrorOffset">Its mirror.</param>
/// <param name="SerialNumber">Volume serial number.</param>
public sealed record NtfsGeometry(
    int SectorSize, int ClusterSize, int RecordSize, int IndexRecordSize, long ClusterCount, long MftOffset, long MftMirrorOffset, ulong SerialNumber);
