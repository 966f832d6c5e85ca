using System.Globalization;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Forensics.Parsers.Volumes;
using Forensics.Parsers.Volumes.ShadowCopies;

namespace Forensics.Analyzer.Pipeline;

/// <summary>From the paths that the user named to disks and their volumes.</summary>
internal static class ImageOpener
{
    /// <summary>Most snapshots that an error lists.</summary>
    private const int MostNames = 16;

    /// <summary>
    /// All disks, numbered. A path that an image before it needed as a segment is a part of that image, so that <c>disk.E*</c> and <c>disk.0*</c> name one image.
    /// Throws as <see cref="OpenedImage.Open"/>.
    /// </summary>
    public static IReadOnlyList<OpenedDisk> OpenDisks(ImageSource source, EvidenceFiles files, ParseContext context)
    {
        var disks = new List<OpenedDisk>();
        foreach (string path in source.Paths)
        {
            if (files.Find(path) is { } known)
            {
                if (known.Role == EvidenceFile.SegmentRole)
                {
                    continue;
                }
                throw new UsageException(known.NamedBy is null ? "the image '" + path + "' is named twice"
                    : "'" + path + "' is the " + known.Role + " of '" + known.NamedBy + "' and is read through that; leave it out");
            }
            CompanionFile file = files.OpenImage(path);
            Add(disks, file.FileName, OpenContainer(file, source, context), context);
        }
        // One image that names itself was refused when it was opened.
        foreach (EvidenceFile image in files.Files.Where(file => source.Paths.Count > 1 && file.Role == EvidenceFile.ImageRole))
        {
            if (files.Files.FirstOrDefault(other => other.NamedBy is not null && EvidenceFiles.IsSame(other, image)) is { } other)
            {
                throw new UsageException("'" + image.File.Path + "' is the " + other.Role + " of '" + other.NamedBy + "' and is read through that; leave it out");
            }
        }
        return disks;
    }

    /// <summary>The contents of the external journals. Throws as <see cref="OpenedImage.Open"/>.</summary>
    public static IReadOnlyList<IByteSource> OpenJournals(ImageSource source, EvidenceFiles files, ParseContext context)
    {
        context = context with { Images = context.Images with { Snapshot = null } };
        return [.. source.ExternalJournals.Select(path => OpenContainer(files.OpenImage(path, EvidenceFile.JournalRole), source, context).Content)];
    }

    /// <summary>The volumes of all disks, named so that each is unique, with what they make together.</summary>
    public static IReadOnlyList<Volume> VolumesOf(IReadOnlyList<OpenedDisk> disks, ParseContext context)
    {
        var volumes = new List<Volume>();
        foreach (OpenedDisk disk in disks)
        {
            volumes.AddRange(disk.Table.Volumes.Select(volume => volume with { Name = disk.Prefix + volume.Name }));
        }
        return Unique(VolumeAssembly.Resolve(volumes, Parsers.Catalog.VolumeAssemblers, context));
    }

    /// <summary>Two groups of one name, as on a disk and its copy, make volumes of one name: the later ones get a number.</summary>
    private static List<Volume> Unique(IReadOnlyList<Volume> volumes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var result = new List<Volume>(volumes.Count);
        foreach (Volume volume in volumes)
        {
            Volume named = volume;
            while (!names.Add(named.Identity))
            {
                int number = numbers[volume.Identity] = numbers.GetValueOrDefault(volume.Identity, 1) + 1;
                named = volume with { Name = string.Create(CultureInfo.InvariantCulture, $"{volume.Name}#{number}") };
            }
            result.Add(named);
        }
        return result;
    }

    private static void Add(List<OpenedDisk> disks, string fileName, DiskImage image, ParseContext context)
    {
        foreach (DiskImage disk in image.MoreDisks.Prepend(image))
        {
            string prefix = disks.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"disk{disks.Count + 1}:");
            IDiagnosticSink diagnostics = prefix.Length == 0 ? context.Diagnostics : new DiskDiagnostics(context.Diagnostics, prefix);
            disks.Add(new OpenedDisk(fileName, disk, VolumeProbe.Open(disk.Content, context with { Diagnostics = diagnostics })) { Prefix = prefix });
        }
    }

    private static DiskImage OpenContainer(CompanionFile file, ImageSource source, ParseContext context)
    {
        try
        {
            return ImageProbe.Open(file.Content, Parsers.Catalog.Images, context with { Images = context.Images with { Companions = file.Companions } });
        }
        catch (ForensicException exception) when (source.Paths.Count > 1)
        {
            throw new UnknownFormatException("image '" + file.FileName + "': " + exception.Message);
        }
    }

    /// <summary>
    /// The shadow copies of the volumes, and which of them the snapshot that is asked for is: none when a container has it. Throws <see cref="UsageException"/> when neither a container nor a volume has it.
    /// </summary>
    public static ShadowCopySelection SelectSnapshot(ImageSource source, IReadOnlyList<OpenedDisk> disks, IReadOnlyList<Volume> volumes, Func<Volume, ParseContext> contextOf)
    {
        bool isInternal = disks.Any(disk => disk.Image.Snapshot is not null);
        ShadowCopySelection shadows = ShadowCopySelection.Of(volumes, isInternal ? null : source.Snapshot, contextOf);
        if (source.Snapshot is not { } wanted || isInternal || shadows.IsFound)
        {
            return shadows;
        }
        string[] known = [.. disks.SelectMany(disk => disk.Image.Snapshots).Take(MostNames).Select(snapshot => "'" + snapshot.Name + "' (" + snapshot.Id + ")")];
        string[] copies = [.. volumes.SelectMany(volume => shadows.CopiesOf(volume).Select(copy => copy.Name + " on " + volume.Identity
            + (copy.Created is { } time ? " of " + Reports.SnapshotInfo.Text(time) : ""))).Take(MostNames)];
        throw new UsageException("there is no snapshot '" + wanted + "'; " + (known.Length == 0 ? "the image has no internal snapshots" : "the image has " + string.Join(", ", known))
            + (copies.Length == 0 ? "" : (known.Length == 0 ? " but shadow copies: " : " and shadow copies: ") + string.Join(", ", copies)));
    }

    /// <summary>Says on which of several disks something was found.</summary>
    private sealed class DiskDiagnostics(IDiagnosticSink target, string prefix) : IDiagnosticSink
    {
        public void Report(Diagnostic diagnostic) => target.Report(diagnostic with { Volume = diagnostic.Volume is { } volume ? prefix + volume : prefix.TrimEnd(':') });
    }
}
