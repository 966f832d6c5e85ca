using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Compression;
using Forensics.Parsers.FileSystems.Ntfs.Deleted;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// One NTFS volume. Names come from the $FILE_NAME attributes of all records, read in one pass when a directory is first asked for, not from the indexes of directories: a name shows although an index
/// was damaged or doctored. Thread-safe; keeps at most 32 MiB of records, and about 24 bytes and its bytes for each name.
/// </summary>
/// <remarks>Limitations: those of <see cref="NtfsFormat"/> and <see cref="ReparsePoint"/>.</remarks>
public sealed partial class NtfsFileSystem : IFileSystem, IAlternateStreams
{
    private const ulong RootRecord = 5;
    private const ulong BadClustersRecord = 8;
    private const int LargestReparseData = 16 << 10;

    private readonly IByteSource _volume;
    private readonly NtfsGeometry _geometry;
    private readonly MasterFileTable _table;
    private readonly AttributeReader _attributes;
    private readonly AttributeContent _content;
    private readonly NtfsDiagnostics _diagnostics;
    private readonly ParseContext _context;
    private readonly Lazy<FileSystemFacts> _facts;
    private readonly Lock _namesLock = new();
    private NameTree? _names;
    private NameTreeReader? _namesReader;

    internal NtfsFileSystem(IByteSource volume, NtfsGeometry geometry, MasterFileTable table, NtfsDiagnostics diagnostics, ParseContext context, long bootOffset, long size)
    {
        _volume = volume;
        _geometry = geometry;
        _table = table;
        _diagnostics = diagnostics;
        _context = context;
        _attributes = new AttributeReader(table, volume, geometry, diagnostics);
        _content = new AttributeContent(volume, geometry, diagnostics, context);
        _deleted = new Lazy<DeletedFinder>(MakeFinder);
        _facts = new Lazy<FileSystemFacts>(() => new NtfsFacts(this, bootOffset, size).Read() with { Journal = Replay?.Facts, NeedsRecovery = Replay is { IsOutstanding: true } });
    }

    /// <inheritdoc/>
    public string Kind => "ntfs";

    /// <inheritdoc/>
    public FileSystemFacts Facts => _facts.Value;

    /// <inheritdoc/>
    public bool IgnoresCase => true;

    /// <inheritdoc/>
    public ulong RootAddress => RootRecord;

    /// <summary>Sizes and places.</summary>
    public NtfsGeometry Geometry => _geometry;

    internal MasterFileTable Table => _table;

    /// <inheritdoc/>
    /// <remarks>A record that is not in use opens as a deleted file; one that continues another is refused.</remarks>
    public FileEntry Open(ulong metadataAddress) => OpenRecord(metadataAddress);

