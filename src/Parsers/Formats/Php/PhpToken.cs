namespace Forensics.Parsers.Formats.Php;

/// <summary>Kind of a token.</summary>
public enum PhpTokenKind
{
    /// <summary><c>$name</c>, without the dollar sign.</summary>
    Variable,
    /// <summary>A word: keyword, function or class name, namespace parts joined, as written.</summary>
    Word,
    /// <summary>A string literal, decoded.</summary>
    Text,
    /// <summary>Text between backticks: a command.</summary>
    Command,
    /// <summary>A number.</summary>
    Number,
    /// <summary>One punctuation character.</summary>
    Mark,
}

/// <summary>A token of PHP code.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, see <see cref="PhpTokenKind"/>.</param>
/// <param name="Line">Line number from 1.</param>
public readonly record struct PhpToken(PhpTokenKind Kind, string Text, int Line)
{
    /// <summary>Variables inside a text in double quotes or backticks, by name; null when there are none.</summary>
    public IReadOnlyList<string>? Interpolated { get; init; }

    /// <summary>Whether it is this punctuation character.</summary>
    public bool Is(char mark) => Kind == PhpTokenKind.Mark && Text[0] == mark;

    /// <summary>Whether it is this word, whatever its case.</summary>
    public bool IsWord(string word) => Kind == PhpTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
