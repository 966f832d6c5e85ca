using System.Buffers.Binary;
using System.Net;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>How records of utmp, wtmp and btmp are laid out: by the size of times and by byte order.</summary>
internal enum UtmpLayout
{
    /// <summary>384 bytes, little-endian: x86, x86-64, 32-bit ARM, ppc64le, riscv64.</summary>
    Small,
    /// <summary>400 bytes, little-endian: aarch64 and other 64-bit systems without a 32-bit sibling.</summary>
    Large,
    /// <summary>384 bytes, big-endian: ppc, ppc64, s390.</summary>
    SmallBig,
    /// <summary>400 bytes, big-endian: s390x.</summary>
    LargeBig,
}

/// <summary>One record. Specification: utmp(5) and bits/utmp.h of glibc.</summary>
internal readonly ref struct UtmpRecord(ReadOnlySpan<byte> bytes, UtmpLayout layout)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    private bool IsBig => layout is UtmpLayout.SmallBig or UtmpLayout.LargeBig;
    private bool IsLarge => layout is UtmpLayout.Large or UtmpLayout.LargeBig;

    public short Type => IsBig ? BinaryPrimitives.ReadInt16BigEndian(_bytes) : BinaryPrimitives.ReadInt16LittleEndian(_bytes);
    public int ProcessId => Int32(4);
    public ReadOnlySpan<byte> Line => Text(8, 32);
    public ReadOnlySpan<byte> Id => Text(40, 4);
    public ReadOnlySpan<byte> User => Text(44, 32);
    public ReadOnlySpan<byte> Host => Text(76, 256);
    public long Seconds => IsLarge ? Int64(344) : Int32(340);
    public long Microseconds => IsLarge ? Int64(352) : Int32(344);
    public bool IsZero => !_bytes.ContainsAnyExcept((byte)0);

    /// <summary>The address as text; null when it is all zero. An address of version 4 stands in the first four bytes.</summary>
    public string? Address
    {
        get
        {
            ReadOnlySpan<byte> address = _bytes.Slice(IsLarge ? 360 : 348, 16);
            if (!address.ContainsAnyExcept((byte)0))
            {
                return null;
            }
            return new IPAddress(address[4..].ContainsAnyExcept((byte)0) ? address : address[..4]).ToString();
        }
    }

    /// <summary>Bytes of a record.</summary>
    public static int SizeOf(UtmpLayout layout) => layout is UtmpLayout.Large or UtmpLayout.LargeBig ? 400 : 384;

    /// <summary>
    /// How much the record looks like one. Under a wrong layout the time lies elsewhere and the records slide against each other, so that little but free places comes out.
    /// </summary>
    public int Score()
    {
        if (IsZero || Type is < 0 or > 9 || Microseconds is < 0 or >= 1_000_000 || !IsText(8, 32) || !IsText(44, 32) || !IsText(76, 256))
        {
            return 0;
        }
        bool hasTime = Seconds is > 315_532_800 and < 7_258_118_400;
        return Type == 0 ? (hasTime ? 2 : 0) : (hasTime ? 4 : 0);
    }

    private int Int32(int at) => IsBig ? BinaryPrimitives.ReadInt32BigEndian(_bytes[at..]) : BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);

    private long Int64(int at) => IsBig ? BinaryPrimitives.ReadInt64BigEndian(_bytes[at..]) : BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]);

    private ReadOnlySpan<byte> Text(int at, int length)
    {
        ReadOnlySpan<byte> field = _bytes.Slice(at, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private bool IsText(int at, int length)
    {
        ReadOnlySpan<byte> text = Text(at, length);
        return text.IndexOfAnyInRange((byte)1, (byte)31) < 0;
    }
}
