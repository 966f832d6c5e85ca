using System.Buffers;
using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Chooses the maintainer scripts that are worth reading as what the host runs: scripts no package owns, those of packages that name no distribution or came without digests, those
/// changed after their package was installed, and, whatever the database says about a package, those whose text holds a word that the rules on commands build on. All others are looked
/// at for these words only.
/// </summary>
/// <remarks>
/// Who wrote "Debian" into the database is not known, so the choice by words concerns every package; what escapes it is a script of a package that claims a distribution, was not changed
/// later as far as its times tell, and starts its program without any word that a rule knows. Such a program is found when something else starts it.
/// </remarks>
internal sealed class PackageScriptSelection
{
    private const int MaximumScripts = 20_000;
    private const int MaximumBytes = 1 << 20;
    // dpkg writes its file lists while it unpacks, seconds after the scripts.
    private const long Slack = 3600;

    private static readonly SearchValues<string> s_words = SearchValues.Create(
    [
        "curl ", "wget ", "/dev/tcp", "/dev/udp", "base64", "ncat ", "socat ", "mkfifo", "/tmp/.", "/var/tmp/.", "/dev/shm", "authorized_keys", "ld.so.preload", "python -c", "python3 -c", "perl -e", "php -r", "nohup ", "setsid ",
        "stratum", "xmrig", "chattr +", "chattr -", "| sh", "|sh", "| bash", "|bash", "crontab -", "openssl enc", "xxd -r", "insmod ", "/usr/bin/nc ", "memfd",
    ], StringComparison.OrdinalIgnoreCase);

    private static readonly PackageScriptParser s_parser = (PackageScriptParser)Parsers.Catalog.ArtifactParsers.First(parser => parser is PackageScriptParser);

    private readonly List<string> _files = [];
    private readonly List<(string Database, Package Package, MaintainerScript Script)> _texts = [];
    private bool _isCut;

    private PackageScriptSelection()
    {
    }

    /// <summary>Chooses among the scripts of a host. Reads them, so it runs where the databases are read.</summary>
    public static PackageScriptSelection Of(IHostFiles files, PackageIndex index, CancellationToken cancellation)
    {
        var selection = new PackageScriptSelection();
        foreach (OrphanScript orphan in index.OrphanScripts)
        {
            if (orphan.Script.Path is { } path && orphan.Script.Kind != "triggers")
            {
                selection.Take(path);
            }
        }
        foreach (Package package in index.Packages)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isForeign = !PackageVendors.ClaimsDistribution(package);
            foreach (MaintainerScript script in package.Scripts)
            {
                if (script.Kind == "triggers")
                {
                    // Names of events, no script.
                    continue;
                }
                if (script.Path is { } path)
                {
                    bool isNewer = package.InstalledAt is { } installed && files.Modified(path) is { } modified && modified.Seconds > installed.Seconds + Slack;
                    if (isForeign || isNewer || HoldsWord(Read(files, path)))
                    {
                        selection.Take(path);
                    }
                }
                else if (script.Text is { Length: > 0 } text && (isForeign || text.AsSpan().ContainsAny(s_words)))
                {
                    selection.Take(package, script);
                }
            }
        }
        return selection;
    }

    /// <summary>Has the chosen files parsed with all others, and the chosen texts at once. Called between the walk and its completion.</summary>
    public static void Select(ContentPlan plan, IReadOnlyList<HostProfile> hosts, PackageReading packages, IReadOnlyList<VolumeWalk> walks)
    {
        foreach (HostProfile host in hosts)
        {
            packages.ScriptsOf(host.Info.Volume).Apply(plan, host, walks);
        }
    }

    private void Apply(ContentPlan plan, HostProfile host, IReadOnlyList<VolumeWalk> walks)
    {
        if (_isCut)
        {
            plan.Diagnostics.Report(new Diagnostic("packages.scripts.many", "more maintainer scripts of packages are worth reading than are read") { Volume = host.Info.Volume, LosesContent = true });
        }
        foreach (string path in _files)
        {
            if (host.Tree.Find(path) is { File.Type: FileType.Regular } file && walks.FirstOrDefault(walk => walk.Volume.Volume.Identity == file.Volume.Volume.Identity) is { } walk)
            {
                walk.Claim(file.File.MetadataAddress, file.Path, s_parser);
            }
        }
        var sink = new ArtifactList();
        foreach ((string database, Package package, MaintainerScript script) in _texts)
        {
            if (host.Tree.Find(database) is not { } file || walks.FirstOrDefault(walk => walk.Volume.Volume.Identity == file.Volume.Volume.Identity) is not { } walk)
            {
                continue;
            }
            EvidenceLocation location = EntryLocation.Of(plan, walk.Volume, database, file.Path, file.File);
            PackageScriptParser.Read(new ArtifactInput(location, file.File, Encoding.UTF8.GetBytes(script.Text!)) { Limits = plan.Limits }, package.Manager, package.Name, script.Kind, sink);
            walk.Settle(sink.Artifacts);
            foreach (Diagnostic diagnostic in sink.Diagnostics)
            {
                plan.Diagnostics.Report(diagnostic with { Volume = location.Volume, Path = database });
            }
            sink.Artifacts.Clear();
            sink.Diagnostics.Clear();
        }
    }

    private void Take(string path)
    {
        if (_files.Count < MaximumScripts)
        {
            _files.Add(path);
            return;
        }
        _isCut = true;
    }

    private void Take(Package package, MaintainerScript script)
    {
        if (_texts.Count < MaximumScripts)
        {
            _texts.Add((package.Database, package, script));
            return;
        }
        _isCut = true;
    }

    private static bool HoldsWord(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text).AsSpan().ContainsAny(s_words);

    private static ReadOnlySpan<byte> Read(IHostFiles files, string path)
    {
        try
        {
            return files.Open(path) is { } source ? source.ReadArray(0, (int)Math.Min(source.Length, MaximumBytes)) : [];
        }
        catch (ForensicException)
        {
            // The walk meets the same file and reports its damage.
            return [];
        }
    }
}
