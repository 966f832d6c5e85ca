namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Bits of a bzip2 stream, the most significant bit of each byte first. Throws <c>CorruptDataException</c> at the end of the input.</summary>
internal sealed class Bzip2Bits(SourceStream input)
{
    private readonly byte[] _bytes = new byte[64 << 10];
    private int _next;
    private int _count;
    private ulong _bits;
    private int _available;

    /// <summary>Byte of the input in which the next bit lies.</summary>
    public long Position => input.Position - (_count - _next) - (_available >> 3);

    /// <summary>The next bits, at most 32, without using them; zeros past the end.</summary>
    public uint Peek(int count)
    {
        if (_available < count)
        {
            Refill();
        }
        // The upper bits are those that were used already.
        ulong bits = _available >= count ? _bits >> (_available - count) : _bits << (count - _available);
        return unchecked((uint)bits) & Mask(count);
    }

    /// <summary>Uses bits that were seen.</summary>
    public void Skip(int count)
    {
        if (_available < count)
        {
            throw CodecErrors.Truncated("bzip2", input.Position);
        }
        _available -= count;
    }

    /// <summary>Up to 32 bits.</summary>
    public uint Read(int count)
    {
        uint value = Peek(count);
        Skip(count);
        return value;
    }

    /// <summary>Drops the rest of the current byte.</summary>
    public void Align() => _available -= _available & 7;

    /// <summary>Whether no bit is left.</summary>
    public bool IsAtEnd()
    {
        Peek(8);
        return _available == 0;
    }

    private static uint Mask(int count) => count == 32 ? uint.MaxValue : (1u << count) - 1;

    private void Refill()
    {
        while (_available <= 56)
        {
            if (_next == _count)
            {
                _next = 0;
                _count = input.Read(_bytes);
                if (_count == 0)
                {
                    return;
                }
            }
            _bits = _bits << 8 | _bytes[_next++];
            _available += 8;
        }
    }
}
