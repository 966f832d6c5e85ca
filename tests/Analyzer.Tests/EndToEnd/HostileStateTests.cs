using System.IO.Compression;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Dirty and deleted file systems with damage anywhere in their metadata: comparing the two views and bringing files back ends, and never with an internal error.</summary>
public sealed class HostileStateTests : IDisposable
{
    private const int Rounds = 25;

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-hostile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Journal/fixtures/csum-v1")]
    [InlineData("Journal/fixtures/no-csum-ext3")]
    [InlineData("Deleted/fixtures/ext3")]
    [InlineData("Deleted/fixtures/ext4")]
    public void Damage_is_survived_and_counted(string fixture)
    {
        byte[] good = Unpack(fixture);
        int[] used = [.. Enumerable.Range(0, good.Length / 1024).Where(block => good.AsSpan(block * 1024, 1024).IndexOfAnyExcept((byte)0) >= 0)];
        var random = new Random(20261126);
        string image = Path.Combine(_folder, "image.raw");
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int i = 0; i < 40; i++)
            {
                bad[used[random.Next(2, used.Length)] * 1024 + random.Next(1024)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(image, bad);
            (int code, _, string error) = Deadbox.Run("files", image, "--deleted", "--format", "jsonl", "--hash", "md5");
            Assert.True(code is 0 or 3, $"files, round {round}: exit {code}: {error}");
            // A ledger that does not add up is an internal error too.
            (code, _, error) = Deadbox.Run("scan", image, "--profile", round % 2 == 0 ? "full" : "triage", "--no-builtin-rules", "--format", "json", "-q");
            Assert.True(code is 0 or 3, $"scan, round {round}: exit {code}: {error}");
        }
    }

    private static byte[] Unpack(string fixture)
    {
        using var packed = new GZipStream(File.OpenRead(Repository.PathOf("tests/Parsers.Tests/FileSystems/Ext/" + fixture + "/image.gz")), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }
}
