using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>H18: a medium that fails where it is read. A loop device whose file was cut short after it was set up answers with input/output errors.</summary>
public sealed class UnreadableSectorTests : IDisposable
{
    private readonly Machine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void What_cannot_be_read_is_listed_and_the_rest_is_scanned()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Assert.Skip("a loop device needs root");
        }
        string volume = _machine.Ext4("root", "11111111-1111-4111-8111-111111111111", null, [.. Machine.System("web", ""), ("var/spool/cron/crontabs/root", Machine.EvilJob)]);
        // Written last, so that it lies behind the others.
        File.WriteAllText(_machine.At("big.sh"), "#!/bin/sh\n" + new string('x', 3 << 20));
        Machine.Run("debugfs", ["-w", "-R", "write " + _machine.At("big.sh") + " /big.sh", volume]);
        string[] blocks = Machine.Run("debugfs", ["-R", "blocks /big.sh", volume]).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        long middle = long.Parse(blocks[blocks.Length / 2], System.Globalization.CultureInfo.InvariantCulture);
        string device;
        try
        {
            device = Machine.Run("losetup", ["-r", "-f", "--show", volume]).Trim();
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Skip("no loop device can be had");
            return;
        }
        try
        {
            using (FileStream file = File.OpenWrite(volume))
            {
                file.SetLength(middle * 1024 / 4096 * 4096);
            }
            (JsonObject report, _) = Deadbox.Scan(device, "--profile", "full");
            Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == "/var/spool/cron/crontabs/root");
            Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => (string?)diagnostic!["code"] == "image.unreadable");
            Assert.Contains(report["diagnostics"]!.AsArray(), diagnostic => (string?)diagnostic!["code"] == "image.read" && (string?)diagnostic["path"] == "/big.sh");
            Assert.True((bool)report["coverage"]!["isIncomplete"]!);
        }
        finally
        {
            Machine.Run("losetup", ["-d", device]);
        }
    }
}
