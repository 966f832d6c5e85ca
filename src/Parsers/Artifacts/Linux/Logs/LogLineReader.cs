using System.Buffers;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Splits a log of any length into lines with one buffer. A NUL ends a line too: after a crash blocks of them stand where data were not written. Empty lines are
/// left out but counted.
/// </summary>
internal sealed class LogLineReader : IDisposable
{
    private static readonly SearchValues<byte> s_ends = SearchValues.Create((byte)'\n', (byte)0);

    private readonly LogContent _content;
    private readonly CancellationToken _cancellation;
    private readonly int _longest;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _bufferOffset;
    private long _newLines;
    private int _lineStart;
    private int _lineLength;
    private bool _isSkipping;
    private bool _isAtEnd;

    public LogLineReader(LogContent content, int longest, CancellationToken cancellation)
    {
        _content = content;
        _longest = longest;
        _cancellation = cancellation;
        _bufferOffset = content.Position;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(4 * longest, 256 << 10));
    }

    /// <summary>The line without its end; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineLength);

    /// <summary>Byte offset of the line.</summary>
    public long Offset { get; private set; }

    /// <summary>Number of the line from 1.</summary>
    public long Number { get; private set; }

    /// <summary>How many lines were longer than the limit; only their beginnings were handed out.</summary>
    public long CutLines { get; private set; }

    /// <summary>How many NUL bytes there were, and bytes in holes.</summary>
    public long Zeros { get; private set; }

    /// <summary>Goes to the next line that is not empty; false at the end.</summary>
    public bool Read()
    {
        while (true)
        {
            SkipEmpty();
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int length = rest.IndexOfAny(s_ends);
            if (length < 0 && (_isSkipping || rest.Length < _longest) && Fill())
            {
                continue;
            }
            if (length < 0 && rest.IsEmpty)
            {
                return false;
            }
            if (_isSkipping)
            {
                // The rest of a line that was cut: passed over to its end.
                _start += length < 0 ? rest.Length : length;
                _isSkipping = length < 0;
                continue;
            }
            Take(rest, length);
            if (_lineLength > 0)
            {
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Take(ReadOnlySpan<byte> rest, int length)
    {
        bool isWhole = length >= 0;
        length = isWhole ? length : rest.Length;
        Offset = _bufferOffset + _start;
        Number = _newLines + 1;
        _lineStart = _start;
        _lineLength = length;
        _start += length;
        bool goesOn = !isWhole && !_isAtEnd;
        if (length > _longest || goesOn)
        {
            CutLines++;
            _lineLength = Math.Min(length, _longest);
            _isSkipping = goesOn;
        }
        if (_lineLength > 0 && _buffer[_lineStart + _lineLength - 1] == '\r')
        {
            _lineLength--;
        }
    }

    private void SkipEmpty()
    {
        while (_start < _end)
        {
            byte value = _buffer[_start];
            if (value == '\n')
            {
                _newLines++;
                _start++;
            }
            else if (value == 0)
            {
                int run = _buffer.AsSpan(_start, _end - _start).IndexOfAnyExcept((byte)0);
                run = run < 0 ? _end - _start : run;
                Zeros += run;
                _start += run;
                _isSkipping = false;
                continue;
            }
            else
            {
                return;
            }
            _isSkipping = false;
        }
    }

    /// <summary>Reads more; false when nothing follows the bytes at hand or a hole does, which ends their line.</summary>
    private bool Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_isAtEnd)
        {
            return false;
        }
        if (_isSkipping)
        {
            _start = _end;
        }
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _bufferOffset += _start;
            _end -= _start;
            _start = 0;
        }
        long hole = _end == 0 ? _content.SkipHole() : 0;
        if (hole > 0)
        {
            Zeros += hole;
            _bufferOffset = _content.Position;
            _isSkipping = false;
        }
        int count = _content.Read(_buffer.AsSpan(_end));
        _end += count;
        _isAtEnd = count == 0;
        return count > 0;
    }
}
