using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>What stands beside the content: reparse points, extended attributes, owners, times of names.</summary>
public sealed class NtfsAttributesTests
{
    public static TheoryData<string> Volumes() => NtfsOracleTests.Volumes();

    /// <summary>Owners of every file against what istat of The Sleuth Kit says.</summary>
    [Theory]
    [MemberData(nameof(Volumes))]
    public void Owners_and_both_sets_of_times_equal_those_of_istat(string volume)
    {
        SharedImages.Require();
        if (!NtfsImage.HasTool("istat"))
        {
            Assert.Skip("needs sleuthkit");
        }
        SharedOracle oracle = SharedImages.Oracles().First(candidate => candidate.Volume == volume && candidate.View == "ntfs3g");
        if (oracle.IsLogicalVolume || volume is "syzkaller/ntfs/ntfs_00.img.zst" or "syzkaller/ntfs/ntfs_01.img.zst")
        {
            // The Sleuth Kit refuses sectors of 256 bytes.
            return;
        }
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = new NtfsFormat().Open(SharedImages.OpenVolume(oracle), ParseContext.Quiet with { Diagnostics = diagnostics });
        string image = SharedImages.Unpack(oracle.Image, oracle.Member);
        string sector = (oracle.Offset / 512).ToString(CultureInfo.InvariantCulture);
        var differences = new List<string>();
        foreach (WalkedFile file in ExtWalk.Files(fileSystem).DistinctBy(file => file.Entry.MetadataAddress))
        {
            string text = Encoding.UTF8.GetString(NtfsImage.Shell("istat -z UTC -o \"$1\" \"$2\" \"$3\" || true", sector, image, file.Entry.MetadataAddress.ToString(CultureInfo.InvariantCulture)));
            var entry = Assert.IsType<NtfsFileEntry>(file.Entry);
            Match sid = Regex.Match(text, @"Security ID: (\d+)  \((S-[0-9-]*)\)");
            string? owner = ((IOwnedBySids)fileSystem).OwnerOf(entry).Owner;
            if (sid.Success && sid.Groups[2].Value != owner)
            {
                differences.Add($"{file.Path}: owner {owner}, istat {sid.Groups[2].Value}");
            }
            string[] created = [.. Regex.Matches(text, @"^Created:\s+(\S+ \S+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];
            // Stamped 1601 by the driver, which The Sleuth Kit cannot say.
            bool isBeforeUnix = entry.Created!.Value.Seconds < 0;
            string[] ours = [Text(entry.Created!.Value), Text(entry.NameTimes!.Value.Created)];
            // A file with several names has them all; the first is compared.
            if (!created.Take(2).SequenceEqual(ours) && !(isBeforeUnix && created[1] == ours[1]))
            {
                differences.Add($"{file.Path}: created {string.Join(", ", ours)}, istat {string.Join(", ", created)}");
            }
        }
        Assert.Empty(differences.Take(10));
        Assert.DoesNotContain(diagnostics.Items, item => item.Code.StartsWith("ntfs.security", StringComparison.Ordinal));
    }

    [Fact]
    public void Reparse_points_that_ntfs_3g_stores_are_read()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        string junction = Reparse(0xA0000003, @"\??\C:\target\inner", 8);
        string link = Reparse(0xA000000C, @"..\target", 12);
        image.Mounted($$"""
            mkdir -p target/inner junction
            printf found > target/inner/file
            setfattr -n system.ntfs_reparse_data -v 0x{{junction}} junction
            mkdir links; : > links/link
            setfattr -n system.ntfs_reparse_data -v 0x{{link}} links/link
            truncate -s 500000 cloud; setfattr -n system.ntfs_reparse_data -v 0x1a60009004000000aabbccdd cloud
            seq 1 9000 > fetched; setfattr -n system.ntfs_reparse_data -v 0x1a60009004000000aabbccdd fetched
            printf small > marked; setfattr -n system.ntfs_reparse_data -v 0x1a60009004000000aabbccdd marked; setfattr -n system.ntfs_attrib_be -v 0x00001020 marked
            : > wsl; setfattr -n system.ntfs_reparse_data -v 0x1d0000a00b000000020000002f6574632f7878 wsl
            """);
        IFileSystem fileSystem = NtfsMadeImageTests.Open(image, NullDiagnosticSink.Instance);
        var files = ExtWalk.Files(fileSystem).ToDictionary(file => file.Path, file => file.Entry);
        Assert.Equal((FileType.SymbolicLink, "/target/inner"), (files["/junction"].Type, ExtWalk.Target(fileSystem, files["/junction"])));
        Assert.Equal((FileType.SymbolicLink, "../target"), (files["/links/link"].Type, ExtWalk.Target(fileSystem, files["/links/link"])));
        Assert.Equal((FileType.SymbolicLink, "/etc/xx"), (files["/wsl"].Type, ExtWalk.Target(fileSystem, files["/wsl"])));
        Assert.Equal(0xA0000003, files["/junction"].ReparseTag);
        Assert.Equal((FileType.Regular, "offline in the cloud"), (files["/cloud"].Type, files["/cloud"].ContentMissingBecause));
        Assert.Equal(500000, files["/cloud"].Size);
        Assert.Throws<UnsupportedFeatureException>(() => fileSystem.OpenContent(files["/cloud"]));
        // A file that was fetched keeps its tag.
        Assert.Null(files["/fetched"].ContentMissingBecause);
        Assert.StartsWith("1\n2\n3", Encoding.ASCII.GetString(fileSystem.OpenContent(files["/fetched"]).ReadArray(0, 100)), StringComparison.Ordinal);
        Assert.NotNull(files["/marked"].ContentMissingBecause);
    }

    [Fact]
    public void Special_files_of_Linux_on_Windows_are_what_they_are()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted("mkfifo pipe; mknod terminal c 5 1; mknod disk b 8 300; ln -s dir/file link; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'", "special_files=wsl");
        IFileSystem fileSystem = NtfsMadeImageTests.Open(image, NullDiagnosticSink.Instance);
        var files = ExtWalk.Files(fileSystem).ToDictionary(file => file.Path, file => file.Entry);
        Assert.Equal([FileType.Fifo, FileType.CharacterDevice, FileType.BlockDevice, FileType.SymbolicLink, FileType.Socket],
            new[] { "/pipe", "/terminal", "/disk", "/link", "/socket" }.Select(path => files[path].Type));
        Assert.Equal(["5:1", "8:300", "dir/file"], new[] { "/terminal", "/disk", "/link" }.Select(path => ExtWalk.Target(fileSystem, files[path])));
    }

