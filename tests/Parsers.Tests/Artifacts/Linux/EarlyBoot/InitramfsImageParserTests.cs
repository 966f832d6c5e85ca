using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.EarlyBoot;

/// <summary>Archives are made by cpio and compressed by the tools of the machine, joined as distributions join them.</summary>
public sealed class InitramfsImageParserTests : IDisposable
{
    private const string Make = """
        set -e
        mkdir -p tree/usr/bin tree/scripts/local-top tree/lib/modules/6.1/kernel tree/etc tree/dev micro/kernel
        printf '#!/bin/sh\nexec run-init\n' > tree/init
        printf '\177ELF\002\001\001rest of it' > tree/usr/bin/prog
        printf '. /scripts/functions\n' > tree/scripts/local-top/x
        printf '/usr/lib/x.so\n' > tree/etc/ld.so.preload
        printf 'data' > tree/etc/data
        printf 'module' > tree/lib/modules/6.1/kernel/a.ko.xz
        ln -s ../usr/bin/prog tree/etc/link
        ln tree/usr/bin/prog tree/usr/bin/prog2
        chmod 755 tree/init tree/usr/bin/prog
        head -c 5000 /dev/urandom > micro/kernel/code.bin
        (cd micro && find . | sort | cpio -o -H newc --quiet) > micro.cpio
        (cd tree && find . | sort | cpio -o -H newc --quiet) > tree.cpio
        (cd tree && find . | sort | cpio -o -H odc --quiet) > tree.odc
        (cd tree && find . | sort | cpio -o -H crc --quiet) > tree.crc
        gzip -k tree.cpio; xz -k --check=crc32 tree.cpio; zstd -q tree.cpio; bzip2 -k tree.cpio; lz4 -q -l tree.cpio tree.cpio.lz4; lzop -q tree.cpio; lzma -k tree.cpio
        """;

    private static readonly string[] s_expected = ["/etc/ld.so.preload Setting", "/init Script", "/lib/modules/6.1/kernel/a.ko.xz Module", "/scripts/local-top/x Script", "/usr/bin/prog2 Program"];

    private readonly TempFolder _folder = new();

    public InitramfsImageParserTests() => TestTools.Run("bash", "-c", $"cd '{_folder.Root}'\n{Make}");

    public void Dispose() => _folder.Dispose();

    private byte[] Bytes(string name) => File.ReadAllBytes(_folder.File(name));

    private static ArtifactList Parse(byte[] content)
    {
        var list = new ArtifactList();
        new InitramfsImageParser().Parse(new ArtifactInput(ArtifactRun.Location("/boot/initrd.img-6.1"), new FileEntry { Type = FileType.Regular, Size = content.Length }, default) { Source = new MemorySource(content) }, list);
        return list;
    }

    [Theory]
    [InlineData("tree.cpio", "cpio")]
    [InlineData("tree.odc", "cpio")]
    [InlineData("tree.crc", "cpio")]
    [InlineData("tree.cpio.gz", "gzip")]
    [InlineData("tree.cpio.xz", "xz")]
    [InlineData("tree.cpio.zst", "zstd")]
    [InlineData("tree.cpio.bz2", "bzip2")]
    [InlineData("tree.cpio.lz4", "lz4")]
    [InlineData("tree.cpio.lzo", "lzop")]
    [InlineData("tree.cpio.lzma", "lzma")]
    public void Microcode_first_then_whatever_compression(string name, string packing)
    {
        byte[] micro = Bytes("micro.cpio");
        ArtifactList found = Parse([.. micro, .. new byte[1024], .. Bytes(name)]);
        InitramfsImage image = Assert.Single(found.Of<InitramfsImage>());
        Assert.Equal(["cpio", packing], image.Parts);
        Assert.True(image.IsComplete);
        Assert.Equal(int.Parse(TestTools.Run("bash", "-c", $"cd '{_folder.Root}'; find tree micro | wc -l"), System.Globalization.CultureInfo.InvariantCulture), image.Entries);
        // Of hard links only the last member holds the content; the old format gives it to each.
        Assert.Equal(s_expected, image.Files.Select(file => file.Path + " " + file.Kind).Where(text => text != "/usr/bin/prog Program").Order(StringComparer.Ordinal));
        InitramfsFile program = image.Files.First(file => file.Kind == InitramfsFileKind.Program);
        Assert.Equal(TestTools.Run("sha256sum", _folder.File("tree/usr/bin/prog"))[..64], program.Sha256);
        Assert.Equal(TestTools.Run("md5sum", _folder.File("tree/usr/bin/prog"))[..32], program.Md5);
        Assert.Equal("#!/bin/sh\nexec run-init\n", image.Files.Single(file => file.Path == "/init").Text);
        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void What_is_appended_to_a_compressed_archive_is_read_too()
    {
        byte[] more = [.. Bytes("tree.cpio.gz"), .. new byte[4], .. Bytes("micro.cpio"), .. Bytes("tree.cpio.zst")];
        InitramfsImage image = Assert.Single(Parse(more).Of<InitramfsImage>());
        Assert.Equal(["gzip", "cpio", "zstd"], image.Parts);
        Assert.Equal(2, image.Files.Count(file => file.Path == "/init"));
    }

    [Fact]
    public void A_unified_kernel_image_holds_one_with_its_command_line()
    {
        byte[] archive = Bytes("tree.cpio.gz");
        byte[] commandLine = "root=x init=/y\0"u8.ToArray();
        byte[] image = new byte[512 + 1024 + archive.Length];
        "MZ"u8.CopyTo(image);
        image[60] = 64;
        "PE\0\0"u8.CopyTo(image.AsSpan(64));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(70), 2);
        foreach ((int index, string name, int at, int size) in (ReadOnlySpan<(int, string, int, int)>)[(0, ".cmdline", 512, commandLine.Length), (1, ".initrd", 1536, archive.Length)])
        {
            Span<byte> section = image.AsSpan(88 + (index * 40), 40);
            Encoding.ASCII.GetBytes(name).CopyTo(section);
            BinaryPrimitives.WriteInt32LittleEndian(section[8..], size);
            BinaryPrimitives.WriteInt32LittleEndian(section[16..], size);
            BinaryPrimitives.WriteInt32LittleEndian(section[20..], at);
        }
        commandLine.CopyTo(image, 512);
        archive.CopyTo(image, 1536);
        ArtifactList found = Parse(image);
        Assert.Equal(["root=x", "init=/y"], Assert.Single(found.Of<BootEntry>()).Options);
        Assert.Equal(["gzip"], Assert.Single(found.Of<InitramfsImage>()).Parts);
        Assert.Empty(Parse("MZ is no PE image at all, just a kernel"u8.ToArray()).Artifacts);
    }

