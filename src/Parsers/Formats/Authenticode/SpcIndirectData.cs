using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>What a signature says of its subject: SpcIndirectDataContent, the digest of the image and how it was made.</summary>
/// <param name="Algorithm">How.</param>
/// <param name="Digest">The digest.</param>
internal sealed record SpcIndirectData(HashAlgorithmName Algorithm, byte[] Digest)
{
    private const int LongestProgramName = 256;

    /// <summary>Reads it; null when it is none, or uses an algorithm that is not known.</summary>
    public static SpcIndirectData? Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            AsnReader sequence = new AsnReader(content, AsnEncodingRules.BER).ReadSequence();
            sequence.ReadSequence();
            AsnReader info = sequence.ReadSequence();
            string oid = info.ReadSequence().ReadObjectIdentifier();
            return Oids.Digest(oid) is { } algorithm ? new SpcIndirectData(algorithm, info.ReadOctetString()) : null;
        }
        catch (AsnContentException)
        {
            // Not this structure; whoever asks says what that means.
            return null;
        }
    }

    /// <summary>Name of the program in SpcSpOpusInfo, what a User Account Control prompt shows; null when there is none.</summary>
    public static string? ProgramName(ReadOnlyMemory<byte> opus)
    {
        try
        {
            AsnReader info = new AsnReader(opus, AsnEncodingRules.BER).ReadSequence();
            var first = new Asn1Tag(TagClass.ContextSpecific, 0);
            if (!info.HasData || !info.PeekTag().HasSameClassAndValue(first))
            {
                return null;
            }
            AsnReader choice = info.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
            bool isWide = choice.PeekTag().HasSameClassAndValue(first);
            ReadOnlySpan<byte> text = choice.PeekContentBytes().Span;
            string name = (isWide ? Encoding.BigEndianUnicode : Encoding.Latin1).GetString(text[..Math.Min(text.Length, LongestProgramName * 2)]);
            return name.Length == 0 ? null : name;
        }
        catch (AsnContentException)
        {
            // Unsigned decoration: a name that cannot be read is no name.
            return null;
        }
    }
}
