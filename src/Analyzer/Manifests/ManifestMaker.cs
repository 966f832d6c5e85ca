using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Listing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Manifests;

/// <summary>Makes the manifest of one host of an image: the same bytes for the same image and version of the program, whatever the number of threads.</summary>
internal sealed class ManifestMaker(OpenedImage image, DiagnosticCollector diagnostics, IScanProgress progress, CancellationToken cancellation)
{
    /// <summary>Writes it. Throws <see cref="UsageException"/> when the image holds no host, or several and <paramref name="root"/> names none of them.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="root">Root volume of the host; null when there is only one.</param>
    /// <param name="threads">Hashing threads.</param>
    /// <returns>How many entries it has, and how many files could not be read.</returns>
    public (int Entries, long Unread) Write(Stream output, string? root, int threads)
    {
        ScanLimits limits = ScanLimits.Default;
        IReadOnlyList<HostProfile> hosts = HostProfile.ReadAll(image, limits, diagnostics, cancellation);
        HostProfile host = Choose(hosts, root);
        progress.Begin("packages", null, null);
        PackageIndex packages = PackageDatabases.Read(new HostFiles(host.Tree), Parsers.Catalog.PackageReaders, new ParseContext(limits, diagnostics.For(host.Info.Volume), cancellation));
        progress.Begin("hash", null, null);
        using var rows = new ManifestRows(output, host.Places, progress);
        var lister = new FileLister(image, limits, diagnostics, glob: null, cancellation) { Volumes = host.Places.Keys.ToHashSet(StringComparer.Ordinal) };
        lister.Run(rows, HashKinds.Sha256, threads);
        rows.Finish(Product.Name + " " + Product.Version, image.Name, host.Info, packages);
        return (rows.Count, rows.Unread + lister.Unreadable);
    }

    private static HostProfile Choose(IReadOnlyList<HostProfile> hosts, string? root)
    {
        if (root is not null)
        {
            return hosts.FirstOrDefault(host => host.Info.Volume == root)
                ?? throw new UsageException("no system has its root on the volume '" + root + "'" + (hosts.Count == 0 ? "" : "; there are: " + string.Join(", ", hosts.Select(host => host.Info.Volume))));
        }
        return hosts.Count switch
        {
            1 => hosts[0],
            0 => throw new UsageException("the image holds no system that a manifest could be made of"),
            _ => throw new UsageException("the image holds several systems; choose one with --host: " + string.Join(", ", hosts.Select(host => host.Info.Volume))),
        };
    }
}
