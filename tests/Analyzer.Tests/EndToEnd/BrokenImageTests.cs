using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>The damaged images of e2fsprogs through every verb: no crash, nothing over five seconds. Their listings are compared in the tests of the reader.</summary>
public sealed class BrokenImageTests
{
    private const double MostSeconds = 5;

    [Fact]
    public void Every_broken_image_is_read_or_refused_in_time()
    {
        string folder = Find() ?? "";
        if (folder.Length == 0)
        {
            Assert.Skip("shared/images absent");
        }
        string image = Path.GetTempFileName();
        var failures = new List<string>();
        try
        {
            // What the first run alone costs, compiling and loading rules, belongs to no image.
            Deadbox.Run("scan", Repository.PathOf("samples", "clean-linux", "clean-linux.qcow2"), "-q");
            string[] cases = Directory.GetDirectories(folder, "f_*");
            Assert.NotEmpty(cases);
            foreach (string test in cases.Order(StringComparer.Ordinal))
            {
                using (var packed = new GZipStream(File.OpenRead(Path.Combine(test, "image.gz")), CompressionMode.Decompress))
                using (FileStream target = File.Create(image))
                {
                    packed.CopyTo(target);
                }
                foreach (string[] verb in (string[][])[["info"], ["files", "--hash", "md5"], ["scan", "--format", "json"]])
                {
                    Run(Path.GetFileName(test), image, verb, failures);
                }
            }
        }
        finally
        {
            File.Delete(image);
        }
        Assert.Empty(failures);
    }

    private static void Run(string name, string image, string[] verb, List<string> failures)
    {
        var clock = Stopwatch.StartNew();
        (int code, byte[] output, string error) = Deadbox.Run([verb[0], image, .. verb[1..]]);
        double seconds = clock.Elapsed.TotalSeconds;
        if (code is not (0 or 3) || error.Contains("   at ", StringComparison.Ordinal))
        {
            failures.Add($"{name}: {verb[0]}: exit {code}: {error}");
        }
        if (seconds > MostSeconds)
        {
            failures.Add($"{name}: {verb[0]}: {seconds} s");
        }
        if (verb[0] == "scan" && code == 0)
        {
            JsonNode coverage = JsonNode.Parse(output)!["coverage"]!;
            if ((long)coverage["seen"]! != (long)coverage["examined"]! + coverage["skipped"]!.AsObject().Sum(pair => (long)pair.Value!))
            {
                failures.Add($"{name}: coverage does not add up");
            }
        }
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "images", "e2fsprogs");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }
        return null;
    }
}
