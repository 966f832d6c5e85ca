using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Formats.Authenticode;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Looks up programs of Windows without a good signature of their own in the security catalogs of their host, and says of files where they come from. Catalogs are read only when there is such a
/// program; triage of a host has few.
/// </summary>
/// <remarks>Limitations: catalogs of the examined disk under <c>CatRoot</c> only; scripts and other files without headers are not looked up.</remarks>
internal sealed class CatalogPhase(IReadOnlyList<HostProfile> hosts, AuthenticodeVerifier verifier, DiagnosticCollector diagnostics, CancellationToken cancellation)
{
    private const string Root = "/Windows/System32/CatRoot";
    private const int MostCatalogs = 200_000;

    /// <summary>The same artefacts in the same order, programs with the signature that counts and files with their origin.</summary>
    public IReadOnlyList<Artifact> Run(IReadOnlyList<Artifact> artifacts)
    {
        Dictionary<string, HostProfile> hostOf = [];
        foreach (HostProfile host in hosts.Where(host => host.Info.IsWindows))
        {
            foreach (string volume in host.Info.Volumes.Prepend(host.Info.Volume))
            {
                hostOf.TryAdd(volume, host);
            }
        }
        if (hostOf.Count == 0)
        {
            return artifacts;
        }
        var indexes = new Dictionary<string, CatalogIndex>(StringComparer.Ordinal);
        var signatures = new Dictionary<(string Volume, string Path), CodeSignature>();
        var judged = new Artifact[artifacts.Count];
        for (int i = 0; i < artifacts.Count; i++)
        {
            judged[i] = artifacts[i];
            if (artifacts[i] is not WindowsProgramFacts program || !hostOf.TryGetValue(program.Location.Volume, out HostProfile? host))
            {
                continue;
            }
            if (program.ImageSha256 is not null || program.ImageSha1 is not null)
            {
                if (!indexes.TryGetValue(host.Info.Volume, out CatalogIndex? index))
                {
                    indexes.Add(host.Info.Volume, index = Read(host));
                }
                judged[i] = program = program with { Signature = Find(index, program) ?? program.Signature, AreCatalogsKnown = index.Count > 0 };
            }
            if (program.Location.Stream is null)
            {
                signatures[(program.Location.Volume, program.Location.Path)] = program.Signature;
            }
        }
        for (int i = 0; i < judged.Length; i++)
        {
            if (judged[i] is FileFacts { Location: { ShadowedBy: null, Stream: null } } file && signatures.TryGetValue((file.Location.Volume, file.Location.Path), out CodeSignature? signature) && OriginOf(signature) is { } origin)
            {
                judged[i] = file with { Origin = origin };
            }
        }
        return judged;
    }

    private static FileOrigin? OriginOf(CodeSignature signature) => signature switch
    {
        { IsGood: true, IsMicrosoft: true, IsAttested: false } => new FileOrigin(ProvenanceState.VendorIntact) { Manager = "authenticode" },
        { State: SignatureState.Tampered } => new FileOrigin(ProvenanceState.VendorModified) { Manager = "authenticode", Differences = FileDifferences.Digest },
        _ => null,
    };

    private static CodeSignature? Find(CatalogIndex index, WindowsProgramFacts program)
    {
        CodeSignature? found = null;
        foreach (string? digest in (string?[])[program.ImageSha256, program.ImageSha1])
        {
            if (digest is not null && index.Find(Convert.FromHexString(digest)) is { } signature)
            {
                if (signature.IsGood)
                {
                    return signature;
                }
                found ??= signature;
            }
        }
        // A catalog that is not good itself says nothing against a program.
        return program.Signature.State == SignatureState.Unsigned && found is { State: SignatureState.Untrusted } ? found : null;
    }

    private CatalogIndex Read(HostProfile host)
    {
        var catalogs = new List<CatalogSource>();
        foreach (string folder in host.Tree.List(Root).Order(StringComparer.Ordinal))
        {
            foreach (string name in host.Tree.List(Root + "/" + folder).Order(StringComparer.Ordinal))
            {
                cancellation.ThrowIfCancellationRequested();
                if (name.EndsWith(".cat", StringComparison.OrdinalIgnoreCase) && catalogs.Count < MostCatalogs && host.Tree.Find(Root + "/" + folder + "/" + name) is { File.Type: Parsers.FileType.Regular } found)
                {
                    catalogs.Add(new CatalogSource(found.Path, () => found.FileSystem.OpenContent(found.File)));
                }
            }
        }
        return CatalogIndex.Build(verifier, catalogs, diagnostics.For(host.Info.Volume), cancellation);
    }
}
