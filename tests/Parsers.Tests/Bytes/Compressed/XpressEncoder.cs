using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>Plain encoders of XPRESS after [MS-XCA] 2.1 and 2.3, for tests.</summary>
internal static class XpressEncoder
{
    /// <summary>Plain LZ77.</summary>
    public static byte[] Plain(ReadOnlySpan<byte> plain)
    {
        var output = new List<byte>();
        int flagAt = 0;
        uint flags = 0;
        int left = 0;
        int shared = -1;
        for (int at = 0; at < plain.Length;)
        {
            StartGroup();
            (int distance, int length) = Lznt1Encoder.LongestMatch(plain, at, 8192, 70_000);
            left--;
            if (length < 3)
            {
                output.Add(plain[at++]);
                continue;
            }
            flags |= 1u << left;
            at += length;
            length -= 3;
            int word = ((distance - 1) << 3) | Math.Min(length, 7);
            output.AddRange([(byte)word, (byte)(word >> 8)]);
            if (length < 7)
            {
                continue;
            }
            int middle = Math.Min(length - 7, 15);
            if (shared < 0)
            {
                shared = output.Count;
                output.Add((byte)middle);
            }
            else
            {
                output[shared] |= (byte)(middle << 4);
                shared = -1;
            }
            if (middle == 15)
            {
                output.AddRange(length - 22 < 255 ? [(byte)(length - 22)] : length < 65536 ? [255, (byte)length, (byte)(length >> 8)] : [255, 0, 0, .. BitConverter.GetBytes(length)]);
            }
        }
        StartGroup();
        // The rest of the last group is ones: a match without data is the end.
        flags |= (uint)((1UL << left) - 1);
        PutFlags();
        return [.. output];

        void StartGroup()
        {
            if (left > 0)
            {
                return;
            }
            if (output.Count > 0)
            {
                PutFlags();
            }
            flagAt = output.Count;
            output.AddRange([0, 0, 0, 0]);
            (flags, left) = (0, 32);
        }

        void PutFlags()
        {
            for (int i = 0; i < 4; i++)
            {
                output[flagAt + i] = (byte)(flags >> (8 * i));
            }
        }
    }

    /// <summary>LZ77 with Huffman codes: all 512 words have 9 bits, so that a symbol is its word.</summary>
    public static byte[] Huffman(ReadOnlySpan<byte> plain)
    {
        var output = new List<byte>();
        for (int at = 0; at < plain.Length;)
        {
            int stop = at + 65536;
            output.AddRange(Enumerable.Repeat((byte)0x99, 256));
            var writer = new Writer(output);
            while (at < plain.Length && at < stop)
            {
                (int distance, int length) = Lznt1Encoder.LongestMatch(plain, at, 65535, int.MaxValue);
                if (length < 3)
                {
                    writer.Bits(plain[at++], 9);
                    continue;
                }
                int log = 31 - int.LeadingZeroCount(distance);
                at += length;
                length -= 3;
                writer.Bits(256 + (log << 4) + Math.Min(length, 15), 9);
                if (length >= 15)
                {
                    writer.Bytes(length - 15 < 255 ? [(byte)(length - 15)] : length < 65536 ? [255, (byte)length, (byte)(length >> 8)] : [255, 0, 0, .. BitConverter.GetBytes(length)]);
                }
                writer.Bits(distance - (1 << log), log);
            }
            if (at >= plain.Length)
            {
                writer.Bits(256, 9);
            }
            writer.Flush();
        }
        return [.. output];
    }

    /// <summary>The writer of [MS-XCA] 2.1.4.3: two words are kept open, bytes go behind them.</summary>
    private sealed class Writer
    {
        private readonly List<byte> _output;
        private int _first;
        private int _second;
        private int _free = 16;
        private uint _bits;

        public Writer(List<byte> output)
        {
            _output = output;
            _first = output.Count;
            _second = output.Count + 2;
            output.AddRange([0, 0, 0, 0]);
        }

        public void Bits(int value, int count)
        {
            if (_free >= count)
            {
                _free -= count;
                _bits = (_bits << count) + (uint)value;
                return;
            }
            _bits = (_bits << _free) + (uint)(value >> (count - _free));
            _free -= count;
            Put(_first, _bits);
            _first = _second;
            _second = _output.Count;
            _output.AddRange([0, 0]);
            _free += 16;
            _bits = (uint)value;
        }

        public void Bytes(ReadOnlySpan<byte> bytes) => _output.AddRange(bytes);

        public void Flush()
        {
            Put(_first, _bits << _free);
            Put(_second, 0);
        }

        private void Put(int at, uint word)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)word);
            (_output[at], _output[at + 1]) = (bytes[0], bytes[1]);
        }
    }
}
