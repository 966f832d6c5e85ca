using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Reads the package databases of all hosts, beside the walk where threads allow.</summary>
internal sealed class PackageReading
{
    // apk is the only manager whose digests are SHA-1, which is not computed for anything else.
    private static readonly string[] s_apkDatabases = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

    private readonly Task<IReadOnlyDictionary<string, PackageIndex>> _reading;
    private readonly Dictionary<string, string> _rootOf = new(StringComparer.Ordinal);

    public PackageReading(IReadOnlyList<HostProfile> hosts, ScanLimits limits, DiagnosticCollector diagnostics, int threads, CancellationToken cancellation)
    {
        foreach (HostProfile host in hosts)
        {
            foreach (string volume in host.Info.Volumes.Prepend(host.Info.Volume))
            {
                _rootOf.TryAdd(volume, host.Info.Volume);
            }
        }
        NeedsSha1 = hosts.Any(host => s_apkDatabases.Any(path => host.Tree.Resolve(path) is not null));
        IReadOnlyDictionary<string, PackageIndex> Read() => hosts.ToDictionary(host => host.Info.Volume,
            host => PackageDatabases.Read(new HostFiles(host.Tree), Parsers.Catalog.PackageReaders, new ParseContext(limits, diagnostics.For(host.Info.Volume), cancellation)), StringComparer.Ordinal);
        _reading = threads > 1 ? Task.Run(Read, CancellationToken.None) : Task.FromResult(Read());
    }

    /// <summary>Some host keeps SHA-1 digests.</summary>
    public bool NeedsSha1 { get; }

    /// <summary>By root volume; waits. Throws <see cref="OperationCanceledException"/>.</summary>
    public IReadOnlyDictionary<string, PackageIndex> Value => _reading.GetAwaiter().GetResult();

    /// <summary>Of the host that a volume belongs to; waits.</summary>
    public PackageIndex Of(string volume) => _rootOf.TryGetValue(volume, out string? root) && Value.TryGetValue(root, out PackageIndex? index) ? index : PackageIndex.Empty;
}
