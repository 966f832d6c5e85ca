using System.Security.Cryptography;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Examiners;

/// <summary>Digest algorithms.</summary>
[Flags]
public enum HashKinds
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>MD5, for exchange with lists; not collision resistant.</summary>
    Md5 = 1,
    /// <summary>SHA-1.</summary>
    Sha1 = 2,
    /// <summary>SHA-256.</summary>
    Sha256 = 4,
}

/// <summary>Several digests in one pass; reused from file to file on one thread.</summary>
public sealed class ContentHasher : IDisposable
{
    // Small enough that the second digest finds the block in the cache.
    private const int BlockBytes = 128 << 10;

    private readonly IncrementalHash? _md5;
    private readonly IncrementalHash? _sha1;
    private readonly IncrementalHash? _sha256;

    /// <summary>A hasher for the given algorithms.</summary>
    public ContentHasher(HashKinds kinds)
    {
        Kinds = kinds;
#pragma warning disable CA5350, CA5351 // Known-bad lists and other tools speak MD5 and SHA-1; nothing here relies on their strength.
        _md5 = kinds.HasFlag(HashKinds.Md5) ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        _sha1 = kinds.HasFlag(HashKinds.Sha1) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
#pragma warning restore CA5350, CA5351
        _sha256 = kinds.HasFlag(HashKinds.Sha256) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>What it computes.</summary>
    public HashKinds Kinds { get; }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            ReadOnlySpan<byte> block = data.Length > BlockBytes ? data[..BlockBytes] : data;
            _md5?.AppendData(block);
            _sha1?.AppendData(block);
            _sha256?.AppendData(block);
            data = data[block.Length..];
        }
    }

    /// <summary>The digests of everything added; the hasher is ready for the next content.</summary>
    public ContentDigests Finish()
    {
        var digests = new ContentDigests();
        if (_md5 is not null)
        {
            digests.HasMd5 = _md5.TryGetHashAndReset(digests.Md5, out _);
        }
        if (_sha1 is not null)
        {
            digests.HasSha1 = _sha1.TryGetHashAndReset(digests.Sha1, out _);
        }
        if (_sha256 is not null)
        {
            digests.HasSha256 = _sha256.TryGetHashAndReset(digests.Sha256, out _);
        }
        return digests;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _md5?.Dispose();
        _sha1?.Dispose();
        _sha256?.Dispose();
    }
}

/// <summary>Raw digests of one content.</summary>
public struct ContentDigests
{
    private DigestBytes _bytes;

    /// <summary>MD5 was computed.</summary>
    public bool HasMd5 { get; internal set; }
    /// <summary>SHA-1 was computed.</summary>
    public bool HasSha1 { get; internal set; }
    /// <summary>SHA-256 was computed.</summary>
    public bool HasSha256 { get; internal set; }

    /// <summary>16 bytes.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> Md5 => ((Span<byte>)_bytes)[..16];
    /// <summary>20 bytes.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> Sha1 => ((Span<byte>)_bytes).Slice(16, 20);
    /// <summary>32 bytes.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> Sha256 => ((Span<byte>)_bytes).Slice(36, 32);

    /// <summary>Lower-case hex.</summary>
    public FileHashes ToHashes() => new(
        HasMd5 ? Convert.ToHexStringLower(Md5) : null,
        HasSha1 ? Convert.ToHexStringLower(Sha1) : null,
        HasSha256 ? Convert.ToHexStringLower(Sha256) : null);

    [System.Runtime.CompilerServices.InlineArray(68)]
    private struct DigestBytes
    {
        private byte _first;
    }
}
