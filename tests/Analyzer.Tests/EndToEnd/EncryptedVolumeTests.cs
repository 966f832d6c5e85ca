using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>A volume that is encrypted is in the report, in the coverage and in the exit code.</summary>
public sealed class EncryptedVolumeTests
{
    [Theory]
    [InlineData(0, "4c554b53babe0001", "LUKS 1 (encrypted)")]
    [InlineData(0, "4c554b53babe0002", "LUKS 2 (encrypted)")]
    [InlineData(3, "2d4656452d46532d", "BitLocker (encrypted)")]
    [InlineData(3, "4d5357494e342e31", "BitLocker To Go (encrypted)")]
    public void Gate_does_not_pass_an_image_with_an_encrypted_volume(int offset, string magic, string named)
    {
        string folder = Directory.CreateTempSubdirectory("deadbox-encrypted-").FullName;
        try
        {
            string image = Path.Combine(folder, "disk.raw");
            Make(image, offset, Convert.FromHexString(magic));
            string[] scan = ["scan", image, "--format", "json", "-q"];
            (int code, byte[] output, string error) = Deadbox.Run([.. scan, "--fail-on", "low"]);
            Assert.True(code == 4, $"exit {code}: {error}");
            string report = Encoding.UTF8.GetString(output);
            Assert.Contains(named, report, StringComparison.Ordinal);
            JsonNode coverage = JsonNode.Parse(report)!["coverage"]!;
            Assert.Contains("encrypted", coverage.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(0, Deadbox.Run([.. scan, "--fail-on", "low", "--allow-incomplete"]).Code);
            Assert.Equal(0, Deadbox.Run(scan).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Two partitions by hand: an empty ext4 made by its own tool, and the encrypted one.</summary>
    private static void Make(string image, int offset, byte[] magic)
    {
        const int Start = 1 << 20;
        const int Size = 4 << 20;
        byte[] disk = new byte[Start + 2 * Size];
        string part = image + ".ext4";
        File.WriteAllBytes(part, new byte[Size]);
        using (var made = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/sbin/mke2fs", ["-q", "-F", "-t", "ext4", part]) { RedirectStandardError = true })!)
        {
            made.WaitForExit();
            Assert.Equal(0, made.ExitCode);
        }
        File.ReadAllBytes(part).CopyTo(disk, Start);
        for (int i = 0; i < 2; i++)
        {
            Span<byte> entry = disk.AsSpan(446 + i * 16, 16);
            entry[4] = i == 0 ? (byte)0x83 : (byte)0x07;
            BitConverter.TryWriteBytes(entry[8..], (Start + i * Size) / 512);
            BitConverter.TryWriteBytes(entry[12..], Size / 512);
        }
        disk[510] = 0x55;
        disk[511] = 0xAA;
        magic.CopyTo(disk, Start + Size + offset);
        new Guid("4967d63b-2e29-4ad8-8399-f6a339e3d001").TryWriteBytes(disk.AsSpan(Start + Size + 424));
        File.WriteAllBytes(image, disk);
    }
}
