using System.Security.Cryptography;
using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts;
using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Everything the scan knows beforehand: compiled YARA rules, data rules, lists, detectors. Immutable; shared by all workers.</summary>
internal sealed class Knowledge : IDisposable
{
    private readonly YaraKnowledge _yara;
    private readonly HashStore _hashes;
    private readonly PoolList _pools;

    /// <summary>Whose signatures of code count.</summary>
    public CodeTrust Trust { get; }

    private Knowledge(YaraKnowledge yara, HashStore hashes, PoolList pools, CodeTrust trust, IReadOnlyList<IDetector> detectors)
    {
        Trust = trust;
        _pools = pools;
        _yara = yara;
        _hashes = hashes;
        Detectors = detectors;
    }

    /// <summary>In catalog order.</summary>
    public IReadOnlyList<IDetector> Detectors { get; }

    /// <summary>Sentences for the log.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Why the scan cannot be complete, whatever the image.</summary>
    public IReadOnlyList<string> Losses => _yara.Losses;

    /// <summary>Rule and list files in use with their SHA-256, sorted by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> RuleSets { get; init; }

    /// <summary>libyara's version; null when YARA does not run.</summary>
    public string? YaraVersion => _yara.Version;

    /// <summary>Digests the lists need beyond MD5 and SHA-256.</summary>
    public HashKinds Kinds => HashKinds.Md5 | HashKinds.Sha256 | (_hashes.Sha1Count > 0 ? HashKinds.Sha1 : HashKinds.None);

    /// <summary>Loads what the options ask for. Throws <see cref="UsageException"/> when a file the user named cannot be used.</summary>
    public static Knowledge Load(ScanOptions options)
    {
        SignatureSet signatures;
        HashStore hashes;
        IReadOnlyList<string> problems;
        CodeTrust trust;
        try
        {
            signatures = options.UseBuiltinRules ? SignatureSet.LoadBuiltIn() : SignatureSet.Empty;
            trust = CodeTrust.Load(options.TrustedRoots);
            hashes = HashStore.Load(options.HashLists, out problems);
        }
        catch (SignatureException exception)
        {
            throw new UsageException(exception.Message);
        }
        YaraKnowledge yara = YaraKnowledge.Load(options);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in signatures.Files.Concat(yara.Files).Concat(options.HashLists).Concat(options.TrustedRoots))
        {
            using FileStream stream = File.OpenRead(file);
            files[Path.GetFileName(file)] = Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        if (signatures.Rules is [DataRule first, ..])
        {
            // The runtime compiles the expression engine when it first runs, and expressions that nearly every text asks for are built once anyway: a fifth of a second, which
            // is spent here, beside the walk.
            _ = Task.Run(() =>
            {
                first.Match(first.MustMatch[0], signatures.Pools);
                foreach (RulePattern pattern in signatures.Rules.Where(rule => rule.Keywords is null).SelectMany(rule => rule.Any.Concat(rule.All)))
                {
                    pattern.Prepare();
                }
            });
        }
        return new Knowledge(yara, hashes, signatures.Pools, trust, Catalog.Detectors(signatures, options.Threads)) { Warnings = [.. yara.Warnings, .. problems], RuleSets = [.. files] };
    }

    /// <summary>One worker's own examiners.</summary>
    public IReadOnlyList<Examiner> CreateExaminers() => Catalog.Examiners(_yara, _pools, Trust);

    /// <summary>Adds a match when a digest is known to be bad; the strongest digest speaks.</summary>
    public void MatchHashes(ContentDigests digests, EvidenceLocation location, IArtifactSink sink)
    {
        if (_hashes.Count == 0)
        {
            return;
        }
        if (Match(digests.HasSha256, digests.Sha256, location, sink) || Match(digests.HasSha1, digests.Sha1, location, sink))
        {
            return;
        }
        Match(digests.HasMd5, digests.Md5, location, sink);
    }

    public void Dispose() => _yara.Dispose();

    private bool Match(bool has, ReadOnlySpan<byte> digest, EvidenceLocation location, IArtifactSink sink)
    {
        if (!has || !_hashes.TryFind(digest, out HashListEntry entry))
        {
            return false;
        }
        sink.Add(new HashMatch(location) { Algorithm = entry.Algorithm, Hash = Convert.ToHexStringLower(digest), Name = entry.Name, Source = entry.Source });
        return true;
    }
}

/// <summary>Loads knowledge on its own thread while the image is walked.</summary>
internal sealed class KnowledgeLoading : IDisposable
{
    private readonly Task<Knowledge> _loading;

    public KnowledgeLoading(ScanOptions options) => _loading = Task.Run(() => Knowledge.Load(options));

    /// <summary>The knowledge; waits for it. Throws what loading threw.</summary>
    public Knowledge Value => _loading.GetAwaiter().GetResult();

    public void Dispose()
    {
        if (Task.WhenAny(_loading).GetAwaiter().GetResult().IsCompletedSuccessfully)
        {
            _loading.Result.Dispose();
        }
    }
}
