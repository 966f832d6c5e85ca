using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads PAM's service files and <c>pam.conf</c>: one artefact a line. See pam.conf(5), pam_exec(8).</summary>
/// <remarks><b>Limitations</b>: whether a program that asks for the service is installed is not judged; stacks are not put together across files here.</remarks>
public sealed class PamParser : ArtifactParser
{
    private const int MostWords = 200;

    /// <inheritdoc/>
    public override string Name => "linux/pam";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/pam.d/*", "/usr/lib/pam.d/*", "/usr/etc/pam.d/*", "/etc/pam.conf", "/etc/authselect/*", "/usr/local/etc/pam.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        bool isSingleFile = name == "pam.conf";
        if (input.Location.Path.StartsWith("/etc/authselect/", StringComparison.Ordinal) && !name.EndsWith("-auth", StringComparison.Ordinal) && name is not ("postlogin" or "smartcard-auth"))
        {
            return;
        }
        string? dormant = isSingleFile ? null : LoginPath.Leftover(name);
        var file = new ArtifactFile(input, sink, "linux.pam");
        foreach ((string text, TextLine line) in LogicalLines(file))
        {
            List<string> words = Words(text);
            string service = name;
            if (isSingleFile && words.Count > 0)
            {
                service = words[0];
                words.RemoveAt(0);
            }
            if (Read(input.Location.At(line.Number, line.ByteOffset), service, words, dormant) is { } rule && !file.Add(rule))
            {
                return;
            }
        }
    }

    private static PamRule? Read(EvidenceLocation place, string service, List<string> words, string? dormant)
    {
        if (words.Count >= 2 && words[0] == "@include")
        {
            return new PamRule(place) { Service = service, Type = "", Control = "@include", Module = words[1], IsInclude = true, DormantBecause = dormant };
        }
        string type = words.Count < 3 ? "" : words[0].TrimStart('-').ToLowerInvariant();
        if (type is not ("auth" or "account" or "password" or "session"))
        {
            return null;
        }
        string control = words[1].ToLowerInvariant();
        string module = words[2];
        string name = module[(module.LastIndexOf('/') + 1)..];
        string[] arguments = [.. words.Skip(3)];
        bool isInclude = control is "include" or "substack";
        int program = name == "pam_exec.so" ? Array.FindIndex(arguments, argument => !IsExecOption(argument)) : -1;
        string[] files = name switch
        {
            "pam_script.so" => [.. Scripts(arguments.FirstOrDefault(argument => argument.StartsWith("dir=/", StringComparison.Ordinal))?[4..] ?? "/usr/share/libpam-script")],
            "pam_python.so" or "pam_lua.so" => [.. arguments.Take(1).Select(script => script.StartsWith('/') ? script : "/lib/security/" + script)],
            _ => [],
        };
        return new PamRule(place)
        {
            Service = service,
            Type = type,
            Control = control,
            Module = module,
            Arguments = arguments,
            IsInclude = isInclude,
            IsOptional = words[0].StartsWith('-'),
            Program = program < 0 ? null : string.Join(' ', arguments.Skip(program)),
            ExposesPassword = name is "pam_script.so" or "pam_python.so" || (name == "pam_exec.so" && arguments.Contains("expose_authtok")),
            DormantBecause = dormant,
            NamedFiles = isInclude ? [] : [.. module.StartsWith('/') ? [module] : LoginPath.InLibraryDirectories("security/", module), .. files],
        };
    }

    private static IEnumerable<string> Scripts(string directory) => ((string[])["pam_script_auth", "pam_script_acct", "pam_script_passwd", "pam_script_ses_open", "pam_script_ses_close"]).Select(name => directory.TrimEnd('/') + "/" + name);

    private static bool IsExecOption(string argument) =>
        argument is "debug" or "expose_authtok" or "seteuid" or "quiet" or "quiet_log" or "stdout" || argument.StartsWith("log=", StringComparison.Ordinal) || argument.StartsWith("type=", StringComparison.Ordinal);

    /// <summary>Lines joined at a backslash, comments cut off.</summary>
    private static IEnumerable<(string Text, TextLine Line)> LogicalLines(ArtifactFile file)
    {
        var joined = new StringBuilder();
        TextLine first = default;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.TrimEnd('\r', ' ', '\t');
            int comment = text.IndexOf('#');
            text = comment >= 0 ? text[..comment] : text;
            first = joined.Length == 0 ? line : first;
            if (text.EndsWith('\\') && joined.Length < file.Input.Limits.LineBytes)
            {
                joined.Append(text, 0, text.Length - 1).Append(' ');
                continue;
            }
            joined.Append(text);
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

    /// <summary>Words; one in brackets may hold blanks. The brackets of a control stay, those of an argument are taken off.</summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        int i = 0;
        while (i < text.Length && words.Count < MostWords)
        {
            if (text[i] is ' ' or '\t')
            {
                i++;
                continue;
            }
            int start = i;
            if (text[i] == '[')
            {
                int close = text.IndexOf(']', i);
                i = close < 0 ? text.Length : close + 1;
                words.Add(words.Count < 3 || close < 0 ? text[start..i] : text[(start + 1)..close]);
                continue;
            }
            int end = text.AsSpan(i).IndexOfAny(' ', '\t');
            i = end < 0 ? text.Length : i + end;
            words.Add(text[start..i]);
        }
        return words;
    }
}
