using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Deleted;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>One ext2/3/4 volume. Thread-safe; keeps at most 32 MiB of inode tables and a few MiB of group descriptors.</summary>
/// <remarks>Limitations: those of <see cref="ExtFormat"/>. Free space is not searched.</remarks>
public sealed partial class ExtFileSystem : IFileSystem
{
    private const ulong RootInode = 2;
    private const int LargestLinkTarget = 64 << 10;

    private readonly IByteSource _volume;
    private readonly ExtLayout _layout;
    private readonly ExtDiagnostics _diagnostics;
    private readonly ParseContext _context;
    private readonly GroupDescriptors _groups;
    private readonly InodeTable _inodes;
    private readonly InodeReader _reader;
    private readonly AttributeReader _attributes;
    private readonly DirectoryReader _directories;
    private readonly ExtentTree _extents;
    private readonly IndirectBlocks _indirect;
    private readonly ReplayedVolume? _overlay;
    private readonly FastCommitOverlay? _fastCommits;

    internal ExtFileSystem(IByteSource volume, LocatedSuperblock superblock, ExtDiagnostics diagnostics, ParseContext context, JournalOutcome? journal)
    {
        _volume = volume;
        _diagnostics = diagnostics;
        _context = context;
        _layout = new ExtLayout(superblock.View);
        FileSystemFacts facts = ExtFacts.From(superblock.View, _layout, superblock.Offset);
        Facts = journal is null ? facts : facts with { Journal = journal.Facts, NeedsRecovery = journal.NeedsRecovery };
        History = journal?.History ?? EmptyHistory.Instance;
        BeforeReplay = journal?.Before;
        _overlay = journal?.Overlay;
        _fastCommits = journal?.FastCommits;
        if (volume.Length < Facts.SizeBytes)
        {
            diagnostics.Report("ext4.volume.truncated", "the file system is larger than the volume", Text(Facts.SizeBytes) + " bytes", Text(volume.Length), losesContent: true);
        }
        _groups = new GroupDescriptors(volume, _layout, diagnostics);
        _inodes = new InodeTable(volume, _layout, _groups, _fastCommits);
        _reader = new InodeReader(_inodes, _layout, diagnostics, _fastCommits);
        _attributes = new AttributeReader(volume, _layout, diagnostics, _inodes, ReadValueInode);
        _directories = new DirectoryReader(volume, _layout, diagnostics, context);
        _extents = new ExtentTree(volume, _layout, diagnostics, context.Cancellation);
        _indirect = new IndirectBlocks(volume, _layout, context.Cancellation);
        Superblock view = superblock.View;
        (uint firstInode, uint revision, uint lastOrphan, uint orphanFile) = (view.FirstInode, view.RevisionLevel, view.LastOrphan, view.OrphanFileInode);
        _deleted = new Lazy<DeletedFileFinder>(() => MakeFinder(firstInode, revision, lastOrphan, orphanFile));
    }

    /// <inheritdoc/>
    public string Kind => _layout.Features.Kind;

    /// <inheritdoc/>
    public FileSystemFacts Facts { get; }

    /// <summary>Older copies of blocks that the journal still holds; empty without a journal.</summary>
    internal IBlockHistory History { get; }

    /// <summary>The volume as this file system reads it: after replay, with the replaced blocks.</summary>
    internal IByteSource Volume => _volume;

    /// <inheritdoc/>
    public ulong RootAddress => RootInode;

    /// <inheritdoc/>
    public FileEntry Open(ulong metadataAddress) => _reader.Open(metadataAddress);

