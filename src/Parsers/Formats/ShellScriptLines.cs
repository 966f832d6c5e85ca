using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats;

/// <summary>One logical line of a shell script.</summary>
/// <param name="Number">Line number of its first physical line, from 1.</param>
/// <param name="ByteOffset">Byte offset of its first physical line.</param>
/// <param name="Start">Index of its first character in <see cref="ShellScriptLines.Text"/>.</param>
/// <param name="Text">Continuations joined; a quoted text over several lines and the body of a here-document keep their line ends.</param>
public readonly record struct ShellScriptLine(int Number, long ByteOffset, int Start, string Text);

/// <summary>
/// Cuts a shell script into logical lines: comments and blank lines out, continued lines joined, quotes over several lines kept together. The body of a
/// here-document belongs to the command that reads it, but when that is a shell the body's lines are commands of their own.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: quotes are paired without looking into nested substitutions; a quote left open over more than 200 lines is taken for an apostrophe.
/// </remarks>
public sealed class ShellScriptLines
{
    private const int MaximumJoined = 200;
    private const int MaximumFailures = 16;
    private const int MaximumPhysicalLines = 200_000;

    private readonly List<TextLine> _physical = [];
    private readonly List<int> _starts = [];
    private readonly List<string> _texts = [];
    private readonly Queue<(string Delimiter, bool StripsTabs)> _shellDocuments = new();
    private readonly int _maximumLength;
    private int _failures;

    private ShellScriptLines(ReadOnlyMemory<byte> content, ScanLimits limits)
    {
        _maximumLength = limits.LineBytes;
        var text = new StringBuilder(content.Length);
        foreach (TextLine line in TextLines.Read(content, limits))
        {
            if (_physical.Count == MaximumPhysicalLines)
            {
                IsCut = true;
                break;
            }
            string decoded = line.Text;
            _physical.Add(line);
            _starts.Add(text.Length);
            _texts.Add(decoded);
            text.Append(decoded).Append('\n');
        }
        Text = text.ToString();
    }

    /// <summary>The whole script, decoded, lines separated by LF.</summary>
    public string Text { get; }

    /// <summary>The logical lines in order.</summary>
    public List<ShellScriptLine> Lines { get; } = [];

    /// <summary>Reads a script.</summary>
    public static ShellScriptLines Read(ReadOnlyMemory<byte> content, ScanLimits limits)
    {
        var script = new ShellScriptLines(content, limits);
        int at = 0;
        while (at < script._texts.Count && script.Lines.Count < limits.ArtifactsPerFile)
        {
            at = script.ReadLogical(at);
        }
        script.IsCut |= at < script._texts.Count;
        return script;
    }

