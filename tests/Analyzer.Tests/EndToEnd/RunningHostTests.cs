using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// A file system that is copied while this machine's kernel has it mounted and real processes hold what is deleted: a server after an upgrade without restart, and two
/// programs that removed themselves. Needs root and loop devices.
/// </summary>
public sealed class RunningHostTests : IDisposable
{
    // dpkg keeps the old file as .dpkg-tmp, unpacks beside it, renames over it and removes the old name; a library comes with another version in its name.
    private const string Upgrade = """
        mkdir -p usr/sbin usr/lib/x86_64-linux-gnu var/log var/lib/mysql tmp/.x etc/cron.d opt/app
        echo 'ID=debian' > etc/os-release
        cp "$(command -v sleep)" usr/sbin/old-daemon
        cp "$(command -v sleep)" opt/app/server
        cp "$library" usr/lib/x86_64-linux-gnu/libdaemon.so.1.0.2
        echo line > var/log/app.log
        head -c 8192 /dev/zero > var/lib/mysql/ibtmp
        sync -f .
        usr/sbin/old-daemon 600 & pids="$!"
        opt/app/server 600 & pids="$pids $!"
        cp "$(command -v sleep)" tmp/.x/kworker
        tmp/.x/kworker 600 & miner="$!"
        sync -f .
        exec 7< usr/lib/x86_64-linux-gnu/libdaemon.so.1.0.2 8>> var/log/app.log 9< var/lib/mysql/ibtmp
        sleep 0.2
        ln usr/sbin/old-daemon usr/sbin/old-daemon.dpkg-tmp
        cp "$(command -v sleep)" usr/sbin/old-daemon.dpkg-new
        mv usr/sbin/old-daemon.dpkg-new usr/sbin/old-daemon
        rm usr/sbin/old-daemon.dpkg-tmp
        cp "$library" usr/lib/x86_64-linux-gnu/libdaemon.so.1.0.3
        rm usr/lib/x86_64-linux-gnu/libdaemon.so.1.0.2
        cp "$(command -v sleep)" opt/app/server.new
        mv opt/app/server.new opt/app/server
        rm var/log/app.log var/lib/mysql/ibtmp
        rm tmp/.x/kworker
        # One whose name may never have been written anywhere.
        cp "$(command -v sleep)" tmp/.x/short
        tmp/.x/short 600 & pids="$pids $!"
        sleep 0.2
        rm tmp/.x/short
        stat -L -c %i "/proc/$miner/exe" > "$work/inode"
        sync .
        sync -f .
        cp --sparse=always "$work/live" "$work/image"
        kill $pids "$miner"
        exec 7<&- 8<&- 9<&-
        wait
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-running-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Programs_that_removed_themselves_among_what_an_upgrade_leaves()
    {
        if (Environment.UserName != "root" || !File.Exists("/dev/loop-control"))
        {
            Assert.Skip("needs root and loop devices");
        }
        string? library = new[] { "/lib/x86_64-linux-gnu/libz.so.1", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6" }.FirstOrDefault(File.Exists);
        if (library is null)
        {
            Assert.Skip("no library to copy");
        }
        Make(library);
        JsonObject report = Deadbox.Scan(Path.Combine(_folder, "image"), "--profile", "triage").Report;
        JsonObject[] findings = [.. report["findings"]!.AsArray().Select(node => node!.AsObject()).Where(finding => ((string)finding["ruleId"]!).StartsWith("L-DELETED-RUNNING.", StringComparison.Ordinal))];
        JsonObject[] bad = [.. findings.Where(finding => (string?)finding["severity"] is "high" or "critical")];
        Assert.Equal(2, bad.Length);
        Assert.All(bad, finding => Assert.Equal("L-DELETED-RUNNING.program", (string?)finding["ruleId"]));
        JsonObject miner = Assert.Single(bad, finding => finding["inode"]!.ToString() == File.ReadAllText(Path.Combine(_folder, "inode")).Trim());
        Assert.Equal("/tmp/.x/kworker", (string?)miner["path"]);
        Assert.Equal(
            ["/opt/app/server medium", "/usr/lib/x86_64-linux-gnu/libdaemon.so.1.0.2 low", "/usr/sbin/old-daemon low", "/var/lib/mysql/ibtmp info", "/var/log/app.log low"],
            findings.Except(bad).Select(finding => ((string)finding["path"]!).Replace(".dpkg-tmp", "", StringComparison.Ordinal) + " " + (string?)finding["severity"]).Order(StringComparer.Ordinal));
        byte[] content = Deadbox.Run("cat", Path.Combine(_folder, "image"), "--inode", miner["inode"]!.ToString()).Output;
        Assert.Equal(File.ReadAllBytes(Which("sleep")), content);
    }

    private static string Which(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);

    private void Make(string library)
    {
        string script = Path.Combine(_folder, "make.sh");
        File.WriteAllText(script, $$"""
            set -eu
            PATH=$PATH:/usr/sbin:/sbin
            work=$1
            library=$2
            truncate -s 32M "$work/live"
            mke2fs -q -F -t ext4 -b 4096 "$work/live"
            mkdir "$work/mounted"
            mount -o loop "$work/live" "$work/mounted"
            trap 'cd /; umount "$work/mounted"' EXIT
            cd "$work/mounted"
            {{Upgrade}}
            """);
        using Process make = Process.Start(new ProcessStartInfo("bash", [script, _folder, library]) { RedirectStandardError = true })!;
        string errors = make.StandardError.ReadToEnd();
        make.WaitForExit();
        if (make.ExitCode != 0 && errors.Contains("mount:", StringComparison.Ordinal))
        {
            Assert.Skip("cannot mount: " + errors);
        }
        Assert.True(make.ExitCode == 0, errors);
    }
}
