using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>
/// Certificates that chains may end in, by what they are trusted for. Loaded from PEM; a certificate is only unpacked when a chain asks for its name. Fill it before it is shared between threads.
/// </summary>
public sealed class TrustedRoots
{
    private readonly Dictionary<string, List<byte[]>> _code = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<byte[]>> _time = new(StringComparer.Ordinal);
    private readonly HashSet<string> _microsoft = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Certificates in it; one that is trusted for both purposes counts once.</summary>
    public int Count => _known.Count;

    /// <summary>Adds the certificates of a PEM text; returns how many. What is no certificate is left out.</summary>
    /// <param name="pem">PEM text.</param>
    /// <param name="forCode">Trusted to sign code.</param>
    /// <param name="forTime">Trusted to state times.</param>
    /// <param name="areMicrosoft">They are Microsoft's own.</param>
    public int AddPem(ReadOnlySpan<char> pem, bool forCode, bool forTime, bool areMicrosoft = false)
    {
        int added = 0;
        while (PemEncoding.TryFind(pem, out PemFields fields))
        {
            if (pem[fields.Label] is "CERTIFICATE")
            {
                var der = new byte[fields.DecodedDataLength];
                if (Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out int length) && SubjectOf(der.AsMemory(0, length)) is { } subject)
                {
                    added++;
                    Add(der[..length], subject, forCode, forTime, areMicrosoft);
                }
            }
            pem = pem[fields.Location.End..];
        }
        return added;
    }

    /// <summary>Roots that may have issued one of these certificates, or are one of them.</summary>
    internal List<X509Certificate2> Matching(X509Certificate2Collection certificates, bool forTime)
    {
        var found = new List<X509Certificate2>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (X509Certificate2 certificate in certificates)
        {
            string issuer = Convert.ToHexString(certificate.IssuerName.RawData);
            if (seen.Add(issuer) && (forTime ? _time : _code).TryGetValue(issuer, out List<byte[]>? roots))
            {
                foreach (byte[] root in roots)
                {
                    found.Add(X509CertificateLoader.LoadCertificate(root));
                }
            }
        }
        return found;
    }

    /// <summary>It is a root of Microsoft that is carried along.</summary>
    internal bool IsMicrosoft(X509Certificate2 root) => _microsoft.Contains(Convert.ToHexString(SHA256.HashData(root.RawDataMemory.Span)));

    private void Add(byte[] der, string subject, bool forCode, bool forTime, bool areMicrosoft)
    {
        string digest = Convert.ToHexString(SHA256.HashData(der));
        _known.Add(digest);
        if (areMicrosoft)
        {
            _microsoft.Add(digest);
        }
        foreach ((bool wanted, Dictionary<string, List<byte[]>> store) in ((bool, Dictionary<string, List<byte[]>>)[])[(forCode, _code), (forTime, _time)])
        {
            if (!wanted)
            {
                continue;
            }
            if (!store.TryGetValue(subject, out List<byte[]>? same))
            {
                store.Add(subject, same = []);
            }
            if (!same.Any(other => other.AsSpan().SequenceEqual(der)))
            {
                same.Add(der);
            }
        }
    }

    /// <summary>The encoded subject name in hex; null when it is no certificate.</summary>
    private static string? SubjectOf(ReadOnlyMemory<byte> der)
    {
        try
        {
            AsnReader certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            if (certificate.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                certificate.ReadEncodedValue();
            }
            for (int i = 0; i < 4; i++)
            {
                // Serial number, signature algorithm, issuer, validity.
                certificate.ReadEncodedValue();
            }
            return Convert.ToHexString(certificate.ReadEncodedValue().Span);
        }
        catch (AsnContentException)
        {
            // Counted as none; the caller says how many were loaded.
            return null;
        }
    }
}
