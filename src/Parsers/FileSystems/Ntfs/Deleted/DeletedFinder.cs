using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Deleted;

/// <summary>
/// Brings back what has no name in the tree: records that are not in use, names that only the index of a directory still has, and records in use that no path leads to. The names of all records that are
/// not in use are read in one pass when first asked for, and kept. Thread-safe.
/// </summary>
/// <remarks>Limitations: clusters that two deleted files claim count as free for both; free space is not searched for records.</remarks>
internal sealed class DeletedFinder(DeletedSources sources)
{
    private const string FromRecord = "the record of the file";
    private const string FromIndex = "the index of the directory";
    private const string FromSlack = "slack of the directory's index";

    // Records that the system keeps for itself and that have no names.
    private const ulong FirstOrdinaryRecord = 24;

    private readonly Lock _lock = new();
    private readonly Lazy<ClusterBitmap> _bitmap = new(sources.Bitmap);
    private NameTreeReader? _deleted;
    private NameTree? _deletedNames;

    /// <inheritdoc cref="IDeletedFiles.FindOrphans"/>
    public IEnumerable<DeletedFile> FindOrphans()
    {
        NameTree names = sources.LiveNames(out NameTreeReader reader);
        Dictionary<uint, ushort> reachable = Reachable(names, reader);
        var paths = new ParentPaths(sources.Table, sources.Attributes, sources.Context.Limits);
        var placed = new HashSet<uint>();
        var stray = new List<NamedLink>();
        for (int position = 0; position < names.Count; position++)
        {
            NamedLink link = names.At(position);
            if (link.Child == link.Parent || (reachable.TryGetValue(link.Parent, out ushort sequence) && sequence == link.ParentSequence))
            {
                placed.Add(link.Child);
            }
            else
            {
                stray.Add(link);
            }
        }
        foreach (NamedLink link in stray.OrderBy(link => link.Child))
        {
            if (placed.Add(link.Child) && TryOpen(link.Child, Allocation.Orphan) is { } entry)
            {
                yield return new DeletedFile(entry, PathOf(paths, link), Certainty.Intact) { NameFrom = FromRecord };
            }
        }
        foreach (ulong number in reader.Nameless.Where(number => number >= FirstOrdinaryRecord))
        {
            if (TryOpen(number, Allocation.Orphan) is { } entry)
            {
                yield return new DeletedFile(entry, null, Certainty.Intact);
            }
        }
    }

    /// <inheritdoc cref="IDeletedFiles.FindDeleted"/>
    public IEnumerable<DeletedFile> FindDeleted()
    {
        NameTree deleted = DeletedNames(out NameTreeReader reader);
        sources.LiveNames(out NameTreeReader live);
        var paths = new ParentPaths(sources.Table, sources.Attributes, sources.Context.Limits);
        var files = new List<DeletedFile>();
        var seen = new HashSet<(string Path, ulong Address)>();
        for (int position = 0; position < deleted.Count; position++)
        {
            NamedLink link = deleted.At(position);
            Add(files, seen, FromName(link, PathOf(paths, link)));
        }
        foreach (ulong number in reader.Nameless.Where(number => number >= FirstOrdinaryRecord))
        {
            if (TryOpen(number, Allocation.Deleted) is { } entry)
            {
                Add(files, seen, new DeletedFile(entry, null, CertaintyOf(entry)));
            }
        }
        foreach (ulong number in live.Directories.Concat(reader.Directories))
        {
            sources.Context.Cancellation.ThrowIfCancellationRequested();
            if (TryOpen(number, Allocation.Allocated) is { } directory)
            {
                ulong reference = (number & FileRecordView.NumberMask) | ((ulong)directory.SequenceNumber << 48);
                foreach (DeletedFile file in InIndex(directory, paths.Of(reference)))
                {
                    Add(files, seen, file);
                }
            }
        }
        files.Sort((a, b) => string.CompareOrdinal(a.DisplayPath, b.DisplayPath) is not 0 and int order ? order : a.File.MetadataAddress.CompareTo(b.File.MetadataAddress));
        return files;
    }

    /// <inheritdoc cref="IDeletedFiles.FindDeletedIn"/>
    public IEnumerable<DeletedFile> FindDeletedIn(NtfsFileEntry directory, string directoryPath)
    {
        NameTree deleted = DeletedNames(out _);
        Range range = deleted.Of(directory.MetadataAddress);
        for (int position = range.Start.Value; position < range.End.Value; position++)
        {
            NamedLink link = deleted.At(position);
            if (link.ParentSequence == directory.SequenceNumber && FromName(link, PathText.Join(directoryPath, PathText.FromBytes(link.Name.Span))) is { } file)
            {
                yield return file;
            }
        }
        foreach (DeletedFile file in InIndex(directory, directoryPath))
        {
            yield return file;
        }
    }

