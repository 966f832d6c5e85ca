using System.Buffers.Binary;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>The bit stream of LZX: words of 16 bits, little endian, from the most significant bit on. Behind the end it reads as zero, which <see cref="IsOverrun"/> tells.</summary>
internal ref struct LzxBits(ReadOnlySpan<byte> input)
{
    private readonly ReadOnlySpan<byte> _input = input;
    private int _at;
    // Left-justified. Bits behind the first _count may be set; they are those that come next.
    private ulong _bits;
    private int _count;

    /// <summary>More bits were used than there are.</summary>
    public readonly bool IsOverrun => ((_at - _input.Length) * 8) > _count;

    /// <summary>Bytes of the input that are used or in part used.</summary>
    public readonly int Position => Math.Min(_at - (_count >> 3), _input.Length);

    /// <summary>Four words of 16 bits, little endian, the first in the highest bits.</summary>
    public static ulong FourWords(ReadOnlySpan<byte> input)
    {
        ulong bytes = BinaryPrimitives.ReadUInt64BigEndian(input);
        return ((bytes & 0xFF00_FF00_FF00_FF00) >> 8) | ((bytes & 0x00FF_00FF_00FF_00FF) << 8);
    }

    /// <summary>Bits that are available.</summary>
    public readonly int Available => _count;

    /// <summary>Makes at least 49 bits available: enough for one match.</summary>
    public void Fill()
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            if (_count >= 49)
            {
                return;
            }
            if (_at <= _input.Length - 8)
            {
                _bits |= FourWords(_input[_at..]) >> _count;
                int words = (64 - _count) >> 4;
                _at += words * 2;
                _count += words * 16;
                return;
            }
            while (_count < 49)
            {
                int word = _at <= _input.Length - 2 ? BinaryPrimitives.ReadUInt16LittleEndian(_input[_at..]) : _at < _input.Length ? _input[_at] : 0;
                _bits |= (ulong)word << (48 - _count);
                _count += 16;
                // It cannot run away: whoever uses what is not there is stopped at the end of a block.
                _at += 2;
            }
        }
    }

    /// <summary>The next 16 bits, which stay.</summary>
    public readonly int Peek16() => unchecked((int)(_bits >> 48));

    /// <summary>Removes bits that are available.</summary>
    public void Skip(int count)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            _bits <<= count;
            _count -= count;
        }
    }

    /// <summary>Takes up to 17 bits that are available.</summary>
    public int Take(int count)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            // In two steps, for a shift by 64 is one by 0.
            int value = (int)(_bits >> 1 >> (63 - count));
            Skip(count);
            return value;
        }
    }

    /// <summary>Takes the symbol of the next word, of at most 16 available bits; negative when there is none.</summary>
    public int Take(scoped CanonicalCode code)
    {
        int found = code.Find(Peek16());
        Skip((found & 15) + 1);
        return found >> 4;
    }

    /// <summary>Goes to the next word, over at least one bit, and takes bytes as they are. Shorter at the end of the input.</summary>
    public ReadOnlySpan<byte> TakeBytes(int count)
    {
        ReadOnlySpan<byte> bytes = _input[Math.Min(_at, _input.Length)..];
        bytes = bytes[..Math.Min(count, bytes.Length)];
        _at += bytes.Length;
        return bytes;
    }

    /// <summary>Drops the rest of the word that the next bit to be read lies in.</summary>
    public void Align()
    {
        int used = (_at * 8) - _count;
        _at = ((used >> 4) + 1) * 2;
        _count = 0;
        _bits = 0;
    }
}
