using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A logical line of a configuration file.</summary>
/// <param name="Text">Trimmed; the parts of a continued line are joined by a blank.</param>
/// <param name="First">Its first physical line.</param>
/// <param name="IsIndented">It began with a blank or tab.</param>
/// <param name="Count">Number of physical lines.</param>
internal readonly record struct ConfigLine(string Text, TextLine First, bool IsIndented, int Count);

/// <summary>Logical lines of configuration files that continue with a backslash at the end or with an indented next line.</summary>
internal static class ConfigLines
{
    private const int Longest = 64 << 10;

    /// <summary>Lines that are neither blank nor begin with <c>#</c> (or <c>;</c> where asked). Of a continued line no further part is taken once it has 64 KiB.</summary>
    public static IEnumerable<ConfigLine> Read(ArtifactFile file, bool joinsIndented = false, bool joinsBackslash = true, bool semicolonComments = false)
    {
        var text = new StringBuilder();
        TextLine first = default;
        bool isIndented = false;
        bool continues = false;
        int count = 0;
        foreach (TextLine line in file.Lines())
        {
            string raw = line.Text;
            string trimmed = raw.Trim();
            bool indented = raw.Length > 0 && raw[0] is ' ' or '\t';
            bool isComment = trimmed.Length > 0 && (trimmed[0] == '#' || (semicolonComments && trimmed[0] == ';'));
            if (count > 0 && !continues && !(joinsIndented && indented && trimmed.Length > 0) && !(joinsIndented && isComment))
            {
                if (text.Length > 0)
                {
                    yield return new ConfigLine(text.ToString().TrimEnd(), first, isIndented, count);
                }
                count = 0;
                text.Clear();
            }
            if (trimmed.Length == 0 || (isComment && (!continues || joinsIndented)))
            {
                continues = continues && isComment;
                continue;
            }
            if (count == 0)
            {
                (first, isIndented) = (line, indented);
            }
            count++;
            continues = joinsBackslash && trimmed.EndsWith('\\');
            string part = continues ? trimmed[..^1].TrimEnd() : trimmed;
            if (text.Length > Longest)
            {
                continue;
            }
            if (text.Length + part.Length + 1 > Longest && count > 1)
            {
                file.Report("entry-cut", "a continued line is longer than the limit, its end was not read", first, losesContent: true);
            }
            text.Append(text.Length > 0 && part.Length > 0 ? " " : "").Append(part);
        }
        if (text.Length > 0)
        {
            yield return new ConfigLine(text.ToString().TrimEnd(), first, isIndented, count);
        }
    }

    /// <summary>Splits off the first word.</summary>
    public static (string Word, string Tail) Split(string text, string separators = " \t")
    {
        int end = text.AsSpan().IndexOfAny(separators);
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim(' ', '\t'));
    }

    /// <summary>Takes one pair of quotes off that encloses the whole.</summary>
    public static string Unquote(string text)
    {
        text = text.Trim();
        return text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : text;
    }
}
