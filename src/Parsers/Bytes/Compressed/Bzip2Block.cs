using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// Decodes the blocks of a bzip2 stream: Huffman codes, move to front, Burrows-Wheeler transform and the outer run lengths. Reference: the description of the format at
/// https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf and the behaviour of bzip2 1.0.
/// </summary>
/// <remarks>Throws <see cref="CorruptDataException"/>. Limitations: blocks with the randomisation of bzip2 before 0.9.5 are refused.</remarks>
internal sealed class Bzip2Block(Bzip2Bits bits)
{
    private const int MaxTables = 6;
    private const int MaxSymbols = 258;
    private const int MaxSelectors = 18002;
    private const int GroupSize = 50;
    private const int RunB = 1;
    private const int FastBits = 10;
    private const int LongestCode = 20;

    private readonly byte[] _selectors = new byte[MaxSelectors];
    private readonly byte[] _lengths = new byte[MaxSymbols];
    private readonly HuffmanTable[] _tables = [new(), new(), new(), new(), new(), new()];
    private readonly int[] _counts = new int[256];
    private readonly byte[] _front = new byte[256];
    private readonly byte[] _used = new byte[256];
    private uint[] _links = [];
    private int _left;
    private uint _position;
    private int _run;
    private int _previous;
    private int _pending;

    /// <summary>Checksum that the block states.</summary>
    public uint StoredCrc { get; private set; }

    /// <summary>Reads a block up to its end; its content is then had from <see cref="Read"/>. The magic was read.</summary>
    public void Decode(int blockSize)
    {
        StoredCrc = bits.Read(32);
        if (bits.Read(1) != 0)
        {
            throw new UnsupportedFeatureException("bzip2 block with randomisation (written by bzip2 before 0.9.5)");
        }
        uint origin = bits.Read(24);
        int symbols = ReadUsed();
        int tables = (int)bits.Read(3);
        int selectors = (int)bits.Read(15);
        Require(symbols > 0 && tables is >= 2 and <= MaxTables && selectors > 0, "a symbol, two to six tables and a selector", "others");
        ReadSelectors(tables, selectors);
        int alphabet = symbols + 2;
        for (int i = 0; i < tables; i++)
        {
            ReadLengths(alphabet);
            Require(_tables[i].Build(_lengths.AsSpan(0, alphabet)), "a prefix code", "lengths that make none");
        }
        if (_links.Length < blockSize)
        {
            _links = new uint[blockSize];
        }
        int count = ReadSymbols(Math.Min(selectors, MaxSelectors), symbols, blockSize);
        Require(origin < count, "an origin inside the block", "one outside");
        Invert(count);
        _left = count;
        _position = _links[origin] >> 8;
        _run = 0;
        _previous = -1;
        _pending = 0;
    }

    /// <summary>Gives decoded bytes; 0 when the block is at its end.</summary>
    public int Read(Span<byte> destination)
    {
        int done = 0;
        uint[] links = _links;
        uint position = _position;
        while (done < destination.Length)
        {
            if (_pending > 0)
            {
                int count = Math.Min(_pending, destination.Length - done);
                destination.Slice(done, count).Fill((byte)_previous);
                done += count;
                _pending -= count;
                continue;
            }
            if (_left == 0)
            {
                break;
            }
            uint link = links[position];
            int value = (int)(link & 0xFF);
            position = link >> 8;
            _left--;
            if (_run == 4)
            {
                // After four equal bytes comes how many more there are.
                _pending = value;
                _run = 0;
                continue;
            }
            _run = value == _previous ? _run + 1 : 1;
            _previous = value;
            destination[done++] = (byte)value;
        }
        _position = position;
        return done;
    }

    private int ReadUsed()
    {
        uint rows = bits.Read(16);
        int count = 0;
        for (int row = 0; row < 16; row++)
        {
            if ((rows >> (15 - row) & 1) == 0)
            {
                continue;
            }
            uint columns = bits.Read(16);
            for (int column = 0; column < 16; column++)
            {
                if ((columns >> (15 - column) & 1) != 0)
                {
                    _used[count++] = (byte)(row * 16 + column);
                }
            }
        }
        return count;
    }

    private void ReadSelectors(int tables, int selectors)
    {
        Span<byte> order = [0, 1, 2, 3, 4, 5];
        for (int i = 0; i < selectors; i++)
        {
            int index = 0;
            while (bits.Read(1) != 0)
            {
                index++;
                Require(index < tables, "a selector of a table", "one past the last");
            }
            byte table = order[index];
            order[..index].CopyTo(order[1..]);
            order[0] = table;
            // bzip2 1.0.8 and lbzip2 may state more than a block can use: they are read and dropped.
            if (i < MaxSelectors)
            {
                _selectors[i] = table;
            }
        }
    }

