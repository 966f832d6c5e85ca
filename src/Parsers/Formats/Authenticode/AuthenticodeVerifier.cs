using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Forensics.Parsers.Formats.Pe;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>
/// Verifies signatures of Windows code offline: PKCS #7 signed data over the digest of a PE image, or over a catalog. One instance serves a whole scan; thread-safe. Specifications:
/// "Windows Authenticode Portable Executable Signature Format"; RFC 2315, RFC 5652, RFC 3161.
/// </summary>
/// <remarks>Limitations: see <see cref="CodeSignature"/>; signatures in MSI, CAB, MSIX and scripts are not read; of several signers of one message the first counts, as for Windows.</remarks>
public sealed class AuthenticodeVerifier(TrustedRoots roots)
{
    private const int LargestMessage = 64 << 20;
    private const int MostCertificates = 128;
    private const int MostNested = 8;
    private const string MicrosoftCorporation = "Microsoft Corporation";

    private readonly CertificateChains _chains = new(roots);

    /// <summary>The embedded signature of a PE image; <see cref="CodeSignature.None"/> when it states none, or is no PE image.</summary>
    /// <param name="content">The complete file.</param>
    public CodeSignature Verify(ReadOnlySpan<byte> content)
    {
        if (!PeLayout.TryRead(content, out PeLayout layout) || !CertificateTable.TryFind(content, layout, out int offset, out int length))
        {
            return CodeSignature.None;
        }
        if (offset == 0)
        {
            return NotReadable("there is a certificate table, and no signature in it");
        }
        byte[]? message = Encoded(content.Slice(offset, length), out string problem);
        if (message is null)
        {
            return NotReadable(problem);
        }
        ReadOnlySpan<byte> rest = content.Slice(offset, length)[message.Length..];
        var digests = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        CodeSignature signature = VerifyMessage(message, content, layout, digests, out List<byte[]> nested);
        var others = new List<CodeSignature>();
        foreach (byte[] inner in nested.Take(MostNested))
        {
            others.Add(VerifyMessage(inner, content, layout, digests, out _));
        }
        return signature with { Nested = others, UnsignedBytes = rest.Length - rest.Count((byte)0) };
    }

    /// <summary>The signature of a catalog over its own list of digests.</summary>
    /// <param name="catalog">The complete file.</param>
    public CodeSignature VerifyCatalog(ReadOnlySpan<byte> catalog)
    {
        byte[]? message = Encoded(catalog, out string problem);
        if (message is null || Decode(message) is not { } cms)
        {
            return NotReadable(message is null ? problem : "the signature is not of the form of PKCS #7");
        }
        return cms.ContentInfo.ContentType.Value == Oids.CertificateTrustList ? VerifySigner(cms, out _) : NotReadable("the signed content is no catalog");
    }

    private CodeSignature VerifyMessage(byte[] message, ReadOnlySpan<byte> content, PeLayout layout, Dictionary<string, byte[]?> digests, out List<byte[]> nested)
    {
        nested = [];
        if (Decode(message) is not { } cms)
        {
            return NotReadable("the signature is not of the form of PKCS #7");
        }
        if (cms.ContentInfo.ContentType.Value != Oids.SpcIndirectData || SpcIndirectData.Read(cms.ContentInfo.Content) is not { } signed)
        {
            return NotReadable("the signature states no digest of an image");
        }
        string algorithm = signed.Algorithm.Name!;
        if (!digests.TryGetValue(algorithm, out byte[]? actual))
        {
            digests.Add(algorithm, actual = PeImageDigest.Of(content, layout, signed.Algorithm));
        }
        CodeSignature signature = VerifySigner(cms, out nested) with { DigestAlgorithm = algorithm, SignedDigest = Convert.ToHexStringLower(signed.Digest), IsWeak = signed.Algorithm == HashAlgorithmName.MD5 };
        if (actual is null)
        {
            return signature with { State = SignatureState.NotReadable, Problem = "the certificate table does not lie in the file", IsMicrosoft = false };
        }
        return actual.AsSpan().SequenceEqual(signed.Digest) ? signature : signature with { State = SignatureState.Tampered, Problem = "the content is another than what was signed", IsMicrosoft = false };
    }

