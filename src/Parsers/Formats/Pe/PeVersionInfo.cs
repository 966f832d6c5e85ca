using System.Buffers.Binary;
using System.Globalization;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>The version resource of a program. <see href="https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo"/></summary>
/// <remarks>Limitations: of several languages the first that names anything; texts are cut at 512 characters.</remarks>
public sealed record PeVersionInfo
{
    private const int LongestText = 512;
    private const int MostBlocks = 1024;
    private const uint FixedSignature = 0xFEEF04BD;

    /// <summary>Vendor as stated.</summary>
    public string? CompanyName { get; init; }
    /// <summary>Product as stated.</summary>
    public string? ProductName { get; init; }
    /// <summary>What the program is, as stated.</summary>
    public string? FileDescription { get; init; }
    /// <summary>Name it was built under.</summary>
    public string? OriginalFilename { get; init; }
    /// <summary>Internal name.</summary>
    public string? InternalName { get; init; }
    /// <summary>File version as text.</summary>
    public string? FileVersion { get; init; }
    /// <summary>Product version as text.</summary>
    public string? ProductVersion { get; init; }
    /// <summary>File version of the fixed part, four numbers; null when there is none.</summary>
    public string? FixedFileVersion { get; init; }

    /// <summary>Reads a VS_VERSIONINFO; null when it is none.</summary>
    internal static PeVersionInfo? Read(ReadOnlySpan<byte> resource)
    {
        if (Block.Read(resource) is not { Key: "VS_VERSION_INFO" } root)
        {
            return null;
        }
        ReadOnlySpan<byte> value = root.Value(resource);
        string? fixedVersion = null;
        if (value.Length >= 16 && BinaryPrimitives.ReadUInt32LittleEndian(value) == FixedSignature)
        {
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(value[12..]);
            fixedVersion = string.Create(CultureInfo.InvariantCulture, $"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}");
        }
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        int blocks = 0;
        ReadOnlySpan<byte> files = root.Children(resource);
        while (Next(ref files, ref blocks, out ReadOnlySpan<byte> file, out Block fileBlock))
        {
            ReadOnlySpan<byte> tables = fileBlock.Key == "StringFileInfo" ? fileBlock.Children(file) : default;
            while (texts.Count == 0 && Next(ref tables, ref blocks, out ReadOnlySpan<byte> table, out Block tableBlock))
            {
                ReadOnlySpan<byte> strings = tableBlock.Children(table);
                while (Next(ref strings, ref blocks, out ReadOnlySpan<byte> entry, out Block text))
                {
                    texts.TryAdd(text.Key, PeText.Wide(entry[Math.Min(text.ValueAt, entry.Length)..], LongestText).Trim());
                }
            }
        }
        string? Of(string key) => texts.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;
        return new PeVersionInfo
        {
            CompanyName = Of("CompanyName"), ProductName = Of("ProductName"), FileDescription = Of("FileDescription"), OriginalFilename = Of("OriginalFilename"), InternalName = Of("InternalName"),
            FileVersion = Of("FileVersion"), ProductVersion = Of("ProductVersion"), FixedFileVersion = fixedVersion,
        };
    }

    private static bool Next(scoped ref ReadOnlySpan<byte> rest, ref int blocks, out ReadOnlySpan<byte> bytes, out Block block)
    {
        bytes = default;
        block = default;
        if (blocks++ >= MostBlocks || Block.Read(rest) is not { } read)
        {
            return false;
        }
        block = read;
        bytes = rest[..read.Length];
        rest = rest[Math.Min((read.Length + 3) & ~3, rest.Length)..];
        return true;
    }

    /// <summary>The header that all structures of the resource share: wLength, wValueLength, wType, szKey.</summary>
    private readonly record struct Block(int Length, int ValueAt, int ValueBytes, string Key)
    {
        private const int Header = 6;

        public static Block? Read(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < Header + 2)
            {
                return null;
            }
            int length = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(bytes), bytes.Length);
            if (length < Header + 2)
            {
                return null;
            }
            string key = PeText.Wide(bytes[Header..length], LongestText);
            int valueAt = Math.Min((Header + (key.Length + 1) * 2 + 3) & ~3, length);
            int words = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) == 1 ? words * 2 : words;
            return new Block(length, valueAt, Math.Min(size, length - valueAt), key);
        }

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> bytes) => bytes.Slice(ValueAt, ValueBytes);

        public ReadOnlySpan<byte> Children(ReadOnlySpan<byte> bytes) => bytes[Math.Min((ValueAt + ValueBytes + 3) & ~3, Length)..Length];
    }
}
