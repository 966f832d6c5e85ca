using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Listing;

/// <summary>Lists every file entry of an image in walking order, streaming, with digests when asked.</summary>
public sealed class FileLister
{
    private readonly OpenedImage _image;
    private readonly ScanLimits _limits;
    private readonly DiagnosticCollector _diagnostics;
    private readonly string? _glob;
    private readonly CancellationToken _cancellation;

    /// <summary>A lister; <paramref name="glob"/> keeps only matching paths (null: all).</summary>
    public FileLister(OpenedImage image, ScanLimits limits, DiagnosticCollector diagnostics, string? glob, CancellationToken cancellation)
    {
        _image = image;
        _limits = limits;
        _diagnostics = diagnostics;
        _glob = glob;
        _cancellation = cancellation;
    }

    /// <summary>Entries that could not be read; each also has a diagnostic.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Writes all rows.</summary>
    public void Run(FileRowWriter writer, HashKinds hashes, int threads)
    {
        writer.WriteHeader();
        if (hashes == HashKinds.None)
        {
            Walk((in FileRow row, IFileSystem _) => writer.Write(row));
        }
        else
        {
            using var hashing = new OrderedHashing(writer, hashes, threads, _diagnostics, _cancellation);
            hashing.Run(Walk);
        }
        writer.Flush();
    }

    /// <summary>Takes a row with the file system it stands in.</summary>
    internal delegate void RowAction(in FileRow row, IFileSystem fileSystem);

    private void Walk(RowAction action)
    {
        foreach (OpenedVolume volume in _image.Volumes)
        {
            if (volume.FileSystem is null)
            {
                continue;
            }
            var visitor = new Visitor(this, volume, action);
            try
            {
                new TreeWalker(volume.FileSystem, new ParseContext(_limits, _diagnostics.For(volume.Volume.Identity), _cancellation)).Walk(visitor, default(ValueTuple));
            }
            catch (ForensicException exception)
            {
                visitor.Report("/", volume.FileSystem.RootAddress, exception);
            }
        }
    }

    private sealed class Visitor(FileLister lister, OpenedVolume volume, RowAction action) : ITreeVisitor<ValueTuple>
    {
        private readonly string _identity = volume.Volume.Identity;
        private readonly ContentAllowance _allowance = new(volume, lister._image.FileBytes);
        private readonly HashSet<ulong> _linked = [];

        public ValueTuple Enter(in WalkedEntry directory, ValueTuple parent) => parent;

        public void Visit(in WalkedEntry entry, ValueTuple directory)
        {
            if (lister._glob is not null && !Glob.MatchesPath(lister._glob, entry.Path))
            {
                return;
            }
            string? target = null;
            if (entry.File.Type == FileType.SymbolicLink)
            {
                try
                {
                    target = ImageTree.LinkTarget(volume.FileSystem!, entry.File);
                }
                catch (ForensicException exception)
                {
                    Report(entry.Path, entry.File.MetadataAddress, exception);
                }
            }
            else if (entry.File.Type is FileType.CharacterDevice or FileType.BlockDevice)
            {
                target = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{entry.File.DeviceMajor}:{entry.File.DeviceMinor}");
            }
            action(new FileRow(_identity, entry.Path, entry.File, target, default) { IsBeyondAllowance = !IsAllowed(entry.File) }, volume.FileSystem!);
        }

        /// <summary>A file with several names is read once.</summary>
        private bool IsAllowed(FileEntry file)
        {
            if (file.Type != FileType.Regular || _linked.Contains(file.MetadataAddress))
            {
                return true;
            }
            if (!_allowance.TryTake(file))
            {
                return false;
            }
            if (file.LinkCount > 1)
            {
                _linked.Add(file.MetadataAddress);
            }
            return true;
        }

        public void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited) => Report(path, entry.MetadataAddress, reason);

        public void Report(string path, ulong metadataAddress, ForensicException exception)
        {
            lister.Unreadable++;
            lister._diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { Volume = _identity, Path = path, MetadataAddress = metadataAddress, LosesContent = true });
        }
    }
}
