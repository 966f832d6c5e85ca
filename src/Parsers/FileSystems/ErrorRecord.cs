namespace Forensics.Parsers.FileSystems;

/// <summary>An error that the running system noted in the superblock when it met damage. All values are as stored, whether they make sense or not.</summary>
/// <param name="Time">When; null when no time was noted.</param>
/// <param name="Function">Function of the driver that met it, escaped (<c>ext4_lookup</c>); null when none was noted.</param>
/// <param name="Line">Line in the driver's source, 0 when none was noted.</param>
/// <param name="Inode">Inode concerned, 0 when none.</param>
/// <param name="Block">Block concerned, 0 when none.</param>
/// <param name="Code">Error by its name (<c>EFSCORRUPTED</c>), its number when it has none; null when none was noted.</param>
public sealed record ErrorRecord(Timestamp? Time, string? Function, long Line, ulong Inode, ulong Block, string? Code);
