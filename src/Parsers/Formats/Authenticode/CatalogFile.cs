using System.Formats.Asn1;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>Takes one digest of a catalog; 20 bytes for SHA-1, 32 for SHA-256.</summary>
internal delegate void CatalogMember(ReadOnlySpan<byte> digest);

/// <summary>
/// A security catalog (<c>.cat</c>): a signed list of digests of files. PKCS #7 with a certificate trust list in it. Its members are read without unpacking the signature, because a system has
/// some 10,000 catalogs and looks up few files.
/// </summary>
/// <remarks>Limitations: names, hardware ids and page hashes of members are not read.</remarks>
internal static class CatalogFile
{
    private const int MostMembers = 1_000_000;
    private static readonly Asn1Tag s_explicit = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Hands over the digests of all members. Throws <see cref="CorruptDataException"/> when it is no catalog; returns how many members there are.</summary>
    public static int ReadMembers(ReadOnlySpan<byte> catalog, CatalogMember take)
    {
        try
        {
            // ContentInfo { signedData, [0] SignedData { version, digestAlgorithms, ContentInfo { ctl, [0] CertificateTrustList } } }
            ReadOnlySpan<byte> message = Sequence(catalog, out _);
            message = message[Skip(message)..];
            ReadOnlySpan<byte> signed = Sequence(Inside(message, s_explicit), out _);
            signed = signed[Skip(signed)..];
            signed = signed[Skip(signed)..];
            ReadOnlySpan<byte> content = Sequence(signed, out _);
            if (AsnDecoder.ReadObjectIdentifier(content, AsnEncodingRules.BER, out int consumed) != Oids.CertificateTrustList)
            {
                throw new CorruptDataException("catalog", 0, "a certificate trust list", "other signed content");
            }
            ReadOnlySpan<byte> list = Sequence(Inside(content[consumed..], s_explicit), out _);
            return ReadList(list, take);
        }
        catch (AsnContentException)
        {
            throw new CorruptDataException("catalog", 0, "a signed certificate trust list", "an encoding that is broken");
        }
    }

    private static int ReadList(ReadOnlySpan<byte> list, CatalogMember take)
    {
        // subjectUsage, listIdentifier?, sequenceNumber?, thisUpdate, nextUpdate?, subjectAlgorithm, trustedSubjects: the members are the third SEQUENCE.
        ReadOnlySpan<byte> subjects = default;
        for (int sequences = 0; sequences < 3 && !list.IsEmpty;)
        {
            Asn1Tag tag = Asn1Tag.Decode(list, out _);
            if (tag.HasSameClassAndValue(Asn1Tag.Sequence) && ++sequences == 3)
            {
                subjects = Sequence(list, out _);
            }
            list = list[Skip(list)..];
        }
        int members = 0;
        while (!subjects.IsEmpty && members < MostMembers)
        {
            ReadOnlySpan<byte> subject = Sequence(subjects, out int consumed);
            subjects = subjects[consumed..];
            members++;
            ReadMember(subject, take);
        }
        return members;
    }

    private static void ReadMember(ReadOnlySpan<byte> subject, CatalogMember take)
    {
        ReadOnlySpan<byte> identifier = Inside(subject, Asn1Tag.PrimitiveOctetString);
        subject = subject[Skip(subject)..];
        Span<byte> digest = stackalloc byte[32];
        int length = 0;
        if (!subject.IsEmpty)
        {
            ReadOnlySpan<byte> attributes = Inside(subject, Asn1Tag.SetOf);
            while (!attributes.IsEmpty && length == 0)
            {
                ReadOnlySpan<byte> attribute = Sequence(attributes, out int consumed);
                attributes = attributes[consumed..];
                if (AsnDecoder.ReadObjectIdentifier(attribute, AsnEncodingRules.BER, out int oid) == Oids.SpcIndirectData)
                {
                    // SET { SpcIndirectDataContent { data, DigestInfo { algorithm, digest } } }
                    ReadOnlySpan<byte> data = Sequence(Inside(attribute[oid..], Asn1Tag.SetOf), out _);
                    ReadOnlySpan<byte> info = Sequence(data[Skip(data)..], out _);
                    ReadOnlySpan<byte> value = Inside(info[Skip(info)..], Asn1Tag.PrimitiveOctetString);
                    length = value.Length is 20 or 32 && value.TryCopyTo(digest) ? value.Length : 0;
                }
            }
        }
        Span<byte> named = stackalloc byte[32];
        int namedLength = Identifier(identifier, named);
        if (length > 0)
        {
            take(digest[..length]);
        }
        if (namedLength > 0 && !named[..namedLength].SequenceEqual(digest[..length]))
        {
            take(named[..namedLength]);
        }
    }

    /// <summary>The digest that names a member: as bytes, or as hex in UTF-16 with a NUL behind it.</summary>
    private static int Identifier(ReadOnlySpan<byte> identifier, Span<byte> digest)
    {
        if (identifier.Length is 20 or 32)
        {
            identifier.CopyTo(digest);
            return identifier.Length;
        }
        int characters = identifier.Length is 82 or 130 ? identifier.Length / 2 - 1 : identifier.Length is 80 or 128 ? identifier.Length / 2 : 0;
        Span<char> text = stackalloc char[64];
        for (int i = 0; i < characters; i++)
        {
            if (identifier[i * 2 + 1] != 0)
            {
                return 0;
            }
            text[i] = (char)identifier[i * 2];
        }
        return Convert.FromHexString(text[..characters], digest, out _, out int written) == System.Buffers.OperationStatus.Done ? written : 0;
    }

    private static ReadOnlySpan<byte> Sequence(ReadOnlySpan<byte> bytes, out int consumed)
    {
        AsnDecoder.ReadSequence(bytes, AsnEncodingRules.BER, out int offset, out int length, out consumed);
        return bytes.Slice(offset, length);
    }

    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> bytes, Asn1Tag expected)
    {
        Asn1Tag tag = AsnDecoder.ReadEncodedValue(bytes, AsnEncodingRules.BER, out int offset, out int length, out _);
        return tag.HasSameClassAndValue(expected) ? bytes.Slice(offset, length) : throw new AsnContentException();
    }

    private static int Skip(ReadOnlySpan<byte> bytes)
    {
        AsnDecoder.ReadEncodedValue(bytes, AsnEncodingRules.BER, out _, out _, out int consumed);
        return consumed;
    }
}
