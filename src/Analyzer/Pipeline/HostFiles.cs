using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The files of one host as package databases need them.</summary>
internal sealed class HostFiles(ImageTree tree) : IHostFiles
{
    public IByteSource? Open(string path) => tree.Find(path) is { File.Type: FileType.Regular } found ? found.FileSystem.OpenContent(found.File) : null;

    public IEnumerable<string> List(string directory) => tree.List(directory);

    public string? ReadLink(string path)
    {
        try
        {
            return tree.Find(path, followLast: false) is { File.Type: FileType.SymbolicLink } found ? ImageTree.LinkTarget(found.FileSystem, found.File) : null;
        }
        catch (Parsers.Diagnostics.ForensicException)
        {
            // The walk reports the damage of a link that cannot be read; for a database it is not there.
            return null;
        }
    }

    public Timestamp? Modified(string path) => tree.Find(path, followLast: false)?.File.Modified;
}
