namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>A decoder that is a stream, as a reader: its exceptions become <c>CorruptDataException</c>. Owns both streams.</summary>
internal sealed class DecoderReader(Stream decoder, SourceStream input, string structure) : ForwardReader
{
    public override long InputPosition => input.Position;

    public override long InputLength => input.Length;

    public override int Read(Span<byte> destination) => CodecErrors.Read(decoder, destination, structure, input);

    protected override void Dispose(bool disposing)
    {
        decoder.Dispose();
        input.Dispose();
    }
}
