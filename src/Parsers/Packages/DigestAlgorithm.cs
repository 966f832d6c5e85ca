namespace Forensics.Parsers.Packages;

/// <summary>Digest algorithms that package databases use.</summary>
public enum DigestAlgorithm : byte
{
    /// <summary>No digest.</summary>
    None,
    /// <summary>MD5, 16 bytes.</summary>
    Md5,
    /// <summary>SHA-1, 20 bytes.</summary>
    Sha1,
    /// <summary>SHA-224, 28 bytes.</summary>
    Sha224,
    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256,
    /// <summary>SHA-384, 48 bytes.</summary>
    Sha384,
    /// <summary>SHA-512, 64 bytes.</summary>
    Sha512,
    /// <summary>SHA3-256, 32 bytes.</summary>
    Sha3256,
    /// <summary>SHA3-512, 64 bytes.</summary>
    Sha3512,
}

/// <summary>Facts about <see cref="DigestAlgorithm"/>.</summary>
public static class DigestAlgorithms
{
    /// <summary>Length of a digest in bytes.</summary>
    public static int Length(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => 16,
        DigestAlgorithm.Sha1 => 20,
        DigestAlgorithm.Sha224 => 28,
        DigestAlgorithm.Sha256 or DigestAlgorithm.Sha3256 => 32,
        DigestAlgorithm.Sha384 => 48,
        DigestAlgorithm.Sha512 or DigestAlgorithm.Sha3512 => 64,
        _ => 0,
    };
}
