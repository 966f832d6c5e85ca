using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>The clean-up unlocks what is locked, and nothing else. In the sample <c>make.sh</c> locks three files.</summary>
public sealed class LockStepsTests
{
    private static readonly string[] s_locked = ["/etc/ld.so.preload", "/root/.ssh/authorized_keys", "/var/spool/cron/crontabs/www-data"];

    [Fact]
    public void Only_locked_files_are_unlocked()
    {
        JsonObject report = Deadbox.Scan(Repository.PathOf("samples", "miner-linux", "miner-linux.qcow2")).Report;
        string[] steps = [.. report["findings"]!.AsArray().SelectMany(finding => finding!["remediation"]!.AsArray()).Select(step => (string)step!)];
        string[] unlocked = [.. steps.Where(step => step.StartsWith("chattr -ia ", StringComparison.Ordinal)).Select(step => step["chattr -ia ".Length..]).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(s_locked, unlocked);
        Assert.Contains("sed -i 21d /etc/passwd", steps);
    }
}
