using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Analyzer.Listing;

/// <summary>What every directory of a volume is called now, by its record and sequence number.</summary>
internal sealed class LiveDirectories
{
    private readonly Dictionary<(ulong Record, ushort Sequence), UsnDirectory> _directories = [];

    /// <summary>Walks the directories of a volume. What cannot be read is reported and has no name.</summary>
    public static LiveDirectories Read(IFileSystem fileSystem, ParseContext context)
    {
        var live = new LiveDirectories();
        try
        {
            new TreeWalker(fileSystem, context).Walk(new Visitor(live, context.Diagnostics), Key(fileSystem.Open(fileSystem.RootAddress)));
        }
        catch (ForensicException exception)
        {
            context.Diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Path = "/", LosesContent = true });
        }
        return live;
    }

    /// <summary>The directory; null when there is none such.</summary>
    public UsnDirectory? Find(ulong record, ushort sequence) => _directories.TryGetValue((record, sequence), out UsnDirectory directory) ? directory : null;

    private static (ulong Record, ushort Sequence) Key(FileEntry file) => (file.MetadataAddress, (file as NtfsFileEntry)?.SequenceNumber ?? 0);

    private sealed class Visitor(LiveDirectories live, IDiagnosticSink diagnostics) : ITreeVisitor<(ulong Record, ushort Sequence)>
    {
        // A file is not opened for its name; a reparse point is, as the name does not say what it is.
        public bool Wants(string name, in DirectoryEntry entry, (ulong Record, ushort Sequence) directory) => entry.TypeHint == FileType.Directory;

        public void Visit(in WalkedEntry entry, (ulong Record, ushort Sequence) directory)
        {
            if (entry.Name.Length > 0 && entry.File.Type == FileType.Directory && PathText.TryToBytes(entry.Name, out byte[]? name))
            {
                live._directories.TryAdd(Key(entry.File), new UsnDirectory(name, directory.Record, directory.Sequence));
            }
        }

        public void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited) =>
            diagnostics.Report(new Diagnostic(reason.Code, reason.Message) { Path = path, MetadataAddress = entry.MetadataAddress });

        public (ulong Record, ushort Sequence) Enter(in WalkedEntry directory, (ulong Record, ushort Sequence) parent) => Key(directory.File);
    }
}
