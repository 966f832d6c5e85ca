using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Volumes;

/// <summary>
/// Recognises volumes whose content is encrypted and says what their headers tell openly. Specifications: LUKS 1,
/// https://gitlab.com/cryptsetup/cryptsetup/-/wikis/LUKS-standard/on-disk-format.pdf; LUKS 2, https://gitlab.com/cryptsetup/LUKS2-docs; BitLocker,
/// https://github.com/libyal/libbde/blob/main/documentation/BitLocker%20Drive%20Encryption%20(BDE)%20format.asciidoc
/// </summary>
/// <remarks>
/// Throws only what the source throws. Limitations: plain dm-crypt and VeraCrypt have no header that could be recognised; nothing is decrypted.
/// </remarks>
public static class EncryptedVolume
{
    /// <summary>Where LUKS 2 may keep its second header, in bytes: after each size that the first one can have.</summary>
    private static readonly int[] s_secondaryOffsets = [0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000];

    /// <summary>What a volume is encrypted with, beginning <c>LUKS 2 (encrypted)</c> or the like; null when nothing says so.</summary>
    public static string? Describe(IByteSource volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        byte[] head = volume.ReadArray(0, 4096);
        if (head.AsSpan().StartsWith(Luks.Magic))
        {
            return Luks.Describe(head, Json(volume, 0), isSecondary: false);
        }
        return Bitlocker(head) ?? Secondary(volume);
    }

    /// <summary>The volume, with the reason when it is encrypted and nothing else is known about it.</summary>
    internal static Volume Mark(Volume volume) =>
        volume.MemberOf is null && volume.UnreadableBecause is null && Describe(volume.Content) is { } reason ? volume with { UnreadableBecause = reason } : volume;

    private const int JsonBytes = 64 << 10;

    private static string? Secondary(IByteSource volume)
    {
        byte[] header = new byte[Luks.Size];
        foreach (int offset in s_secondaryOffsets)
        {
            if (offset > volume.Length - Luks.Size)
            {
                break;
            }
            int count = volume.ReadUpTo(offset, header);
            // Inside a file system an old header proves nothing: only where the first one is wiped does the second speak.
            if (count == header.Length && header.AsSpan().StartsWith(Luks.SecondaryMagic) && new Luks(header).HeaderOffset == (ulong)offset
                && KnownSignatures.IdentifyStored(volume) is null)
            {
                return Luks.Describe(header, Json(volume, offset), isSecondary: true);
            }
        }
        return null;
    }

    /// <summary>The start of the text area of LUKS 2, which says how the data are encrypted.</summary>
    private static byte[] Json(IByteSource volume, int headerOffset) => volume.ReadArray(headerOffset + 4096, JsonBytes);

    /// <summary>The signature of BitLocker in a boot sector; on removable drives (BitLocker To Go) the sector is that of FAT32 and an identifier follows the boot code.</summary>
    private static string? Bitlocker(ReadOnlySpan<byte> head)
    {
        if (head.Length < 512)
        {
            return null;
        }
        if (head[3..].StartsWith("-FVE-FS-"u8))
        {
            return "BitLocker (encrypted)";
        }
        // 4967D63B-2E29-4AD8-8399-F6A339E3D001, at 424 in BitLocker To Go and at 160 elsewhere.
        ReadOnlySpan<byte> identifier = [0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A, 0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3, 0xD0, 0x01];
        return head[3..].StartsWith("MSWIN4.1"u8) && head[424..].StartsWith(identifier) ? "BitLocker To Go (encrypted)" : null;
    }

    /// <summary>A LUKS header (big endian); the fields that both versions have or that are told.</summary>
    private readonly ref struct Luks(ReadOnlySpan<byte> bytes)
    {
        public const int Size = 512;
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public static ReadOnlySpan<byte> Magic => [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE];
        public static ReadOnlySpan<byte> SecondaryMagic => [0x53, 0x4B, 0x55, 0x4C, 0xBA, 0xBE];

        public ushort Version => BinaryPrimitives.ReadUInt16BigEndian(_bytes[6..]);
        /// <summary>LUKS 1.</summary>
        public ReadOnlySpan<byte> CipherName => _bytes.Slice(8, 32);
        /// <summary>LUKS 1.</summary>
        public ReadOnlySpan<byte> CipherMode => _bytes.Slice(40, 32);
        /// <summary>LUKS 1.</summary>
        public uint KeyBytes => BinaryPrimitives.ReadUInt32BigEndian(_bytes[108..]);
        /// <summary>LUKS 2.</summary>
        public ReadOnlySpan<byte> Label => _bytes.Slice(24, 48);
        /// <summary>LUKS 2: where the header itself lies.</summary>
        public ulong HeaderOffset => BinaryPrimitives.ReadUInt64BigEndian(_bytes[256..]);
        public ReadOnlySpan<byte> Uuid => _bytes.Slice(168, 40);

        public static string Describe(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> json, bool isSecondary)
        {
            if (bytes.Length < Size)
            {
                return "LUKS (encrypted)";
            }
            var header = new Luks(bytes);
            var text = new StringBuilder(header.Version is 1 or 2 ? string.Create(CultureInfo.InvariantCulture, $"LUKS {header.Version} (encrypted)") : "LUKS (encrypted)");
            if (header.Version == 1)
            {
                text.Append(CultureInfo.InvariantCulture, $", {Field(header.CipherName)}-{Field(header.CipherMode)}, {(ulong)header.KeyBytes * 8} bits");
            }
            if (header.Version == 2 && Cipher(json) is { } cipher)
            {
                text.Append(", ").Append(cipher);
            }
            if (header.Version == 2 && Field(header.Label) is { Length: > 0 } label)
            {
                text.Append(", label ").Append(label);
            }
            if (Field(header.Uuid) is { Length: > 0 } uuid)
            {
                text.Append(", UUID ").Append(uuid);
            }
            return text.Append(isSecondary ? ", known from its second header" : "").ToString();
        }

        /// <summary>The cipher of the first data segment. A search, not a parser: it is a fact for a message, and the text is whatever the image says.</summary>
        private static string? Cipher(ReadOnlySpan<byte> json)
        {
            int segments = json.IndexOf("\"segments\":"u8);
            ReadOnlySpan<byte> rest = segments < 0 ? [] : json[segments..];
            int start = rest.IndexOf("\"encryption\":\""u8);
            rest = start < 0 ? [] : rest[(start + 14)..];
            int end = rest.IndexOf((byte)'"');
            return end is > 0 and <= 64 ? PathText.FromBytes(rest[..end]) : null;
        }

        private static string Field(ReadOnlySpan<byte> field)
        {
            int end = field.IndexOf((byte)0);
            return PathText.FromBytes(end < 0 ? field : field[..end]);
        }
    }
}
