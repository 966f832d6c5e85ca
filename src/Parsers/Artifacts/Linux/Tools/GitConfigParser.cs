using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads git's settings of the system, of every home and of every repository; kept is what makes git start or read something. See git-config(1).</summary>
/// <remarks><b>Limitations</b>: files named by <c>include.path</c> are examined as files, their settings are not read; settings of bare repositories outside <c>/srv</c>, <c>/var</c> and homes are not claimed.</remarks>
public sealed class GitConfigParser : ArtifactParser
{
    private const int LongestValue = 16 << 10;

    private static readonly HashSet<string> s_commands = new(StringComparer.Ordinal)
    {
        "core.pager", "core.editor", "core.fsmonitor", "core.sshcommand", "core.askpass", "core.gitproxy", "core.alternaterefscommand", "sequence.editor", "diff.external", "gpg.program", "gpg.ssh.program", "gpg.x509.program", "gpg.ssh.defaultkeycommand",
        "credential.helper", "uploadpack.packobjectshook", "interactive.difffilter", "web.browser", "help.browser", "sendemail.smtpserver", "sendemail.tocmd", "sendemail.cccmd", "receive.procreceiverefs", "imap.tunnel", "ssh.variant",
    };

    /// <inheritdoc/>
    public override string Name => "linux/git-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/gitconfig", "/usr/local/etc/gitconfig", "~/.gitconfig", "~/.config/git/config", "/**/.git/config", "/srv/*/*.git/config", "/srv/*.git/config", "/var/*/*.git/config", "/var/lib/*/*/*.git/config", "/home/*/*.git/config"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.git-config");
        string path = input.Location.Path;
        bool isRepository = path.EndsWith("/.git/config", StringComparison.Ordinal);
        // Relative values mean the working tree; the homes of the global files are known by their names.
        string? root = isRepository ? path[..^"/.git/config".Length] : null;
        string? home = path.EndsWith("/.gitconfig", StringComparison.Ordinal) || path.EndsWith("/.config/git/config", StringComparison.Ordinal) ? LoginPath.HomeOf(path) : isRepository && path.StartsWith("/home/", StringComparison.Ordinal) ? string.Join('/', path.Split('/').Take(3)) : null;
        string section = "";
        foreach ((string text, TextLine line) in LogicalLines(file))
        {
            string rest = text;
            if (rest.StartsWith('['))
            {
                int close = rest.IndexOf(']');
                section = Section(close < 0 ? rest[1..] : rest[1..close]);
                rest = close < 0 ? "" : rest[(close + 1)..].TrimStart();
            }
            int equals = rest.IndexOf('=');
            if (rest.Length == 0 || rest[0] is '#' or ';' || equals <= 0)
            {
                continue;
            }
            string key = section + "." + rest[..equals].Trim().ToLowerInvariant();
            string value = Value(rest[(equals + 1)..].Trim());
            if (value.Length is 0 or > LongestValue || Read(input.Location.At(line.Number, line.ByteOffset), key, value, root, home) is not { } setting)
            {
                continue;
            }
            if (!file.Add(setting with { User = home is null ? null : LoginPath.UserOf(home + "/.gitconfig"), Home = home }))
            {
                return;
            }
        }
    }

    private static ToolSetting? Read(EvidenceLocation place, string key, string value, string? root, string? home)
    {
        string[] parts = key.Split('.');
        string first = parts[0];
        string last = parts[^1];
        if (key == "core.hookspath")
        {
            string? directory = LoginPath.Absolute(value, home) ?? (root is not null && !value.StartsWith('~') ? root + "/" + value : null);
            return new ToolSetting(place) { Tool = "git", Key = key, Value = value, NamedFiles = directory is null ? [] : [.. GitHookParser.HookNames.Select(name => directory.TrimEnd('/') + "/" + name)] };
        }
        if (first is "include" or "includeif" && last == "path")
        {
            return new ToolSetting(place) { Tool = "git", Key = key, Value = value, NamedFiles = LoginPath.Absolute(value, home) is { } included ? [included] : [] };
        }
        bool isCommand = s_commands.Contains(key) || (first == "alias" && value.StartsWith('!')) || first == "pager" || (first == "credential" && last == "helper") || (first == "filter" && last is "clean" or "smudge" or "process")
            || (first == "diff" && last is "textconv" or "command") || (first == "merge" && last == "driver") || (first is "difftool" or "mergetool" or "browser" or "man" && last == "cmd") || (first == "trailer" && last is "command" or "cmd")
            || (first == "remote" && last is "uploadpack" or "receivepack" or "vcs") || (first == "submodule" && last == "update" && value.StartsWith('!')) || (first == "url" && value.StartsWith("ext::", StringComparison.Ordinal));
        if (!isCommand || value is "true" or "false" or "cat" or "less" || (key == "credential.helper" && !value.StartsWith('!') && !value.StartsWith('/')))
        {
            return null;
        }
        return new ToolSetting(place) { Tool = "git", Key = key, Value = value, Command = value.TrimStart('!') };
    }

    private static IEnumerable<(string Text, TextLine Line)> LogicalLines(ArtifactFile file)
    {
        var joined = new StringBuilder();
        TextLine first = default;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            first = joined.Length == 0 ? line : first;
            bool goesOn = text.EndsWith('\\') && !text.EndsWith("\\\\", StringComparison.Ordinal) && text[0] is not ('#' or ';') && joined.Length < LongestValue;
            joined.Append(goesOn ? text[..^1] : text);
            if (goesOn)
            {
                continue;
            }
            if (joined.Length > 0)
            {
                yield return (joined.ToString(), first);
            }
            joined.Clear();
        }
        if (joined.Length > 0)
        {
            yield return (joined.ToString(), first);
        }
    }

    // [section "sub"] keeps the case of the name in quotes.
    private static string Section(string text)
    {
        int quote = text.IndexOf('"');
        return quote < 0 ? text.Trim().ToLowerInvariant() : text[..quote].Trim().ToLowerInvariant() + "." + text[(quote + 1)..].TrimEnd('"', ' ');
    }

    private static string Value(string text)
    {
        var value = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                i++;
                value.Append(text[i] switch { 'n' => '\n', 't' => '\t', 'b' => '\b', var other => other });
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c is '#' or ';' && !isQuoted)
            {
                break;
            }
            else
            {
                value.Append(c);
            }
        }
        return value.ToString().Trim();
    }
}
