using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the assignments of a systemd configuration file as systemd does, see systemd.syntax(7): sections, comment lines (also between
/// the lines of one continued assignment), a backslash at the line end joins with a blank.
/// </summary>
/// <remarks>
/// Limitations: a section header that does not close makes systemd refuse the whole file; here the rest is still read.
/// A backslash followed by blanks at the line end does not continue the line, as up to systemd 253.
/// </remarks>
internal static class UnitFile
{
    /// <summary>systemd's own bound on one joined assignment.</summary>
    public const int LongestAssignment = 1 << 20;

    /// <summary>The assignments in file order, at most as many as a file may yield artefacts.</summary>
    public static List<UnitSetting> Read(ArtifactFile file)
    {
        var settings = new List<UnitSetting>();
        string section = "";
        var pending = new StringBuilder();
        TextLine start = default;
        bool continues = false;
        foreach (TextLine line in Pieces(file))
        {
            string text = line.Text;
            if (text.AsSpan().TrimStart(Blanks) is ['#' or ';', ..])
            {
                continue;
            }
            if (!continues)
            {
                start = line;
            }
            bool escaped = EndsEscaped(text);
            if (pending.Length + text.Length > LongestAssignment)
            {
                file.Report("assignment-length", "a continued assignment is longer than systemd allows, its end was not read", line, losesContent: true);
            }
            else
            {
                pending.Append(text);
                if (escaped)
                {
                    pending[^1] = ' ';
                }
            }
            continues = escaped;
            if (!escaped && !Take(file, settings, ref section, pending, start))
            {
                return settings;
            }
        }
        if (continues)
        {
            Take(file, settings, ref section, pending, start);
        }
        return settings;
    }

    /// <summary>What systemd takes for blank.</summary>
    private static readonly char[] Blanks = [' ', '\t', '\n', '\r'];

    private static bool Take(ArtifactFile file, List<UnitSetting> settings, ref string section, StringBuilder pending, TextLine start)
    {
        string text = pending.ToString().Trim(Blanks);
        pending.Clear();
        if (text.Length == 0)
        {
            return true;
        }
        if (text[0] == '[')
        {
            bool closed = text.Length > 1 && text[^1] == ']';
            if (!closed)
            {
                file.Report("section", "a section header is not closed; systemd refuses the file", start);
            }
            section = closed ? text[1..^1] : text[1..];
            return true;
        }
        int equals = text.IndexOf('=');
        if (equals <= 0)
        {
            file.Report("assignment", "neither a section nor an assignment", start);
            return true;
        }
        if (settings.Count >= file.Input.Limits.ArtifactsPerFile)
        {
            file.Report("limit", "more assignments than the limit, the rest was not read", start, losesContent: true);
            return false;
        }
        settings.Add(new UnitSetting(section, text[..equals].TrimEnd(Blanks), text[(equals + 1)..].TrimStart(Blanks), start.Number, start.ByteOffset));
        return true;
    }

    // systemd ends a line at a carriage return and at a NUL too: "# x<CR>ExecStart=..." looks like a comment in a terminal and is none.
    private static IEnumerable<TextLine> Pieces(ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            if (line.Bytes.Span.IndexOfAny((byte)'\r', (byte)0) < 0)
            {
                yield return line;
                continue;
            }
            int offset = 0;
            while (offset <= line.Bytes.Length)
            {
                int end = line.Bytes.Span[offset..].IndexOfAny((byte)'\r', (byte)0);
                int length = end < 0 ? line.Bytes.Length - offset : end;
                if (length > 0 || offset == 0)
                {
                    yield return line with { ByteOffset = line.ByteOffset + offset, Bytes = line.Bytes.Slice(offset, length) };
                }
                offset += length + 1;
            }
        }
    }

    private static bool EndsEscaped(string text)
    {
        int backslashes = 0;
        for (int i = text.Length - 1; i >= 0 && text[i] == '\\'; i--)
        {
            backslashes++;
        }
        return (backslashes & 1) == 1;
    }
}
