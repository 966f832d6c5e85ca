using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>
/// Containers, archives and compressed files that are known by name but not read: refused with a hint instead of being taken for a raw disk without volumes.
/// Only a strong magic at the very start of the file counts.
/// </summary>
/// <remarks>
/// <see cref="Open"/> always throws <see cref="UnsupportedFeatureException"/>.
/// Limitations: the content is not looked into; a guest that writes such a magic over the first sector of its raw disk is refused too, and the message then says
/// that the sector also bears a boot signature.
/// </remarks>
public sealed class RecognisedFormats : IFormat<DiskImage>
{
    private const string Convert = "convert it first with qemu-img convert -O raw";
    private const string Decompress = "decompress it first";
    private const string Extract = "extract the image first";
    private const string Export = "export it first with ewfexport";

    /// <inheritdoc/>
    public string Name => "recognised";

    /// <inheritdoc/>
    public int HeaderSize => 512;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => Identify(header) is not null;

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header = header[..source.ReadUpTo(0, header)];
        string feature = Identify(header) ?? "unknown container";
        bool bootable = header.Length == HeaderSize && header[510] == 0x55 && header[511] == 0xAA;
        throw new UnsupportedFeatureException(bootable ? feature + "; its first sector also bears a boot signature, so it may be a raw disk that was tampered with" : feature);
    }

    /// <summary>Name and hint of the format a file starts with; null when it is none of these. Never allocates.</summary>
    public static string? Identify(ReadOnlySpan<byte> header) =>
        header.Length < 4 ? null : Container(header) ?? Evidence(header) ?? Compressed(header) ?? Archive(header);

    /// <summary>Whether it is an image container, and no archive or compressed file of any content.</summary>
    internal static bool IsContainer(ReadOnlySpan<byte> header) => header.Length >= 4 && (Container(header) ?? Evidence(header)) is not null;

    private static string? Container(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("KDMV"u8) || header.StartsWith("COWD"u8))
        {
            return "VMDK image (" + Convert + ")";
        }
        if (header.StartsWith("# Disk DescriptorFile"u8))
        {
            return "VMDK descriptor (" + Convert + ")";
        }
        return header.StartsWith((ReadOnlySpan<byte>)[0x3A, 0xFF, 0x26, 0xED]) ? "Android sparse image (convert it first with simg2img)" : null;
    }

    private static string? Evidence(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith((ReadOnlySpan<byte>)[0x45, 0x56, 0x46, 0x09, 0x0D, 0x0A, 0xFF, 0x00]))
        {
            return "EWF image, E01 (" + Export + ")";
        }
        if (header.StartsWith((ReadOnlySpan<byte>)[0x45, 0x56, 0x46, 0x32, 0x0D, 0x0A, 0x81, 0x00]))
        {
            return "EWF version 2 image, Ex01 (" + Export + ")";
        }
        if (header.StartsWith((ReadOnlySpan<byte>)[0x4C, 0x56, 0x46, 0x09, 0x0D, 0x0A, 0xFF, 0x00]))
        {
            return "EWF logical evidence file, L01 (" + Extract + ")";
        }
        return header.StartsWith("AFF10\r\n\0"u8) ? "AFF image (convert it first with affconvert -r)" : null;
    }

    private static string? Compressed(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith((ReadOnlySpan<byte>)[0x5D, 0, 0]) && header.Length >= 13 && (header[5..13].SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])))
        {
            return "lzma file (" + Decompress + ")";
        }
        if (header.StartsWith("LZIP\x01"u8))
        {
            return "lzip file (" + Decompress + ")";
        }
        if (header.StartsWith((ReadOnlySpan<byte>)[0x89, 0x4C, 0x5A, 0x4F, 0, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return "lzop file (" + Decompress + ")";
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == 0x184C2102 ? "lz4 file in the legacy frame (" + Decompress + ")" : null;
    }

    private static string? Archive(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("Rar!\x1A\x07"u8))
        {
            return "RAR archive (" + Extract + ")";
        }
        if (header.StartsWith("MSCF\0\0\0\0"u8))
        {
            return "cabinet archive (" + Extract + ")";
        }
        if (header.StartsWith("!<arch>\n"u8))
        {
            return "ar archive (" + Extract + ")";
        }
        if (header.StartsWith("070701"u8) || header.StartsWith("070702"u8))
        {
            return "cpio archive (" + Extract + ")";
        }
        if (header.StartsWith("PK\x07\x08PK"u8))
        {
            return "zip archive in several volumes (" + Extract + ")";
        }
        if (header.StartsWith("MSWIM\0\0\0"u8))
        {
            return "WIM archive (" + Extract + ")";
        }
        return null;
    }
}