    /// <summary>More lines than one file may yield; the rest is missing.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Line number of a character of <see cref="Text"/>, from 1.</summary>
    public int LineAt(int index)
    {
        int at = _starts.BinarySearch(index);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>Byte offset of a line by its number.</summary>
    public long OffsetOf(int number) => _physical[number - 1].ByteOffset;

    private int ReadLogical(int first)
    {
        if (_shellDocuments.TryPeek(out (string Delimiter, bool StripsTabs) document))
        {
            string line = document.StripsTabs ? _texts[first].TrimStart('\t') : _texts[first];
            if (line.Equals(document.Delimiter, StringComparison.Ordinal))
            {
                _shellDocuments.Dequeue();
                return first + 1;
            }
        }
        string trimmed = _texts[first].TrimStart();
        if (trimmed.Length == 0 || trimmed[0] == '#')
        {
            return first + 1;
        }
        var scan = new QuoteScan();
        var text = new StringBuilder();
        int at = first;
        while (true)
        {
            string line = _texts[at++];
            bool continues = scan.Read(line);
            text.Append(continues ? line.AsSpan(0, line.Length - 1) : line);
            if (!continues && scan.Quote == '\0')
            {
                break;
            }
            if (at >= _texts.Count || at - first >= MaximumJoined || text.Length > _maximumLength || (scan.Quote != '\0' && _failures > MaximumFailures))
            {
                if (scan.Quote != '\0')
                {
                    _failures++;
                    text.Clear().Append(_texts[first]);
                    at = first + 1;
                    scan.Documents.Clear();
                }
                break;
            }
            if (!continues)
            {
                text.Append('\n');
            }
        }
        at = ReadDocuments(scan, text, at);
        Lines.Add(new ShellScriptLine(_physical[first].Number, _physical[first].ByteOffset, _starts[first], text.ToString().Trim()));
        return at;
    }

    private int ReadDocuments(QuoteScan scan, StringBuilder text, int at)
    {
        if (scan.Documents.Count == 0)
        {
            return at;
        }
        bool isKept = true;
        foreach (ShellCommand command in ShellWords.Parse(text.ToString()))
        {
            if (FeedsShell(command))
            {
                foreach ((string Delimiter, bool StripsTabs) document in scan.Documents)
                {
                    _shellDocuments.Enqueue(document);
                }
                return at;
            }
            // A here-document given to the null command is a way to write a comment.
            isKept &= command.Program is not ":";
        }
        foreach ((string delimiter, bool stripsTabs) in scan.Documents)
        {
            while (at < _texts.Count)
            {
                string line = _texts[at++];
                if (isKept && text.Length + line.Length < _maximumLength)
                {
                    text.Append('\n').Append(line);
                }
                if ((stripsTabs ? line.TrimStart('\t') : line).Equals(delimiter, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        return at;
    }

    /// <summary>Whether the command hands a here-document to a shell: it is one without a script of its own, or one stands behind its pipe or wrapper.</summary>
    private static bool FeedsShell(ShellCommand command)
    {
        for (int i = 0; i < command.Words.Count; i++)
        {
            string word = command.Words[i].Text;
            if (ShellWords.IsShell(word))
            {
                // "sh -s" and "sh -x" read standard input; "sh script" and "sh -c text" do not.
                for (int k = i + 1; k < command.Words.Count; k++)
                {
                    string argument = command.Words[k].Text;
                    if (argument == "-s" || argument == "-")
                    {
                        return true;
                    }
                    if (argument == "-c" || !argument.StartsWith('-'))
                    {
                        return false;
                    }
                }
                return true;
            }
            if (i == 0 && ShellWords.BaseName(word) is not ("sudo" or "su" or "nohup" or "env" or "nice" or "setsid" or "exec" or "busybox" or "runuser" or "chroot" or "timeout"))
            {
                return false;
            }
            if (ShellWords.BaseName(word) is "su")
            {
                return !command.Words.Any(argument => argument.Text == "-c");
            }
        }
        return false;
    }

    /// <summary>Follows quotes over the lines of one logical line.</summary>
    private sealed class QuoteScan
    {
        public char Quote { get; private set; }
        public List<(string Delimiter, bool StripsTabs)> Documents { get; } = [];

        /// <summary>Reads one physical line; true when it ends in a backslash that joins the next one.</summary>
        public bool Read(string line)
        {
            for (int i = 0; i < line.Length; i++)
            {
                char c = line[i];
                if (Quote == '\'')
                {
                    Quote = c == '\'' ? '\0' : Quote;
                }
                else if (c == '\\')
                {
                    if (i == line.Length - 1)
                    {
                        return true;
                    }
                    i++;
                }
                else if (Quote == '"')
                {
                    Quote = c == '"' ? '\0' : Quote;
                }
                else if (c is '\'' or '"')
                {
                    Quote = c;
                }
                else if (c == '#' && (i == 0 || line[i - 1] is ' ' or '\t' or ';' or '&' or '|' or '(' or ')'))
                {
                    return false;
                }
                else if (c == '<' && i + 1 < line.Length && line[i + 1] == '<')
                {
                    i = ReadDelimiter(line, i + 2) - 1;
                }
            }
            return false;
        }

        private int ReadDelimiter(string line, int at)
        {
            if (at < line.Length && line[at] == '<')
            {
                return at + 1;
            }
            bool strips = at < line.Length && line[at] == '-';
            at += strips ? 1 : 0;
            while (at < line.Length && line[at] is ' ' or '\t')
            {
                at++;
            }
            var text = new StringBuilder();
            int start = at;
            while (at < line.Length && line[at] is not (' ' or '\t' or ';' or '&' or '|' or '<' or '>' or '(' or ')'))
            {
                char c = line[at++];
                if (c is not ('\'' or '"' or '\\'))
                {
                    text.Append(c);
                }
            }
            // A shift in arithmetic ("1 << 3") is no here-document.
            if (at > start && !char.IsAsciiDigit(line[start]) && line[start] != '$')
            {
                Documents.Add((text.ToString(), strips));
            }
            return at;
        }
    }
}