    /// <inheritdoc/>
    /// <remarks>In the order of the files' records. A name whose directory is another by now than when the name was given is left out and reported.</remarks>
    public IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory)
    {
        NtfsFileEntry own = Own(directory);
        if (own.Type != FileType.Directory)
        {
            // The root of a damaged volume may be anything: this is the data's fault, not the caller's.
            throw new CorruptDataException("ntfs.directory", -1, "a directory in record " + Text((long)own.MetadataAddress), own.Type.ToString());
        }
        return Names(own);
    }

    /// <inheritdoc/>
    public IByteSource OpenContent(FileEntry file, string? stream = null)
    {
        NtfsFileEntry own = Own(file);
        if (own.IsNameOnly)
        {
            throw new CorruptDataException("ntfs.content", -1, "a record of the file", "only a name of it");
        }
        if (stream is not null)
        {
            NtfsAttribute named = Find(own, AttributeType.Data, name => !name.IsEmpty && PathText.FromBytes(Wtf8.FromUtf16(name)) == stream);
            return named.IsFound ? _content.Open(named, own.MetadataAddress, own.IsInUse)
                : throw new CorruptDataException("ntfs.stream", -1, "a stream " + stream + " of record " + Text((long)own.MetadataAddress), "none of that name");
        }
        switch (own.Type)
        {
            case FileType.SymbolicLink:
                return new MemorySource(ReadLinkTarget(own));
            case FileType.Directory:
                NtfsAttribute index = Find(own, AttributeType.IndexAllocation, IsDirectoryIndex);
                return index.IsFound ? _content.Open(index, own.MetadataAddress, own.IsInUse) : MemorySource.Empty;
            case FileType.Regular:
                break;
            default:
                return MemorySource.Empty;
        }
        if (own.ContentMissingBecause is { } reason)
        {
            throw new UnsupportedFeatureException("content that is not in the file: " + reason);
        }
        if (own.ReparseTag == ReparsePoint.Wof)
        {
            return OpenWof(own);
        }
        NtfsAttribute data = MainData(own);
        return data.IsFound ? _content.Open(data, own.MetadataAddress, own.IsInUse) : MemorySource.Empty;
    }

    /// <inheritdoc/>
    /// <remarks>An absolute target on a drive is given without its letter; see the limits of <see cref="ReparsePoint"/>.</remarks>
    public ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link)
    {
        NtfsFileEntry own = Own(link);
        byte[]? target = own.ReparseTag is null ? InterixLink.Target((Find(own, AttributeType.Data, name => name.IsEmpty).Value ?? default).Span) : ReparsePoint.Target(ReadReparseData(own).Span);
        return target ?? throw new CorruptDataException("ntfs.reparse", -1, "a target inside the reparse data of record " + Text((long)own.MetadataAddress), "none");
    }

    /// <inheritdoc/>
    public IReadOnlyList<AlternateStream> ListStreams(FileEntry file)
    {
        NtfsFileEntry own = Own(file);
        if (!own.HasStreams)
        {
            return [];
        }
        var collector = new StreamCollector(own.MetadataAddress == BadClustersRecord);
        _attributes.Visit(own.MetadataAddress, _table.ReadFile(own.MetadataAddress), collector);
        return collector.Streams;
    }

    private NtfsFileEntry OpenRecord(ulong number, Allocation inUse = Allocation.Allocated)
    {
        ReadOnlyMemory<byte> record = _table.ReadFile(number);
        var view = new FileRecordView(record.Span);
        if (view.BaseFileRecordSegment != 0)
        {
            throw new CorruptDataException("ntfs.record", -1, "a base record in record " + Text((long)number), "a record that continues " + Text((long)(view.BaseFileRecordSegment & FileRecordView.NumberMask)));
        }
        var builder = new EntryBuilder();
        _attributes.Visit(number, record, builder);
        return builder.Build(number, view, _diagnostics, inUse);
    }

    private IEnumerable<DirectoryEntry> Names(NtfsFileEntry directory)
    {
        NameTree names = NameTree(out _);
        Range range = names.Of(directory.MetadataAddress);
        for (int position = range.Start.Value; position < range.End.Value; position++)
        {
            NamedLink link = names.At(position);
            if (link.Child == link.Parent)
            {
                // The root names itself.
                continue;
            }
            if (link.ParentSequence != directory.SequenceNumber)
            {
                _diagnostics.Report("ntfs.name.orphan", "a file's name says that it stands in a directory that is gone; its record is another directory's now", "sequence number " + Text(link.ParentSequence),
                    Text(directory.SequenceNumber), -1, link.Child);
                continue;
            }
            yield return new DirectoryEntry(link.Name, link.Child, link.Hint);
        }
    }

    private NameTree NameTree(out NameTreeReader reader)
    {
        lock (_namesLock)
        {
            if (_names is null)
            {
                var live = new NameTreeReader(_table, _attributes, _diagnostics, _context);
                _names = live.Read();
                _namesReader = live;
            }
            reader = _namesReader!;
            return _names;
        }
    }

    /// <summary>What a file holds, whichever way it is stored.</summary>
    private NtfsAttribute MainData(NtfsFileEntry file) =>
        file.ReparseTag == ReparsePoint.Wof ? FindNamed(file.MetadataAddress, AttributeType.Data, WofStream) : Find(file, AttributeType.Data, name => name.IsEmpty);

    private IByteSource OpenWof(NtfsFileEntry file)
    {
        WofAlgorithm algorithm = new WofReparseData(ReparsePoint.Data(ReadReparseData(file).Span)).RequireAlgorithm();
        NtfsAttribute compressed = MainData(file);
        return compressed.IsFound ? WofContent.Open(_content.Open(compressed, file.MetadataAddress, file.IsInUse), file.Size, algorithm)
            : throw new CorruptDataException("ntfs.wof", -1, "a stream WofCompressedData of record " + Text((long)file.MetadataAddress), "none");
    }

    private ReadOnlyMemory<byte> ReadReparseData(NtfsFileEntry file)
    {
        NtfsAttribute reparse = Find(file, AttributeType.ReparsePoint, name => true);
        if (!reparse.IsFound)
        {
            return default;
        }
        return reparse.Value ?? _content.Open(reparse, file.MetadataAddress, file.IsInUse).ReadArray(0, LargestReparseData + 24);
    }

    private NtfsAttribute Find(NtfsFileEntry file, uint type, Func<ReadOnlySpan<byte>, bool> isName)
    {
        var attribute = new NtfsAttribute(type, isName);
        _attributes.Visit(file.MetadataAddress, _table.ReadFile(file.MetadataAddress), attribute);
        return attribute;
    }

    /// <summary>The whole value of an attribute of a file, at most <paramref name="most"/> bytes; null when it has none such.</summary>
    internal byte[]? ReadAttribute(ulong number, uint type, ReadOnlySpan<byte> asciiName, int most) => OpenAttribute(number, type, asciiName)?.ReadArray(0, most);

    /// <summary>The content of an attribute of a file; null when it has none such.</summary>
    internal IByteSource? OpenAttribute(ulong number, uint type, ReadOnlySpan<byte> asciiName) =>
        FindNamed(number, type, asciiName) is { IsFound: true } attribute ? _content.Open(attribute, number, isInUse: true) : null;

    private NtfsAttribute FindNamed(ulong number, uint type, ReadOnlySpan<byte> asciiName)
    {
        byte[] utf16 = System.Text.Encoding.Unicode.GetBytes(System.Text.Encoding.ASCII.GetString(asciiName));
        var attribute = new NtfsAttribute(type, name => name.SequenceEqual(utf16));
        _attributes.Visit(number, _table.ReadFile(number), attribute);
        return attribute;
    }

    private static ReadOnlySpan<byte> WofStream => "WofCompressedData"u8;

    private static bool IsDirectoryIndex(ReadOnlySpan<byte> name) => name.SequenceEqual("$\0I\03\00\0"u8);

    private static NtfsFileEntry Own(FileEntry entry) =>
        entry as NtfsFileEntry ?? throw new ArgumentException("an entry of another file system", nameof(entry));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class StreamCollector(bool isOfBadClusters) : IAttributeVisitor
    {
        private readonly HashSet<string> _seen = [];

        public List<AlternateStream> Streams { get; } = [];

        public void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record)
        {
            if (attribute.TypeCode != AttributeType.Data || attribute.NameLength == 0 || !attribute.IsFirstPart)
            {
                return;
            }
            string name = PathText.FromBytes(Wtf8.FromUtf16(attribute.Name));
            if (_seen.Add(name))
            {
                Streams.Add(new AlternateStream(name, Math.Max(0, attribute.Length)) { HasContent = !isOfBadClusters || name != "$Bad" });
            }
        }
    }
}
