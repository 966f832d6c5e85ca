using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads sshd configuration files, see sshd_config(5): one artefact a keyword, with the criteria of the <c>Match</c> block it stands in.
/// Which value wins across files says <see cref="SshServerConfig"/>.
/// </summary>
/// <remarks>Limitations: keywords are not checked against a list; options on sshd's command line or in systemd units are not here.</remarks>
public sealed class SshServerConfigParser : ArtifactParser
{
    private const int MostArguments = 1000;

    /// <inheritdoc/>
    public override string Name => "linux/sshd-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf", "/usr/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config.d/*.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) => ReadOptions(input, new ArtifactFile(input, sink, "linux.sshd-config"));

    /// <summary>Reads the options of one file.</summary>
    internal static void ReadOptions(ArtifactInput input, ArtifactFile file)
    {
        string? match = null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim(' ', '\t', '\r', '\f');
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            int keywordEnd = ReadKeyword(text, out string keyword);
            string rest = text[keywordEnd..];
            if (keyword.Equals("Match", StringComparison.OrdinalIgnoreCase))
            {
                match = rest;
                continue;
            }
            List<string> arguments = Split(rest, out bool balanced);
            if (!balanced)
            {
                file.Report("quotes", "a quote is not closed; sshd does not start with this file", line);
            }
            if (!file.Add(new SshServerOption(input.Location.At(line.Number, line.ByteOffset))
            {
                Keyword = keyword,
                Arguments = arguments,
                Match = match,
            }))
            {
                return;
            }
        }
    }

    // The keyword ends at a blank or at one equals sign, with or without blanks around it; it may be quoted.
    private static int ReadKeyword(string text, out string keyword)
    {
        int next;
        if (text[0] == '"' && text.IndexOf('"', 1) is var quote and > 0)
        {
            keyword = text[1..quote];
            next = quote + 1;
        }
        else
        {
            int end = text.AsSpan().IndexOfAny(" \t=\"") is var found and >= 0 ? found : text.Length;
            keyword = text[..end];
            next = end;
        }
        next = SkipBlanks(text, next);
        if (next < text.Length && text[next] == '=')
        {
            next = SkipBlanks(text, next + 1);
        }
        return next;
    }

    private static int SkipBlanks(string text, int index)
    {
        while (index < text.Length && text[index] is ' ' or '\t')
        {
            index++;
        }
        return index;
    }

    /// <summary>Splits arguments as sshd does: both quotes, a backslash before a quote, a backslash or (outside quotes) a blank; a word that begins with # ends the line.</summary>
    private static List<string> Split(string text, out bool balanced)
    {
        var arguments = new List<string>();
        balanced = true;
        int i = 0;
        while (arguments.Count < MostArguments)
        {
            i = SkipBlanks(text, i);
            if (i >= text.Length || text[i] == '#')
            {
                return arguments;
            }
            var word = new StringBuilder();
            char quote = '\0';
            for (; i < text.Length; i++)
            {
                char value = text[i];
                if (quote == '\0' && value is ' ' or '\t')
                {
                    break;
                }
                if (value == '\\' && i + 1 < text.Length && (text[i + 1] is '"' or '\'' or '\\' || (quote == '\0' && text[i + 1] == ' ')))
                {
                    word.Append(text[++i]);
                }
                else if (quote == '\0' && value is '"' or '\'')
                {
                    quote = value;
                }
                else if (value == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(value);
                }
            }
            balanced &= quote == '\0';
            arguments.Add(word.ToString());
        }
        return arguments;
    }
}
