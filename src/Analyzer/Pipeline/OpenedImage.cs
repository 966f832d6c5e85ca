using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Images;
using Forensics.Parsers.Volumes;

namespace Forensics.Analyzer.Pipeline;

/// <summary>A volume of the image with the file system on it, or why it was not read.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="FileSystem">Null when not read.</param>
/// <param name="NotReadBecause">Reason when not read; null when read.</param>
/// <param name="IsLoss">Not reading it loses content that a real system would see (false for swap or an empty volume).</param>
public sealed record OpenedVolume(Volume Volume, IFileSystem? FileSystem, string? NotReadBecause, bool IsLoss)
{
    /// <summary>The comparison with the volume as it lies on the disk; null when no journal was replayed. It knows the directories that a walk entered.</summary>
    public JournalDifference? Difference { get; init; }
}

/// <summary>An image opened read-only with all its layers. The only way from a path to file systems.</summary>
public sealed class OpenedImage : IDisposable
{
    // What holds no files of a running system; not reading it loses nothing.
    private static readonly string[] s_withoutFiles = ["empty", "swap", "BIOS boot"];

    private readonly ImageFile _file;
    private readonly List<ImageFile> _files;

    private OpenedImage(List<ImageFile> files, DiskImage disk, IVolumeSystem table, IReadOnlyList<OpenedVolume> volumes)
    {
        _files = files;
        _file = files[0];
        Disk = disk;
        Table = table;
        Volumes = volumes;
        Name = NameOf(_file);
        ExternalJournals = [.. files.Skip(1).Select(NameOf)];
    }

    /// <summary>The container.</summary>
    public DiskImage Disk { get; }

    /// <summary>The partition table.</summary>
    public IVolumeSystem Table { get; }

    /// <summary>The volumes in table order.</summary>
    public IReadOnlyList<OpenedVolume> Volumes { get; }

    /// <summary>Size of the image file in bytes.</summary>
    public long FileBytes => _file.Length;

    /// <summary>File name without directories, in display form.</summary>
    public string Name { get; }

    /// <summary>File names of the external journals, in the same form.</summary>
    public IReadOnlyList<string> ExternalJournals { get; }

    /// <summary>
    /// Opens. Throws a <see cref="ForensicException"/> with one clear sentence when the file, its container or its partition table cannot be read at all.
    /// A volume that cannot be read is listed with its reason.
    /// </summary>
    public static OpenedImage Open(ImageSource source, ScanLimits limits, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        var files = new List<ImageFile>();
        OpenedImage? opened = null;
        try
        {
            var context = new ParseContext(limits, diagnostics, cancellation) { Journal = source.Journal };
            DiskImage disk = OpenFile(source.Path, files, context);
            context = context with { ExternalJournals = [.. source.ExternalJournals.Select(path => OpenFile(path, files, context).Content)] };
            IVolumeSystem table = VolumeProbe.Open(disk.Content, context);
            var volumes = new List<OpenedVolume>();
            foreach (Volume volume in table.Volumes)
            {
                cancellation.ThrowIfCancellationRequested();
                volumes.Add(OpenVolume(volume, context with { Diagnostics = new VolumeDiagnostics(diagnostics, volume.Identity) }));
            }
            opened = new OpenedImage(files, disk, table, volumes);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                files.ForEach(file => file.Dispose());
            }
        }
    }

    /// <summary>The volumes whose files can be read. Throws <see cref="UnknownFormatException"/> when there is none.</summary>
    public IReadOnlyList<OpenedVolume> RequireReadable()
    {
        OpenedVolume[] readable = [.. Volumes.Where(volume => volume.FileSystem is not null)];
        if (readable.Length > 0)
        {
            return readable;
        }
        string found = Volumes.Count == 0
            ? "the partition table lists no volume"
            : string.Join("; ", Volumes.Take(8).Select(volume => volume.Volume.Identity + ": " + volume.NotReadBecause));
        throw new UnknownFormatException("no file system in this image can be read (" + found + ")");
    }

    /// <summary>Whether size or modification time of the image file, or of an external journal, differ from when it was opened.</summary>
    public bool HasChanged() => _files.Exists(file => file.HasChanged());

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static DiskImage OpenFile(string path, List<ImageFile> files, ParseContext context)
    {
        ImageFile file = ImageFile.Open(path);
        files.Add(file);
        return ImageProbe.Open(file, Parsers.Catalog.Images, context);
    }

    private static string NameOf(ImageFile file) => PathText.FromText(Path.GetFileName(file.Path));

    private static OpenedVolume OpenVolume(Volume volume, ParseContext context)
    {
        try
        {
            foreach (IFormat<IFileSystem> format in Parsers.Catalog.FileSystems)
            {
                if (format.Matches(volume.Content.ReadArray(0, format.HeaderSize)))
                {
                    return new OpenedVolume(volume, format.Open(volume.Content, context), null, false);
                }
            }
            string? known = KnownSignatures.Identify(volume.Content);
            if (known is null && Rescue(volume, context) is { } rescued)
            {
                return new OpenedVolume(volume, rescued, null, false);
            }
            if (known is null && volume.TypeName is "BIOS boot")
            {
                known = volume.TypeName;
            }
            bool loss = known is null || !s_withoutFiles.Contains(known);
            return new OpenedVolume(volume, null, known is null ? "no known file system" : loss ? known + " is not read yet" : known, loss);
        }
        catch (ForensicException exception)
        {
            context.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { LosesContent = true });
            return new OpenedVolume(volume, null, exception.Message, true);
        }
    }

    /// <summary>A file system whose primary structures are gone but whose backups are found.</summary>
    private static IFileSystem? Rescue(Volume volume, ParseContext context)
    {
        foreach (IFormat<IFileSystem> format in Parsers.Catalog.FileSystems.Where(format => format.SearchesBackups))
        {
            try
            {
                return format.Open(volume.Content, context);
            }
            catch (UnknownFormatException)
            {
                // No backup either: the volume holds something else.
                continue;
            }
        }
        return null;
    }

    private sealed class VolumeDiagnostics(IDiagnosticSink target, string volume) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => target.Report(diagnostic with { Volume = diagnostic.Volume ?? volume });
    }
}
