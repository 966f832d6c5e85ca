using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Deleted;

namespace Forensics.Parsers.FileSystems.Ext;

/// <content>What has no name any more.</content>
public sealed partial class ExtFileSystem : IDeletedFiles
{
    private const uint OldFirstInode = 11;

    private readonly Lazy<DeletedFileFinder> _deleted;

    /// <inheritdoc/>
    public IEnumerable<DeletedFile> FindOrphans() => _deleted.Value.FindOrphans();

    /// <inheritdoc/>
    public IEnumerable<DeletedFile> FindDeleted() => _deleted.Value.FindDeleted();

    /// <inheritdoc/>
    public IEnumerable<DeletedFile> FindDeletedIn(FileEntry directory, string directoryPath) => _deleted.Value.FindDeletedIn(Own(directory), directoryPath);

    /// <inheritdoc/>
    public IReadOnlyList<FileEntry> JournalCopies(ulong metadataAddress) =>
        metadataAddress is 0 or > uint.MaxValue ? [] : _deleted.Value.JournalCopies((uint)metadataAddress);

    /// <inheritdoc/>
    public Certainty CertaintyOf(FileEntry file) => _deleted.Value.CertaintyOf(Own(file));

    private DeletedFileFinder MakeFinder(uint firstInode, uint revision, uint lastOrphan, uint orphanFile)
    {
        uint first = revision == 0 || firstInode < OldFirstInode || firstInode > _layout.InodeCount ? OldFirstInode : firstInode;
        var volume = new ExtVolume(_volume, _layout, _diagnostics, _context, _groups, _inodes, _reader, first);
        var access = new DirectoryAccess(MapBlocks, ReadDirectory, InlineParts);
        return new DeletedFileFinder(volume, History, access, new OrphanReader(volume, lastOrphan, orphanFile, MapBlocks), _fastCommits?.Unlinked ?? []);
    }

    /// <summary>Runs in whole blocks, of what may be no longer in use: what is wrong with it is no damage.</summary>
    private ContentRun[] MapBlocks(ExtFileEntry entry)
    {
        var quiet = new ExtDiagnostics(NullDiagnosticSink.Instance);
        var builder = new RunBuilder(_layout, quiet, entry.MetadataAddress, WholeBlocks(entry.Size), _volume.Length, _context.Limits.ContentRuns);
        if (entry.HasRawFlag(ExtInodeFlags.Extents))
        {
            new ExtentTree(_volume, _layout, quiet, _context.Cancellation).Map(entry, builder);
        }
        else
        {
            _indirect.Map(entry, builder);
        }
        if (entry.FastCommit?.Ranges is not { } ranges)
        {
            return builder.ToArray();
        }
        var edited = new RunBuilder(_layout, quiet, entry.MetadataAddress, WholeBlocks(entry.Size), _volume.Length, _context.Limits.ContentRuns);
        ranges.Apply(builder.ToArray(), _layout.BlockSize, edited);
        return edited.ToArray();
    }

    /// <summary>The chains of an inline directory: what follows the parent's number in <c>i_block</c>, and the attribute.</summary>
    private IReadOnlyList<ReadOnlyMemory<byte>> InlineParts(ExtFileEntry directory)
    {
        const int ParentSize = 4;
        return [directory.BlockAreaBytes[ParentSize..].ToArray(), _attributes.ReadInlineData(directory) ?? ReadOnlyMemory<byte>.Empty];
    }
}
