using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What a system's own files say is mounted, in the order in which it takes effect: parents before what lies in them, of one place the last one last.</summary>
/// <remarks>
/// Limitations: mount units count when a <c>.wants</c> or <c>.requires</c> directory of <c>/etc/systemd/system</c> pulls them in; automount units, autofs and scripts are not seen.
/// </remarks>
internal static class MountTable
{
    /// <summary>Most entries that are looked at; real tables have a few dozen.</summary>
    public const int MostEntries = 1000;
    private const string UnitFolder = "/etc/systemd/system";

    /// <summary>The entries of <c>/etc/fstab</c> and of the administrator's mount units. Files that cannot be read count as absent: the walk reports them.</summary>
    public static IReadOnlyList<FstabEntry> Read(ImageTree root, ScanLimits limits, IDiagnosticSink diagnostics)
    {
        List<FstabEntry> entries = [.. Parse(root, "/etc/fstab", new FstabParser(), limits).OfType<FstabEntry>().Take(MostEntries + 1)];
        if (entries.Count > MostEntries)
        {
            entries.RemoveAt(MostEntries);
            diagnostics.Report(new Diagnostic("host.mounts.many", "the table of mounts has more entries than are looked at; volumes of the others are read as if nobody mounted them")
            {
                Volume = root.Volume.Volume.Identity, Path = "/etc/fstab",
            });
        }
        entries.AddRange(Units(root, limits));
        return [.. entries.OrderBy(entry => entry.MountPoint.Split('/', StringSplitOptions.RemoveEmptyEntries).Length)];
    }

    private static IEnumerable<FstabEntry> Units(ImageTree root, ScanLimits limits)
    {
        IReadOnlyList<string> names = root.List(UnitFolder);
        string[] pulling = [.. names.Where(name => name.EndsWith(".wants", StringComparison.Ordinal) || name.EndsWith(".requires", StringComparison.Ordinal)).Take(MostEntries)];
        foreach (string name in names.Where(name => name.EndsWith(".mount", StringComparison.Ordinal)).Take(MostEntries))
        {
            string path = PathText.Join(UnitFolder, name);
            if (Parse(root, path, new SystemdUnitParser(), limits).OfType<SystemdUnit>().FirstOrDefault() is not { } unit
                || unit.Value("Mount", "What") is not { Length: > 0 } what || unit.Value("Mount", "Where") is not { Length: > 0 } where)
            {
                continue;
            }
            bool isPulled = pulling.Any(folder => root.Find(PathText.Join(PathText.Join(UnitFolder, folder), name), followLast: false) is not null);
            string[] options = (unit.Value("Mount", "Options") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            yield return new FstabEntry(unit.Location)
            {
                Source = what,
                MountPoint = where,
                FileSystemType = unit.Value("Mount", "Type") ?? "auto",
                Options = isPulled ? options : [.. options, "noauto"],
            };
        }
    }

    private static IReadOnlyList<Artifact> Parse(ImageTree root, string path, ArtifactParser parser, ScanLimits limits)
    {
        var found = new ArtifactList();
        try
        {
            if (root.Find(path) is { File.Type: FileType.Regular } file)
            {
                byte[] content = file.FileSystem.OpenContent(file.File).ReadArray(0, limits.ArtifactBytes);
                var location = new EvidenceLocation("", file.Volume.Volume.Identity, file.Volume.Volume.Offset, path, file.File.MetadataAddress);
                parser.Parse(new ArtifactInput(location, file.File, content) { Limits = limits }, found);
            }
        }
        catch (ForensicException)
        {
            // The walk meets the same file again and reports the damage.
            return [];
        }
        return found.Artifacts;
    }
}