    /// <inheritdoc/>
    public IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory)
    {
        ExtFileEntry entry = Own(directory);
        if (entry.Type != FileType.Directory)
        {
            // The root of a damaged volume may be anything: this is the data's fault, not the caller's.
            throw new CorruptDataException("ext4.directory", -1, "a directory in inode " + Text((long)entry.MetadataAddress), entry.Type.ToString());
        }
        IEnumerable<DirectoryEntry> entries = ReadNames(entry);
        return entry.FastCommit?.Names is { } names && _fastCommits is not null ? names.Apply(entries, _fastCommits.TypeOf) : entries;
    }

    private IEnumerable<DirectoryEntry> ReadNames(ExtFileEntry entry)
    {
        if (entry.HasRawFlag(ExtInodeFlags.InlineData))
        {
            _inodes.Read(entry.MetadataAddress, out long offset);
            return _directories.ReadInline(entry, _attributes.ReadInlineData(entry) ?? ReadOnlyMemory<byte>.Empty, offset);
        }
        // Whole blocks: a size that ends inside a block must not cut the last one.
        ContentRun[] runs = entry.KnownRuns ?? Map(entry, WholeBlocks(entry.Size), out _);
        if (runs.Length == 0)
        {
            if (entry.FastCommit?.RawInode is not null)
            {
                // A directory that only fast commits know: its first block was never written.
                return [];
            }
            throw new CorruptDataException("ext4.directory", -1, "at least one block of inode " + Text((long)entry.MetadataAddress), "none");
        }
        return _directories.ReadBlocks(entry, runs);
    }

    private long WholeBlocks(long size) => size > long.MaxValue - _layout.BlockSize ? size : (size + _layout.BlockSize - 1) / _layout.BlockSize * _layout.BlockSize;

    /// <inheritdoc/>
    /// <remarks>Directories and links are given as stored; device nodes, FIFOs and sockets are empty.</remarks>
    public IByteSource OpenContent(FileEntry file, string? stream = null)
    {
        ExtFileEntry entry = Own(file);
        if (stream is not null)
        {
            throw new UnsupportedFeatureException("named streams in an ext file system");
        }
        switch (entry.Type)
        {
            case FileType.Regular or FileType.SymbolicLink when entry.IsEncrypted:
                throw new UnsupportedFeatureException("content encrypted by the file system (fscrypt)");
            case FileType.Regular or FileType.Directory or FileType.SymbolicLink:
                break;
            default:
                return MemorySource.Empty;
        }
        if (entry.Size == 0)
        {
            return MemorySource.Empty;
        }
        if (entry.HasRawFlag(ExtInodeFlags.InlineData))
        {
            return OpenInline(entry);
        }
        if (entry.IsFastLink(_layout))
        {
            return new MemorySource(entry.BlockAreaBytes[..(int)entry.Size].ToArray());
        }
        return new RunListSource(_volume, entry.KnownRuns ?? Map(entry, entry.Size, out _), entry.Size);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link)
    {
        ExtFileEntry entry = Own(link);
        if (entry.Type != FileType.SymbolicLink)
        {
            throw new CorruptDataException("ext4.symlink", -1, "a symbolic link in inode " + Text((long)entry.MetadataAddress), entry.Type.ToString());
        }
        if (entry.Size == 0 || entry.Size > LargestLinkTarget)
        {
            _diagnostics.Report("ext4.symlink.size", "a symbolic link has an impossible length", "1 to " + Text(LargestLinkTarget), Text(entry.Size), inode: entry.MetadataAddress);
        }
        byte[] target = OpenContent(entry).ReadArray(0, LargestLinkTarget);
        int end = Array.IndexOf(target, (byte)0);
        return end < 0 ? target : target.AsMemory(0, end);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Access control lists have the form the kernel's getxattr gives. What the kernel does not list, such as the encryption context,
    /// is named <c>ext4.INDEX.NAME</c>; <c>system.data</c> of an inline file is content and left out.
    /// </remarks>
    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file)
    {
        ExtFileEntry entry = Own(file);
        return entry.HasInodeAttributes || entry.AttributeBlock != 0 ? _attributes.Read(entry) : [];
    }

    private ContentRun[] Map(ExtFileEntry entry, long size, out bool dropped, WatchedVolume? watched = null)
    {
        var builder = new RunBuilder(_layout, _diagnostics, entry.MetadataAddress, size, _volume.Length, _context.Limits.ContentRuns);
        if (entry.HasRawFlag(ExtInodeFlags.Extents))
        {
            (watched is null ? _extents : new ExtentTree(watched, _layout, _diagnostics, _context.Cancellation)).Map(entry, builder);
        }
        else
        {
            (watched is null ? _indirect : new IndirectBlocks(watched, _layout, _context.Cancellation)).Map(entry, builder);
        }
        dropped = builder.Dropped;
        if (entry.FastCommit?.Ranges is not { } ranges)
        {
            return builder.ToArray();
        }
        var edited = new RunBuilder(_layout, _diagnostics, entry.MetadataAddress, size, _volume.Length, _context.Limits.ContentRuns);
        ranges.Apply(builder.ToArray(), _layout.BlockSize, edited);
        dropped |= edited.Dropped;
        return edited.ToArray();
    }

    private IByteSource OpenInline(ExtFileEntry entry)
    {
        ReadOnlyMemory<byte> rest = _attributes.ReadInlineData(entry) ?? ReadOnlyMemory<byte>.Empty;
        int length = (int)Math.Min(entry.Size, InodeView.BlockAreaSize + rest.Length);
        var content = new byte[length];
        int first = Math.Min(length, InodeView.BlockAreaSize);
        entry.BlockAreaBytes[..first].CopyTo(content);
        rest.Span[..(length - first)].CopyTo(content.AsSpan(first));
        if (length == entry.Size)
        {
            return new MemorySource(content);
        }
        _diagnostics.Report("ext4.inline.size", "an inline file is larger than what is stored", "at most " + Text(length), Text(entry.Size), inode: entry.MetadataAddress, losesContent: true);
        return new RunListSource(new MemorySource(content), [new ContentRun(0, length, 0)], entry.Size);
    }

    private byte[] ReadValueInode(ulong number, uint size)
    {
        ExtFileEntry entry = _reader.Open(number);
        if (entry.Type != FileType.Regular || !entry.HasRawFlag(ExtInodeFlags.AttributeInode) || entry.Size != size)
        {
            throw new CorruptDataException("ext4.xattr.value_inode", -1, $"an attribute inode of {Text(size)} bytes", "inode " + Text((long)number) + " of " + Text(entry.Size));
        }
        byte[] value = new RunListSource(_volume, Map(entry, entry.Size, out bool dropped), entry.Size).ReadArray(0, (int)size);
        if (dropped)
        {
            throw new CorruptDataException("ext4.xattr.value_inode", -1, "a sound attribute inode", "inode " + Text((long)number) + " with a damaged map");
        }
        VerifyValue(entry, value);
        return value;
    }

    /// <summary>An attribute inode keeps the CRC-32C of its value where files keep the access time.</summary>
    private void VerifyValue(ExtFileEntry entry, byte[] value)
    {
        if (entry.Accessed is not { } accessed)
        {
            return;
        }
        uint stored = unchecked((uint)accessed.Seconds);
        uint computed = Checksums.Crc32C(_layout.ChecksumSeed, value);
        if (stored != computed)
        {
            _diagnostics.Report("ext4.xattr.value_checksum", "an attribute value has a wrong checksum", Hex(computed), Hex(stored), inode: entry.MetadataAddress);
        }
    }

    private static ExtFileEntry Own(FileEntry entry) => entry as ExtFileEntry ?? throw new ArgumentException("an entry of another file system", nameof(entry));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
