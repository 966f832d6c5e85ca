using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Deleted;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <content>What has no name any more.</content>
public sealed partial class NtfsFileSystem : IDeletedFiles
{
    private const ulong BitmapRecord = 6;
    private const int LargestIndexRoot = 64 << 10;

    private readonly Lazy<DeletedFinder> _deleted;

    /// <inheritdoc/>
    /// <remarks>On NTFS: records in use that no path leads to, because the directory their name stands in is gone.</remarks>
    public IEnumerable<DeletedFile> FindOrphans() => _deleted.Value.FindOrphans();

    /// <inheritdoc/>
    public IEnumerable<DeletedFile> FindDeleted() => _deleted.Value.FindDeleted();

    /// <inheritdoc/>
    public IEnumerable<DeletedFile> FindDeletedIn(FileEntry directory, string directoryPath) => _deleted.Value.FindDeletedIn(Own(directory), directoryPath);

    /// <inheritdoc/>
    /// <remarks>None: the journal holds changes to records, not older states of them.</remarks>
    public IReadOnlyList<FileEntry> JournalCopies(ulong metadataAddress) => [];

    /// <inheritdoc/>
    public Certainty CertaintyOf(FileEntry file) => _deleted.Value.CertaintyOf(Own(file));

    private DeletedFinder MakeFinder() => new(new DeletedSources(_table, _attributes, _geometry, _diagnostics, _context)
    {
        LiveNames = NameTree,
        Open = OpenRecord,
        MainData = MainData,
        NamesInIndex = NamesInIndex,
        Bitmap = Bitmap,
    });

    /// <summary>Which clusters are in use; a bitmap that cannot be read knows of none that is free.</summary>
    internal ClusterBitmap Bitmap()
    {
        try
        {
            return new ClusterBitmap(OpenAttribute(BitmapRecord, AttributeType.Data, default), _geometry.ClusterCount);
        }
        catch (CorruptDataException exception)
        {
            _diagnostics.Report("ntfs.bitmap.unreadable", "$Bitmap cannot be read: it is not known which clusters are free", exception, BitmapRecord);
            return new ClusterBitmap(null, _geometry.ClusterCount);
        }
    }

    private List<IndexName> NamesInIndex(NtfsFileEntry directory)
    {
        var names = new List<IndexName>();
        ulong reference = directory.MetadataAddress | ((ulong)(directory.IsInUse ? directory.SequenceNumber : unchecked((ushort)(directory.SequenceNumber - 1))) << 48);
        try
        {
            NtfsAttribute root = Find(directory, AttributeType.IndexRoot, IsDirectoryIndex);
            if (root.IsFound)
            {
                IndexNames.InRoot(_content.Open(root, directory.MetadataAddress, directory.IsInUse).ReadArray(0, LargestIndexRoot), reference, names);
            }
            NtfsAttribute records = Find(directory, AttributeType.IndexAllocation, IsDirectoryIndex);
            if (records.IsFound)
            {
                IndexNames.InRecords(_content.Open(records, directory.MetadataAddress, directory.IsInUse), _geometry.IndexRecordSize, reference, names, _context.Limits.DirectoryEntries, _context.Cancellation);
            }
        }
        catch (CorruptDataException)
        {
            // The index of a directory is not what its names are read from: what is found before the damage is enough here.
            return names;
        }
        return names;
    }
}
