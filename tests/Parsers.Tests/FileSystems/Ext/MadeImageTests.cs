using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Images of many feature combinations, made here by mke2fs and debugfs, against what debugfs reads from them.</summary>
public sealed partial class MadeImageTests
{
    public static TheoryData<string, string, int> Combinations() => new()
    {
        { "ext2, 1 KiB blocks", "-t ext2 -b 1024 -N 600", 24 },
        { "ext2, 4 KiB blocks", "-t ext2 -b 4096", 24 },
        { "ext3", "-t ext3 -b 2048 -J size=4", 32 },
        { "revision 0", "-t ext2 -r 0 -b 1024", 24 },
        { "no filetype", "-t ext2 -b 1024 -O ^filetype", 24 },
        { "ext4 defaults", "-t ext4", 32 },
        { "ext4, 1 KiB blocks, depth 2 extents", "-t ext4 -b 1024 -g 8192", 40 },
        { "ext4, 2 KiB blocks", "-t ext4 -b 2048", 32 },
        { "ext4, 64 KiB blocks", "-t ext4 -b 65536 -N 512", 96 },
        { "ext4 without extents", "-t ext4 -b 1024 -O ^extents,^64bit", 32 },
        { "metadata checksums without extents", "-t ext4 -b 1024 -O ^extents,^64bit,metadata_csum", 32 },
        { "inline data", "-t ext4 -b 1024 -I 256 -O inline_data", 32 },
        { "inline data in large inodes", "-t ext4 -b 4096 -I 1024 -O inline_data", 32 },
        { "bigalloc", "-t ext4 -b 1024 -C 16384 -O bigalloc", 40 },
        { "bigalloc, 4 KiB blocks", "-t ext4 -b 4096 -C 65536 -O bigalloc", 64 },
        { "meta_bg", "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode", 40 },
        { "meta_bg without 64bit", "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,^64bit,^flex_bg", 40 },
        { "without 64bit", "-t ext4 -O ^64bit", 32 },
        { "without checksums", "-t ext4 -O ^metadata_csum,^uninit_bg", 32 },
        { "uninit_bg", "-t ext4 -b 1024 -O ^metadata_csum,uninit_bg", 32 },
        { "uninit_bg without 64bit", "-t ext4 -b 1024 -O ^metadata_csum,uninit_bg,^64bit", 32 },
        { "sparse_super2", "-t ext4 -b 1024 -O sparse_super2,^resize_inode", 40 },
        { "without sparse_super", "-t ext4 -b 1024 -O ^sparse_super,^resize_inode", 40 },
        { "ea_inode", "-t ext4 -b 1024 -O ea_inode", 32 },
        { "ea_inode and inline data", "-t ext4 -b 1024 -O ea_inode,inline_data", 32 },
        { "large_dir", "-t ext4 -b 1024 -O large_dir", 32 },
        { "orphan_file and metadata_csum_seed", "-t ext4 -O orphan_file,metadata_csum_seed", 32 },
        { "casefold", "-t ext4 -O casefold -E encoding=utf8", 32 },
        { "128 byte inodes", "-t ext4 -I 128", 32 },
        { "512 byte inodes", "-t ext4 -I 512", 32 },
        { "1024 byte inodes", "-t ext4 -b 1024 -I 1024", 32 },
        { "encrypt, verity, project, quota", "-t ext4 -O encrypt,verity,project,quota,stable_inodes", 32 },
        { "mmp", "-t ext4 -O mmp", 32 },
    };

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Everything_equals_what_debugfs_reads(string name, string options, int mebibytes)
    {
        Assert.NotEmpty(name);
        using ExtImage image = ExtImage.Make(options, mebibytes);
        image.AddSpecialFiles(extents: options.Contains("ext4", StringComparison.Ordinal) && !options.Contains("^extents", StringComparison.Ordinal));
        Compare(image);
    }

    [Theory]
    [InlineData("-t ext4 -b 1024")]
    [InlineData("-t ext4 -b 1024 -O large_dir,^metadata_csum")]
    [InlineData("-t ext3 -b 1024 -J size=1")]
    public void Hashed_directories_list_every_name(string options)
    {
        using ExtImage image = ExtImage.Make(options, 32);
        // e2fsck -D makes hashed directories of those that have room for it; 1 = errors corrected.
        ExtImage.Tool("e2fsck", ["-fyD", image.Path], mostExitCode: 1);
        Assert.Contains("Root node dump", image.Debugfs(["htree_dump /many"]), StringComparison.Ordinal);
        Compare(image);
    }

    private static void Compare(ExtImage image)
    {
        var diagnostics = new DiagnosticList();
        using var source = new FileByteSource(image.Path);
        IFileSystem fileSystem = ExtWalk.Open(source, diagnostics);
        List<WalkedFile> files = ExtWalk.Files(fileSystem);
        CompareNames(image, files);
        FileEntry[] inodes = [.. files.Select(f => f.Entry).DistinctBy(e => e.MetadataAddress)];
        CompareMetadata(image, fileSystem, inodes);
        CompareAttributes(image, fileSystem, inodes);
        CompareContent(image, fileSystem, files);
        CompareFacts(image, fileSystem);
        Assert.Empty(diagnostics.Items);
    }

