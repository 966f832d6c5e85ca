using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Images;
using Forensics.Parsers.Volumes;
using Forensics.Parsers.Volumes.ShadowCopies;

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

    /// <summary>The container whose layers it shows; null for a volume of the disk.</summary>
    public ContainerView? Container { get; init; }

    /// <summary>The shadow copies that lie on the volume, from old to new.</summary>
    public IReadOnlyList<ShadowCopy> ShadowCopies { get; init; } = [];

    /// <summary>The shadow copy that is shown instead of the volume of today; null when that is shown.</summary>
    public ShadowCopy? ShadowCopy { get; init; }

    /// <summary>Where its host sees it.</summary>
    public VolumePlace Place { get; init; } = VolumePlace.Alone;
}

/// <summary>One logical disk of the images.</summary>
/// <param name="FileName">Name of its image file, in display form.</param>
/// <param name="Image">The container.</param>
/// <param name="Table">Its partition table; the volumes are named as in the table, without the disk.</param>
public sealed record OpenedDisk(string FileName, DiskImage Image, IVolumeSystem Table)
{
    /// <summary>What stands before the names of its volumes: nothing for the first disk, <c>disk2:</c> and so on for the others.</summary>
    public string Prefix { get; init; } = "";
}

/// <summary>The images of one run opened read-only with all their layers. The only way from paths to file systems.</summary>
public sealed class OpenedImage : IDisposable
{
    // What holds no files of a running system; not reading it loses nothing.
    private static readonly string[] s_withoutFiles = ["empty", "swap", "BIOS boot"];

    private readonly EvidenceFiles _files;
    private readonly TemporarySpace _temporary;

    private OpenedImage(EvidenceFiles files, TemporarySpace temporary, IReadOnlyList<OpenedDisk> disks, IReadOnlyList<OpenedVolume> volumes)
    {
        _files = files;
        _temporary = temporary;
        Disks = disks;
        Volumes = volumes;
        Name = string.Join(" + ", files.Files.Where(file => file.Role == EvidenceFile.ImageRole).Select(file => file.Name));
        ExternalJournals = [.. files.Files.Where(file => file.Role == EvidenceFile.JournalRole).Select(file => file.Name)];
        FileBytes = files.Files.Where(file => file.Role != EvidenceFile.JournalRole).Aggregate(0L, (sum, file) => checked(sum + file.File.Length));
    }

    /// <summary>The disks: of the first image, of an archive all its disks, then of the next image.</summary>
    public IReadOnlyList<OpenedDisk> Disks { get; }

    /// <summary>The container of the first disk.</summary>
    public DiskImage Disk => Disks[0].Image;

    /// <summary>The partition table of the first disk.</summary>
    public IVolumeSystem Table => Disks[0].Table;

    /// <summary>The volumes of all disks in table order, then those put together from them.</summary>
    public IReadOnlyList<OpenedVolume> Volumes { get; }

    /// <summary>Size in bytes of all files that the disks are read from.</summary>
    public long FileBytes { get; }

    /// <summary>File name without directories, in display form; of several images, joined by <c> + </c>.</summary>
    public string Name { get; }

    /// <summary>Every file that is open as evidence, in the order of opening.</summary>
    public IReadOnlyList<EvidenceFile> Files => _files.Files;

    /// <summary>File names of the external journals, in the same form.</summary>
    public IReadOnlyList<string> ExternalJournals { get; }

    /// <summary>
    /// Opens. Throws a <see cref="ForensicException"/> with one clear sentence when a file, its container or its partition table cannot be read at all, and
    /// <see cref="UsageException"/> when an image is named twice or neither an image nor a volume has the snapshot that is asked for. A volume that cannot be read is listed with its reason.
    /// </summary>
    public static OpenedImage Open(ImageSource source, ScanLimits limits, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        var files = new EvidenceFiles(source.AllowedParents) { Diagnostics = diagnostics };
        var temporary = new TemporarySpace(source.TemporaryFolder);
        OpenedImage? opened = null;
        try
        {
            var context = new ParseContext(limits, diagnostics, cancellation)
            {
                Journal = source.Journal,
                Images = new ImageAccess { Snapshot = source.Snapshot, Progress = source.Progress, Temporary = temporary },
            };
            IReadOnlyList<OpenedDisk> disks = ImageOpener.OpenDisks(source, files, context);
            context = context with { ExternalJournals = ImageOpener.OpenJournals(source, files, context) };
            ParseContext ContextOf(Volume volume) => context with { Diagnostics = new VolumeDiagnostics(diagnostics, volume.Identity) };
            IReadOnlyList<Volume> found = ImageOpener.VolumesOf(disks, context);
            ShadowCopySelection shadows = ImageOpener.SelectSnapshot(source, disks, found, ContextOf);
            var volumes = new List<OpenedVolume>();
            foreach (Volume volume in found)
            {
                cancellation.ThrowIfCancellationRequested();
                volumes.Add(OpenState(volume, shadows, ContextOf(volume)));
            }
            files.EndOpening();
            opened = new OpenedImage(files, temporary, disks, volumes);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                files.Dispose();
                temporary.Dispose();
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

    /// <summary>Whether size or modification time of any file that is open as evidence differ from when it was opened.</summary>
    public bool HasChanged() => _files.Opened.Any(file => file.HasChanged());

    /// <inheritdoc/>
    public void Dispose()
    {
        _files.Dispose();
        _temporary.Dispose();
    }

    /// <summary>The volume as it is now, or the copy of it that is asked for.</summary>
    private static OpenedVolume OpenState(Volume volume, ShadowCopySelection shadows, ParseContext context)
    {
        IReadOnlyList<ShadowCopy> copies = shadows.CopiesOf(volume);
        if (shadows.ChosenOf(volume) is not { } copy)
        {
            OpenedVolume today = OpenVolume(volume, context) with { ShadowCopies = copies };
            if (shadows.IsAsked && today.FileSystem is not null)
            {
                context.Diagnostics.Report(new Diagnostic("vss.absent", "the volume has no shadow copy '" + shadows.Wanted + "'; it is shown as it is now"));
            }
            return today;
        }
        try
        {
            return OpenVolume(volume with { Content = copy.Open() }, context) with { ShadowCopies = copies, ShadowCopy = copy };
        }
        catch (ForensicException exception)
        {
            // Never the volume of today in place of the copy: it would be taken for it.
            context.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { LosesContent = true });
            return new OpenedVolume(volume, null, exception.Message, true) { ShadowCopies = copies, ShadowCopy = copy };
        }
    }

    private static OpenedVolume OpenVolume(Volume volume, ParseContext context)
    {
        if (volume.MemberOf is { } whole)
        {
            return new OpenedVolume(volume, null, "part of " + whole, false);
        }
        if (volume.UnreadableBecause is { } reason)
        {
            return new OpenedVolume(volume, null, reason, true);
        }
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
            return new OpenedVolume(volume, null, known is null ? "no known file system" : loss ? NotRead(known) : known, loss);
        }
        catch (ForensicException exception)
        {
            context.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { LosesContent = true });
            return new OpenedVolume(volume, null, exception.Message, true);
        }
    }

    private static string NotRead(string known) => known.EndsWith("(encrypted)", StringComparison.Ordinal) ? known + ", not scanned" : known + " is not read yet";

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
