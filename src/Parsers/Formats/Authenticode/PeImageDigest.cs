using System.Security.Cryptography;
using Forensics.Parsers.Formats.Pe;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>
/// The digest of a PE image that signatures and catalogs state: of all its bytes but the checksum, the directory entry of the certificate table and the table itself. Specification:
/// "Windows Authenticode Portable Executable Signature Format", version 1.0.
/// </summary>
/// <remarks>
/// Bytes are taken in file order, which is the order of the specification for every image whose sections follow each other. What was appended behind the certificate table counts, so it breaks the
/// signature. An image without a table is filled with zeros to a multiple of 8 bytes, as the tools that make catalogs do. Limitations: page hashes are not compared.
/// </remarks>
public static class PeImageDigest
{
    private const int Alignment = 8;
    private const int EntrySize = 8;
    private static readonly byte[] s_zeros = new byte[Alignment];

    /// <summary>The digest; null when the content has no headers of a PE image that are whole, or a certificate table that does not lie in it.</summary>
    /// <param name="content">The complete file.</param>
    /// <param name="algorithm">MD5, SHA-1, SHA-256, SHA-384 or SHA-512.</param>
    public static byte[]? Of(ReadOnlySpan<byte> content, HashAlgorithmName algorithm) => PeLayout.TryRead(content, out PeLayout layout) ? Of(content, layout, algorithm) : null;

    internal static byte[]? Of(ReadOnlySpan<byte> content, PeLayout layout, HashAlgorithmName algorithm)
    {
        (uint tableAt, uint tableSize) = layout.Directory(PeDirectory.Security);
        if (tableAt == 0 || tableSize == 0)
        {
            tableAt = 0;
            tableSize = 0;
        }
        else if (tableAt < layout.SecurityEntryOffset + EntrySize || (long)tableAt + tableSize > content.Length)
        {
            return null;
        }
        using var hash = IncrementalHash.CreateHash(algorithm);
        long position = 0;
        Append(hash, content, ref position, layout.CheckSumOffset, 4);
        if (layout.SecurityEntryOffset >= 0)
        {
            Append(hash, content, ref position, layout.SecurityEntryOffset, EntrySize);
        }
        if (tableSize > 0)
        {
            Append(hash, content, ref position, tableAt, tableSize);
        }
        Append(hash, content, ref position, content.Length, 0);
        if (tableSize == 0 && content.Length % Alignment is var odd and not 0)
        {
            hash.AppendData(s_zeros.AsSpan(0, Alignment - odd));
        }
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> content, ref long position, long end, long skip)
    {
        end = Math.Min(end, content.Length);
        if (end > position)
        {
            hash.AppendData(content[(int)position..(int)end]);
        }
        position = Math.Max(position, Math.Min(end + skip, content.Length));
    }
}
