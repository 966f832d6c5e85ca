using System.Buffers;
using Forensics.Parsers;

namespace Forensics.Analyzer.Listing;

/// <summary>Puts lines together in a buffer of its own. Not thread-safe.</summary>
public abstract class RowWriter(Stream output) : IDisposable
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    private readonly byte[] _buffer = new byte[256 << 10];
    private int _used;

    /// <summary>Hands everything to the stream.</summary>
    public void Flush()
    {
        output.Write(_buffer, 0, _used);
        _used = 0;
        output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        GC.SuppressFinalize(this);
    }

    /// <summary>Room for at least <paramref name="count"/> more bytes (at most 64 KiB); <see cref="Advance"/> takes what was written.</summary>
    protected Span<byte> Room(int count)
    {
        if (_buffer.Length - _used < count)
        {
            output.Write(_buffer, 0, _used);
            _used = 0;
        }
        return _buffer.AsSpan(_used);
    }

    /// <summary>Bytes written into <see cref="Room"/>.</summary>
    protected void Advance(int count) => _used += count;

    /// <summary>One ASCII byte.</summary>
    protected void Byte(byte value)
    {
        Room(1)[0] = value;
        _used++;
    }

    /// <summary>ASCII bytes.</summary>
    protected void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _used += text.Length;
    }

    /// <summary>Text as UTF-8, in pieces so that any length fits.</summary>
    protected void Text(ReadOnlySpan<char> text)
    {
        while (text.Length > 16384)
        {
            int piece = char.IsHighSurrogate(text[16383]) ? 16383 : 16384;
            Advance(System.Text.Encoding.UTF8.GetBytes(text[..piece], Room(3 * piece)));
            text = text[piece..];
        }
        Advance(System.Text.Encoding.UTF8.GetBytes(text, Room(3 * text.Length)));
    }

    /// <summary>A decimal number.</summary>
    protected void Number(long value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, Room(24), out int written);
        _used += written;
    }

    /// <summary>An unsigned decimal number.</summary>
    protected void Number(ulong value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, Room(24), out int written);
        _used += written;
    }

    /// <summary>A time with nine decimals; nothing when absent.</summary>
    protected void Time(Timestamp? time)
    {
        if (time is { } value)
        {
            value.Format(Room(Timestamp.TextLength));
            _used += Timestamp.TextLength;
        }
    }

    /// <summary>Lower-case hex.</summary>
    protected void Hex(ReadOnlySpan<byte> digest)
    {
        Convert.TryToHexStringLower(digest, Room(2 * digest.Length), out int written);
        _used += written;
    }

    /// <summary>Four octal digits.</summary>
    protected void Mode(int permissions)
    {
        Span<byte> room = Room(4);
        for (int i = 0; i < 4; i++)
        {
            room[i] = (byte)('0' + ((permissions >> (9 - 3 * i)) & 7));
        }
        _used += 4;
    }

    /// <summary>A number in hex with its prefix.</summary>
    protected void HexNumber(uint value)
    {
        Raw("0x"u8);
        System.Buffers.Text.Utf8Formatter.TryFormat(value, Room(8), out int written, new System.Buffers.StandardFormat('x'));
        _used += written;
    }

    /// <summary>A field of CSV (RFC 4180): quoted when it has to be. It is in display form, so it holds no control characters.</summary>
    protected void Field(string text)
    {
        if (text.AsSpan().IndexOfAny(s_quoted) < 0)
        {
            Text(text);
            return;
        }
        Byte((byte)'"');
        Text(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        Byte((byte)'"');
    }
}
