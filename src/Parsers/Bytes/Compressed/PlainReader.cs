namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Bytes that are not compressed, as a reader like the others.</summary>
internal sealed class PlainReader(IByteSource source) : ForwardReader
{
    private readonly SourceStream _input = new(source);

    public override long InputPosition => _input.Position;

    public override long InputLength => _input.Length;

    public override int Read(Span<byte> destination) => _input.Read(destination);

    protected override void Dispose(bool disposing) => _input.Dispose();
}
