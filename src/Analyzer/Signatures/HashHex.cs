using System.Buffers;

namespace Forensics.Analyzer.Signatures;

/// <summary>Hex text of the digests that lists hold.</summary>
internal static class HashHex
{
    public const int MaxDigestBytes = 32;

    /// <summary>Decodes 32, 40 or 64 hex digits.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> digest, out int length)
    {
        length = text.Length / 2;
        return text.Length is 32 or 40 or 64
            && Convert.FromHexString(text, digest, out int consumed, out _) == OperationStatus.Done && consumed == text.Length;
    }

    public static bool IsDigest(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[MaxDigestBytes];
        return TryDecode(text, digest, out _);
    }

    /// <summary>MD5, SHA-1 or SHA-256 of no bytes at all.</summary>
    public static bool IsEmptyFile(ReadOnlySpan<byte> digest) => digest.Length switch
    {
        16 => digest.SequenceEqual(EmptyMd5),
        20 => digest.SequenceEqual(EmptySha1),
        32 => digest.SequenceEqual(EmptySha256),
        _ => false,
    };

    private static readonly byte[] EmptyMd5 = Convert.FromHexString("d41d8cd98f00b204e9800998ecf8427e");
    private static readonly byte[] EmptySha1 = Convert.FromHexString("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    private static readonly byte[] EmptySha256 = Convert.FromHexString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
