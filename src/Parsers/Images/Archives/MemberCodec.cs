using System.Buffers.Binary;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;
using SharpCompress.Compressors.Deflate64;
using SharpCompress.Compressors.LZMA;
using CompressionMode = System.IO.Compression.CompressionMode;

namespace Forensics.Parsers.Images.Archives;

/// <summary>The decoders that zip and 7z have in common, over a window of the archive.</summary>
internal static class MemberCodec
{
    private const int LzmaPropertiesSize = 5;

    public static ForwardReader Stored(SourceStream input, string structure) => new DecoderReader(input, input, structure);

    public static ForwardReader Deflate(SourceStream input, string structure) => new DecoderReader(new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true), input, structure);

    public static ForwardReader Deflate64(SourceStream input, string structure) => new DecoderReader(new Deflate64Stream(input, SharpCompress.Compressors.CompressionMode.Decompress), input, structure);

    public static ForwardReader Zstd(SourceStream input) => new ZstdReader(input, NullDiagnosticSink.Instance);

    /// <summary>LZMA with its five bytes of properties: packed parameters and the size of the dictionary, of which no more is provided than the content is long.</summary>
    public static ForwardReader Lzma(ReadOnlySpan<byte> properties, SourceStream input, long length, string structure)
    {
        if (properties.Length < LzmaPropertiesSize || properties[0] >= 9 * 5 * 5)
        {
            throw new CorruptDataException(structure, 0, "properties of LZMA", Convert.ToHexStringLower(properties[..Math.Min(8, properties.Length)]));
        }
        byte[] own = properties[..LzmaPropertiesSize].ToArray();
        long dictionary = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(own.AsSpan(1)), Math.Max(4096, length));
        if (dictionary > XzLayout.MaxDictionary)
        {
            throw new LimitExceededException("LZMA dictionary", dictionary);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(own.AsSpan(1), (uint)dictionary);
        return Guarded(structure, () => new DecoderReader(LzmaStream.Create(own, input, input.Length - input.Position, length, leaveOpen: true), input, structure));
    }

    /// <summary>LZMA2 with its one byte of properties.</summary>
    public static ForwardReader Lzma2(ReadOnlySpan<byte> properties, SourceStream input, long length, string structure)
    {
        if (properties.Length != 1 || properties[0] > 40)
        {
            throw new CorruptDataException(structure, 0, "a property of LZMA2", Convert.ToHexStringLower(properties[..Math.Min(8, properties.Length)]));
        }
        byte dictionary = XzLayout.DictionaryFor(properties[0], length);
        return Guarded(structure, () => new DecoderReader(LzmaStream.Create([dictionary], input, -1, -1, null, isLzma2: true, leaveOpen: true), input, structure));
    }

    /// <summary>The LZMA decoder reads its first bytes when it is made.</summary>
    private static ForwardReader Guarded(string structure, Func<ForwardReader> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is not ForensicException && CodecErrors.IsDamage(e))
        {
            throw new CorruptDataException(structure, 0, "LZMA data", "none");
        }
    }
}
