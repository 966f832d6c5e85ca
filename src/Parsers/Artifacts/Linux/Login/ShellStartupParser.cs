using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the start-up files of shells, of the system, of <c>/etc/skel</c> and of every home: the lines they run, the variables that make programs do something, the aliases and functions.
/// See bash(1) INVOCATION, zsh(1) STARTUP FILES, csh(1), fish(1).
/// </summary>
/// <remarks>
/// <b>Limitations</b>: files of csh and fish are read as if they were POSIX shell text, which is enough to see what they start; which of several files bash reads first is judged elsewhere.
/// </remarks>
public sealed class ShellStartupParser : ArtifactParser
{
    private const int LongestFunction = 60;
    private const int LongestBody = 8192;
    private const int MostEntries = 2000;
    private static readonly ShellLimits Limits = new() { TextLength = 1 << 20, Commands = 20_000, ExpandedLength = 1 << 20 };

    private static readonly string[] HomeFiles =
    [
        ".profile", ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".bash_functions", ".bash_completion", ".bash_exports", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".zshrc.local", ".kshrc", ".mkshrc",
        ".shrc", ".ashrc", ".cshrc", ".tcshrc", ".login", ".logout", ".xprofile", ".xinitrc", ".xsession", ".xsessionrc", ".bashrc.d/*", ".bash.d/*", ".config/fish/config.fish", ".config/fish/conf.d/*", ".config/fish/functions/*", ".config/plasma-workspace/env/*",
        ".oh-my-zsh/custom/*.zsh",
    ];

