using System.Text.RegularExpressions;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the settings of everyday tools for lines that start commands: vim, tmux, screen, gdb, psql, mysql, the ssh client, the AWS command line, less and readline's editor.
/// See the manual pages of each.
/// </summary>
/// <remarks><b>Limitations</b>: lines are read one by one; scripts in the tool's own language (Vim script, Lua, Python) are searched for the calls that start programs and not understood.</remarks>
public sealed class ToolSettingsParser : ArtifactParser
{
    private const int MostSettings = 2000;

    /// <inheritdoc/>
    public override string Name => "linux/tool-settings";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.vimrc", "~/.vim/vimrc", "~/.vim/{plugin,autoload,ftplugin,after}/*.vim", "~/.config/nvim/init.{vim,lua}", "~/.config/nvim/plugin/*", "~/.exrc", "/etc/vim/vimrc", "/etc/vim/vimrc.local", "/etc/vimrc", "/etc/vimrc.local", "/usr/share/vim/vimfiles/plugin/*.vim",
        "~/.tmux.conf", "~/.config/tmux/tmux.conf", "/etc/tmux.conf", "~/.screenrc", "/etc/screenrc", "~/.gdbinit", "~/.config/gdb/gdbinit", "/etc/gdb/gdbinit", "~/.psqlrc", "~/.config/psql/psqlrc", "/etc/postgresql-common/psqlrc",
        "~/.ssh/config", "~/.ssh/config.d/*", "/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d/*", "~/.aws/cli/alias", "~/.aws/config", "~/.lessfilter",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string? home = path.StartsWith("/etc/", StringComparison.Ordinal) || path.StartsWith("/usr/", StringComparison.Ordinal) ? null : LoginPath.HomeOf(path);
        string tool = ToolOf(path);
        var file = new ArtifactFile(input, sink, "linux.tool-settings");
        string? dormant = path.Contains("/ssh_config.d/", StringComparison.Ordinal) && !path.EndsWith(".conf", StringComparison.Ordinal) ? "ssh includes only names that end in .conf" : null;
        int settings = 0;
        bool allowsLocal = tool == "ssh" && PermitsLocalCommand(input);
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || (text[0] == '#' && tool != "vim") || (tool == "vim" && text[0] == '"') || (tool == "psql" && text.StartsWith("--", StringComparison.Ordinal)))
            {
                continue;
            }
            foreach ((string key, string? command, string? named) in tool switch
            {
                "vim" => Vim(text),
                "tmux" => Tmux(text),
                "screen" => Screen(text),
                "gdb" => Gdb(text),
                "psql" => Psql(text),
                "ssh" => Ssh(text),
                "aws" => Aws(text),
                _ => [],
            })
            {
                string? reason = dormant ?? (key == "LocalCommand" && !allowsLocal ? "PermitLocalCommand is not set" : null);
                if (settings++ < MostSettings && !file.Add(new ToolSetting(input.Location.At(line.Number, line.ByteOffset))
                {
                    Tool = tool, Key = key, Value = text.Length > 4096 ? text[..4096] : text, Command = command, User = home is null ? null : LoginPath.UserOf(path), Home = home, DormantBecause = reason,
                    NamedFiles = named is not null && LoginPath.Absolute(named, home) is { } absolute ? [absolute] : [],
                }))
                {
                    return;
                }
            }
        }
    }

    private static string ToolOf(string path) => path switch
    {
        _ when path.Contains("vim", StringComparison.Ordinal) || path.EndsWith(".exrc", StringComparison.Ordinal) => "vim",
        _ when path.EndsWith("tmux.conf", StringComparison.Ordinal) => "tmux",
        _ when path.EndsWith("screenrc", StringComparison.Ordinal) => "screen",
        _ when path.EndsWith("gdbinit", StringComparison.Ordinal) => "gdb",
        _ when path.EndsWith("psqlrc", StringComparison.Ordinal) => "psql",
        _ when path.Contains("/.aws/", StringComparison.Ordinal) => "aws",
        _ when path.Contains("/.ssh/", StringComparison.Ordinal) || path.StartsWith("/etc/ssh/", StringComparison.Ordinal) => "ssh",
        _ => "mail",
    };

    // :!cmd, silent !cmd, autocmd ... !cmd; system('cmd'), job_start, os.execute("cmd").
    private static IEnumerable<(string, string?, string?)> Vim(string text)
    {
        // A condition negates with the same sign.
        bool isExpression = VimExpression.IsMatch(text);
        foreach (Match match in VimBang.Matches(text).Take(isExpression ? 0 : 8))
        {
            yield return ("!", match.Groups[1].Value.Replace("<CR>", "", StringComparison.OrdinalIgnoreCase), null);
        }
        foreach (Match match in VimCall.Matches(text).Take(8))
        {
            yield return (match.Groups[1].Value, (match.Groups[2].Success ? match.Groups[2] : match.Groups[3]).Value, null);
        }
    }

    private static IEnumerable<(string, string?, string?)> Tmux(string text)
    {
        foreach (Match match in TmuxRun.Matches(text).Take(8))
        {
            string command = match.Groups[2].Value.Trim();
            yield return (match.Groups[1].Value, command.Length > 1 && command[0] is '"' or '\'' && command.IndexOf(command[0], 1) is var end and > 0 ? command[1..end] : command, null);
        }
        foreach (Match match in TmuxFormat.Matches(text).Take(8))
        {
            yield return ("#()", match.Groups[1].Value, null);
        }
    }

    private static IEnumerable<(string, string?, string?)> Screen(string text)
    {
        string[] words = text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 2 && words[0] is "exec" or "shell" or "backtick" or "screen" or "eval")
        {
            string[] rest = words[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            // screen -t title 1 command; backtick id lifespan refresh command; exec fdpat command.
            int at = words[0] switch
            {
                "screen" => Array.FindIndex(rest, 0, word => word.StartsWith('/') || word.StartsWith('~') || word.StartsWith('$')),
                "backtick" => 3,
                "exec" => Array.FindIndex(rest, word => word.AsSpan().IndexOfAnyExcept(".!:|") >= 0),
                _ => 0,
            };
            if (at >= 0 && at < rest.Length)
            {
                yield return (words[0], string.Join(' ', rest.Skip(at)).TrimStart('-').Trim('"', '\''), null);
            }
        }
    }

    private static IEnumerable<(string, string?, string?)> Gdb(string text)
    {
        string[] words = text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        if (text.StartsWith('!'))
        {
            yield return ("!", text[1..], null);
        }
        else if (words.Length == 2 && words[0] is "shell" or "make" or "pipe")
        {
            yield return (words[0], words[1], null);
        }
        else if (words.Length == 2 && words[0] is "source")
        {
            yield return ("source", null, words[1]);
        }
        else if (PythonCall.Match(text) is { Success: true } call)
        {
            yield return ("python", (call.Groups[1].Success ? call.Groups[1] : call.Groups[2]).Value, null);
        }
    }

    private static IEnumerable<(string, string?, string?)> Psql(string text)
    {
        int at = text.IndexOf("\\!", StringComparison.Ordinal);
        if (at >= 0)
        {
            yield return ("\\!", text[(at + 2)..].Trim(), null);
        }
        foreach (string verb in (string[])["\\o |", "\\g |", "PAGER "])
        {
            int found = text.IndexOf(verb, StringComparison.Ordinal);
            if (found >= 0)
            {
                yield return (verb.TrimEnd(' ', '|'), text[(found + verb.Length)..].Trim().Trim('\''), null);
            }
        }
        Match program = CopyProgram.Match(text);
        if (program.Success)
        {
            yield return ("program", program.Groups[1].Value, null);
        }
    }

    private static IEnumerable<(string, string?, string?)> Ssh(string text)
    {
        int end = text.AsSpan().IndexOfAny(" \t=");
        if (end <= 0)
        {
            yield break;
        }
        string keyword = text[..end];
        string value = text[end..].TrimStart(' ', '\t', '=').Trim();
        foreach (string known in (string[])["ProxyCommand", "LocalCommand", "KnownHostsCommand", "RemoteCommand"])
        {
            if (keyword.Equals(known, StringComparison.OrdinalIgnoreCase) && !value.Equals("none", StringComparison.OrdinalIgnoreCase) && known != "RemoteCommand")
            {
                yield return (known, value.Trim('"'), null);
            }
        }
        if (keyword.Equals("Match", StringComparison.OrdinalIgnoreCase) && MatchExec.Match(value) is { Success: true } match)
        {
            yield return ("Match exec", (match.Groups[1].Success ? match.Groups[1] : match.Groups[2]).Value, null);
        }
        if (keyword.Equals("PKCS11Provider", StringComparison.OrdinalIgnoreCase) || keyword.Equals("SecurityKeyProvider", StringComparison.OrdinalIgnoreCase))
        {
            yield return (keyword, null, value.Trim('"'));
        }
    }

    private static IEnumerable<(string, string?, string?)> Aws(string text)
    {
        int equals = text.IndexOf('=');
        string value = equals < 0 ? "" : text[(equals + 1)..].Trim();
        if (value.StartsWith('!') || (equals > 0 && text[..equals].Trim() is "credential_process"))
        {
            yield return (text[..equals].Trim(), value.TrimStart('!'), null);
        }
    }

    private static bool PermitsLocalCommand(ArtifactInput input)
    {
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            if (line.Text.Trim() is var text && text.StartsWith("PermitLocalCommand", StringComparison.OrdinalIgnoreCase) && text.EndsWith("yes", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex VimBang = new(@"(?:^|[\s:|""'])!+([^!=\s].*)$", Linear);

    private static readonly Regex VimExpression = new(@"^(?:if|elseif|while|let|return|for|\)|\&\&|\|\|)\b|!+\w+\(|![gsbvlwa]:", Linear);
    private static readonly Regex VimCall = new(@"\b(system|systemlist|job_start|jobstart|termopen|execute|popen|spawn)\s*\(\s*\[?\s*(?:""([^""]*)""|'([^']*)')", Linear);

    private static readonly Regex TmuxRun = new(@"\b(run-shell|run|if-shell|if|default-command|default-shell|pipe-pane|copy-pipe|copy-pipe-and-cancel)\s+(?:-[A-Za-z]+\s+)*(.+)$", Linear);

    private static readonly Regex TmuxFormat = new(@"#\(([^()]*)\)", Linear);

    private static readonly Regex PythonCall = new(@"\b(?:os\.system|os\.popen|subprocess\.\w+)\s*\(\s*\[?(?:""([^""]*)""|'([^']*)')", Linear);

    private static readonly Regex CopyProgram = new(@"(?i)\bprogram\s+'([^']*)'", Linear);

    private static readonly Regex MatchExec = new(@"(?i)\bexec\s+(?:""([^""]*)""|(\S+))", Linear);
}
