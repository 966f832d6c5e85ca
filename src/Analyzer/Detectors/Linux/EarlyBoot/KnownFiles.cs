using System.Buffers.Binary;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Answers whether the host of an early-boot image explains a member of it: packages by digest, path and name; without packages, its other programs.</summary>
internal sealed class KnownFiles
{
    private readonly PackageIndex _packages;
    private readonly HashSet<string> _digests = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _modules = new(StringComparer.Ordinal);

    public KnownFiles(EvidenceIndex evidence, string host, IEnumerable<InitramfsFile> members)
    {
        _packages = evidence.PackagesOf(host);
        IsSure = _packages.Packages.Count > 0;
        // Only digests that are asked for are kept: a package database has hundreds of thousands.
        var wanted = new Dictionary<ulong, List<string>>();
        foreach (string digest in members.SelectMany(member => new[] { member.Md5, member.Sha1, member.Sha256 }).OfType<string>())
        {
            ulong key = BinaryPrimitives.ReadUInt64BigEndian(Convert.FromHexString(digest[..16]));
            if (!wanted.TryGetValue(key, out List<string>? list))
            {
                wanted.Add(key, list = []);
            }
            list.Add(digest);
        }
        foreach (PackageFile file in _packages.Files)
        {
            ReadOnlySpan<byte> path = file.PathBytes;
            _names.Add(System.Text.Encoding.Latin1.GetString(path[(path.LastIndexOf((byte)'/') + 1)..]));
            if (file.Digest.Length >= 8 && wanted.ContainsKey(BinaryPrimitives.ReadUInt64BigEndian(file.Digest)))
            {
                _digests.Add(Convert.ToHexStringLower(file.Digest));
            }
        }
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            if (evidence.TreeOf(file.Location.Volume) != host || LocalEntries.IsOddPlace(file.Location.Path))
            {
                continue;
            }
            if (!IsSure)
            {
                _names.Add(file.Location.Name);
            }
            if (!IsSure || file.Origin is { IsVendor: true })
            {
                foreach (string digest in new[] { file.Hashes?.Md5, file.Hashes?.Sha1, file.Hashes?.Sha256 }.OfType<string>())
                {
                    _digests.Add(digest);
                }
            }
        }
        foreach (ModuleIndex index in evidence.OfType<ModuleIndex>())
        {
            if (evidence.TreeOf(index.Location.Volume) == host)
            {
                foreach (string module in index.Modules)
                {
                    // What packages do not own but is built for each kernel on the host.
                    if (!IsSure || !module.StartsWith("kernel/", StringComparison.Ordinal))
                    {
                        _modules.Add(ModuleLoad.Normal(module[(module.LastIndexOf('/') + 1)..]));
                    }
                }
            }
        }
    }

    /// <summary>The host has package databases.</summary>
    public bool IsSure { get; }

    /// <summary>A package shipped this content.</summary>
    public bool HasContent(InitramfsFile file) => (file.Md5 is not null && _digests.Contains(file.Md5)) || (file.Sha1 is not null && _digests.Contains(file.Sha1)) || (file.Sha256 is not null && _digests.Contains(file.Sha256));

    /// <summary>A package shipped the content, or something of this name. Without packages and without programs to compare, everything is explained.</summary>
    public bool Explains(InitramfsFile file) => _names.Count == 0 || (!IsSure && _names.Count < 50) || HasContent(file) || _packages.IsOwned(file.Path) || (_names.Contains(file.Path[(file.Path.LastIndexOf('/') + 1)..]) && !PathTraits.IsHidden(file.Path));

    /// <summary>A package owns the module in one of its packed forms, or it comes from a tree of drivers.</summary>
    public bool ExplainsModule(string path)
    {
        if (!IsSure)
        {
            return true;
        }
        string plain = ModuleIndex.WithoutCompression(path);
        string name = plain[(plain.LastIndexOf('/') + 1)..];
        // Modules of a kernel that was removed since have no owner any more; then none of the directory has one.
        return s_compressions.Any(end => _names.Contains(name + end)) || _modules.Contains(ModuleLoad.Normal(name)) || !plain.Contains("/kernel/", StringComparison.Ordinal) || !HasModules(plain);
    }

    private static readonly string[] s_compressions = ["", ".xz", ".gz", ".zst"];

    private bool HasModules(string path)
    {
        int at = path.IndexOf("/modules/", StringComparison.Ordinal);
        int end = at < 0 ? -1 : path.IndexOf('/', at + "/modules/".Length);
        return end > 0 && (_packages.IsOwned(path[..end] + "/kernel") || _packages.IsOwned(path[..end] + "/modules.order") || _packages.IsOwned(path[..end] + "/modules.builtin"));
    }
}
