using System.Text;

namespace Forensics.Analyzer.Reports;

/// <summary>Colour and weight of a piece of text.</summary>
internal enum Ink
{
    Plain,
    Strong,
    Faint,
    Red,
    Yellow,
    Green,
    Cyan,
    OnRed,
    OnYellow,
    OnGreen,
}

/// <summary>A piece of a line.</summary>
internal readonly record struct Piece(string Text, Ink Ink = Ink.Plain);

/// <summary>
/// Lines of a fixed width on a UTF-8 stream. Every text that goes in is escaped here, so a caller cannot forget it: what comes out has no control
/// character but the newline and, when colours are on, this class's own SGR sequences.
/// </summary>
internal sealed class TextPage : IDisposable
{
    private readonly StreamWriter _writer;
    private readonly bool _colours;
    private readonly int _width;

    /// <summary>The stream stays open after <see cref="Dispose"/>.</summary>
    public TextPage(Stream output, bool colours, int width)
    {
        _writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 << 10, leaveOpen: true) { NewLine = "\n" };
        _colours = colours;
        _width = Math.Clamp(width, 40, 400);
    }

    /// <summary>An empty line.</summary>
    public void Blank() => _writer.Write('\n');

    /// <summary>One line, never wrapped: what is copied from it stays whole.</summary>
    public void Line(params ReadOnlySpan<Piece> pieces)
    {
        bool atStart = true;
        foreach (Piece piece in pieces)
        {
            string text = SafeText.Escape(piece.Text);
            Write(atStart ? SafeText.GuardLineStart(text) : text, piece.Ink);
            atStart &= string.IsNullOrWhiteSpace(text);
        }
        _writer.Write('\n');
    }

    /// <summary>A heading with a rule to the right edge.</summary>
    public void Heading(string text, Ink ink)
    {
        text = SafeText.Escape(text);
        Write("── ", Ink.Faint);
        Write(text, ink);
        Write(" " + new string('─', Math.Max(2, _width - SafeText.Columns(text) - 4)), Ink.Faint);
        _writer.Write('\n');
    }

    /// <summary>A label and text wrapped beside it.</summary>
    public void Field(int indent, int labelColumns, string label, string text, Ink ink = Ink.Plain)
    {
        label = SafeText.Escape(label);
        int left = indent + labelColumns;
        bool first = true;
        foreach (string part in Wrap(SafeText.Escape(text), _width - left))
        {
            string head = first ? new string(' ', indent) + Pad(label, labelColumns) : new string(' ', left);
            Write(head, Ink.Faint);
            Write(string.IsNullOrWhiteSpace(head) ? SafeText.GuardLineStart(part) : part, ink);
            _writer.Write('\n');
            first = false;
        }
    }

    /// <summary>Two texts, the second at the right edge when both fit on a line, else on a line of its own.</summary>
    public void Ends(Piece left, Piece right, int rightIndent)
    {
        string first = SafeText.Escape(left.Text);
        string second = SafeText.Escape(right.Text);
        int gap = _width - SafeText.Columns(first) - SafeText.Columns(second);
        if (gap >= 2)
        {
            Line(left, new Piece(new string(' ', gap)), right);
            return;
        }
        Line(left);
        Line(new Piece(new string(' ', rightIndent)), right);
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>Breaks escaped text at blanks, and inside a word only when the word alone is too long.</summary>
    internal static IEnumerable<string> Wrap(string text, int width)
    {
        width = Math.Max(10, width);
        int start = 0;
        do
        {
            int columns = 0;
            int lastBlank = -1;
            int i = start;
            while (i < text.Length)
            {
                Rune rune = Rune.GetRuneAt(text, i);
                int next = columns + SafeText.Columns(rune);
                if (next > width && rune.Value != ' ')
                {
                    break;
                }
                if (rune.Value == ' ')
                {
                    lastBlank = i;
                    if (next > width)
                    {
                        break;
                    }
                }
                columns = next;
                i += rune.Utf16SequenceLength;
            }
            int end = i >= text.Length ? text.Length : lastBlank > start ? lastBlank : Math.Max(i, start + 1);
            yield return text[start..end].TrimEnd(' ');
            start = end < text.Length && text[end] == ' ' ? end + 1 : end;
        }
        while (start < text.Length);
    }

    /// <summary>Fills up with blanks; at least one follows the label.</summary>
    private static string Pad(string label, int columns) => label + new string(' ', Math.Max(label.Length == 0 ? 0 : 1, columns - SafeText.Columns(label)));

    private void Write(string text, Ink ink)
    {
        string? code = !_colours || text.Length == 0 ? null : ink switch
        {
            Ink.Strong => "1",
            Ink.Faint => "2",
            Ink.Red => "1;31",
            Ink.Yellow => "33",
            Ink.Green => "32",
            Ink.Cyan => "36",
            Ink.OnRed => "1;97;41",
            Ink.OnYellow => "1;30;43",
            Ink.OnGreen => "1;30;42",
            _ => null,
        };
        if (code is null)
        {
            _writer.Write(text);
            return;
        }
        _writer.Write("\x1b[");
        _writer.Write(code);
        _writer.Write('m');
        _writer.Write(text);
        _writer.Write("\x1b[0m");
    }
}