    /// <inheritdoc/>
    public override string Name => "linux/shell-startup";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/profile", "/etc/profile.local", "/etc/bash.bashrc", "/etc/bash.bashrc.local", "/etc/bashrc", "/etc/bash.bash_logout", "/etc/bash/bashrc", "/etc/bash/*.sh", "/etc/profile.d/*", "/etc/bash_completion.d/*", "/etc/bash_completion",
        "/etc/zsh/*", "/etc/{zshrc,zshenv,zprofile,zlogin,zlogout}", "/etc/csh.{cshrc,login,logout}", "/etc/csh/login.d/*", "/etc/ksh.kshrc", "/etc/suid_profile", "/etc/mkshrc", "/etc/fish/config.fish", "/etc/fish/conf.d/*", "/usr/etc/{profile,bash.bashrc,zshrc,zshenv}",
        .. HomeFiles.SelectMany(file => (string[])["~/" + file, "/etc/skel/" + file]),
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string? home = LoginPath.HomeOf(path);
        string? user = home is null ? null : LoginPath.UserOf(path);
        string? dormant = Dormant(path, input.Location.Name);
        var file = new ArtifactFile(input, sink, "linux.shell-startup");
        new StartupScriptReader
        {
            Place = StartupPlace.ShellStartup, Trigger = input.Location.Name, NeedsNoExecuteBit = true, User = user, Home = home, EndsAtReturn = true, DormantBecause = dormant,
        }.Read(input, sink);
        file.ReportTruncation();
        ReadOnlySpan<byte> content = input.Content.Span;
        if (content[..Math.Min(content.Length, 4096)].Contains((byte)0))
        {
            return;
        }
        ShellScriptLines lines = ShellScriptLines.Read(input.Content, input.Limits);
        int entries = 0;
        foreach (ShellCommand command in ShellWords.Parse(lines.Text, null, Limits, out _))
        {
            int number = Math.Max(1, lines.LineAt(command.Start));
            EvidenceLocation place = input.Location.At(number, lines.OffsetOf(number));
            foreach ((string name, string value) in Settings(command))
            {
                EnvironmentRole role = EnvironmentVariables.RoleOf(name);
                if (role is not (EnvironmentRole.Other or EnvironmentRole.ServerOptions) && entries++ < MostEntries && !file.Add(new EnvironmentSetting(place)
                {
                    Name = name, Value = value, Source = EnvironmentSource.Shell, Role = role, User = user, DormantBecause = dormant, NamedFiles = EnvironmentVariables.Files(name, role, value, home),
                }))
                {
                    return;
                }
            }
            if (command.Program is "alias" && command.Origin is not (ShellOrigin.CommandSubstitution or ShellOrigin.ProcessSubstitution))
            {
                foreach ((string name, string body) in Aliases(command))
                {
                    if (entries++ < MostEntries && !file.Add(new ShellAlias(place) { Name = name, Body = body, User = user, Home = home, DormantBecause = dormant }))
                    {
                        return;
                    }
                }
            }
        }
        Functions(input, lines, user, home, dormant, file);
    }

    private static string? Dormant(string path, string name)
    {
        if (path.StartsWith("/etc/profile.d/", StringComparison.Ordinal))
        {
            return name.EndsWith(".sh", StringComparison.Ordinal) || name.EndsWith(".csh", StringComparison.Ordinal) || name.EndsWith(".zsh", StringComparison.Ordinal) || name.EndsWith(".sh.local", StringComparison.Ordinal) || name.EndsWith(".bash", StringComparison.Ordinal)
                ? null : "of /etc/profile.d only names that end in .sh are read";
        }
        return path.Contains("/fish/", StringComparison.Ordinal) && !name.EndsWith(".fish", StringComparison.Ordinal) ? "fish reads only names that end in .fish" : LoginPath.Leftover(name);
    }

    private static IEnumerable<(string Name, string Value)> Settings(ShellCommand command)
    {
        if (command.Words.Count == 0)
        {
            foreach (ShellAssignment assignment in command.Assignments)
            {
                yield return (assignment.Name, assignment.Value.Text);
            }
        }
        else if (command.Program is "export" or "declare" or "typeset" or "readonly")
        {
            foreach (ShellWord word in command.Words.Skip(1))
            {
                int equals = word.Text.IndexOf('=');
                if (equals > 0)
                {
                    yield return (word.Text[..equals].TrimEnd('+'), word.Text[(equals + 1)..]);
                }
            }
        }
        else if (command.Program is "setenv" or "set" && command.Words.Count > 2)
        {
            // csh: setenv NAME value; fish: set -gx NAME value...
            int at = 1;
            while (at < command.Words.Count && command.Words[at].Text.StartsWith('-'))
            {
                at++;
            }
            if (at + 1 < command.Words.Count)
            {
                yield return (command.Words[at].Text, string.Join(':', command.Words.Skip(at + 1)));
            }
        }
    }

    private static IEnumerable<(string Name, string Body)> Aliases(ShellCommand command)
    {
        // csh and fish write "alias name value".
        if (command.Words.Count > 2 && !command.Words[1].Text.Contains('=') && !command.Words[1].Text.StartsWith('-'))
        {
            yield return (command.Words[1].Text, string.Join(' ', command.Words.Skip(2)));
            yield break;
        }
        foreach (ShellWord word in command.Words.Skip(1))
        {
            int equals = word.Text.IndexOf('=');
            if (equals > 0)
            {
                yield return (word.Text[..equals], word.Text[(equals + 1)..]);
            }
        }
    }

    /// <summary>Functions by the line that opens them; the body ends where the braces are even again, at the latest after sixty lines.</summary>
    private static void Functions(ArtifactInput input, ShellScriptLines lines, string? user, string? home, string? dormant, ArtifactFile file)
    {
        for (int i = 0; i < lines.Lines.Count; i++)
        {
            ShellScriptLine line = lines.Lines[i];
            if (FunctionName(line.Text) is not { } name)
            {
                continue;
            }
            var body = new StringBuilder();
            int depth = 0;
            bool opened = false;
            for (int k = i; k < lines.Lines.Count && k < i + LongestFunction && body.Length < LongestBody; k++)
            {
                foreach (char c in lines.Lines[k].Text)
                {
                    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                    opened |= c == '{';
                }
                body.Append(lines.Lines[k].Text).Append('\n');
                if (opened ? depth <= 0 : lines.Lines[k].Text is "end")
                {
                    break;
                }
            }
            if (!file.Add(new ShellAlias(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = name, Body = body.Length > LongestBody ? body.ToString(0, LongestBody) : body.ToString().TrimEnd(), IsFunction = true, User = user, Home = home, DormantBecause = dormant,
            }))
            {
                return;
            }
        }
    }

    private static string? FunctionName(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text.Length, 200)).TrimStart();
        bool isKeyword = rest.StartsWith("function ", StringComparison.Ordinal);
        rest = isKeyword ? rest[9..].TrimStart() : rest;
        int end = rest.IndexOfAny(" \t({;");
        ReadOnlySpan<char> name = end < 0 ? rest : rest[..end];
        bool hasParentheses = end >= 0 && rest[end..].TrimStart().StartsWith("(", StringComparison.Ordinal) && rest[end..].TrimStart()[1..].TrimStart().StartsWith(")", StringComparison.Ordinal);
        return name.Length > 0 && (isKeyword || hasParentheses) && !name.ContainsAny("=$\"'`<>|&") ? name.ToString() : null;
    }
}
