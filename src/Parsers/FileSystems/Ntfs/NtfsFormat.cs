using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// Recognises and opens NTFS 1.2 to 3.1 as Windows and ntfs-3g write it. There is no public specification by its maker; the structures are named as in [MS-FSCC] and in the
/// documentation of the Linux-NTFS project. <see cref="Open"/> may also be tried on a volume that <see cref="Matches"/> does not recognise: it looks for the backup of the boot sector.
/// </summary>
/// <remarks>Limitations: encrypted files (EFS) are reported, not decrypted; the journal is not replayed.</remarks>
public sealed class NtfsFormat : IFormat<IFileSystem>
{
    /// <inheritdoc/>
    public string Name => "ntfs";

    /// <inheritdoc/>
    public bool SearchesBackups => true;

    /// <inheritdoc/>
    public int HeaderSize => NtfsBootSector.Size;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => NtfsBootSector.HasSignature(header);

    /// <inheritdoc/>
    /// <exception cref="UnknownFormatException">There is no boot sector and no backup of one.</exception>
    /// <exception cref="CorruptDataException">The boot sector, or the master file table, and its backup are unusable.</exception>
    public IFileSystem Open(IByteSource source, ParseContext context)
    {
        var diagnostics = new NtfsDiagnostics(context.Diagnostics);
        (NtfsGeometry geometry, byte[] sector, long offset) = BootSectorLocator.Find(source, diagnostics);
        long size = new NtfsBootSector(sector).VolumeSize;
        if (source.Length < size)
        {
            diagnostics.Report("ntfs.volume.truncated", "the file system is larger than the volume", size.ToString(System.Globalization.CultureInfo.InvariantCulture) + " bytes",
                source.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), losesContent: true);
        }
        MasterFileTable table = new MasterFileTableLocator(source, geometry, diagnostics, context).Locate();
        return new NtfsFileSystem(source, geometry, table, diagnostics, context, offset, size);
    }
}
