using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Analyzer.Tests.Resolver;

/// <summary>Which files a command of Windows starts: quoting, wrappers, variables, search path, and hostile texts.</summary>
public sealed class WindowsCommandTests
{
    private static readonly string[] s_files =
    [
        "/Windows/System32/cmd.exe", "/Windows/System32/rundll32.exe", "/Windows/System32/regsvr32.exe", "/Windows/System32/mshta.exe", "/Windows/System32/wscript.exe", "/Windows/System32/msiexec.exe", "/Windows/System32/schtasks.exe",
        "/Windows/System32/forfiles.exe", "/Windows/System32/wbem/WMIC.exe", "/Windows/System32/WindowsPowerShell/v1.0/powershell.exe", "/Windows/System32/shell32.dll", "/Windows/explorer.exe",
        "/ProgramData/a.exe", "/ProgramData/b.exe", "/ProgramData/a.dll", "/ProgramData/x.vbs", "/ProgramData/x.hta", "/ProgramData/x.ps1", "/ProgramData/x.bat", "/ProgramData/x.msi", "/ProgramData/x.py", "/ProgramData/My App/run me.exe",
        "/Program Files/Tool/tool.exe", "/Program Files/Python/python.exe", "/Users/alice/AppData/Roaming/m.exe", "/Users/bob/AppData/Local/Temp/t.exe", "/Windows/Temp/s.exe",
    ];

