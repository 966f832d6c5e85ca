using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Forensics.Parsers.Formats.Authenticode;

/// <summary>A chain that was built, whatever the time: when all of it was valid together, and where it ends.</summary>
/// <param name="Problem">Why it leads to no known root; null when it does.</param>
/// <param name="NotBefore">When the youngest certificate began.</param>
/// <param name="NotAfter">When the first one ends.</param>
/// <param name="Root">Subject of the root.</param>
/// <param name="EndsInMicrosoft">The root is one of Microsoft's that are carried along.</param>
internal sealed record BuiltChain(string? Problem, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string? Root, bool EndsInMicrosoft);

/// <summary>Builds chains of certificates without network: only to roots that were given, through certificates that came with the signature. Thread-safe.</summary>
/// <remarks>Revocation is not looked at. A system signs with few certificates, so what was built is kept.</remarks>
internal sealed class CertificateChains(TrustedRoots roots)
{
    private const int MostKept = 20_000;
    private readonly ConcurrentDictionary<(string Leaf, string Bag, bool ForTime), BuiltChain> _kept = new();

    /// <summary>The chain of a certificate.</summary>
    public BuiltChain Build(X509Certificate2 leaf, X509Certificate2Collection bag, bool forTime)
    {
        (string, string, bool) key = (leaf.Thumbprint, Digest(bag), forTime);
        if (_kept.TryGetValue(key, out BuiltChain? known))
        {
            return known;
        }
        BuiltChain built = BuildNow(leaf, bag, forTime);
        if (_kept.Count < MostKept)
        {
            _kept.TryAdd(key, built);
        }
        return built;
    }

    private BuiltChain BuildNow(X509Certificate2 leaf, X509Certificate2Collection bag, bool forTime)
    {
        var all = new X509Certificate2Collection(bag) { leaf };
        List<X509Certificate2> candidates = roots.Matching(all, forTime);
        try
        {
            if (candidates.Count == 0)
            {
                return new BuiltChain("the chain leads to no root that is known here", default, default, null, EndsInMicrosoft: false);
            }
            using var chain = new X509Chain();
            X509ChainPolicy policy = chain.ChainPolicy;
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(candidates.ToArray());
            policy.ExtraStore.AddRange(bag);
            policy.RevocationMode = X509RevocationMode.NoCheck;
            policy.DisableCertificateDownloads = true;
            policy.ApplicationPolicy.Add(new Oid(forTime ? Oids.TimeStamping : Oids.CodeSigning));
            // The time of signing is compared with the whole chain afterwards; the clock of this machine must not matter.
            policy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
            policy.VerificationTime = leaf.NotBefore.AddMinutes(1);
            bool isGood = chain.Build(leaf);
            DateTimeOffset notBefore = DateTimeOffset.MinValue;
            DateTimeOffset notAfter = DateTimeOffset.MaxValue;
            X509Certificate2? root = null;
            foreach (X509ChainElement element in chain.ChainElements)
            {
                root = element.Certificate;
                notBefore = Later(notBefore, Utc(root.NotBefore));
                notAfter = Utc(root.NotAfter) < notAfter ? Utc(root.NotAfter) : notAfter;
            }
            string? problem = isGood ? null : "the chain of certificates does not hold: " + string.Join(", ", chain.ChainStatus.Select(status => status.Status).Where(status => status != X509ChainStatusFlags.NotTimeValid).Distinct().Order());
            var result = new BuiltChain(problem, notBefore, notAfter, isGood ? root?.Subject : null, isGood && root is not null && roots.IsMicrosoft(root));
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
            return result;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return new BuiltChain("the chain of certificates cannot be built", default, default, null, EndsInMicrosoft: false);
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    internal static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime(), TimeSpan.Zero);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string Digest(X509Certificate2Collection bag)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (X509Certificate2 certificate in bag)
        {
            hash.AppendData(certificate.RawDataMemory.Span);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
