using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>The program as a process of its own: what only shows there.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-process-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Locale_time_zone_and_threads_do_not_show_in_the_report()
    {
        string image = Repository.PathOf("samples", "miner-linux", "miner-linux.qcow2");
        string plain = Canonical(image, "1", ("LANG", "C"), ("TZ", "UTC"));
        Assert.Equal(plain, Canonical(image, "8", ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kolkata")));
    }

    [Fact]
    public void The_evidence_is_the_same_file_afterwards()
    {
        string image = Path.Combine(_folder, "evidence.qcow2");
        File.Copy(Repository.PathOf("samples", "clean-linux", "clean-linux.qcow2"), image);
        File.SetLastWriteTimeUtc(image, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        byte[] before = SHA256.HashData(File.ReadAllBytes(image));
        DateTime time = File.GetLastWriteTimeUtc(image);
        foreach (string verb in new[] { "scan", "info", "files" })
        {
            Assert.Equal(0, Run([verb, image], out _, out _));
        }
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(image)));
        Assert.Equal(time, File.GetLastWriteTimeUtc(image));
        Assert.Equal([image], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_pipe_a_directory_nothing_and_garbage_are_refused_in_one_sentence()
    {
        string pipe = Path.Combine(_folder, "pipe");
        using (Process make = Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }
        string empty = Path.Combine(_folder, "empty");
        File.WriteAllBytes(empty, []);
        string garbage = Path.Combine(_folder, "garbage");
        File.WriteAllBytes(garbage, RandomNumberGenerator.GetBytes(100_000));
        foreach (string path in new[] { pipe, empty, garbage, _folder, Path.Combine(_folder, "missing"), "/dev/zero" })
        {
            foreach (string verb in new[] { "scan", "info", "files" })
            {
                Assert.Equal(3, Run([verb, path], out _, out string error));
                Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
                Assert.InRange(error.Trim().Split('\n').Length, 1, 3);
            }
        }
    }

    [Fact]
    public void A_cut_image_is_read_as_far_as_it_goes_or_refused()
    {
        byte[] whole = File.ReadAllBytes(Repository.PathOf("samples", "miner-linux", "miner-linux.qcow2"));
        string image = Path.Combine(_folder, "cut.qcow2");
        foreach (int part in new[] { 1, 2, 5, 9, 13, 15 })
        {
            File.WriteAllBytes(image, whole.AsSpan(0, whole.Length / 16 * part).ToArray());
            int code = Run(["scan", image, "--format", "json", "--fail-on", "critical"], out string output, out string error);
            Assert.True(code is 1 or 3 or 4, $"{part}/16: {code}: {error}");
            Assert.DoesNotContain("internal error", error, StringComparison.Ordinal);
            if (code != 3)
            {
                Assert.True((bool)JsonNode.Parse(output)!["coverage"]!["isIncomplete"]!, $"{part}/16 must say that it is incomplete");
            }
        }
    }

    [Fact]
    public void Without_libyara_the_scan_runs_and_says_what_it_could_not_do()
    {
        string image = Repository.PathOf("samples", "miner-linux", "miner-linux.qcow2");
        Assert.Equal(0, Run(["scan", image, "--format", "json"], out string output, out string error, ("DEADBOX_LIBYARA", "/nowhere/libyara.so")));
        JsonNode report = JsonNode.Parse(output)!;
        Assert.Equal("compromised", (string?)report["risk"]!["verdict"]);
        Assert.DoesNotContain(report["findings"]!.AsArray(), finding => ((string)finding!["ruleId"]!).StartsWith("YARA.", StringComparison.Ordinal));
        Assert.Contains(report["coverage"]!["incompleteBecause"]!.AsArray(), reason => ((string)reason!).Contains("YARA", StringComparison.Ordinal));
        Assert.Contains("libyara", error, StringComparison.Ordinal);
        // A gate must not take that for a pass; the clean sample has nothing else against it.
        string clean = Repository.PathOf("samples", "clean-linux", "clean-linux.qcow2");
        Assert.Equal(4, Run(["scan", clean, "-q", "--fail-on", "high"], out _, out _, ("DEADBOX_LIBYARA", "/nowhere/libyara.so")));
        Assert.Equal(0, Run(["scan", clean, "-q", "--fail-on", "high", "--allow-incomplete"], out _, out _, ("DEADBOX_LIBYARA", "/nowhere/libyara.so")));
        Assert.Equal(0, Run(["scan", clean, "-q", "--fail-on", "low"], out _, out _));
    }

    [Fact]
    public void A_known_bad_hash_is_found_by_any_digest()
    {
        string image = Repository.PathOf("samples", "miner-linux", "miner-linux.qcow2");
        Assert.Equal(0, Run(["files", image, "--path", "/usr/lib/.dbus-netd/dbus-netd", "--hash", "md5,sha1,sha256"], out string listing, out _));
        string[] cells = listing.Split('\n')[1].Split(',');
        foreach (string hash in cells[15..18])
        {
            string list = Path.Combine(_folder, "bad.csv");
            File.WriteAllText(list, "hash,name,source\n" + hash.ToUpperInvariant() + ",Look-alike,test\n");
            Assert.Equal(1, Run(["scan", image, "--no-builtin-rules", "--hashes", list, "--format", "json", "--fail-on", "high"], out string output, out _));
            Assert.Contains(JsonNode.Parse(output)!["findings"]!.AsArray(), finding => (string?)finding!["ruleId"] == "HASH.known-bad" && (string?)finding["path"] == "/usr/lib/.dbus-netd/dbus-netd");
        }
    }

    [Fact]
    public void An_interrupt_while_an_image_is_decompressed_ends_the_program_and_leaves_nothing_behind()
    {
        string image = Path.Combine(_folder, "zeros.gz");
        using (Process make = Process.Start("sh", ["-c", "head -c 64M /dev/zero | gzip -9 > \"$0.part\"; for i in $(seq 300); do cat \"$0.part\"; done > \"$0\"", image]))
        {
            make.WaitForExit();
        }
        string temporary = Directory.CreateDirectory(Path.Combine(_folder, "temporary")).FullName;
        foreach ((string signal, int code) in new[] { ("INT", 130), ("TERM", 143) })
        {
            using Process process = Start(["scan", image, "--temp", temporary]);
            // The spool is open, without a name, once the decompression runs.
            bool isSpooling = SpinWait.SpinUntil(() => Directory.EnumerateFiles("/proc/" + process.Id + "/fd").Any(file => new FileInfo(file).LinkTarget?.StartsWith(temporary, StringComparison.Ordinal) == true), 20_000);
            Assert.True(isSpooling, "no decompression begins");
            using (Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                kill.WaitForExit();
            }
            Assert.True(process.WaitForExit(20_000), "the program does not end");
            Assert.Equal(code, process.ExitCode);
            Assert.Empty(Directory.GetFileSystemEntries(temporary));
        }
    }

    [Fact]
    public void Files_that_an_image_names_elsewhere_are_never_opened()
    {
        string canary = Path.Combine(_folder, "canary");
        File.WriteAllText(canary, "a secret of the analyst");
        string images = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        string trace = Path.Combine(_folder, "trace");
        string qcow2 = Path.Combine(images, "backing.qcow2");
        using (Process make = Process.Start("qemu-img", ["create", "-q", "-f", "qcow2", "-u", "-b", canary, "-F", "raw", qcow2, "1M"]))
        {
            make.WaitForExit();
        }
        string vmdk = Path.Combine(images, "extent.vmdk");
        File.WriteAllText(vmdk, "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 2048 FLAT \"" + canary + "\" 0\nRW 2048 FLAT \"/dev/zero\" 0\n");
        foreach (string image in new[] { qcow2, vmdk })
        {
            using Process process = Process.Start(new ProcessStartInfo("strace", ["-f", "-qq", "-e", "trace=open,openat,openat2,connect,execve", "-o", trace, "dotnet", Path.Combine(AppContext.BaseDirectory, "deadbox.dll"), "scan", image])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            Assert.Equal(3, Finish(process, out string output, out string error));
            Assert.Contains("canary", error, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", output + error, StringComparison.Ordinal);
            string calls = File.ReadAllText(trace);
            Assert.Contains(image, calls, StringComparison.Ordinal);
            Assert.DoesNotContain("\"" + canary + "\"", calls, StringComparison.Ordinal);
            Assert.DoesNotContain("/dev/zero", calls, StringComparison.Ordinal);
            Assert.DoesNotContain("AF_INET", calls, StringComparison.Ordinal);
        }
    }

    private static string Canonical(string image, string threads, params (string Name, string Value)[] environment)
    {
        Assert.Equal(0, Run(["scan", image, "--format", "json", "-q", "--threads", threads], out string output, out _, environment));
        JsonObject report = JsonNode.Parse(output)!.AsObject();
        report.Remove("run");
        return report.ToJsonString();
    }

    private static int Run(string[] arguments, out string output, out string error, params (string Name, string Value)[] environment)
    {
        using Process process = Start(arguments, environment);
        return Finish(process, out output, out error);
    }

    private static int Finish(Process process, out string output, out string error)
    {
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "the program does not end");
        error = errors.Result;
        return process.ExitCode;
    }

    private static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        // A job in the background of a shell ignores interrupts and hands that down; a user's program does not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "deadbox.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }
}
