using System.Buffers.Binary;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Whom security descriptors of the registry keep out. Layout: [MS-DTYP] 2.4.6, <see href="https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d"/>.</summary>
/// <remarks><b>Limitations:</b> entries for objects and conditional entries are passed over.</remarks>
internal static class WindowsDescriptors
{
    private const byte Denied = 1;
    private const int ControlOffset = 2;
    private const ushort HasList = 0x4;

    /// <summary>What reading a task takes: of a file's rights the first, or all, or those that mean it in general. [MS-DTYP] 2.4.3.</summary>
    public const uint ReadTask = 0x90000001;

    /// <summary>A self-relative security descriptor in hexadecimal digits has an entry that denies one of these rights to administrators or everybody: [MS-DTYP] 2.4.6.</summary>
    public static bool DeniesAdministrators(string digits, uint rights = uint.MaxValue)
    {
        if (digits.Length < 40 || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
        {
            return false;
        }
        byte[] data = Convert.FromHexString(digits);
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(16));
        if (start == 0 || start > data.Length - 8)
        {
            return false;
        }
        int count = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan((int)start + 4));
        int at = (int)start + 8;
        for (int i = 0; i < count && at <= data.Length - 16; i++)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at + 2));
            if (size < 16)
            {
                break;
            }
            if (data[at] == Denied && (BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at + 4)) & rights) != 0 && IsEverybody(data.AsSpan(at + 8)))
            {
                return true;
            }
            at += size;
        }
        return false;
    }

    /// <summary>The descriptor has a list of entries with nothing in it: nobody but its owner and the system's own backup may do anything.</summary>
    public static bool AdmitsNobody(string digits)
    {
        if (digits.Length < 40 || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
        {
            return false;
        }
        byte[] data = Convert.FromHexString(digits);
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(16));
        bool hasList = (BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(ControlOffset)) & HasList) != 0;
        // A list that is said to be there and has no place admits everybody.
        return hasList && start is > 0 && start <= data.Length - 8 && BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan((int)start + 4)) == 0;
    }

    // Interactive S-1-5-4, services S-1-5-6, everyone S-1-1-0, administrators S-1-5-32-544.
    private static bool IsEverybody(ReadOnlySpan<byte> sid)
    {
        if (sid.Length < 12 || sid[0] != 1)
        {
            return false;
        }
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(sid[8..]);
        return (sid[1], sid[7], first) switch
        {
            (1, 1, 0) or (1, 5, 4 or 6) => true,
            (2, 5, 32) => sid.Length >= 16 && BinaryPrimitives.ReadUInt32LittleEndian(sid[12..]) == 544,
            _ => false,
        };
    }
}