    [Theory]
    [InlineData(@"C:\ProgramData\a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"c:/programdata/A.EXE -x", "starts /ProgramData/a.exe")]
    [InlineData(@"\??\C:\ProgramData\a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"\\?\C:\ProgramData\a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"\SystemRoot\Temp\s.exe", "starts /Windows/Temp/s.exe")]
    [InlineData(@"C:\ProgramData\.\x\..\a.exe. ", "starts /ProgramData/a.exe")]
    [InlineData(@"%ProgramData%\a", "starts /ProgramData/a.exe")]
    [InlineData(@"%APPDATA%\m.exe", "starts /Users/alice/AppData/Roaming/m.exe")]
    [InlineData(@"%TEMP%\t.exe", "starts /Users/bob/AppData/Local/Temp/t.exe")]
    [InlineData("explorer", "starts /Windows/explorer.exe")]
    [InlineData(@"C:\Program Files\Tool\tool.exe /x", "starts /Program Files/Tool/tool.exe")]
    [InlineData(@"C:\ProgramData\My App\run me.exe arg", "starts /ProgramData/My App/run me.exe")]
    [InlineData("\"C:\\ProgramData\\My App\\run me\" arg", "starts /ProgramData/My App/run me.exe")]
    [InlineData(@"cmd /c C:\ProgramData\a.exe & start """" /min C:\ProgramData\b.exe", "starts /ProgramData/a.exe", "starts /ProgramData/b.exe")]
    [InlineData(@"cmd.exe /d /s /c """"C:\ProgramData\My App\run me.exe"" -x""", "starts /ProgramData/My App/run me.exe")]
    [InlineData(@"cmd /c ^C^:\ProgramData\a^.exe>nul 2>&1", "starts /ProgramData/a.exe")]
    [InlineData(@"cmd /c cd /d C:\ProgramData && a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"cmd /c if exist C:\ProgramData\a.exe (C:\ProgramData\a.exe) else (C:\ProgramData\b.exe)", "starts /ProgramData/a.exe", "starts /ProgramData/b.exe")]
    [InlineData(@"cmd /c for %i in (1 2) do C:\ProgramData\a.exe %i", "starts /ProgramData/a.exe")]
    [InlineData(@"cmd /c set D=C:\ProgramData&call %D%\a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"rundll32.exe C:\ProgramData\a.dll,Start x", "loads /ProgramData/a.dll")]
    [InlineData(@"rundll32 shell32,Control_RunDLL", "loads /Windows/System32/shell32.dll")]
    [InlineData(@"regsvr32 /s ""C:\ProgramData\a.dll""", "loads /ProgramData/a.dll")]
    [InlineData(@"wscript //B //E:vbscript C:\ProgramData\x.vbs", "interprets /ProgramData/x.vbs")]
    [InlineData(@"C:\ProgramData\x.vbs", "interprets /ProgramData/x.vbs")]
    [InlineData(@"mshta C:\ProgramData\x.hta", "interprets /ProgramData/x.hta")]
    [InlineData(@"msiexec /i C:\ProgramData\x.msi /qn", "interprets /ProgramData/x.msi")]
    [InlineData(@"powershell -ep bypass -f C:\ProgramData\x.ps1 -a", "interprets /ProgramData/x.ps1")]
    [InlineData(@"powershell -w hidden C:\ProgramData\x.ps1", "interprets /ProgramData/x.ps1")]
    [InlineData(@"powershell -nop -c ""& 'C:\ProgramData\a.exe' -x""", "starts /ProgramData/a.exe")]
    [InlineData(@"powershell -c ""Start-Process -WindowStyle Hidden -FilePath $env:ProgramData\b.exe -ArgumentList '-o','x'""", "starts /ProgramData/b.exe")]
    [InlineData(@"powershell -c ""cmd /c C:\ProgramData\x.bat""", "interprets /ProgramData/x.bat")]
    [InlineData(@"wmic process call create ""C:\ProgramData\a.exe -x""", "starts /ProgramData/a.exe")]
    [InlineData(@"schtasks /create /tn x /tr ""C:\ProgramData\a.exe"" /sc minute", "starts /ProgramData/a.exe")]
    [InlineData(@"forfiles /p c:\windows /m notepad.exe /c C:\ProgramData\a.exe", "starts /ProgramData/a.exe")]
    [InlineData(@"C:\Program Files\Python\python.exe -u C:\ProgramData\x.py", "interprets /ProgramData/x.py")]
    [InlineData(@"conhost.exe --headless C:\ProgramData\a.exe", "starts /ProgramData/a.exe")]
    public void A_command_leads_to_its_files(string command, params string[] expected)
    {
        string[] found = [.. Resolve(command).SelectMany(link => link.Files).Where(file => file.Resolved is not null).Select(file => file.Relation + " " + file.Resolved!.Path)];
        Assert.All(expected, file => Assert.Contains(file, found));
    }

    [Fact]
    public void Encoded_commands_are_read_layer_by_layer()
    {
        string inner = "powershell -enc " + Encoded(@"C:\ProgramData\a.exe -q; Start-Process C:\ProgramData\b.exe");
        CommandLink link = Assert.Single(Resolve("powershell.exe -NoP -NonI -W Hidden -e " + Encoded("$x=1\n" + inner)));
        Assert.Contains(link.Unwrapped, text => text.StartsWith(@"C:\ProgramData\a.exe -q", StringComparison.Ordinal));
        Assert.Equal(["/ProgramData/a.exe", "/ProgramData/b.exe"], link.Files.Where(file => file.Relation == "starts" && file.Resolved?.Path.StartsWith("/ProgramData", StringComparison.Ordinal) == true).Select(file => file.Resolved!.Path).Order());
    }

    [Fact]
    public void Of_an_unquoted_path_the_first_that_is_there_is_started()
    {
        CommandLink link = Assert.Single(Resolve(@"C:\ProgramData\My App\run me.exe x", "/ProgramData/My.exe"));
        Assert.Contains(link.Files, file => file is { Relation: "starts", Resolved.Path: "/ProgramData/My.exe" });
        Assert.Contains(link.Files, file => file is { Relation: "uses", Resolved.Path: "/ProgramData/My App/run me.exe" });
    }

    [Theory]
    [InlineData(@"D:\x.exe")]
    [InlineData(@"\\server\share\x.exe")]
    [InlineData("http://h.example/x.exe")]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("cmd /c")]
    [InlineData("powershell -enc !!!")]
    [InlineData("rundll32")]
    public void What_leads_nowhere_names_nothing_in_the_image(string command) =>
        Assert.DoesNotContain(Resolve(command).SelectMany(link => link.Files), file => file.Resolved is { } found && !found.Path.StartsWith("/Windows/", StringComparison.Ordinal));

    [Fact]
    public void Hostile_texts_end()
    {
        string nested = @"C:\ProgramData\a.exe";
        for (int i = 0; i < 40; i++)
        {
            nested = "cmd /c " + nested;
        }
        Assert.True(Assert.Single(Resolve(nested)).IsCut);
        var random = new Random(11);
        const string alphabet = "abc \"'^&|<>()%$:;\\/-=,.\r\nCcmd/c powershell -enc start";
        for (int i = 0; i < 3000; i++)
        {
            string text = "cmd /c " + new string([.. Enumerable.Range(0, 120).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            Assert.True(Assert.Single(Resolve(text)).Unwrapped.Count <= 64);
        }
        Assert.True(Assert.Single(Resolve("cmd /c " + string.Concat(Enumerable.Repeat("a&", 200_000)))).IsCut);
        Assert.NotNull(Resolve(new string('(', 100_000)));
        Assert.NotNull(Resolve(string.Join(' ', Enumerable.Repeat(@"C:\a", 20_000))));
    }

    [Fact]
    public void The_lines_of_a_batch_file_share_directory_and_variables()
    {
        var script = new ScriptFacts(new EvidenceLocation("i", "v", 0, "/ProgramData/x.bat", 1))
        {
            StartedBy = "t", RunsWith = "cmd",
            Commands = [new StartCommand("set N=a"), new StartCommand("cd /d %~dp0"), new StartCommand("%N%.exe"), new StartCommand("@start /b b.exe")],
        };
        string[] found = [.. CommandResolver.ResolveAll(script, new Lookup(s_files)).SelectMany(link => link.Files).Select(file => file.Resolved?.Path).OfType<string>()];
        Assert.Equal(["/ProgramData/a.exe", "/ProgramData/b.exe"], found);
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.Unicode.GetBytes(text));

    private static IReadOnlyList<CommandLink> Resolve(string command, params string[] more)
    {
        var task = new ScheduledTask(new EvidenceLocation("i", "v", 0, "/Windows/System32/Tasks/t", 1)) { Name = @"\t", Actions = [new TaskAction(TaskActionKind.Exec) { Command = "x" }] };
        var homes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["alice"] = "/Users/alice", ["bob"] = "/Users/bob" };
        return [.. WindowsCommandResolver.ResolveAll(task, [new StartCommand(command)], new Lookup([.. s_files, .. more]), homes)];
    }

    private sealed class Lookup(string[] files) : IPathLookup
    {
        private readonly Dictionary<string, string> _files = files.ToDictionary(file => file, StringComparer.OrdinalIgnoreCase);

        public bool IsWindows => true;

        public ResolvedPath? Resolve(string absolutePath) => _files.TryGetValue(absolutePath, out string? path) ? new ResolvedPath("v", path, 1) : null;
    }
}
