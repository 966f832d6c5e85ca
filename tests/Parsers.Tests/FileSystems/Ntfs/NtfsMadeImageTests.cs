using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>Images of all geometries that mkntfs makes, filled through ntfs-3g, against what ntfs-3g lists of them.</summary>
public sealed class NtfsMadeImageTests
{
    private const string Populate = """
        mkdir -p dir/sub/deeper many
        printf hello > dir/resident.txt
        seq 1 20000 > dir/plain.txt
        : > dir/empty
        ln dir/plain.txt dir/sub/second-name
        ln dir/plain.txt third-name
        ln -s ../dir/plain.txt dir/sub/link
        ln -s /dir/sub dir/absolute
        printf 'case twin A' > dir/Twin
        printf 'case twin b' > dir/twin
        printf x > "dir/colon:name"
        printf y > "dir/back\\slash"
        printf z > "dir/$(printf '\303\251\344\270\255\360\237\230\200')"
        printf w > "dir/$(printf '\355\240\200lone')"
        printf long > "dir/$(printf 'n%.0s' $(seq 1 250))"
        for i in $(seq 1 700); do printf "file $i" > many/file-$i.dat; done
        truncate -s 100M sparse
        printf middle | dd of=sparse bs=1 seek=50000000 conv=notrunc status=none
        printf end | dd of=sparse bs=1 seek=104857597 conv=notrunc status=none
        setfattr -n user.stream -v "stream content" dir/resident.txt
        setfattr -n user.big -v "$(seq 1 9000)" dir/plain.txt
        setfattr -n user.ofdir -v "of a directory" dir/sub
        for i in $(seq 1 60); do setfattr -n user.s$i -v "content of stream $i, long enough to fill records of the table until a list is needed" dir/empty; done
        """;

    // NUL-separated: path, type, size, inode, links, modification, target; then digests; then streams.
    private const string List = @"find . -mindepth 1 -printf '%P\0%y\0%s\0%i\0%n\0%T@\0%l\0'";
    private const string Digests = "find . -mindepth 1 -type f -exec md5sum -z {} +";

    [Theory]
    [InlineData("-c 512", 200)]
    [InlineData("-c 4096", 200)]
    [InlineData("-c 65536", 300)]
    [InlineData("-c 2097152", 4096)]
    [InlineData("-s 4096 -c 4096", 200)]
    [InlineData("-s 1024 -c 2048", 200)]
    public void The_listing_equals_that_of_ntfs_3g(string options, int mebibytes)
    {
        using NtfsImage image = NtfsImage.Make(options, mebibytes);
        image.Mounted(Populate);
        Compare(image);
    }

    [Theory]
    [InlineData("-c 4096")]
    [InlineData("-c 512")]
    public void Compressed_content_equals_that_of_ntfs_3g(string options)
    {
        using NtfsImage image = NtfsImage.Make(options, 100);
        image.Mounted("""
            mkdir compressed
            setfattr -n system.ntfs_attrib_be -v 0x00000810 compressed
            cd compressed
            seq 1 200000 > numbers
            head -c 300000 /dev/urandom > random
            head -c 1000000 /dev/zero > zeros
            ( seq 1 30000; head -c 200000 /dev/urandom; seq 1 30000 ) > mixed
            ( seq 1 3000; head -c 500000 /dev/zero; seq 1 3000 ) > gap
            printf small > small
            """, "streams_interface=xattr,compression");
        IFileSystem fileSystem = Compare(image);
        FileEntry numbers = ExtWalk.Files(fileSystem).Single(file => file.Path == "/compressed/numbers").Entry;
        Assert.True((numbers.DosAttributes & 0x800) != 0, "the file is not compressed");
    }

    [Fact]
    public void A_file_in_thousands_of_pieces_is_put_together_from_many_records()
    {
        using NtfsImage image = NtfsImage.Make("-c 512", 6);
        image.Mounted("""
            exec 3> a 4> b
            i=0
            while [ $i -lt 3300 ]; do
              printf '%0512d' $i >&3; printf '%0512d' -$i >&4
              i=$((i+1))
            done
            """);
        IFileSystem fileSystem = Compare(image);
        FileEntry file = ExtWalk.Files(fileSystem).Single(candidate => candidate.Path == "/b").Entry;
        Assert.InRange(Assert.IsType<RunListSource>(fileSystem.OpenContent(file)).Runs.Count, 300, 4000);
    }

