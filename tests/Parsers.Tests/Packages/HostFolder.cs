using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Packages;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>A folder of this machine as a host's tree: links are followed inside of it.</summary>
internal sealed class HostFolder(string root) : IHostFiles
{
    public IByteSource? Open(string path) => Real(path, followLast: true) is { } place && File.Exists(place) ? new MemorySource(File.ReadAllBytes(place)) : null;

    public IEnumerable<string> List(string directory) =>
        Real(directory, followLast: true) is { } place && Directory.Exists(place) ? new DirectoryInfo(place).EnumerateFileSystemInfos().Select(entry => entry.Name) : [];

    public string? ReadLink(string path) => Real(path, followLast: false) is { } place ? new FileInfo(place).LinkTarget : null;

    public Timestamp? Modified(string path) => Real(path, followLast: false) is { } place && Path.Exists(place) ? Timestamp.From(File.GetLastWriteTimeUtc(place)) : null;

    /// <summary>The place of a path on this machine.</summary>
    public string? Real(string path, bool followLast)
    {
        var todo = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        string place = "";
        for (int hops = 0; todo.TryPop(out string? name);)
        {
            if (name == ".")
            {
                continue;
            }
            if (name == "..")
            {
                place = place.Length == 0 ? "" : place[..place.LastIndexOf('/')];
                continue;
            }
            string next = place + "/" + name;
            if ((todo.Count > 0 || followLast) && new FileInfo(root + next).LinkTarget is { } target)
            {
                if (++hops > 40)
                {
                    return null;
                }
                place = target.StartsWith('/') ? "" : place;
                foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    todo.Push(part);
                }
                continue;
            }
            place = next;
        }
        return root + (place.Length == 0 ? "/" : place);
    }
}

/// <summary>A host's tree made of texts and bytes; directories are there by what lies in them.</summary>
internal sealed class HostMemory : IHostFiles
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    public HostMemory Add(string path, string text) => Add(path, System.Text.Encoding.UTF8.GetBytes(text));

    public HostMemory Add(string path, byte[] content)
    {
        _files[path] = content;
        return this;
    }

    public HostMemory Link(string path, string target)
    {
        _links[path] = target;
        return this;
    }

    public IByteSource? Open(string path) => _files.TryGetValue(path, out byte[]? content) ? new MemorySource(content) : null;

    public IEnumerable<string> List(string directory) => _files.Keys.Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal))
        .Select(path => path[(directory.Length + 1)..].Split('/')[0]).Distinct();

    public string? ReadLink(string path) => _links.GetValueOrDefault(path);

    public Timestamp? Modified(string path) => _files.ContainsKey(path) ? new Timestamp(1_700_000_000, 0) : null;

    /// <summary>The index, and what was reported on the way.</summary>
    public PackageIndex Read(out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        return PackageDatabases.Read(this, Catalog.PackageReaders, new ParseContext(ScanLimits.Default, diagnostics, CancellationToken.None));
    }

    public PackageIndex Read() => Read(out _);
}

/// <summary>Judging in tests.</summary>
internal static class Judging
{
    /// <summary>Judges a regular file by its content.</summary>
    public static FileProvenance Judge(this PackageIndex index, string path, byte[] content, int permissions = 0x1A4, uint user = 0) => new ProvenanceJudge(index).Judge(
        path, new ObservedFile { Kind = PackageFileKind.Regular, Size = content.Length, Permissions = permissions, UserId = user }, algorithm => Digest(algorithm, content));

    public static FileProvenance JudgeLink(this PackageIndex index, string path, string target) => new ProvenanceJudge(index).Judge(
        path, new ObservedFile { Kind = PackageFileKind.Link, LinkTarget = target, Permissions = 0x1FF }, _ => null);

    public static byte[]? Digest(DigestAlgorithm algorithm, byte[] content) => algorithm switch
    {
#pragma warning disable CA5350, CA5351 // package databases use them
        DigestAlgorithm.Md5 => System.Security.Cryptography.MD5.HashData(content),
        DigestAlgorithm.Sha1 => System.Security.Cryptography.SHA1.HashData(content),
#pragma warning restore CA5350, CA5351
        DigestAlgorithm.Sha256 => System.Security.Cryptography.SHA256.HashData(content),
        DigestAlgorithm.Sha512 => System.Security.Cryptography.SHA512.HashData(content),
        _ => null,
    };
}
