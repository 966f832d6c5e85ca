using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A 7z: the members of a folder come out of one decoder, in order; members of other folders cost nothing.</summary>
internal sealed class SevenZipArchive : IArchive
{
    private readonly IByteSource _source;
    private readonly ParseContext _context;
    private readonly SevenZipHeader _header;

    public SevenZipArchive(IByteSource source, ParseContext context)
    {
        _source = source;
        _context = context;
        _header = SevenZipHeader.Read(source, context);
    }

    public string Format => "7z";

    public bool IsSequential => true;

    public IEnumerable<ArchiveEntry> Entries()
    {
        using var decoder = new FolderDecoder(_source, _header, _context);
        foreach (SevenZipFile file in _header.Files)
        {
            yield return new Entry(file, decoder, _context.Diagnostics);
        }
    }

    private sealed class Entry(SevenZipFile file, FolderDecoder decoder, IDiagnosticSink diagnostics)
        : ArchiveEntry(file.Name, file.IsDirectory ? ArchiveEntryKind.Directory : ArchiveEntryKind.Regular, file.Length)
    {
        public override IByteSource? Direct => decoder.Stored(file);

        public override ForwardReader OpenReader() => new CheckedReader(decoder.At(file), file.Length, file.Crc, "7z", Name, diagnostics, isShared: true);
    }

    /// <summary>The decoder of the folder that is being read, and how far it is.</summary>
    private sealed class FolderDecoder(IByteSource source, SevenZipHeader header, ParseContext context) : IDisposable
    {
        private Counting? _current;
        private int _folder = -1;

        public IByteSource? Stored(SevenZipFile file)
        {
            if (file.Folder < 0 || header.Folders[file.Folder] is not { IsStored: true } folder)
            {
                return null;
            }
            long start = folder.PackedOffset <= long.MaxValue - file.Offset ? folder.PackedOffset + file.Offset : long.MaxValue;
            return start <= source.Length - file.Length ? new Slice(source, start, file.Length) : null;
        }

        public ForwardReader At(SevenZipFile file)
        {
            if (file.Folder < 0)
            {
                return new Counting(MemberCodec.Stored(new SourceStream(source, 0, 0), "7z"));
            }
            if (_current is null || _folder != file.Folder || _current.Position > file.Offset)
            {
                _current?.Dispose();
                _current = null;
                _folder = file.Folder;
                _current = new Counting(header.Folders[file.Folder].Open(source, context.Diagnostics));
            }
            _current.SkipTo(file.Offset, context.Cancellation);
            return _current;
        }

        public void Dispose() => _current?.Dispose();
    }

    private sealed class Counting(ForwardReader inner) : ForwardReader
    {
        public long Position { get; private set; }

        public override long InputPosition => inner.InputPosition;

        public override long InputLength => inner.InputLength;

        public override int Read(Span<byte> destination)
        {
            int count = inner.Read(destination);
            Position += count;
            return count;
        }

        public void SkipTo(long position, CancellationToken cancellation)
        {
            byte[] buffer = new byte[64 << 10];
            while (Position < position)
            {
                cancellation.ThrowIfCancellationRequested();
                if (Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, position - Position))) == 0)
                {
                    throw CodecErrors.Truncated("7z.folder", inner.InputPosition);
                }
            }
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
