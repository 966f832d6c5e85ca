using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary>What <c>cat</c> is to write.</summary>
/// <param name="FileSystem">Where the file is.</param>
/// <param name="Address">Its metadata address.</param>
/// <param name="Stream">The named stream as it was asked for; null for the content of the file itself.</param>
internal sealed record CatTarget(IFileSystem FileSystem, ulong Address, string? Stream)
{
    /// <summary>
    /// With a volume, the path is one of that volume, as <c>files</c> lists it; without, one of a host's tree, as reports name it, and then of any other volume. A path that names no file
    /// is taken apart at its last colon: a file may have a colon in its own name, so that comes first.
    /// </summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static CatTarget Locate(OpenedImage image, OpenedVolume? volume, string path, string? stream, CancellationToken cancellation)
    {
        image.RequireReadable();
        ImageTree[] trees = [.. volume is not null ? [new ImageTree(volume, ScanLimits.Default)]
            : HostTree.All(image, ScanLimits.Default, NullDiagnosticSink.Instance, cancellation).Select(host => host.Tree)
                .Concat(image.RequireReadable().Select(readable => new ImageTree(readable, ScanLimits.Default)))];
        if (Find(trees, path) is { } found)
        {
            return new CatTarget(found.FileSystem, found.File.MetadataAddress, stream);
        }
        if (stream is null && StreamPath.TrySplit(path, out string file, out string name) && Find(trees, file) is { FileSystem: IAlternateStreams } owner)
        {
            return new CatTarget(owner.FileSystem, owner.File.MetadataAddress, name);
        }
        throw new UsageException("there is no file '" + path + "' in " + (volume is null ? "the image" : volume.Volume.Identity));
    }

    private static TreeFile? Find(ImageTree[] trees, string path)
    {
        foreach (ImageTree tree in trees)
        {
            if (tree.Find(path) is { } found)
            {
                return found;
            }
        }
        return null;
    }
}
