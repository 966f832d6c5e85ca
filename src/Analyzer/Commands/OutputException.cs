namespace Forensics.Analyzer.Commands;

/// <summary>A result could not be written. Its message is one sentence.</summary>
/// <param name="inner">The failure.</param>
/// <param name="target">Name of the output.</param>
public sealed class OutputException(Exception inner, string target)
    : Exception("cannot write " + target + ": " + inner.Message, inner)
{
    private const int Epipe = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);

    /// <summary>The reader of a pipe went away, which is nobody's fault.</summary>
    public bool IsBrokenPipe { get; } = inner is IOException && inner.HResult is Epipe or WindowsBrokenPipe or WindowsNoData;
}

/// <summary>A write-only stream whose failures are <see cref="OutputException"/>, to tell them from failures of the evidence.</summary>
internal sealed class GuardedOutput(Stream inner, string target) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(exception, target);
        }
    }

    public override void Flush()
    {
        try
        {
            inner.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(exception, target);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                inner.Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new OutputException(exception, target);
            }
        }
        base.Dispose(disposing);
    }
}
