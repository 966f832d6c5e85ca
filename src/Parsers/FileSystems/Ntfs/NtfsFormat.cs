using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// Recognises and opens NTFS 1.2 to 3.1 as Windows and ntfs-3g write it. There is no public specification by its maker; the structures are named as in [MS-FSCC] and in the
/// documentation of the Linux-NTFS project. <see cref="Open"/> may also be tried on a volume that <see cref="Matches"/> does not recognise: it looks for the backup of the boot sector.
/// </summary>
/// <remarks>
/// <c>$LogFile</c> is replayed in memory unless the context asks for the volume as it lies on the disk; <c>FileSystemFacts.Journal</c> says what was done.
/// Limitations: encrypted files (EFS) are reported, not decrypted; those of <see cref="LogFileReplay"/>.
/// </remarks>
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
        NtfsFileSystem? before = OpenQuietly(source, geometry, context, offset, size);
        LogFileReplay? replay = before is null ? null : ReadLog(before, source, geometry, context);
        if (replay is { IsReplayed: true })
        {
            try
            {
                MasterFileTable replayed = new MasterFileTableLocator(replay.View, geometry, diagnostics, context).Locate();
                return new NtfsFileSystem(replay.View, geometry, replayed, diagnostics, context, offset, size) { Replay = replay, BeforeReplay = before };
            }
            catch (CorruptDataException failure)
            {
                // A log that takes the whole volume away is not believed.
                replay = replay.Withdraw(source, context, failure.Message);
            }
        }
        MasterFileTable table = new MasterFileTableLocator(source, geometry, diagnostics, context).Locate();
        return new NtfsFileSystem(source, geometry, table, diagnostics, context, offset, size) { Replay = replay };
    }

    private static NtfsFileSystem? OpenQuietly(IByteSource source, NtfsGeometry geometry, ParseContext context, long offset, long size)
    {
        var quiet = new NtfsDiagnostics(NullDiagnosticSink.Instance);
        ParseContext silent = context with { Diagnostics = NullDiagnosticSink.Instance };
        try
        {
            MasterFileTable table = new MasterFileTableLocator(source, geometry, quiet, silent).Locate();
            return new NtfsFileSystem(source, geometry, table, quiet, silent, offset, size);
        }
        catch (CorruptDataException)
        {
            // Whoever opens it aloud meets the same and says so.
            return null;
        }
    }

    private static LogFileReplay ReadLog(NtfsFileSystem plain, IByteSource source, NtfsGeometry geometry, ParseContext context)
    {
        try
        {
            return plain.OpenAttribute(NtfsFileSystem.LogFileRecord, AttributeType.Data, default) is { } log
                ? LogFileReplay.Open(source, geometry, log, context)
                : LogFileReplay.Missing(source, context, "it has no content");
        }
        catch (CorruptDataException failure)
        {
            return LogFileReplay.Missing(source, context, failure.Message);
        }
    }
}
