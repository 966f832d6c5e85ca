using System.Globalization;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Cpio;

/// <summary>One member of a cpio archive.</summary>
/// <param name="Path">Raw name, decoded; without leading <c>./</c> and slashes.</param>
/// <param name="Mode">Type and permission bits of stat(2).</param>
/// <param name="Size">Bytes of its content.</param>
internal readonly record struct CpioEntry(string Path, int Mode, long Size)
{
    /// <summary>A regular file.</summary>
    public bool IsRegular => (Mode & 0xF000) == 0x8000;

    /// <summary>A symbolic link.</summary>
    public bool IsLink => (Mode & 0xF000) == 0xA000;
}

/// <summary>
/// Reads cpio archives forward: newc (<c>070701</c>, <c>070702</c>) and the old portable format (<c>070707</c>), one behind the other with zeros between, as the kernel takes an initramfs.
/// Specification: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
/// </summary>
/// <remarks>Throws <see cref="CorruptDataException"/> where no header follows, <see cref="LimitExceededException"/> for more members or bytes than allowed. Names are text here and never paths on a disk.</remarks>
internal sealed class CpioReader(ForwardReader input, int mostEntries, long mostBytes)
{
    private const string Structure = "cpio";
    private const int NewHeader = 110;
    private const int OldHeader = 76;
    private const int LongestName = 4096;

    private readonly byte[] _header = new byte[NewHeader];
    private readonly byte[] _block = new byte[64 << 10];
    private long _position;
    private long _left;
    private int _padding;
    private int _entries;

    /// <summary>Bytes of the input used.</summary>
    public long Position => _position;

    /// <summary>Members so far.</summary>
    public int Entries => _entries;

    /// <summary>The next member; the content of the last one is passed over. False at the end of the input, and at the end of an archive when <paramref name="stopsAtTrailer"/>.</summary>
    public bool TryNext(bool stopsAtTrailer, out CpioEntry entry)
    {
        entry = default;
        while (true)
        {
            PassContent();
            if (!PassZeros())
            {
                return false;
            }
            entry = ReadHeader();
            if (entry.Path != "TRAILER!!!")
            {
                if (++_entries > mostEntries)
                {
                    throw new LimitExceededException("members of a cpio archive", mostEntries);
                }
                return true;
            }
            if (stopsAtTrailer)
            {
                PassContent();
                return false;
            }
        }
    }

    /// <summary>Reads content of the member at hand; 0 at its end.</summary>
    public int Read(Span<byte> destination)
    {
        int wanted = (int)Math.Min(destination.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }
        int count = Take(destination[..wanted]);
        _left -= count;
        return count > 0 ? count : throw CodecErrors.Truncated(Structure, _position);
    }

    private void PassContent()
    {
        while (_left > 0)
        {
            Read(_block);
        }
        if (_padding > 0)
        {
            Fill(_block.AsSpan(0, _padding), mayEnd: true);
            _padding = 0;
        }
    }

    /// <summary>Goes to the first byte that is no zero, which is then in the header; false when there is none.</summary>
    private bool PassZeros()
    {
        do
        {
            if (Take(_header.AsSpan(0, 1)) == 0)
            {
                return false;
            }
        }
        while (_header[0] == 0);
        return true;
    }

    private CpioEntry ReadHeader()
    {
        long start = _position - 1;
        Fill(_header.AsSpan(1, 5));
        ReadOnlySpan<byte> magic = _header.AsSpan(0, 6);
        bool isOld = magic.SequenceEqual("070707"u8);
        if (!isOld && !magic.SequenceEqual("070701"u8) && !magic.SequenceEqual("070702"u8))
        {
            throw new CorruptDataException(Structure, start, "the magic of a member", Convert.ToHexStringLower(magic));
        }
        Fill(_header.AsSpan(6, (isOld ? OldHeader : NewHeader) - 6));
        int mode = (int)((isOld ? Octal(18, 6) : Hex(14)) & 0xFFFF);
        long size = isOld ? Octal(65, 11) : Hex(54);
        long nameSize = isOld ? Octal(59, 6) : Hex(94);
        if (nameSize is <= 0 or > LongestName)
        {
            throw new CorruptDataException(Structure, start, "a name of at most 4096 bytes", nameSize.ToString(CultureInfo.InvariantCulture));
        }
        Span<byte> name = _block.AsSpan(0, (int)nameSize);
        Fill(name);
        if (!isOld)
        {
            Fill(_block.AsSpan((int)nameSize, Align(NewHeader + nameSize)));
        }
        _left = size;
        _padding = isOld ? 0 : Align(size);
        int end = name.IndexOf((byte)0);
        string path = TextLines.Decode(end < 0 ? name : name[..end]);
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return new CpioEntry(path.TrimStart('/'), mode, size);
    }

    private static int Align(long size) => (int)(-size & 3);

    private long Hex(int at) => Number(_header.AsSpan(at, 8), 16);

    private long Octal(int at, int digits) => Number(_header.AsSpan(at, digits), 8);

    private long Number(ReadOnlySpan<byte> digits, int radix)
    {
        long value = 0;
        foreach (byte digit in digits)
        {
            int number = char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : radix;
            if (number >= radix)
            {
                throw new CorruptDataException(Structure, _position, "digits", Convert.ToHexStringLower(digits));
            }
            value = value * radix + number;
        }
        return value;
    }

    private void Fill(Span<byte> destination, bool mayEnd = false)
    {
        int done = 0;
        while (done < destination.Length)
        {
            int count = Take(destination[done..]);
            if (count == 0)
            {
                if (mayEnd)
                {
                    return;
                }
                throw CodecErrors.Truncated(Structure, _position);
            }
            done += count;
        }
    }

    private int Take(Span<byte> destination)
    {
        int count = input.Read(destination);
        _position += count;
        return _position > mostBytes ? throw new LimitExceededException("bytes of a cpio archive", mostBytes) : count;
    }
}