    private static void CompareNames(ExtImage image, List<WalkedFile> files)
    {
        WalkedFile[] directories = [.. files.Where(f => f.Entry.Type == FileType.Directory)];
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        string listing = image.Debugfs(directories.Select(d => $"ls -p <{d.Entry.MetadataAddress}>"));
        int index = -1;
        foreach (string line in listing.Split('\n'))
        {
            if (line.StartsWith("debugfs: ", StringComparison.Ordinal))
            {
                index++;
            }
            // /inode/mode/uid/gid/name/size/
            else if (line.StartsWith('/') && line.Split('/') is { Length: >= 7 } cells && cells[1] != "0" && cells[5] is not ("." or ".."))
            {
                string name = PathText.FromBytes(Encoding.Latin1.GetBytes(cells[5]));
                expected.Add($"{PathText.Join(directories[index].Path, name)} {cells[1]} {cells[2]}");
            }
        }
        var actual = new SortedSet<string>(files.Skip(1).Select(f => $"{f.Path} {f.Entry.MetadataAddress} {Mode(f.Entry)}"), StringComparer.Ordinal);
        Assert.Empty(expected.Except(actual).Select(e => "missing: " + e).Concat(actual.Except(expected).Select(a => "extra: " + a)));
        Assert.Equal(files.Count - 1, actual.Count);
    }

    private static void CompareMetadata(ExtImage image, IFileSystem fileSystem, FileEntry[] inodes)
    {
        string[] stats = image.Debugfs(inodes.Select(e => $"stat <{e.MetadataAddress}>")).Split("debugfs: stat ")[1..];
        Assert.Equal(inodes.Length, stats.Length);
        for (int i = 0; i < inodes.Length; i++)
        {
            FileEntry entry = inodes[i];
            string stat = stats[i];
            Assert.Equal(entry.MetadataAddress.ToString(CultureInfo.InvariantCulture), Field(stat, "Inode"));
            // debugfs prints large ids as negative numbers.
            Assert.Equal(unchecked((uint)long.Parse(Field(stat, "User"), CultureInfo.InvariantCulture)), entry.UserId);
            Assert.Equal(unchecked((uint)long.Parse(Field(stat, "Group"), CultureInfo.InvariantCulture)), entry.GroupId);
            Assert.Equal(entry.Size.ToString(CultureInfo.InvariantCulture), Field(stat, "Size"));
            Assert.Equal(entry.LinkCount.ToString(CultureInfo.InvariantCulture), Field(stat, "Links"));
            const uint Visible = 0x725BDFFF;
            Assert.Equal(Convert.ToUInt32(Field(stat, "Flags"), 16) & Visible, entry.Flags);
            Assert.Equal(Time(stat, "mtime"), entry.Modified);
            Assert.Equal(Time(stat, "atime"), entry.Accessed);
            Assert.Equal(Time(stat, "ctime"), entry.Changed);
            Assert.Equal(Time(stat, "crtime"), entry.Created);
            if (DeviceNumber().Match(stat) is { Success: true } device)
            {
                Assert.Equal($"{device.Groups[1].ValueSpan.TrimStart('0')}:{device.Groups[2].ValueSpan.TrimStart('0')}", ExtWalk.Target(fileSystem, entry));
            }
            if (FastLink().Match(stat) is { Success: true } link)
            {
                Assert.Equal(link.Groups[1].Value, ExtWalk.Target(fileSystem, entry));
            }
        }
    }

    private static void CompareAttributes(ExtImage image, IFileSystem fileSystem, FileEntry[] inodes)
    {
        string[] lists = image.Debugfs(inodes.Select(e => $"ea_list <{e.MetadataAddress}>")).Split("debugfs: ea_list ")[1..];
        var values = new List<(string File, ExtendedAttribute Attribute)>();
        var commands = new List<string>();
        int seen = 0;
        for (int i = 0; i < inodes.Length; i++)
        {
            // What inline data leaves behind when its flag is cleared is left out on both sides.
            ExtendedAttribute[] attributes = [.. fileSystem.ReadExtendedAttributes(inodes[i]).Where(a => a.Name != "system.data")];
            string[] expected = [.. AttributeName().Matches(lists[i]).Select(m => m.Groups[1].Value).Where(n => n != "system.data").Order(StringComparer.Ordinal)];
            Assert.Equal(expected, attributes.Select(a => a.Name).Order(StringComparer.Ordinal));
            foreach (ExtendedAttribute attribute in attributes)
            {
                string file = image.NewFile("ea");
                commands.Add($"ea_get -f {file} <{inodes[i].MetadataAddress}> {attribute.Name}");
                values.Add((file, attribute));
                seen++;
            }
        }
        image.Debugfs(commands);
        foreach ((string file, ExtendedAttribute attribute) in values)
        {
            // debugfs gives entries without an id the id 0, the kernel -1: what was put in is the kernel's form.
            byte[] expected = attribute.Name.StartsWith("system.posix_acl", StringComparison.Ordinal) ? ExtImage.AccessList() : File.ReadAllBytes(file);
            Assert.Equal(expected, attribute.Value.ToArray());
        }
        Assert.True(seen is 0 or > 8, "the special files carry attributes");
    }

