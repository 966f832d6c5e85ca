using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>The time of signing as an authority states it: RFC 3161 token, or the countersignature of PKCS #9 that came before it.</summary>
internal static class SignatureTime
{
    private const string SigningTimeAttribute = "1.2.840.113549.1.9.5";

    /// <summary>The time, when a stamp fits the signature and its own chain holds; null otherwise.</summary>
    public static DateTimeOffset? Of(SignerInfo signer, X509Certificate2Collection bag, CertificateChains chains)
    {
        foreach (CryptographicAttributeObject attribute in signer.UnsignedAttributes)
        {
            if (attribute.Oid.Value != Oids.Rfc3161Timestamp)
            {
                continue;
            }
            foreach (AsnEncodedData value in attribute.Values)
            {
                if (OfToken(value.RawData, signer, bag, chains) is { } time)
                {
                    return time;
                }
            }
        }
        foreach (SignerInfo counter in signer.CounterSignerInfos)
        {
            if (OfCounterSignature(counter, bag, chains) is { } time)
            {
                return time;
            }
        }
        return null;
    }

    private static DateTimeOffset? OfToken(byte[] encoded, SignerInfo signer, X509Certificate2Collection bag, CertificateChains chains)
    {
        try
        {
            // Rfc3161TimestampToken demands a critical extended key usage, which authorities of Microsoft did not mark so for years; the chain asks for the usage itself.
            var token = new SignedCms();
            token.Decode(encoded);
            if (token.ContentInfo.ContentType.Value != Oids.TimestampInfo || token.SignerInfos.Count != 1 || token.SignerInfos[0].Certificate is not { } authority
                || !Rfc3161TimestampTokenInfo.TryDecode(token.ContentInfo.Content, out Rfc3161TimestampTokenInfo? info, out _) || Oids.Digest(info.HashAlgorithmId.Value) is not { } algorithm)
            {
                return null;
            }
            token.SignerInfos[0].CheckSignature(bag, verifySignatureOnly: true);
            using var hash = IncrementalHash.CreateHash(algorithm);
            hash.AppendData(signer.GetSignature());
            if (!info.GetMessageHash().Span.SequenceEqual(hash.GetHashAndReset()))
            {
                return null;
            }
            var all = new X509Certificate2Collection(token.Certificates);
            all.AddRange(bag);
            return Within(chains.Build(authority, all, forTime: true), info.Timestamp);
        }
        catch (CryptographicException)
        {
            // A stamp that cannot be read states no time.
            return null;
        }
    }

    private static DateTimeOffset? OfCounterSignature(SignerInfo counter, X509Certificate2Collection bag, CertificateChains chains)
    {
        try
        {
            if (counter.Certificate is not { } authority)
            {
                return null;
            }
            counter.CheckSignature(bag, verifySignatureOnly: true);
            foreach (CryptographicAttributeObject attribute in counter.SignedAttributes)
            {
                if (attribute.Oid.Value == SigningTimeAttribute && attribute.Values.Count > 0)
                {
                    var time = new Pkcs9SigningTime(attribute.Values[0].RawData);
                    return Within(chains.Build(authority, bag, forTime: true), CertificateChains.Utc(time.SigningTime));
                }
            }
            return null;
        }
        catch (CryptographicException)
        {
            // The same: it states no time.
            return null;
        }
    }

    private static DateTimeOffset? Within(BuiltChain chain, DateTimeOffset time) => chain.Problem is null && time >= chain.NotBefore && time <= chain.NotAfter ? time : null;
}
