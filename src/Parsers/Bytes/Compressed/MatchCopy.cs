using System.Buffers.Binary;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Copies what was already decoded: the inner step of every decoder of the Lempel-Ziv family.</summary>
internal static class MatchCopy
{
    private const int Word = sizeof(ulong);

    /// <summary>
    /// Copies <paramref name="length"/> bytes from <paramref name="distance"/> bytes before <paramref name="to"/>; ranges that overlap repeat a pattern. The caller has checked that
    /// 0 &lt; distance &lt;= to and that the length fits. Up to 7 bytes behind the copy, inside the buffer, may be overwritten with anything.
    /// </summary>
    public static void Copy(Span<byte> buffer, int to, int distance, int length)
    {
        unchecked   // Nothing here can overflow, and the checks cost a tenth of the time.
        {
            int from = to - distance;
            if (distance >= Word && length <= buffer.Length - to - Word)
            {
                if (length > 64 && distance >= length)
                {
                    buffer.Slice(from, length).CopyTo(buffer[to..]);
                    return;
                }
                // Most matches are of a word or two, for which a call of the general copy takes longer than the copy.
                for (int end = to + length; to < end; to += Word, from += Word)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(buffer[to..], BinaryPrimitives.ReadUInt64LittleEndian(buffer[from..]));
                }
                return;
            }
            if (distance == 1)
            {
                buffer.Slice(to, length).Fill(buffer[from]);
                return;
            }
            if (length <= 16)
            {
                Span<byte> both = buffer.Slice(from, distance + length);
                for (int i = distance; i < both.Length; i++)
                {
                    both[i] = both[i - distance];
                }
                return;
            }
            while (length > 0)
            {
                // Each round doubles what there is to copy from.
                int count = Math.Min(length, to - from);
                buffer.Slice(from, count).CopyTo(buffer[to..]);
                to += count;
                length -= count;
            }
        }
    }
}