    private CodeSignature VerifySigner(SignedCms cms, out List<byte[]> nested)
    {
        nested = [];
        try
        {
            X509Certificate2Collection bag = cms.Certificates;
            if (bag.Count > MostCertificates || cms.SignerInfos.Count == 0)
            {
                return NotReadable(bag.Count > MostCertificates ? "it brings too many certificates" : "nobody signed it");
            }
            SignerInfo signer = cms.SignerInfos[0];
            if (signer.Certificate is not { } certificate)
            {
                return NotReadable("the certificate of the signer is not in it");
            }
            string? program = null;
            foreach (CryptographicAttributeObject attribute in signer.SignedAttributes)
            {
                program ??= attribute.Oid.Value == Oids.SpcOpusInfo && attribute.Values.Count > 0 ? SpcIndirectData.ProgramName(attribute.Values[0].RawData) : null;
            }
            foreach (CryptographicAttributeObject attribute in signer.UnsignedAttributes)
            {
                foreach (AsnEncodedData value in attribute.Values)
                {
                    if (attribute.Oid.Value == Oids.NestedSignature && nested.Count < MostNested)
                    {
                        nested.Add(value.RawData);
                    }
                }
            }
            SignerIdentity identity = IdentityOf(certificate);
            if (Oids.Digest(signer.DigestAlgorithm.Value) is null || !Oids.IsKnownSignature(signer.SignatureAlgorithm.Value))
            {
                return NotReadable("it uses an algorithm that is not verified here") with { Signer = identity, ProgramName = program };
            }
            if (!IsIntact(signer, bag))
            {
                return new CodeSignature(SignatureState.Tampered) { Problem = "the signature was changed, or was not made with the key of its certificate", Signer = identity, ProgramName = program };
            }
            DateTimeOffset? time = SignatureTime.Of(signer, bag, _chains);
            BuiltChain chain = _chains.Build(certificate, bag, forTime: false);
            string? problem = chain.Problem ?? (time is { } at && (at < chain.NotBefore || at > chain.NotAfter) ? "a certificate of the chain was not valid when it signed" : null);
            bool isMicrosoft = problem is null && chain.EndsInMicrosoft && identity.Organization == MicrosoftCorporation;
            return new CodeSignature(problem is null ? SignatureState.Signed : SignatureState.Untrusted)
            {
                Problem = problem, Signer = identity, Root = chain.Root, SigningTime = time, ProgramName = program, IsMicrosoft = isMicrosoft, IsAttested = isMicrosoft && IsForOthers(certificate, identity),
            };
        }
        catch (CryptographicException)
        {
            return NotReadable("the signature cannot be decoded");
        }
    }

    private static bool IsIntact(SignerInfo signer, X509Certificate2Collection bag)
    {
        try
        {
            signer.CheckSignature(bag, verifySignatureOnly: true);
            return true;
        }
        catch (CryptographicException)
        {
            // Algorithms were looked at before: what is left is that the values do not fit each other.
            return false;
        }
    }

    private static SignedCms? Decode(byte[] message)
    {
        try
        {
            var cms = new SignedCms();
            cms.Decode(message);
            return cms;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    /// <summary>The one encoded value at the start, without what fills the room behind it.</summary>
    private static byte[]? Encoded(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = "the signature is not of the form of PKCS #7";
        if (!AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.BER, out Asn1Tag tag, out _, out _, out int consumed) || !tag.HasSameClassAndValue(Asn1Tag.Sequence))
        {
            return null;
        }
        if (consumed > LargestMessage)
        {
            problem = "the signature is too large";
            return null;
        }
        return bytes[..consumed].ToArray();
    }

    private static bool IsForOthers(X509Certificate2 certificate, SignerIdentity identity) =>
        identity.CommonName is { } name && (name.Contains("Hardware Compatibility", StringComparison.OrdinalIgnoreCase) || name.Contains("3rd Party", StringComparison.OrdinalIgnoreCase) || name.Contains("Third Party", StringComparison.OrdinalIgnoreCase))
        || certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usages => usages.EnhancedKeyUsages.OfType<Oid>().Any(usage => usage.Value == Oids.WindowsHardwareDriver));

    private static SignerIdentity IdentityOf(X509Certificate2 certificate) => new()
    {
        Subject = certificate.Subject, Issuer = certificate.Issuer, Organization = Element(certificate.SubjectName, Oids.Organization), CommonName = Element(certificate.SubjectName, Oids.CommonName),
        Thumbprint = certificate.Thumbprint.ToLowerInvariant(), SerialNumber = certificate.SerialNumber, NotBefore = CertificateChains.Utc(certificate.NotBefore), NotAfter = CertificateChains.Utc(certificate.NotAfter),
    };

    private static string? Element(X500DistinguishedName name, string oid)
    {
        foreach (X500RelativeDistinguishedName part in name.EnumerateRelativeDistinguishedNames())
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == oid)
            {
                return part.GetSingleElementValue();
            }
        }
        return null;
    }

    private static CodeSignature NotReadable(string problem) => new(SignatureState.NotReadable) { Problem = problem };
}
