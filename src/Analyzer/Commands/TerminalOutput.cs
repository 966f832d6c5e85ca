using System.Buffers;
using System.Text;
using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// Shows bytes of evidence on a terminal: printable UTF-8, newline and tab as they are, every other byte as <c>\xNN</c>, so that no escape sequence of a
/// file reaches the terminal. Closing leaves the inner stream open.
/// </summary>
internal sealed class TerminalOutput(Stream inner) : Stream
{
    private const int LongestCharacter = 4;
    private readonly ArrayBufferWriter<byte> _text = new(64 << 10);
    private readonly byte[] _rest = new byte[LongestCharacter];
    private int _restLength;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // A character cut by the previous write is completed byte by byte.
        while (_restLength > 0 && buffer.Length > 0)
        {
            _rest[_restLength++] = buffer[0];
            buffer = buffer[1..];
            if (Rune.DecodeFromUtf8(_rest.AsSpan(0, _restLength), out _, out _) == OperationStatus.NeedMoreData)
            {
                continue;
            }
            int left = Show(_rest.AsSpan(0, _restLength));
            _rest.AsSpan(_restLength - left, left).CopyTo(_rest);
            _restLength = left;
        }
        int cut = Show(buffer);
        buffer[^cut..].CopyTo(_rest.AsSpan(_restLength));
        _restLength += cut;
        inner.Write(_text.WrittenSpan);
        _text.ResetWrittenCount();
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _restLength > 0)
        {
            Escape(_rest.AsSpan(0, _restLength));
            _restLength = 0;
            inner.Write(_text.WrittenSpan);
            _text.ResetWrittenCount();
        }
        base.Dispose(disposing);
    }

    /// <summary>Appends all whole characters; returns how many bytes at the end are the beginning of one.</summary>
    private int Show(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length);
            if (status == OperationStatus.NeedMoreData)
            {
                return bytes.Length;
            }
            if (status == OperationStatus.Done && (rune.Value is '\n' or '\t' || SafeText.IsVisible(rune)))
            {
                _text.Write(bytes[..length]);
            }
            else
            {
                Escape(bytes[..length]);
            }
            bytes = bytes[length..];
        }
        return 0;
    }

    private void Escape(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            Span<byte> escape = _text.GetSpan(4);
            escape[0] = (byte)'\\';
            escape[1] = (byte)'x';
            escape[2] = (byte)"0123456789abcdef"[value >> 4];
            escape[3] = (byte)"0123456789abcdef"[value & 15];
            _text.Advance(4);
        }
    }
}
