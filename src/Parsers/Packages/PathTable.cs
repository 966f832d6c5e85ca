using System.Runtime.InteropServices;

namespace Forensics.Parsers.Packages;

/// <summary>
/// Numbers byte strings from 0 in order of first appearance and finds them again: one array of bytes, one of ends, one of hash slots. The hash is the seeded one of
/// strings, so that a database cannot be made to collide; numbers never depend on it.
/// </summary>
internal sealed class PathTable
{
    private byte[] _bytes = new byte[4096];
    private int[] _ends = new int[64];
    private int[] _slots = new int[128];

    /// <summary>How many distinct strings.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes used by all strings together.</summary>
    public int ByteCount { get; private set; }

    /// <summary>The string with a number.</summary>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            int start = number == 0 ? 0 : _ends[number - 1];
            return _bytes.AsSpan(start, _ends[number] - start);
        }
    }

    /// <summary>Number of a string, -1 when it is not there.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        int mask = _slots.Length - 1;
        for (int slot = Hash(text) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (this[_slots[slot] - 1].SequenceEqual(text))
            {
                return _slots[slot] - 1;
            }
        }
        return -1;
    }

    /// <summary>Number of a string, given to it now when it is new.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        int mask = _slots.Length - 1;
        int slot = Hash(text) & mask;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (this[_slots[slot] - 1].SequenceEqual(text))
            {
                return _slots[slot] - 1;
            }
        }
        if (ByteCount + text.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, ByteCount + text.Length));
        }
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
        }
        text.CopyTo(_bytes.AsSpan(ByteCount));
        ByteCount += text.Length;
        _ends[Count] = ByteCount;
        Count++;
        _slots[slot] = Count;
        if (Count * 2 > _slots.Length)
        {
            Grow();
        }
        return Count - 1;
    }

    /// <summary>Gives back what was reserved for growth.</summary>
    public void Trim()
    {
        Array.Resize(ref _bytes, ByteCount);
        Array.Resize(ref _ends, Math.Max(1, Count));
    }

    private static int Hash(ReadOnlySpan<byte> text)
    {
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(text));
        return (text.Length & 1) == 0 ? hash : unchecked((hash ^ text[^1]) * (int)0x9E3779B1);
    }

    private void Grow()
    {
        var slots = new int[_slots.Length * 2];
        int mask = slots.Length - 1;
        for (int number = 0; number < Count; number++)
        {
            int slot = Hash(this[number]) & mask;
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }
            slots[slot] = number + 1;
        }
        _slots = slots;
    }
}
