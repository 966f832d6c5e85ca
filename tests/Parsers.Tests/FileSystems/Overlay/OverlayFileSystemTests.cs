using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Overlay;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Overlay;

/// <summary>Layers laid over each other, against what the kernel's overlayfs shows of the same layers.</summary>
public sealed class OverlayFileSystemTests : IDisposable
{
    // Three layers with everything that decides what is seen: replaced files, merged, hidden, opaque and re-made directories, whiteouts, a file where a directory was.
    private const string Layers = """
        set -eu
        cd "$1"
        mkdir -p base/etc/cron.d base/usr/bin base/var/log base/opaque/old base/gone/deep base/kind base/again middle/etc/cron.d middle/opaque middle/again upper/etc/cron.d upper/usr/bin upper/new upper/again work merged
        echo base > base/etc/passwd; echo base > base/etc/cron.d/a; echo base > base/etc/cron.d/b; echo tool > base/usr/bin/tool; echo old > base/opaque/old/file; echo x > base/gone/deep/file; echo f > base/kind/file; echo 1 > base/again/one
        echo middle > middle/etc/passwd; echo c > middle/etc/cron.d/c; echo n > middle/opaque/new; mknod middle/gone c 0 0; mknod middle/again/one c 0 0
        setfattr -n trusted.overlay.opaque -v y middle/opaque
        echo upper > upper/etc/cron.d/b; mknod upper/etc/cron.d/a c 0 0; ln -s tool upper/usr/bin/link; echo file > upper/kind; echo 1 > upper/new/file; echo back > upper/again/one
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-overlay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_shows_what_the_kernel_shows()
    {
        if (!Environment.IsPrivilegedProcess || TestTools.TryRun("bash", "-c", Layers, "bash", _folder).Code != 0)
        {
            Assert.Skip("devices and trusted attributes cannot be made here");
        }
        const string Mounted = "mount -t overlay overlay -o lowerdir=\"$1/middle:$1/base\",upperdir=\"$1/upper\",workdir=\"$1/work\" \"$1/merged\" && (cd \"$1/merged\" && find . -mindepth 1 \\( -type f -printf '%P f ' -exec sha256sum {} \\; -o -type d -printf '%P d\\n' -o -type l -printf '%P l %l\\n' \\) | awk '{print $1, $2, $3}' | LC_ALL=C sort); s=$?; umount \"$1/merged\"; exit $s";
        (int code, string kernel, _) = TestTools.TryRun("bash", "-c", Mounted, "bash", _folder);
        if (code != 0)
        {
            Assert.Skip("overlayfs cannot be mounted here");
        }
        string image = Path.Combine(_folder, "layers.img");
        Directory.Delete(Path.Combine(_folder, "work"), recursive: true);
        Directory.Delete(Path.Combine(_folder, "merged"), recursive: true);
        TestTools.Run("bash", "-c", "mkdir \"$1/tree\" && mv \"$1\"/base \"$1\"/middle \"$1\"/upper \"$1/tree\" && mke2fs -q -F -t ext4 -b 1024 -d \"$1/tree\" \"$2\" 8M", "bash", _folder, image);
        using ImageFile file = ImageFile.Open(image);
        IFileSystem below = ExtWalk.Open(file);
        Dictionary<string, ulong> roots = below.ReadDirectory(below.Open(below.RootAddress)).ToDictionary(entry => PathText.FromBytes(entry.Name.Span), entry => entry.MetadataAddress, StringComparer.Ordinal);
        var overlay = new OverlayFileSystem(below, [roots["upper"], roots["middle"], roots["base"]], ParseContext.Quiet);
        string[] ours = [.. ExtWalk.Files(overlay).Skip(1).Select(found => Line(overlay, found)).Order(StringComparer.Ordinal)];
        Assert.Equal(kernel.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()), ours);
        Assert.Contains("etc/cron.d/b f", string.Join('\n', ours), StringComparison.Ordinal);
        Assert.DoesNotContain("etc/cron.d/a", string.Join('\n', ours), StringComparison.Ordinal);
    }

    [Fact]
    public void More_layers_than_any_kernel_mounts_are_refused() =>
        Assert.Throws<LimitExceededException>(() => new OverlayFileSystem(new Nothing(), [.. Enumerable.Range(1, 513).Select(i => (ulong)i)], ParseContext.Quiet));

    [Fact]
    public void One_directory_as_all_layers_is_seen_once()
    {
        var overlay = new OverlayFileSystem(new Nothing(), [2, 2, 2], ParseContext.Quiet);
        Assert.Equal(["again"], overlay.ReadDirectory(overlay.Open(2)).Select(entry => Encoding.UTF8.GetString(entry.Name.Span)));
    }

    private static string Line(IFileSystem fileSystem, WalkedFile found) => found.Path.TrimStart('/') + (found.Entry.Type switch
    {
        FileType.Directory => " d",
        FileType.SymbolicLink => " l " + Encoding.UTF8.GetString(fileSystem.ReadLinkTarget(found.Entry).Span),
        _ => " f " + Convert.ToHexStringLower(SHA256.HashData(fileSystem.OpenContent(found.Entry).ReadArray(0, 1 << 20))),
    });

    /// <summary>A directory that contains itself.</summary>
    private sealed class Nothing : IFileSystem
    {
        public string Kind => "none";
        public FileSystemFacts Facts { get; } = new();
        public ulong RootAddress => 2;
        public FileEntry Open(ulong metadataAddress) => new() { MetadataAddress = metadataAddress, Type = FileType.Directory };
        public IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory) => [new DirectoryEntry("again"u8.ToArray(), 2, FileType.Directory)];
        public IByteSource OpenContent(FileEntry file, string? stream = null) => MemorySource.Empty;
        public ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link) => default;
        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file) => [];
    }
}
