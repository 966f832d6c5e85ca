namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>
/// A canonical Huffman code of words of up to 16 bits, read from the most significant bit: short words in one look-up, longer ones by where the words of their length end. An incomplete code
/// is taken; its missing words are found when they are met.
/// </summary>
internal readonly ref struct CanonicalCode
{
    /// <summary>Most bits of a word.</summary>
    public const int MostBits = 16;

    private readonly ReadOnlySpan<ushort> _direct;
    private readonly ReadOnlySpan<ushort> _symbols;
    private readonly ReadOnlySpan<int> _ends;
    private readonly int _shift;

    private CanonicalCode(ReadOnlySpan<ushort> direct, ReadOnlySpan<ushort> symbols, ReadOnlySpan<int> ends, int directBits)
    {
        _direct = direct;
        _symbols = symbols;
        _ends = ends;
        _shift = MostBits - directBits;
    }

    /// <summary>Elements of the table for a code of so many symbols.</summary>
    public static int TableSize(int symbols, int directBits) => (1 << directBits) + symbols;

    /// <summary>Makes the code of the lengths of words (0: the symbol has none; at most 16).</summary>
    /// <param name="lengths">A length a symbol, at most 4096 symbols.</param>
    /// <param name="directBits">Words of up to so many bits (at most 12) are looked up at once.</param>
    /// <param name="table">Memory of <see cref="TableSize"/> elements.</param>
    /// <param name="ends">Memory of <see cref="MostBits"/> + 1 elements.</param>
    /// <param name="code">The code.</param>
    /// <returns>False when there are more words than fit.</returns>
    public static bool TryMake(scoped ReadOnlySpan<byte> lengths, int directBits, Span<ushort> table, Span<int> ends, out CanonicalCode code)
    {
        code = default;
        Span<ushort> direct = table[..(1 << directBits)];
        Span<ushort> symbols = table.Slice(1 << directBits, lengths.Length);
        Span<int> next = stackalloc int[MostBits + 1];
        foreach (byte length in lengths)
        {
            next[length]++;
        }
        ends[0] = 0;
        int first = 0;
        for (int length = 1; length <= MostBits; length++)
        {
            // Words are counted left-justified in 16 bits: all words of a length lie behind those of the shorter ones.
            int count = next[length];
            ends[length] = ends[length - 1] + (count << (MostBits - length));
            next[length] = first;
            first += count;
        }
        if (ends[MostBits] > 1 << MostBits)
        {
            return false;
        }
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length > 0)
            {
                symbols[next[length]++] = (ushort)symbol;
            }
        }
        int at = 0;
        int index = 0;
        for (int length = 1; length <= directBits; length++)
        {
            int step = 1 << (directBits - length);
            for (; index < next[length]; index++)
            {
                direct.Slice(at, step).Fill((ushort)(symbols[index] << 4 | length));
                at += step;
            }
        }
        direct[at..].Clear();
        code = new CanonicalCode(direct, symbols, ends, directBits);
        return true;
    }

    /// <summary>
    /// Elements by the first bits of what is to be decoded, so that a decoder can keep them at hand: the symbol times 16 and, in the low 4 bits, the length of the word. 0 where the word is longer
    /// than the bits, or none: <see cref="FindLong"/> knows.
    /// </summary>
    public ReadOnlySpan<ushort> Direct => _direct;

    /// <summary>What begins with these 16 bits: the symbol times 16 and, in the low 4 bits, the length of the word less one. Negative when no word does.</summary>
    public int Find(int bits)
    {
        int entry = _direct[bits >> _shift];
        return entry != 0 ? entry - 1 : FindLong(bits);
    }

    /// <summary>As <see cref="Find"/>, for words that are not looked up at once.</summary>
    public int FindLong(int bits)
    {
        int index = 0;
        for (int length = 1; length <= MostBits; length++)
        {
            if (bits < _ends[length])
            {
                return _symbols[index + ((bits - _ends[length - 1]) >> (MostBits - length))] << 4 | (length - 1);
            }
            index += (_ends[length] - _ends[length - 1]) >> (MostBits - length);
        }
        return -1;
    }
}
