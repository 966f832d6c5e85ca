using Forensics.Parsers;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>The form <c>PATH:STREAM</c> in which every output names a named stream.</summary>
internal static class StreamPath
{
    /// <summary>What a stream of a file is called.</summary>
    public static string Of(string path, string stream) => path + ":" + stream;

    /// <summary>Takes a path apart at its last colon, when there is one in its last component with something on both sides.</summary>
    public static bool TrySplit(string path, out string file, out string stream)
    {
        int colon = path.LastIndexOf(':');
        bool isSplit = colon > path.LastIndexOf('/') + 1 && colon < path.Length - 1;
        file = isSplit ? path[..colon] : path;
        stream = isSplit ? path[(colon + 1)..] : "";
        return isSplit;
    }

    /// <summary>The stream of a file by name: exactly, else as Windows would find it, without regard to case. Null when there is none. Throws what listing the streams throws.</summary>
    public static AlternateStream? Find(IFileSystem fileSystem, FileEntry file, string name)
    {
        IReadOnlyList<AlternateStream> streams = fileSystem is IAlternateStreams alternates ? alternates.ListStreams(file) : [];
        return streams.FirstOrDefault(stream => stream.Name == name)
            ?? (fileSystem.IgnoresCase ? streams.FirstOrDefault(stream => stream.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) : null);
    }
}