    /// <inheritdoc cref="IDeletedFiles.CertaintyOf"/>
    public Certainty CertaintyOf(NtfsFileEntry file)
    {
        if (file.IsNameOnly)
        {
            return Certainty.MetadataOnly;
        }
        if (file.IsInUse || file.Type != FileType.Regular || file.Size == 0)
        {
            return Certainty.Intact;
        }
        NtfsAttribute data = sources.MainData(file);
        if (data.Value is not null)
        {
            return Certainty.Intact;
        }
        List<DataRun> runs = data.Runs(sources.Geometry, file.MetadataAddress, sources.Diagnostics, sources.Context.Limits.ContentRuns, isInUse: false);
        long clusters = runs.Count == 0 ? 0 : runs[^1].End;
        if (clusters == 0)
        {
            return Certainty.MetadataOnly;
        }
        return clusters > (data.FileSize - 1) / sources.Geometry.ClusterSize && runs.TrueForAll(run => run.IsHole || _bitmap.Value.IsFree(run.Lcn, run.Count)) ? Certainty.Intact : Certainty.PossiblyOverwritten;
    }

    private void Add(List<DeletedFile> files, HashSet<(string, ulong)> seen, DeletedFile? file)
    {
        if (file is null || !seen.Add((file.DisplayPath, file.File.MetadataAddress)))
        {
            return;
        }
        if (files.Count >= sources.Context.Limits.DeletedFiles)
        {
            sources.Diagnostics.Report("ntfs.deleted.limit", "there are more deleted files than are listed", "at most " + files.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), "more", losesContent: true);
            return;
        }
        files.Add(file);
    }

    private DeletedFile? FromName(NamedLink link, string path) =>
        TryOpen(link.Child, Allocation.Deleted) is { IsInUse: false } entry ? new DeletedFile(entry, path, CertaintyOf(entry)) { NameFrom = FromRecord } : null;

    /// <summary>Names that only the index has.</summary>
    private IEnumerable<DeletedFile> InIndex(NtfsFileEntry directory, string path)
    {
        List<IndexName> found = sources.NamesInIndex(directory);
        if (found.Count == 0)
        {
            yield break;
        }
        var known = new HashSet<string>(StringComparer.Ordinal);
        AddNames(known, sources.LiveNames(out _), directory);
        AddNames(known, DeletedNames(out _), directory);
        foreach (IndexName name in found.OrderByDescending(name => name.Reference != 0))
        {
            var view = new FileNameView(name.Value);
            if (view.Flags == FileNameView.DosNamespace)
            {
                continue;
            }
            string text = PathText.FromBytes(Wtf8.FromUtf16(view.FileName));
            if (known.Add(text))
            {
                yield return new DeletedFile(EntryBuilder.FromName(name.Reference, view), PathText.Join(path, text), Certainty.MetadataOnly)
                {
                    NameFrom = !name.IsInSlack ? FromIndex : name.Reference == 0 ? FromSlack + ", which no longer says which record it was" : FromSlack,
                };
            }
        }
    }

    private static void AddNames(HashSet<string> known, NameTree names, NtfsFileEntry directory)
    {
        Range range = names.Of(directory.MetadataAddress);
        for (int position = range.Start.Value; position < range.End.Value; position++)
        {
            known.Add(PathText.FromBytes(names.At(position).Name.Span));
        }
    }

    private static string PathOf(ParentPaths paths, NamedLink link) =>
        PathText.Join(paths.Of(link.Parent | ((ulong)link.ParentSequence << 48)), PathText.FromBytes(link.Name.Span));

    private NtfsFileEntry? TryOpen(ulong number, Allocation allocation)
    {
        try
        {
            return sources.Open(number, allocation);
        }
        catch (CorruptDataException)
        {
            // Half a record of a file that is gone is no damage; one in use was reported by the pass.
            return null;
        }
    }

    /// <summary>Directories that a path from the root leads to, with their sequence numbers.</summary>
    private Dictionary<uint, ushort> Reachable(NameTree names, NameTreeReader reader)
    {
        const uint Root = 5;
        var sequences = new Dictionary<uint, ushort>();
        foreach (ulong number in reader.Directories)
        {
            if (TryOpen(number, Allocation.Orphan) is { Type: FileType.Directory } directory)
            {
                sequences[(uint)number] = directory.SequenceNumber;
            }
        }
        var reachable = new Dictionary<uint, ushort>();
        var pending = new Queue<uint>([Root]);
        while (pending.TryDequeue(out uint number))
        {
            sources.Context.Cancellation.ThrowIfCancellationRequested();
            if (!sequences.TryGetValue(number, out ushort sequence) || !reachable.TryAdd(number, sequence))
            {
                continue;
            }
            Range range = names.Of(number);
            for (int position = range.Start.Value; position < range.End.Value; position++)
            {
                NamedLink link = names.At(position);
                if (link.ParentSequence == sequence && sequences.ContainsKey(link.Child))
                {
                    pending.Enqueue(link.Child);
                }
            }
        }
        return reachable;
    }

    private NameTree DeletedNames(out NameTreeReader reader)
    {
        lock (_lock)
        {
            if (_deletedNames is null)
            {
                var deleted = new NameTreeReader(sources.Table, sources.Attributes, sources.Diagnostics, sources.Context, isInUse: false);
                _deletedNames = deleted.Read();
                _deleted = deleted;
            }
            reader = _deleted!;
            return _deletedNames;
        }
    }
}
