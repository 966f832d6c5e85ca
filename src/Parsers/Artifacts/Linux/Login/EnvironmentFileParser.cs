using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads files that set variables for logins and services: <c>/etc/environment</c>, <c>pam_env.conf</c>, <c>~/.pam_environment</c>, <c>environment.d</c>, <c>/etc/default</c>, <c>/etc/sysconfig</c>,
/// <c>DefaultEnvironment=</c> of systemd, and <c>~/.ssh/environment</c>. See pam_env(8), environment.d(5), systemd-system.conf(5), sshd(8).
/// </summary>
/// <remarks><b>Limitations</b>: in <c>/etc/default</c> and <c>/etc/sysconfig</c> only variables that make programs do something are kept; values are not expanded.</remarks>
public sealed class EnvironmentFileParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/environment";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/environment", "/etc/environment.d/*", "/usr/lib/environment.d/*", "~/.config/environment.d/*", "/etc/security/pam_env.conf", "/usr/etc/environment", "~/.pam_environment", "/etc/default/*", "/etc/sysconfig/*",
        "/etc/conf.d/*", "/etc/systemd/{system,user}.conf", "/etc/systemd/{system,user}.conf.d/*", "~/.ssh/environment", "/root/.ssh/environment", "/home/*/.ssh/environment",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.environment");
        string path = input.Location.Path;
        string name = input.Location.Name;
        bool isManager = path.StartsWith("/etc/systemd/", StringComparison.Ordinal);
        bool isPam = name is ".pam_environment" or "pam_env.conf";
        bool keepsAll = name is "environment" or ".pam_environment";
        EnvironmentSource source = path.EndsWith("/.ssh/environment", StringComparison.Ordinal) ? EnvironmentSource.Ssh
            : name is "environment" || isPam ? EnvironmentSource.Login : EnvironmentSource.Service;
        string? dormant = path.Contains("/environment.d/", StringComparison.Ordinal) || path.Contains(".conf.d/", StringComparison.Ordinal)
            ? name.EndsWith(".conf", StringComparison.Ordinal) ? null : "only names that end in .conf are read" : LoginPath.Leftover(name);
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim(' ', '\t', '\r');
            if (text.Length == 0 || text[0] is '#' or ';' or '[')
            {
                continue;
            }
            foreach ((string variable, string value) in isManager ? Manager(text) : isPam ? Pam(text) : Plain(text))
            {
                EnvironmentRole role = EnvironmentVariables.RoleOf(variable);
                if (role == EnvironmentRole.ServerOptions && name is not ("ssh" or "sshd"))
                {
                    role = EnvironmentRole.Other;
                }
                if (role == EnvironmentRole.Other && !keepsAll)
                {
                    continue;
                }
                string? home = LoginPath.HomeOf(path);
                if (!file.Add(new EnvironmentSetting(input.Location.At(line.Number, line.ByteOffset))
                {
                    Name = variable, Value = value, Source = source, Role = role, User = home is null ? null : LoginPath.UserOf(path), DormantBecause = dormant,
                    NamedFiles = EnvironmentVariables.Files(variable, role, value, home),
                }))
                {
                    return;
                }
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Plain(string text)
    {
        if (text.StartsWith("export ", StringComparison.Ordinal))
        {
            text = text[7..].TrimStart();
        }
        int equals = text.IndexOf('=');
        if (equals > 0 && IsName(text.AsSpan(0, equals).TrimEnd()))
        {
            yield return (text[..equals].TrimEnd(), Unquote(text[(equals + 1)..].Trim()));
        }
    }

    // NAME DEFAULT=value OVERRIDE=value, or the plain form.
    private static IEnumerable<(string Name, string Value)> Pam(string text)
    {
        int blank = text.AsSpan().IndexOfAny(' ', '\t');
        if (blank <= 0 || !IsName(text.AsSpan(0, blank)))
        {
            return Plain(text);
        }
        var found = new List<(string, string)>();
        foreach (string key in (ReadOnlySpan<string>)["OVERRIDE=", "DEFAULT="])
        {
            int at = text.IndexOf(key, blank, StringComparison.Ordinal);
            if (at > 0)
            {
                string rest = text[(at + key.Length)..];
                int end = rest.StartsWith('"') ? rest.IndexOf('"', 1) + 1 : rest.AsSpan().IndexOfAny(' ', '\t');
                found.Add((text[..blank], Unquote(end > 0 ? rest[..end] : rest)));
            }
        }
        return found;
    }

    private static IEnumerable<(string Name, string Value)> Manager(string text)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0 || text[..equals].Trim() is not ("DefaultEnvironment" or "ManagerEnvironment"))
        {
            yield break;
        }
        foreach (ShellCommand command in ShellWords.Parse("env " + text[(equals + 1)..].Replace('$', '_')))
        {
            foreach (ShellWord word in command.Words.Skip(1))
            {
                int at = word.Text.IndexOf('=');
                if (at > 0)
                {
                    yield return (word.Text[..at], word.Text[(at + 1)..]);
                }
            }
        }
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }
        return text.Length > 0;
    }

    private static string Unquote(string text) => text.Length > 1 && text[0] is '"' or '\'' && text.IndexOf(text[0], 1) is var end and > 0 ? text[1..end] : text;
}