    [Fact]
    public void Twins_that_differ_in_case_are_two_files_and_each_has_its_own_content()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted("printf upper > A.txt; printf lower > a.txt");
        IFileSystem fileSystem = Open(image, NullDiagnosticSink.Instance);
        var files = ExtWalk.Files(fileSystem).ToDictionary(file => file.Path, file => file.Entry);
        Assert.Equal("upper", Encoding.ASCII.GetString(fileSystem.OpenContent(files["/A.txt"]).ReadArray(0, 100)));
        Assert.Equal("lower", Encoding.ASCII.GetString(fileSystem.OpenContent(files["/a.txt"]).ReadArray(0, 100)));
        Assert.True(fileSystem.IgnoresCase);
    }

    [Fact]
    public void A_lone_surrogate_shows_as_its_three_bytes()
    {
        using NtfsImage image = NtfsImage.Make("", 20);
        image.Mounted(@"printf w > ""$(printf '\355\240\200lone')""");
        Assert.Contains(ExtWalk.Files(Open(image, NullDiagnosticSink.Instance)), file => file.Path == @"/\xed\xa0\x80lone");
    }

    [Fact]
    public void Facts_are_those_of_the_tools()
    {
        using NtfsImage image = NtfsImage.Make("-c 4096 -L 'A label é'", 20);
        FileSystemFacts facts = Open(image, NullDiagnosticSink.Instance).Facts;
        string uuid = Encoding.ASCII.GetString(NtfsImage.Shell("blkid -p -s UUID -o value \"$1\"", image.Path)).Trim();
        string free = Encoding.ASCII.GetString(image.Mounted("stat -f -c '%a %S' .")).Trim();
        Assert.Equal("A label é", facts.Label);
        Assert.Equal(uuid, facts.Uuid);
        Assert.Equal(4096, facts.BlockSize);
        Assert.Equal("clean", facts.State);
        string[] words = free.Split(' ');
        Assert.Equal(long.Parse(words[0], CultureInfo.InvariantCulture) * long.Parse(words[1], CultureInfo.InvariantCulture), facts.FreeBytes);
        Assert.Contains(facts.More, fact => fact is { Key: "Version", Value: "3.1" });
    }

    internal static IFileSystem Open(NtfsImage image, IDiagnosticSink diagnostics) =>
        new NtfsFormat().Open(new FileByteSource(image.Path), ParseContext.Quiet with { Diagnostics = diagnostics });

    /// <summary>Compares everything but the system files; nothing may be reported.</summary>
    private static IFileSystem Compare(NtfsImage image)
    {
        string[] list = Cells(image.Mounted(List));
        var digests = new Dictionary<string, string>();
        foreach (string cell in Cells(image.Mounted(Digests)).Where(cell => cell.Length > 36))
        {
            digests[cell[36..]] = cell[..32];
        }
        var diagnostics = new DiagnosticList();
        IFileSystem fileSystem = Open(image, diagnostics);
        var files = ExtWalk.Files(fileSystem).Where(file => !file.Path.StartsWith("/$", StringComparison.Ordinal) && file.Path != "/").ToDictionary(file => Raw(file.Path), file => file.Entry);
        var expected = new List<string>();
        for (int i = 0; i + 6 < list.Length; i += 7)
        {
            expected.Add($"{list[i]} {list[i + 1]} {(list[i + 1] == "d" ? "" : list[i + 2])} {list[i + 3]} {list[i + 4]} {list[i + 5][..^1]} {list[i + 6]} {digests.GetValueOrDefault(list[i])}");
        }
        string[] actual = [.. files.Select(file => Row(fileSystem, file.Key, file.Value))];
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        Assert.Equal(Streams(image), files.SelectMany(file => Streams(fileSystem, file.Key, file.Value)).Order(StringComparer.Ordinal));
        Assert.Empty(diagnostics.Items);
        return fileSystem;
    }

    private static string Row(IFileSystem fileSystem, string path, FileEntry entry)
    {
        string size = entry.Type == FileType.Directory ? "" : entry.Size.ToString(CultureInfo.InvariantCulture);
        string digest = entry.Type == FileType.Regular ? ExtWalk.Md5(fileSystem.OpenContent(entry)) : "";
        string target = entry.Type == FileType.SymbolicLink ? Encoding.Latin1.GetString(fileSystem.ReadLinkTarget(entry).Span) : "";
        string links = entry.Type == FileType.Directory ? "1" : entry.LinkCount.ToString(CultureInfo.InvariantCulture);
        return $"{path} {ExtWalk.TypeLetter(entry.Type)} {size} {entry.MetadataAddress} {links} {ExtWalk.Time(entry.Modified)} {target} {digest}";
    }

    private static IEnumerable<string> Streams(IFileSystem fileSystem, string path, FileEntry entry) => ((IAlternateStreams)fileSystem).ListStreams(entry)
        .Select(stream => path + ":" + stream.Name + "=" + Convert.ToHexStringLower(fileSystem.OpenContent(entry, stream.Name).ReadArray(0, 1 << 20)));

    private static IEnumerable<string> Streams(NtfsImage image)
    {
        var streams = new List<string>();
        string path = "";
        foreach (string line in Encoding.Latin1.GetString(image.Mounted("getfattr -hRd -m '^user[.]' -e hex . 2>/dev/null || true")).Split('\n'))
        {
            if (line.StartsWith("# file: ", StringComparison.Ordinal))
            {
                path = line[8..];
            }
            else if (line.StartsWith("user.", StringComparison.Ordinal))
            {
                string[] words = line[5..].Split("=0x");
                streams.Add(path + ":" + words[0] + "=" + words[1]);
            }
        }
        return streams.Order(StringComparer.Ordinal);
    }

    private static string[] Cells(byte[] output) => Encoding.Latin1.GetString(output).Split('\0', StringSplitOptions.None);

    /// <summary>The path without its first slash, a byte a character.</summary>
    private static string Raw(string path)
    {
        Assert.True(PathText.TryToBytes(path[1..], out byte[] bytes));
        return Encoding.Latin1.GetString(bytes);
    }
}
