using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A member of a zip.</summary>
internal sealed class ZipEntry(IByteSource source, IDiagnosticSink diagnostics, byte[] rawName, ArchiveEntryKind kind, long length) : ArchiveEntry(rawName, kind, length)
{
    private const int LocalSize = 30;
    private const uint LocalMagic = 0x04034B50;
    private const int Encrypted = 1;
    private const string Structure = "zip.member";

    /// <summary>General purpose bits.</summary>
    public required ushort Flags { get; init; }

    /// <summary>Compression method.</summary>
    public required ushort Method { get; init; }

    /// <summary>CRC-32 of the content.</summary>
    public required uint Crc { get; init; }

    /// <summary>Bytes in the archive.</summary>
    public required long PackedLength { get; init; }

    /// <summary>Where its local header is.</summary>
    public required long HeaderOffset { get; init; }

    public override IByteSource? Direct => Method == 0 && (Flags & Encrypted) == 0 && PackedLength == Length && DataOffset() is var start && start <= source.Length - Length
        ? new Slice(source, start, Length) : null;

    public override ForwardReader OpenReader()
    {
        if ((Flags & Encrypted) != 0)
        {
            throw new UnsupportedFeatureException("encrypted member '" + Name + "' of a zip");
        }
        long start = DataOffset();
        if (PackedLength < 0 || PackedLength > source.Length - start)
        {
            throw new CorruptDataException(Structure, HeaderOffset, "data inside the file", "data past its end");
        }
        return new CheckedReader(Decoder(new SourceStream(source, start, PackedLength), start), Length, Crc, "zip", Name, diagnostics, isShared: false);
    }

    private ForwardReader Decoder(SourceStream input, long start)
    {
        switch (Method)
        {
            case 0:
                return MemberCodec.Stored(input, Structure);
            case 8:
                return MemberCodec.Deflate(input, Structure);
            case 9:
                return MemberCodec.Deflate64(input, Structure);
            case 12:
                return new Bzip2Reader(new Slice(source, start, PackedLength), diagnostics);
            case 14:
                // Version of the encoder, size of the properties, the properties.
                Span<byte> header = stackalloc byte[9];
                if (input.ReadUpTo(header) < header.Length || BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) != 5)
                {
                    throw new CorruptDataException(Structure, start, "five bytes of LZMA properties", "something else");
                }
                return MemberCodec.Lzma(header[4..], input, Length, Structure);
            case 20 or 93:
                return MemberCodec.Zstd(input);
            case 95:
                return new XzReader(new Slice(source, start, PackedLength), diagnostics);
            default:
                throw new UnsupportedFeatureException("zip compression method " + Method + " of the member '" + Name + "'");
        }
    }

    private long DataOffset()
    {
        Span<byte> local = stackalloc byte[LocalSize];
        source.ReadExactly(HeaderOffset, local, Structure);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalMagic)
        {
            throw new CorruptDataException(Structure, HeaderOffset, "a local header", "something else");
        }
        return HeaderOffset + LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
    }
}
