namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>What came of verifying a signature offline.</summary>
public enum SignatureState
{
    /// <summary>There is none.</summary>
    Unsigned,
    /// <summary>The content is what was signed, and the signer's certificate leads to a root that is carried along or was given.</summary>
    Signed,
    /// <summary>The content is what was signed, but the signer's certificate leads to no root that is known here, or was not valid when it was used.</summary>
    Untrusted,
    /// <summary>The content is another than what was signed, or the signature itself was changed.</summary>
    Tampered,
    /// <summary>There is a signature, and it cannot be read.</summary>
    NotReadable,
}

/// <summary>Who signed, from the certificate. All texts are as the certificate has them, unescaped.</summary>
public sealed record SignerIdentity
{
    /// <summary>Distinguished name.</summary>
    public required string Subject { get; init; }
    /// <summary>Distinguished name of who issued the certificate.</summary>
    public required string Issuer { get; init; }
    /// <summary>Organisation (O) of the subject; null when it names none.</summary>
    public string? Organization { get; init; }
    /// <summary>Common name (CN) of the subject; null when it has none.</summary>
    public string? CommonName { get; init; }
    /// <summary>SHA-1 of the certificate, lower-case hex: how the field names certificates.</summary>
    public required string Thumbprint { get; init; }
    /// <summary>Serial number, hex.</summary>
    public required string SerialNumber { get; init; }
    /// <summary>Valid from, UTC.</summary>
    public required DateTimeOffset NotBefore { get; init; }
    /// <summary>Valid to, UTC.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}

/// <summary>A signature of code, embedded or in a catalog, after verification.</summary>
/// <param name="State">What came of it.</param>
/// <remarks>
/// Limitations: revocation is not known offline: a certificate that was stolen and revoked is still <see cref="SignatureState.Signed"/>. Without a time stamp from a trusted authority
/// the time of signing is unknown and validity is not tested against any clock, so that a report does not depend on the day it is made.
/// </remarks>
public sealed record CodeSignature(SignatureState State)
{
    /// <summary>No signature.</summary>
    public static CodeSignature None { get; } = new(SignatureState.Unsigned);

    /// <summary>Why it is not good, one sentence without evidence in it; null when it is.</summary>
    public string? Problem { get; init; }
    /// <summary>Who signed; null when that cannot be read.</summary>
    public SignerIdentity? Signer { get; init; }
    /// <summary>Subject of the root that the chain ends in; null when it ends in none.</summary>
    public string? Root { get; init; }
    /// <summary>Digest algorithm of the content, <c>SHA256</c>; null when not read.</summary>
    public string? DigestAlgorithm { get; init; }
    /// <summary>Digest that was signed, lower-case hex; null for catalogs.</summary>
    public string? SignedDigest { get; init; }
    /// <summary>Time of signing by a time stamp whose own chain was verified; null without.</summary>
    public DateTimeOffset? SigningTime { get; init; }
    /// <summary>Name of the program that the signer stated; null when none.</summary>
    public string? ProgramName { get; init; }
    /// <summary>Made with MD5: anybody can make another content with the same digest.</summary>
    public bool IsWeak { get; init; }
    /// <summary>The chain ends in a root of Microsoft that is carried along and the signer is of the organisation Microsoft Corporation.</summary>
    public bool IsMicrosoft { get; init; }
    /// <summary>Microsoft signed what another vendor made: drivers from the hardware programme, components of third parties.</summary>
    public bool IsAttested { get; init; }
    /// <summary>Bytes in the certificate table behind the signature that are not zero: data that no digest covers.</summary>
    public int UnsignedBytes { get; init; }
    /// <summary>Other signatures inside this one (mostly one more with a stronger digest).</summary>
    public IReadOnlyList<CodeSignature> Nested { get; init; } = [];
    /// <summary>Catalog that holds the digest, path in display form; null when the signature is embedded.</summary>
    public string? Catalog { get; init; }

    /// <summary>Content as signed, by somebody who is known.</summary>
    public bool IsGood => State == SignatureState.Signed && !IsWeak;

    /// <summary>The field's word for <see cref="State"/>.</summary>
    public string Word => State switch
    {
        SignatureState.Unsigned => "unsigned",
        SignatureState.Signed => "signed",
        SignatureState.Untrusted => "untrusted",
        SignatureState.Tampered => "tampered",
        _ => "not-readable",
    };
}
