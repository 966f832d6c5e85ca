using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images.Archives;

/// <summary>Archives made by the tools that make them: TarFormat, ZipFormat, SevenZipFormat, alone and inside compressed streams.</summary>
public sealed class ArchiveFormatTests : IDisposable
{
    private static readonly byte[] s_disk = ShellFolder.Disk(6_000_128, 77);

    private readonly ShellFolder _folder = new();

    public ArchiveFormatTests()
    {
        _folder.Write("disk.raw", s_disk);
        _folder.Run("cp --sparse=always disk.raw s && mv s disk.raw");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tar/raw", "tar -cf - disk.raw")]
    [InlineData("tar/raw", "tar --format=ustar -cf - disk.raw")]
    [InlineData("tar/raw", "tar --format=oldgnu -Scf - disk.raw")]
    [InlineData("tar/raw", "tar --format=gnu -Scf - disk.raw")]
    [InlineData("tar/raw", "tar --format=posix -Scf - --sparse-version=0.0 disk.raw")]
    [InlineData("tar/raw", "tar --format=posix -Scf - --sparse-version=0.1 disk.raw")]
    [InlineData("tar/raw", "tar --format=posix -Scf - --sparse-version=1.0 disk.raw")]
    [InlineData("gzip/tar/raw", "tar --format=oldgnu -Sczf - disk.raw")]
    [InlineData("gzip/tar/raw", "tar --format=posix -Sczf - disk.raw")]
    [InlineData("gzip/tar/raw", "tar -czf - disk.raw")]
    [InlineData("xz/tar/raw", "tar --format=oldgnu -Scf - disk.raw | xz -0 -c")]
    [InlineData("xz/tar/raw", "tar -cf - disk.raw | xz -0 -T2 --block-size=1MiB -c")]
    [InlineData("zstd/tar/raw", "tar --format=posix -Scf - disk.raw | zstd -q -c")]
    [InlineData("bzip2/tar/raw", "tar -Scf - disk.raw | bzip2 -c")]
    [InlineData("zip/raw", "zip -q0 - disk.raw")]
    [InlineData("zip/raw", "zip -q a.zip disk.raw && cat a.zip")]
    [InlineData("zip/raw", "zip -q -Z bzip2 a.zip disk.raw && cat a.zip")]
    [InlineData("zip/raw", "zip -q -fz a.zip disk.raw && (head -c 1000 /dev/zero | tr '\\0' X > head; cat a.zip)")]
    [InlineData("zip/raw", "cat disk.raw | zip -q - - ")]
    [InlineData("zip/raw", "7z a -bd -tzip -mm=Deflate64 a.zip disk.raw >/dev/null && cat a.zip")]
    [InlineData("zip/raw", "7z a -bd -tzip -mm=LZMA a.zip disk.raw >/dev/null && cat a.zip")]
    [InlineData("7z/raw", "7z a -bd a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "7z a -bd -m0=lzma a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "7z a -bd -m0=bzip2 a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "7z a -bd -m0=deflate a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "7z a -bd -m0=copy a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "7z a -bd -mhc=off a.7z disk.raw >/dev/null && cat a.7z")]
    [InlineData("7z/raw", "head -c 100000 /dev/urandom > aaa; mkdir dir; echo text > dir/note; touch empty; 7z a -bd -ms=on a.7z aaa dir empty disk.raw >/dev/null && cat a.7z")]
    [InlineData("tar/qcow2", "qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2 && tar -cf - disk.qcow2")]
    [InlineData("gzip/tar/qcow2", "qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2 && tar -czf - disk.qcow2")]
    [InlineData("tar/gzip/raw", "gzip disk.raw && tar -cf - disk.raw.gz")]
    [InlineData("zip/zstd/raw", "zstd -q disk.raw && zip -q a.zip disk.raw.zst && cat a.zip")]
    public void Disk_in_the_archive_reads_as_what_went_in(string format, string command)
    {
        byte[] archive = _folder.Run(command);
        var opening = new Opening();
        DiskImage image = opening.Open(archive);
        Assert.Equal(format, image.Format);
        Assert.Empty(image.MoreDisks);
        byte[] read = Opening.All(image.Content);
        // qcow2 rounds up to whole sectors.
        Assert.InRange(read.Length, s_disk.Length, s_disk.Length + 511);
        Assert.True(s_disk.AsSpan().SequenceEqual(read.AsSpan(0, s_disk.Length)));
        Assert.Empty(opening.Diagnostics.Items);
    }

    [Theory]
    [InlineData("tar --format=oldgnu -Scf - f")]
    [InlineData("tar --format=posix -Scf - --sparse-version=0.0 f")]
    [InlineData("tar --format=posix -Scf - --sparse-version=0.1 f")]
    [InlineData("tar --format=posix -Scf - --sparse-version=1.0 f")]
    [InlineData("tar --format=posix -Sczf - --sparse-version=1.0 f")]
    public void Sparse_member_of_hundreds_of_stretches_has_all_of_them_and_its_holes(string command)
    {
        byte[] disk = new byte[40 << 20];
        ShellFolder.Disk(1 << 20, 3).AsSpan(0, 512).CopyTo(disk);
        var random = new Random(8);
        for (int at = 64 << 10; at + 8192 < disk.Length; at += 128 << 10)
        {
            random.NextBytes(disk.AsSpan(at, random.Next(1, 8192)));
        }
        _folder.Write("f", disk);
        _folder.Run("cp --sparse=always f s && mv s f && truncate -s 1T f");
        var opening = new Opening();
        DiskImage image = opening.Open(_folder.Run(command));
        Assert.Equal(1L << 40, image.Content.Length);
        Assert.True(disk.AsSpan().SequenceEqual(image.Content.ReadArray(0, disk.Length)));
        var sparse = Assert.IsType<ISparseByteSource>(image.Content, exactMatch: false);
        Assert.False(sparse.NextData(disk.Length, out _, out _));
        Assert.Empty(opening.Diagnostics.Items);
    }

    [Fact]
    public void Plain_tar_stored_zip_and_stored_7z_need_no_temporary_space()
    {
        foreach (string command in new[] { "tar -cf - disk.raw", "tar -Scf - disk.raw", "zip -q0 a.zip disk.raw && cat a.zip", "7z a -bd -m0=copy a.7z disk.raw >/dev/null && cat a.7z" })
        {
            var opening = new Opening { Space = new MemorySpace(room: 0) };
            Opening.All(opening.Open(_folder.Run(command)).Content);
            Assert.Equal(0, opening.Space.Files);
        }
    }

    [Fact]
    public void Of_a_compressed_tar_only_the_disk_is_copied()
    {
        _folder.Run("head -c 3000000 /dev/urandom > other.bin");
        var opening = new Opening();
        opening.Open(_folder.Run("tar -czf - other.bin disk.raw"));
        Assert.Equal(1, opening.Space.Files);
        Assert.InRange(opening.Space.Written, 1, s_disk.Length);
    }

    [Fact]
    public void Two_disks_of_one_archive_are_both_opened()
    {
        byte[] second = ShellFolder.Disk(3_000_320, 78);
        _folder.Write("a/disk.raw", second);
        foreach (string command in new[] { "tar -cf - disk.raw a/disk.raw", "tar -czf - disk.raw a/disk.raw", "zip -qr a.zip disk.raw a && cat a.zip", "7z a -bd a.7z disk.raw a >/dev/null && cat a.7z" })
        {
            DiskImage image = new Opening().Open(_folder.Run(command));
            DiskImage more = Assert.Single(image.MoreDisks);
            Assert.Equal("a/disk.raw", image.MemberName);
            Assert.Equal("disk.raw", more.MemberName);
            Assert.True(second.AsSpan().SequenceEqual(Opening.All(image.Content)));
            Assert.True(s_disk.AsSpan().SequenceEqual(Opening.All(more.Content)));
        }
    }

    [Fact]
    public void Disks_of_an_ova_are_in_the_order_of_its_descriptor()
    {
        _folder.Write("x-boot.img", ShellFolder.Disk(2_000_384, 79));
        _folder.Write("vm.ovf", """
            <?xml version="1.0"?>
            <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
              <References><File ovf:href="disk.raw" ovf:id="f2"/><File ovf:href="x-boot.img" ovf:id="f1"/></References>
              <DiskSection><Disk ovf:diskId="d1" ovf:fileRef="f1"/><Disk ovf:diskId="d2" ovf:fileRef="f2"/></DiskSection>
            </Envelope>
            """u8.ToArray());
        foreach (string command in new[] { "tar --format=ustar -cf - vm.ovf disk.raw x-boot.img", "tar -czf - disk.raw x-boot.img vm.ovf" })
        {
            DiskImage image = new Opening().Open(_folder.Run(command));
            Assert.Equal("x-boot.img", image.MemberName);
            Assert.Equal("disk.raw", Assert.Single(image.MoreDisks).MemberName);
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    [InlineData("<Envelope><Disk")]
    [InlineData("")]
    public void Descriptor_that_is_no_xml_leaves_the_order_of_names(string text)
    {
        _folder.Write("vm.ovf", [.. System.Text.Encoding.UTF8.GetBytes(text), (byte)' ']);
        var opening = new Opening();
        Assert.Equal("disk.raw", opening.Open(_folder.Run("tar -cf - vm.ovf disk.raw")).MemberName);
        Assert.Equal("ova.descriptor", Assert.Single(opening.Diagnostics.Items).Code);
    }

    [Fact]
    public void Backing_file_in_the_same_folder_of_the_archive_is_found_and_no_disk_of_its_own()
    {
        _folder.Run("mkdir vm && qemu-img convert -f raw -O qcow2 disk.raw vm/base.qcow2 && cd vm && qemu-img create -q -f qcow2 -F qcow2 -b base.qcow2 over.qcow2");
        foreach (string command in new[] { "tar -cf - vm", "tar -czf - vm", "zip -qr a.zip vm && cat a.zip" })
        {
            DiskImage image;
            try
            {
                image = new Opening().Open(_folder.Run(command));
            }
            catch (UnsupportedFeatureException refused) when (refused.Message.Contains("backing", StringComparison.Ordinal))
            {
                Assert.Skip("backing files are not read");
                return;
            }
            if (image.MemberName == "vm/base.qcow2")
            {
                Assert.Skip("backing files are not read");
            }
            Assert.Equal("vm/over.qcow2", image.MemberName);
            Assert.Empty(image.MoreDisks);
            Assert.True(s_disk.AsSpan().SequenceEqual(Opening.All(image.Content).AsSpan(0, s_disk.Length)));
        }
    }

    [Fact]
    public void Archive_of_something_else_is_refused_with_a_list_of_what_it_holds()
    {
        _folder.Run("mkdir docs; echo a > docs/a.txt; echo b > docs/b.txt; rm disk.raw");
        foreach ((string kind, string command) in new[] { ("tar", "tar -cf - docs"), ("tar", "tar -czf - docs"), ("zip", "zip -qr a.zip docs && cat a.zip"), ("7z", "7z a -bd a.7z docs >/dev/null && cat a.7z") })
        {
            string message = Assert.Throws<UnsupportedFeatureException>(() => new Opening().Open(_folder.Run(command))).Message;
            Assert.StartsWith("not supported: " + kind + " archive without a disk image", message, StringComparison.Ordinal);
            Assert.Contains("'docs/a.txt'", message, StringComparison.Ordinal);
            Assert.Contains("2 files, 4 bytes", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tars_of_the_shared_images_hold_no_disk()
    {
        string root = SharedImages.Require();
        string[] tars = Directory.GetFiles(Path.Combine(root, "dfvfs", "tar"), "*.tar");
        Assert.NotEmpty(tars);
        Assert.All(tars, path => Assert.Contains("syslog", Assert.Throws<UnsupportedFeatureException>(() => new Opening().OpenFile(path)).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zip -q -P secret a.zip disk.raw && cat a.zip", "encrypted member 'disk.raw' of a zip")]
    [InlineData("7z a -bd -tzip -psecret -mem=AES256 a.zip disk.raw >/dev/null && cat a.zip", "encrypted member 'disk.raw' of a zip")]
    [InlineData("7z a -bd -psecret a.7z disk.raw >/dev/null && cat a.7z", "encrypted 7z archive")]
    [InlineData("7z a -bd -psecret -mhe=on a.7z disk.raw >/dev/null && cat a.7z", "encrypted 7z archive")]
    [InlineData("7z a -bd -m0=PPMd a.7z disk.raw >/dev/null && cat a.7z", "7z archive with the method PPMd")]
    [InlineData("7z a -bd -m0=delta -m1=lzma2 a.7z disk.raw >/dev/null && cat a.7z", "7z archive with the methods")]
    public void What_is_not_read_is_refused_by_name(string command, string feature)
    {
        Assert.StartsWith("not supported: " + feature, Assert.Throws<UnsupportedFeatureException>(() => new Opening().Open(_folder.Run(command))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_members_are_shown_escaped()
    {
        _folder.Run("mv disk.raw $'d\\033[31m\\n.raw'");
        Assert.Equal(@"d\x1b[31m\x0a.raw", new Opening().Open(_folder.Run("tar -cf - d*.raw")).MemberName);
        Assert.Equal(@"d\x1b[31m\x0a.raw", new Opening().Open(_folder.Run("tar -czf - d*.raw")).MemberName);
    }

    [Fact]
    public void Long_names_and_names_that_are_no_text_are_told()
    {
        string folder = string.Join('/', Enumerable.Repeat("averylongfoldername", 12));
        _folder.Run($"mkdir -p {folder} && mv disk.raw {folder}/$'caf\\xe9.raw'");
        foreach (string format in new[] { "gnu", "posix", "oldgnu" })
        {
            Assert.Equal(folder + @"/caf\xe9.raw", new Opening().Open(_folder.Run($"tar --format={format} -cf - averylongfoldername")).MemberName);
        }
    }
}
