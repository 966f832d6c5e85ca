using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Opens files beside a claimed one for its parser: the transaction logs of a registry hive, the write-ahead log of a database.</summary>
internal static class SiblingFiles
{
    /// <summary>A function from the name of a file to its content; nothing is looked up until it is called. Links are not followed.</summary>
    public static Func<string, IByteSource?> Of(OpenedVolume volume, string path, ContentPlan plan)
    {
        string directory = path[..Math.Max(1, path.LastIndexOf('/'))];
        return name => Open(volume, directory, name, plan);
    }

    private static IByteSource? Open(OpenedVolume volume, string directory, string name, ContentPlan plan)
    {
        string path = PathText.Join(directory, PathText.FromText(name));
        if (name.Contains('/', StringComparison.Ordinal) || name is "." or "..")
        {
            return null;
        }
        try
        {
            return new ImageTree(volume, plan.Limits).Find(path, followLast: false) is { File.Type: FileType.Regular } found ? found.FileSystem.OpenContent(found.File) : null;
        }
        catch (ForensicException exception)
        {
            plan.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = volume.Volume.Identity, Path = path, LosesContent = true });
            return null;
        }
    }
}
