using System.Security.Cryptography;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>Object identifiers of Authenticode and of what it is built from.</summary>
internal static class Oids
{
    public const string SpcIndirectData = "1.3.6.1.4.1.311.2.1.4";
    public const string SpcOpusInfo = "1.3.6.1.4.1.311.2.1.12";
    public const string NestedSignature = "1.3.6.1.4.1.311.2.4.1";
    public const string Rfc3161Timestamp = "1.3.6.1.4.1.311.3.3.1";
    public const string TimestampInfo = "1.2.840.113549.1.9.16.1.4";
    public const string CertificateTrustList = "1.3.6.1.4.1.311.10.1";
    public const string CatalogList = "1.3.6.1.4.1.311.12.1.1";
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    public const string WindowsHardwareDriver = "1.3.6.1.4.1.311.10.3.5";
    public const string Organization = "2.5.4.10";
    public const string CommonName = "2.5.4.3";

    /// <summary>The digest algorithm; null when it is none that signatures use.</summary>
    public static HashAlgorithmName? Digest(string? oid) => oid switch
    {
        "1.2.840.113549.2.5" => HashAlgorithmName.MD5,
        "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>Signature algorithms that are verified: RSA (also with a digest in its name, and PSS) and ECDSA.</summary>
    public static bool IsKnownSignature(string? oid) => oid is "1.2.840.113549.1.1.1" or "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.3.14.3.2.29" or "1.2.840.113549.1.1.10" or "1.2.840.113549.1.1.11"
        or "1.2.840.113549.1.1.12" or "1.2.840.113549.1.1.13" or "1.2.840.10045.2.1" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" or "1.2.840.10045.4.3.3" or "1.2.840.10045.4.3.4";
}
