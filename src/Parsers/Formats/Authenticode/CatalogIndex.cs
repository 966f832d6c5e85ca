using System.Buffers.Binary;
using System.Collections.Concurrent;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>A catalog that can be read again.</summary>
/// <param name="Path">Where it lies, in display form.</param>
/// <param name="Open">Its content.</param>
public sealed record CatalogSource(string Path, Func<IByteSource> Open);

/// <summary>
/// Which catalogs hold a digest. 12 bytes of memory a member: the digest's first eight bytes and the catalog's number, sorted; who holds it indeed is looked up in the catalog itself, whose signature is
/// verified once. Build it once, then it is thread-safe.
/// </summary>
/// <remarks>Limitations: catalogs above 64 MiB are left out and reported.</remarks>
public sealed class CatalogIndex
{
    private const int LargestCatalog = 64 << 20;
    private const int MostKept = 256;

    private readonly AuthenticodeVerifier _verifier;
    private readonly IReadOnlyList<CatalogSource> _catalogs;
    private readonly ulong[] _keys;
    private readonly int[] _numbers;
    private readonly ConcurrentDictionary<int, CodeSignature> _signatures = new();

    private CatalogIndex(AuthenticodeVerifier verifier, IReadOnlyList<CatalogSource> catalogs, ulong[] keys, int[] numbers)
    {
        _verifier = verifier;
        _catalogs = catalogs;
        _keys = keys;
        _numbers = numbers;
    }

    /// <summary>Digests in it.</summary>
    public int Count => _keys.Length;

    /// <summary>Reads the members of all catalogs. What is no catalog is reported with the code <c>catalog.corrupt</c> and left out.</summary>
    public static CatalogIndex Build(AuthenticodeVerifier verifier, IReadOnlyList<CatalogSource> catalogs, IDiagnosticSink diagnostics, CancellationToken cancellation = default)
    {
        var keys = new List<ulong>();
        var numbers = new List<int>();
        for (int i = 0; i < catalogs.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int before = keys.Count;
            try
            {
                CatalogFile.ReadMembers(Read(catalogs[i]), digest => keys.Add(Key(digest)));
            }
            catch (ForensicException e)
            {
                keys.RemoveRange(before, keys.Count - before);
                diagnostics.Report(new Diagnostic(e.Code, "a catalog cannot be read: " + e.Message) { Path = catalogs[i].Path });
            }
            for (int j = before; j < keys.Count; j++)
            {
                numbers.Add(i);
            }
        }
        ulong[] sorted = [.. keys];
        int[] owners = [.. numbers];
        Array.Sort(sorted, owners);
        return new CatalogIndex(verifier, catalogs, sorted, owners);
    }

    /// <summary>The signature of a catalog that holds the digest: a good one if there is any; null when none holds it.</summary>
    /// <param name="digest">SHA-1 or SHA-256 of a file, or of a PE image as <see cref="PeImageDigest"/> makes it.</param>
    public CodeSignature? Find(ReadOnlySpan<byte> digest)
    {
        if (digest.Length is not (20 or 32))
        {
            return null;
        }
        ulong key = Key(digest);
        int at = Array.BinarySearch(_keys, key);
        if (at < 0)
        {
            return null;
        }
        while (at > 0 && _keys[at - 1] == key)
        {
            at--;
        }
        CodeSignature? found = null;
        var tried = new HashSet<int>();
        for (; at < _keys.Length && _keys[at] == key && tried.Count < MostKept; at++)
        {
            int number = _numbers[at];
            if (!tried.Add(number) || !Holds(number, digest))
            {
                continue;
            }
            CodeSignature signature = _signatures.GetOrAdd(number, Verify);
            if (signature.IsGood)
            {
                return signature;
            }
            found ??= signature;
        }
        return found;
    }

    private CodeSignature Verify(int number)
    {
        CatalogSource source = _catalogs[number];
        try
        {
            return _verifier.VerifyCatalog(Read(source)) with { Catalog = source.Path };
        }
        catch (ForensicException)
        {
            // It was read once already; what changed under our hands is not trusted.
            return new CodeSignature(SignatureState.NotReadable) { Catalog = source.Path, Problem = "the catalog cannot be read" };
        }
    }

    private bool Holds(int number, ReadOnlySpan<byte> digest)
    {
        byte[] wanted = digest.ToArray();
        bool holds = false;
        try
        {
            CatalogFile.ReadMembers(Read(_catalogs[number]), member => holds |= member.SequenceEqual(wanted));
        }
        catch (ForensicException)
        {
            // As above: what cannot be read again holds nothing.
            return false;
        }
        return holds;
    }

    private static byte[] Read(CatalogSource catalog)
    {
        IByteSource source = catalog.Open();
        if (source.Length > LargestCatalog)
        {
            throw new LimitExceededException("catalogBytes", source.Length);
        }
        return source.ReadArray(0, LargestCatalog);
    }

    private static ulong Key(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt64BigEndian(digest);
}
