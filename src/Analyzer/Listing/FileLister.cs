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
    private bool _showsOwners;

    /// <summary>A lister; <paramref name="glob"/> keeps only matching paths (null: all).</summary>
    public FileLister(OpenedImage image, ScanLimits limits, DiagnosticCollector diagnostics, string? glob, CancellationToken cancellation)
    {
        _image = image;
        _limits = limits;
        _diagnostics = diagnostics;
        _glob = glob;
        _cancellation = cancellation;
    }

    /// <summary>Which files without a name follow the entries of each volume.</summary>
    public UnnamedFiles Unnamed { get; init; }

    /// <summary>Whether rows say what the journal did to them, and what it removed follows the entries of each volume.</summary>
    public bool ComparesJournal { get; init; }

    /// <summary>Identities of the volumes to list; null for all.</summary>
    public IReadOnlySet<string>? Volumes { get; init; }

    /// <summary>Entries that could not be read; each also has a diagnostic.</summary>
    public long Unreadable { get; private set; }

    /// <summary>How many files of a volume have their content elsewhere, by the reason.</summary>
    public SortedDictionary<(string Volume, string Reason), long> ContentMissing { get; } = [];

    /// <summary>Writes all rows.</summary>
    public void Run(FileRowWriter writer, HashKinds hashes, int threads)
    {
        _showsOwners = writer.ShowsOwners;
        writer.WriteHeader();
        if (hashes == HashKinds.None && threads == 1)
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
        foreach (OpenedVolume opened in _image.Volumes)
        {
            if (opened.FileSystem is not { } fileSystem || Volumes?.Contains(opened.Volume.Identity) == false)
            {
                continue;
            }
            OpenedVolume volume = ComparesJournal ? opened with { Difference = JournalDifference.Of(opened.FileSystem, _limits) } : opened;
            var visitor = new Visitor(this, volume, action);
            try
            {
                new TreeWalker(fileSystem, new ParseContext(_limits, _diagnostics.For(volume.Volume.Identity), _cancellation)).Walk(visitor, default(ValueTuple));
            }
            catch (ForensicException exception)
            {
                visitor.Report("/", fileSystem.RootAddress, exception);
            }
            ListUnnamed(volume, visitor);
            visitor.VisitRemoved();
        }
    }

    private void ListUnnamed(OpenedVolume volume, Visitor visitor)
    {
        if (volume.FileSystem is not IDeletedFiles deleted || Unnamed == UnnamedFiles.None)
        {
            return;
        }
        try
        {
            foreach (DeletedFile file in Unnamed == UnnamedFiles.All ? deleted.FindOrphans().Concat(deleted.FindDeleted()) : deleted.FindOrphans())
            {
                _cancellation.ThrowIfCancellationRequested();
                visitor.VisitUnnamed(file);
            }
        }
        catch (ForensicException exception)
        {
            visitor.Report("/", volume.FileSystem.RootAddress, exception);
        }
    }

    private sealed class Visitor(FileLister lister, OpenedVolume volume, RowAction action) : ITreeVisitor<ValueTuple>
    {
        private readonly string _identity = volume.Volume.Identity;
        private readonly HashSet<(string Path, ulong Address)> _listed = [];
        private HashSet<(string Path, ulong Address)>? _removed;
        private readonly ContentAllowance _allowance = new(volume, lister._image.FileBytes);
        private readonly HashSet<ulong> _linked = [];

        public ValueTuple Enter(in WalkedEntry directory, ValueTuple parent)
        {
            volume.Difference?.Enter(directory.Path, directory.File);
            return parent;
        }

        public void Visit(in WalkedEntry entry, ValueTuple directory)
        {
            if (entry.Name.Length == 0)
            {
                volume.Difference?.Enter(entry.Path, entry.File);
            }
            Act(entry.Path, entry.File, null, volume.Difference?.StateOf(entry.Path, entry.File) ?? JournalState.Unchanged, volume.FileSystem!);
        }

        public void VisitUnnamed(DeletedFile file)
        {
            _removed ??= [.. (volume.Difference?.Removed ?? []).Select(entry => (entry.Path, entry.File.MetadataAddress))];
            (string DisplayPath, ulong MetadataAddress) key = (file.DisplayPath, file.File.MetadataAddress);
            bool isRemoved = _removed.Contains(key);
            if (isRemoved)
            {
                _listed.Add(key);
            }
            Act(file.DisplayPath, file.File, file, isRemoved ? JournalState.Removed : JournalState.Unchanged, volume.FileSystem!);
        }

        /// <summary>What the journal removed and was not listed as deleted: with the metadata it had before replay.</summary>
        public void VisitRemoved()
        {
            foreach (RemovedEntry entry in volume.Difference?.Removed ?? [])
            {
                lister._cancellation.ThrowIfCancellationRequested();
                if (_listed.Add((entry.Path, entry.File.MetadataAddress)))
                {
                    Act(entry.Path, entry.File, entry.ToDeletedFile(), JournalState.Removed, volume.Difference!.Before);
                }
            }
        }

        private void Act(string path, FileEntry file, DeletedFile? deleted, JournalState state, IFileSystem fileSystem)
        {
            IReadOnlyList<AlternateStream> streams = StreamsOf(path, file, deleted, fileSystem);
            bool isListed = IsAsked(path);
            if (!isListed && !streams.Any(stream => IsAsked(StreamPath.Of(path, stream.Name))))
            {
                return;
            }
            FileOwner owner = OwnerOf(path, file, deleted, fileSystem);
            bool isCounted = deleted is null && _linked.Contains(file.MetadataAddress);
            if (isListed)
            {
                ActOnFile(path, file, deleted, state, fileSystem, owner);
            }
            foreach (AlternateStream stream in streams)
            {
                string streamPath = StreamPath.Of(path, stream.Name);
                if (IsAsked(streamPath))
                {
                    bool isAllowed = isCounted || _allowance.TryTake(stream.Size);
                    action(new FileRow(_identity, streamPath, file, null, default) { Stream = stream, Owner = owner, Deleted = deleted, JournalState = state, IsBeyondAllowance = !isAllowed }, fileSystem);
                }
            }
            if (deleted is null && file.LinkCount > 1 && streams.Count > 0)
            {
                _linked.Add(file.MetadataAddress);
            }
        }

        private bool IsAsked(string path) => lister._glob is null || Glob.MatchesPath(lister._glob, path);

        private IReadOnlyList<AlternateStream> StreamsOf(string path, FileEntry file, DeletedFile? deleted, IFileSystem fileSystem)
        {
            if (fileSystem is not IAlternateStreams alternates || deleted?.Certainty == Certainty.MetadataOnly)
            {
                return [];
            }
            try
            {
                return alternates.ListStreams(file);
            }
            catch (ForensicException exception)
            {
                Report(path, file.MetadataAddress, exception);
                return [];
            }
        }

        private FileOwner OwnerOf(string path, FileEntry file, DeletedFile? deleted, IFileSystem fileSystem)
        {
            if (!lister._showsOwners || fileSystem is not IOwnedBySids owned || deleted?.Certainty == Certainty.MetadataOnly)
            {
                return default;
            }
            try
            {
                return owned.OwnerOf(file);
            }
            catch (ForensicException exception)
            {
                Report(path, file.MetadataAddress, exception);
                return default;
            }
        }

        private void ActOnFile(string path, FileEntry file, DeletedFile? deleted, JournalState state, IFileSystem fileSystem, FileOwner owner)
        {
            string? target = null;
            if (file.Type == FileType.SymbolicLink && deleted?.Certainty != Certainty.MetadataOnly)
            {
                try
                {
                    target = ImageTree.LinkTarget(fileSystem, file);
                }
                catch (ForensicException exception)
                {
                    Report(path, file.MetadataAddress, exception);
                }
            }
            else if (file.Type is FileType.CharacterDevice or FileType.BlockDevice)
            {
                target = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.DeviceMajor}:{file.DeviceMinor}");
            }
            if (file.Type == FileType.Regular && file.ContentMissingBecause is { } reason)
            {
                (string, string) key = (_identity, reason);
                lister.ContentMissing[key] = lister.ContentMissing.GetValueOrDefault(key) + 1;
            }
            action(new FileRow(_identity, path, file, target, default) { Owner = owner, Deleted = deleted, JournalState = state, IsBeyondAllowance = !IsAllowed(file, deleted) }, fileSystem);
        }

        /// <summary>A file with several names is read once, an older state of it for itself, and what has no content left not at all.</summary>
        private bool IsAllowed(FileEntry file, DeletedFile? deleted)
        {
            if (file.Type != FileType.Regular || file.ContentMissingBecause is not null || deleted?.Certainty == Certainty.MetadataOnly || (deleted is null && _linked.Contains(file.MetadataAddress)))
            {
                return true;
            }
            if (!_allowance.TryTake(file.Size))
            {
                return false;
            }
            if (deleted is null && file.LinkCount > 1)
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

/// <summary>Which files without a name a listing has.</summary>
public enum UnnamedFiles
{
    /// <summary>None.</summary>
    None,
    /// <summary>Those that were unlinked while open.</summary>
    Orphans,
    /// <summary>Those, and deleted names and files.</summary>
    All,
}