    [Fact]
    public void A_cut_image_gives_what_came_before_and_says_so()
    {
        byte[] whole = Bytes("tree.cpio");
        ArtifactList found = Parse(whole[..(whole.Length / 2)]);
        Assert.False(Assert.Single(found.Of<InitramfsImage>()).IsComplete);
        Assert.Contains(found.Diagnostics, diagnostic => diagnostic is { Code: "linux.initramfs.part", LosesContent: true });
        Assert.ThrowsAny<ForensicException>(() => Parse("not an archive"u8.ToArray()));
    }

    [Theory]
    [InlineData("FFFFFFFF", "00000005")]
    [InlineData("00000000", "FFFFFFFF")]
    [InlineData("zzzzzzzz", "00000005")]
    public void Sizes_that_lie_end_the_reading(string size, string nameSize)
    {
        byte[] head = Encoding.ASCII.GetBytes("070701" + "00000001" + "000081A4" + string.Concat(Enumerable.Repeat("00000000", 4)) + size + string.Concat(Enumerable.Repeat("00000000", 4)) + nameSize + "00000000" + "a.sh\0\0");
        Assert.True(head.Length > 110);
        ArtifactList found = Parse([.. Bytes("micro.cpio"), .. head]);
        Assert.False(Assert.Single(found.Of<InitramfsImage>()).IsComplete);
    }

    [Fact]
    public void A_bomb_is_cut()
    {
        TestTools.Run("bash", "-c", $"cd '{_folder.Root}'; mkdir b; truncate -s 1200M b/zero.sh; (cd b && echo zero.sh | cpio -o -H newc --quiet) | zstd -q -1 > bomb.zst; rm b/zero.sh");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        ArtifactList found = Parse(Bytes("bomb.zst"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"took {clock.Elapsed}");
        Assert.Contains(found.Diagnostics, diagnostic => diagnostic.LosesContent);
    }

    [Fact]
    public void Names_with_dots_stay_text_and_noise_is_survived()
    {
        TestTools.Run("bash", "-c", $"cd '{_folder.Root}'; mkdir -p t/a; printf '#!/bin/sh\\n' > t/evil; chmod 755 t/evil; (cd t/a && echo ../evil | cpio -o -H newc --quiet) > up.cpio");
        Assert.Equal("/../evil", Assert.Single(Assert.Single(Parse(Bytes("up.cpio")).Of<InitramfsImage>()).Files).Path);
        var random = new Random(7);
        byte[] whole = Bytes("tree.cpio.gz");
        byte[] plain = Bytes("tree.cpio");
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. round % 2 == 0 ? whole : plain];
            for (int i = 0; i < 4; i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            try
            {
                Parse(damaged);
            }
            catch (ForensicException)
            {
                continue;
            }
        }
    }
}