    private static void CompareContent(ExtImage image, IFileSystem fileSystem, List<WalkedFile> files)
    {
        var dumps = new List<(string File, WalkedFile Walked)>();
        var commands = new List<string>();
        foreach (WalkedFile walked in files.Where(f => f.Entry.Type == FileType.Regular).DistinctBy(f => f.Entry.MetadataAddress))
        {
            string file = image.NewFile("dump");
            commands.Add($"dump <{walked.Entry.MetadataAddress}> {file}");
            dumps.Add((file, walked));
        }
        image.Debugfs(commands);
        foreach ((string file, WalkedFile walked) in dumps)
        {
            using var whole = new FileByteSource(file);
            // Of a short inline file debugfs dumps the whole 60 bytes of i_block.
            var dump = new Slice(whole, 0, whole.Length == 60 ? walked.Entry.Size : whole.Length);
            Assert.True(ExtWalk.Md5(dump) == ExtWalk.Md5(fileSystem.OpenContent(walked.Entry)), walked.Path + " differs from debugfs");
            string original = ExtImage.Tree + walked.Path;
            if (File.Exists(original) && walked.Path != "/unwritten")
            {
                using var source = new FileByteSource(original);
                Assert.True(ExtWalk.Md5(source) == ExtWalk.Md5(dump), walked.Path + " differs from the tree");
            }
            File.Delete(file);
        }
        foreach (WalkedFile link in files.Where(f => f.Entry.Type == FileType.SymbolicLink))
        {
            Assert.Equal(new FileInfo(ExtImage.Tree + link.Path).LinkTarget, ExtWalk.Target(fileSystem, link.Entry));
        }
    }

    private static void CompareFacts(ExtImage image, IFileSystem fileSystem)
    {
        string header = ExtImage.Tool("dumpe2fs", ["-h", image.Path]);
        Assert.Equal(Field(header, "Filesystem features", @"(.*)").Replace("(none)", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries), fileSystem.Facts.Features);
        Assert.Equal(Field(header, "Filesystem UUID"), fileSystem.Facts.Uuid);
        Assert.Equal(Field(header, "Filesystem state", "(.*)"), fileSystem.Facts.State);
        Assert.Equal(Field(header, "Block size"), fileSystem.Facts.BlockSize.ToString(CultureInfo.InvariantCulture));
        long blocks = long.Parse(Field(header, "Block count"), CultureInfo.InvariantCulture);
        Assert.Equal(blocks * fileSystem.Facts.BlockSize, fileSystem.Facts.SizeBytes);
        long free = long.Parse(Field(header, "Free blocks"), CultureInfo.InvariantCulture);
        Assert.Equal(free * fileSystem.Facts.BlockSize, fileSystem.Facts.FreeBytes);
        Assert.Equal(Field(header, "Inode count"), fileSystem.Facts.InodeCount?.ToString(CultureInfo.InvariantCulture));
    }

    private static string Mode(FileEntry entry)
    {
        int type = entry.Type switch
        {
            FileType.Fifo => 0x1000,
            FileType.CharacterDevice => 0x2000,
            FileType.Directory => 0x4000,
            FileType.BlockDevice => 0x6000,
            FileType.Regular => 0x8000,
            FileType.SymbolicLink => 0xA000,
            _ => 0xC000,
        };
        return Convert.ToString(type | entry.Permissions, 8).PadLeft(6, '0');
    }

    private static string Field(string text, string name, string pattern = @"(\S+)")
    {
        Match match = Regex.Match(text, $@"(?:^|\s){Regex.Escape(name)}: *{pattern}", RegexOptions.CultureInvariant);
        Assert.True(match.Success, $"{name} in {text}");
        return match.Groups[1].Value.Trim();
    }

    /// <summary>debugfs prints the raw words: seconds, and the extra word when the inode has one.</summary>
    private static Timestamp? Time(string stat, string name)
    {
        Match match = Regex.Match(stat, $@"(?:^|\s){name}: 0x([0-9a-f]+)(?::([0-9a-f]+))?", RegexOptions.CultureInvariant);
        if (!match.Success)
        {
            return null;
        }
        long seconds = unchecked((int)Convert.ToUInt32(match.Groups[1].Value, 16));
        uint extra = match.Groups[2].Success ? Convert.ToUInt32(match.Groups[2].Value, 16) : 0;
        return new Timestamp(seconds + ((extra & 3L) << 32), (int)(extra >> 2));
    }

    [GeneratedRegex(@"Device major/minor number: (\d+):(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex DeviceNumber();

    [GeneratedRegex("Fast link dest: \"(.*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex FastLink();

    [GeneratedRegex(@"^  (\S+) \(\d+\)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex AttributeName();
}