    /// <summary>Content of one chunk that did not get smaller, which the filter stores as it is.</summary>
    [Fact]
    public void Content_behind_the_overlay_filter_is_that_of_its_stream()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted("""
            seq 1 1000 | head -c 3000 > plain
            truncate -s 3000 packed
            setfattr -n user.WofCompressedData -v 0x$(od -An -v -tx1 plain | tr -d ' \n') packed
            setfattr -n system.ntfs_reparse_data -v 0x170000801000000001000000020000000100000000000000 packed
            """);
        IFileSystem fileSystem = NtfsMadeImageTests.Open(image, NullDiagnosticSink.Instance);
        var files = ExtWalk.Files(fileSystem).ToDictionary(file => file.Path, file => file.Entry);
        Assert.Equal(3000, files["/packed"].Size);
        Assert.Equal(ExtWalk.Md5(fileSystem.OpenContent(files["/plain"])), ExtWalk.Md5(fileSystem.OpenContent(files["/packed"])));
    }

    [Fact]
    public void Extended_attributes_have_names_and_values()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        // Two entries: next, flags, length of the name, of the value; name and NUL; value.
        image.Mounted("""
            : > file
            setfattr -n system.ntfs_ea -v 0x1400000000060400244c5855494400e8030000001400000000060400244c58474944000700000000 file
            """);
        IFileSystem fileSystem = NtfsMadeImageTests.Open(image, NullDiagnosticSink.Instance);
        FileEntry file = ExtWalk.Files(fileSystem).Single(candidate => candidate.Path == "/file").Entry;
        Assert.Equal(["$LXUID=e8030000", "$LXGID=07000000"], fileSystem.ReadExtendedAttributes(file).Select(attribute => attribute.Name + "=" + Convert.ToHexStringLower(attribute.Value.Span)));
    }

    private static string Text(Timestamp time) => time.ToString()[..29].Replace('T', ' ');

    private static string Reparse(uint tag, string target, int header)
    {
        byte[] name = Encoding.Unicode.GetBytes(target);
        byte[] data = new byte[header + (2 * name.Length) + 4];
        BitConverter.TryWriteBytes(data.AsSpan(2), (ushort)name.Length);
        BitConverter.TryWriteBytes(data.AsSpan(4), (ushort)(name.Length + 2));
        BitConverter.TryWriteBytes(data.AsSpan(6), (ushort)name.Length);
        if (header == 12)
        {
            data[8] = 1;
        }
        name.CopyTo(data, header);
        name.CopyTo(data, header + name.Length + 2);
        return Convert.ToHexStringLower([.. BitConverter.GetBytes(tag), .. BitConverter.GetBytes((ushort)data.Length), 0, 0, .. data]);
    }
}