    private void ReadLengths(int alphabet)
    {
        int length = (int)bits.Read(5);
        for (int i = 0; i < alphabet; i++)
        {
            while (true)
            {
                Require(length is >= 1 and <= LongestCode, "a code of 1 to 20 bits", "another");
                if (bits.Read(1) == 0)
                {
                    break;
                }
                length += bits.Read(1) == 0 ? 1 : -1;
            }
            _lengths[i] = (byte)length;
        }
    }

    private int ReadSymbols(int selectors, int symbols, int blockSize)
    {
        _used.AsSpan(0, symbols).CopyTo(_front);
        Array.Clear(_counts);
        uint[] links = _links;
        int endOfBlock = symbols + 1;
        int count = 0;
        int run = 0;
        int weight = 1;
        for (int group = 0; group < selectors; group++)
        {
            HuffmanTable table = _tables[_selectors[group]];
            for (int i = 0; i < GroupSize; i++)
            {
                int symbol = table.Next(bits);
                if (symbol <= RunB)
                {
                    Require(weight <= blockSize, "a run inside the block", "a longer one");
                    run += weight << symbol;
                    weight <<= 1;
                    continue;
                }
                if (run > 0)
                {
                    Require(run <= blockSize - count, "a run inside the block", "a longer one");
                    links.AsSpan(count, run).Fill(_front[0]);
                    _counts[_front[0]] += run;
                    count += run;
                    run = 0;
                    weight = 1;
                }
                if (symbol == endOfBlock)
                {
                    return count;
                }
                Require(count < blockSize, "the end of the block", "more symbols");
                byte value = _front[symbol - 1];
                _front.AsSpan(0, symbol - 1).CopyTo(_front.AsSpan(1));
                _front[0] = value;
                links[count++] = value;
                _counts[value]++;
            }
        }
        throw Corrupt("the end of the block", "no more selectors");
    }

    private void Invert(int count)
    {
        int sum = 0;
        for (int i = 0; i < 256; i++)
        {
            (_counts[i], sum) = (sum, sum + _counts[i]);
        }
        uint[] links = _links;
        int[] counts = _counts;
        for (int i = 0; i < count; i++)
        {
            links[counts[links[i] & 0xFF]++] |= (uint)i << 8;
        }
    }

    private void Require(bool holds, string expected, string actual)
    {
        if (!holds)
        {
            throw Corrupt(expected, actual);
        }
    }

    private CorruptDataException Corrupt(string expected, string actual) => new("bzip2.block", bits.Position, expected, actual);

    /// <summary>A prefix code: short codes by one look-up, longer ones by comparing with the first code of each length.</summary>
    private sealed class HuffmanTable
    {
        private readonly ushort[] _fast = new ushort[1 << FastBits];
        private readonly int[] _limit = new int[LongestCode + 2];
        private readonly int[] _offset = new int[LongestCode + 2];
        private readonly ushort[] _sorted = new ushort[MaxSymbols];

        public bool Build(ReadOnlySpan<byte> lengths)
        {
            Array.Clear(_fast);
            int code = 0;
            int index = 0;
            for (int length = 1; length <= LongestCode; length++)
            {
                _offset[length] = index - code;
                for (int symbol = 0; symbol < lengths.Length; symbol++)
                {
                    if (lengths[symbol] != length)
                    {
                        continue;
                    }
                    if (code >= 1 << length)
                    {
                        return false;
                    }
                    if (length <= FastBits)
                    {
                        _fast.AsSpan(code << (FastBits - length), 1 << (FastBits - length)).Fill((ushort)(symbol << 5 | length));
                    }
                    _sorted[index++] = (ushort)symbol;
                    code++;
                }
                _limit[length] = code;
                code <<= 1;
            }
            return true;
        }

        public int Next(Bzip2Bits bits)
        {
            uint ahead = bits.Peek(LongestCode);
            int entry = _fast[ahead >> (LongestCode - FastBits)];
            if (entry != 0)
            {
                bits.Skip(entry & 31);
                return entry >> 5;
            }
            for (int length = FastBits + 1; length <= LongestCode; length++)
            {
                int code = (int)(ahead >> (LongestCode - length));
                if (code < _limit[length])
                {
                    int index = code + _offset[length];
                    if (index < 0)
                    {
                        break;
                    }
                    bits.Skip(length);
                    return _sorted[index];
                }
            }
            throw new CorruptDataException("bzip2.block", bits.Position, "a code of the table", "another");
        }
    }
}
