using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Reads the value of a $REPARSE_POINT (REPARSE_DATA_BUFFER, [MS-FSCC] 2.1.2). Never throws: what does not fit yields nothing.</summary>
/// <remarks>
/// Limitations: which drive letter a volume had is not in the volume, so a target on any drive is taken to be on this one; targets on other volumes by GUID, on shares and below
/// <c>\\?\GLOBALROOT</c> are kept as text that leads nowhere.
/// </remarks>
internal static class ReparsePoint
{
    public const uint MountPoint = 0xA0000003;
    public const uint SymbolicLink = 0xA000000C;
    public const uint LinuxSymbolicLink = 0xA000001D;
    public const uint LinuxSocket = 0x80000023;
    public const uint LinuxFifo = 0x80000024;
    public const uint LinuxCharacterDevice = 0x80000025;
    public const uint LinuxBlockDevice = 0x80000026;
    public const uint Wof = 0x80000017;
    private const uint Deduplicated = 0x80000013;
    private const uint CloudMask = 0xFFFF0FFF;
    private const uint Cloud = 0x9000001A;
    private const int HeaderSize = 8;

    /// <summary>The tag; 0 when there is none.</summary>
    public static uint Tag(ReadOnlySpan<byte> value) => value.Length < HeaderSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(value);

    /// <summary>What stands behind the header: as much as it says, at most what is there.</summary>
    public static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> value) =>
        value.Length < HeaderSize ? default : value.Slice(HeaderSize, Math.Min(value.Length - HeaderSize, BinaryPrimitives.ReadUInt16LittleEndian(value[4..])));

    /// <summary>What a file with the tag is, unless it is what its record says.</summary>
    public static FileType? TypeOf(uint tag) => tag switch
    {
        MountPoint or SymbolicLink or LinuxSymbolicLink => FileType.SymbolicLink,
        LinuxSocket => FileType.Socket,
        LinuxFifo => FileType.Fifo,
        LinuxCharacterDevice => FileType.CharacterDevice,
        LinuxBlockDevice => FileType.BlockDevice,
        _ => null,
    };

    /// <summary>Why the content of a file with the tag is not in the file; null when it may be.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="isAway">The file says that its content is to be fetched, or it has a size and no cluster.</param>
    public static string? ContentMissingBecause(uint tag, bool isAway) => tag switch
    {
        Deduplicated => "deduplicated",
        0x80000007 => "single instance storage",
        // What was fetched from these stays under its tag.
        0xC0000004 or 0x80000006 or 0x8000001E or 0x9000001E when isAway => "moved to remote storage",
        0x80000021 or 0x80000015 when isAway => "offline in the cloud",
        0x9000001C or 0xA0000022 when isAway => "projected from elsewhere",
        _ when isAway && (tag & CloudMask) == Cloud => "offline in the cloud",
        _ => null,
    };

    /// <summary>The target of a link as a path with slashes; null when the value holds none.</summary>
    public static byte[]? Target(ReadOnlySpan<byte> value)
    {
        uint tag = Tag(value);
        ReadOnlySpan<byte> data = Data(value);
        switch (tag)
        {
            case LinuxSymbolicLink:
                // A version number, then UTF-8.
                return data.Length > 4 ? data[4..].ToArray() : null;
            case SymbolicLink:
                return data.Length < 12 ? null : Converted(Name(data, 12), (BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) & 1) != 0);
            case MountPoint:
                return data.Length < 8 ? null : Converted(Name(data, 8), isRelative: false);
            default:
                return null;
        }
    }

    /// <summary>The substitute name, which is the one that is followed; the print name where there is none.</summary>
    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> data, int bufferOffset)
    {
        ReadOnlySpan<byte> buffer = data[bufferOffset..];
        ReadOnlySpan<byte> name = Cut(buffer, BinaryPrimitives.ReadUInt16LittleEndian(data), BinaryPrimitives.ReadUInt16LittleEndian(data[2..]));
        return name.IsEmpty ? Cut(buffer, BinaryPrimitives.ReadUInt16LittleEndian(data[4..]), BinaryPrimitives.ReadUInt16LittleEndian(data[6..])) : name;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> buffer, int offset, int length) =>
        offset <= buffer.Length && length <= buffer.Length - offset ? buffer.Slice(offset, length) : default;

    private static byte[]? Converted(ReadOnlySpan<byte> utf16, bool isRelative)
    {
        if (utf16.Length < 2)
        {
            return null;
        }
        byte[] name = Wtf8.FromUtf16(utf16);
        ReadOnlySpan<byte> rest = name;
        bool isNative = rest.StartsWith(@"\??\"u8) || rest.StartsWith(@"\\?\"u8);
        if (isNative)
        {
            rest = rest[4..];
        }
        // Linux writes an absolute target so: the volume itself.
        bool isOwnRoot = isNative && name[1] == '?' && rest is [(byte)'\\', not (byte)'\\', ..];
        bool hasDrive = rest.Length >= 2 && rest[1] == ':' && char.IsAsciiLetter((char)rest[0]) && (rest.Length == 2 || rest[2] is (byte)'\\' or (byte)'/');
        if (isNative && !hasDrive && !isOwnRoot || name.AsSpan().StartsWith(@"\\"u8) && !hasDrive)
        {
            // Another volume, a share, a device: with its backslashes it is one name that nothing has.
            return name;
        }
        rest = hasDrive ? rest[2..] : rest;
        byte[] path = rest.ToArray();
        path.AsSpan().Replace((byte)'\\', (byte)'/');
        return hasDrive && path.Length == 0 ? [(byte)'/'] : !isRelative && !hasDrive && path is not [(byte)'/', ..] ? name : path;
    }
}
