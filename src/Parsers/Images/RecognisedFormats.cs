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
        if (header[0] == 0x1F && header[1] == 0x8B && header[2] == 8 && (header[3] & 0xE0) == 0)
        {
            return "gzip file (" + Decompress + ")";
        }
        if (header.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]))
        {
            return "xz file (" + Decompress + ")";
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) == 0xFD2FB528)
        {
            return "zstd file (" + Decompress + ")";
        }
        if (header.Length >= 10 && header.StartsWith("BZh"u8) && header[3] is >= (byte)'1' and <= (byte)'9'
            && (header[4..].StartsWith((ReadOnlySpan<byte>)[0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) || header[4..].StartsWith((ReadOnlySpan<byte>)[0x17, 0x72, 0x45, 0x38, 0x50, 0x90])))
        {
            return "bzip2 file (" + Decompress + ")";
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == 0x184D2204 ? "lz4 file (" + Decompress + ")" : null;
    }

    private static string? Archive(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("PK\x03\x04"u8) || header.StartsWith("PK\x05\x06"u8))
        {
            return "zip archive (" + Extract + ")";
        }
        if (header.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]))
        {
            return "7z archive (" + Extract + ")";
        }
        if (header.StartsWith("MSWIM\0\0\0"u8))
        {
            return "WIM archive (" + Extract + ")";
        }
        return IsTar(header) ? "tar archive (" + Extract + ")" : null;
    }

    /// <summary>"ustar" at 257 and a header checksum that is right: a raw disk does not have that by chance.</summary>
    private static bool IsTar(ReadOnlySpan<byte> header)
    {
        if (header.Length < 512 || !header[257..].StartsWith("ustar"u8))
        {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 512; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : header[i];
        }
        int stated = 0;
        foreach (byte digit in header.Slice(148, 8))
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
            {
                stated = (stated * 8 + (digit - '0')) & 0xFFFFFF;
            }
        }
        return sum == stated;
    }
}
