namespace Forensics.Parsers.Formats;

/// <summary>What stands between a command and the next one.</summary>
public enum ShellConnector
{
    /// <summary>Nothing follows.</summary>
    End,
    /// <summary><c>;</c> or a line end.</summary>
    Sequence,
    /// <summary><c>&amp;&amp;</c>.</summary>
    And,
    /// <summary><c>||</c>.</summary>
    Or,
    /// <summary><c>|</c> or <c>|&amp;</c>.</summary>
    Pipe,
    /// <summary><c>&amp;</c>.</summary>
    Background,
}

/// <summary>Where in the text a simple command stands.</summary>
public enum ShellOrigin
{
    /// <summary>In the text itself, inside <c>{ }</c> or a control structure.</summary>
    Script,
    /// <summary>Inside <c>( )</c>.</summary>
    Subshell,
    /// <summary>In the body of a function: it runs when the function is called.</summary>
    Function,
    /// <summary>Inside <c>$( )</c> or backticks of the command <see cref="ShellCommand.Parent"/>.</summary>
    CommandSubstitution,
    /// <summary>Inside <c>&lt;( )</c> or <c>&gt;( )</c> of the command <see cref="ShellCommand.Parent"/>.</summary>
    ProcessSubstitution,
}

/// <summary>A word with its quotes removed and its known variables expanded.</summary>
/// <param name="Text">The word; an expansion that could not be resolved stands in it as written (<c>$X</c>, <c>$(date)</c>).</param>
/// <param name="HasUnresolvedExpansion">Some part of <paramref name="Text"/> depends on a value that is not known.</param>
public sealed record ShellWord(string Text, bool HasUnresolvedExpansion)
{
    /// <summary>Some part was quoted or escaped.</summary>
    public bool IsQuoted { get; init; }
    /// <summary>An unquoted <c>*</c>, <c>?</c> or <c>[</c>: a pattern for file names.</summary>
    public bool HasGlob { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A <c>NAME=value</c> in front of a command, or on its own.</summary>
/// <param name="Name">Variable name, with subscript when it has one.</param>
/// <param name="Value">Value after expansion; of an array its elements with blanks between.</param>
public sealed record ShellAssignment(string Name, ShellWord Value);

/// <summary>A redirection of a command.</summary>
/// <param name="Operator"><c>&lt; &gt; &gt;&gt; &lt;&gt; &gt;| &lt;&amp; &gt;&amp; &amp;&gt; &amp;&gt;&gt; &lt;&lt; &lt;&lt;- &lt;&lt;&lt;</c>.</param>
/// <param name="Target">File, descriptor, here-string, or the delimiter of a here-document.</param>
public sealed record ShellRedirection(string Operator, ShellWord Target)
{
    /// <summary>Descriptor number in front of the operator; null when not written.</summary>
    public int? Descriptor { get; init; }
    /// <summary>Body of a here-document, expanded unless its delimiter was quoted; null for other operators.</summary>
    public string? Body { get; init; }
}

/// <summary>One simple command of a shell text. The commands of one text form a flat list in the order of their first character.</summary>
public sealed record ShellCommand
{
    /// <summary>Program and arguments; empty when there are only assignments or redirections.</summary>
    public IReadOnlyList<ShellWord> Words { get; init; } = [];
    /// <summary><c>NAME=value</c> prefixes.</summary>
    public IReadOnlyList<ShellAssignment> Assignments { get; init; } = [];
    /// <summary>Redirections in order; those of a group stand with its last command.</summary>
    public IReadOnlyList<ShellRedirection> Redirections { get; init; } = [];
    /// <summary>What stands between this command and the next one at the same level.</summary>
    public ShellConnector Connector { get; init; }
    /// <summary>Index in the list of the command that reads this one's output, also through groups as in <c>(a || b) | c</c>; -1 when none does.</summary>
    public int PipesTo { get; init; } = -1;
    /// <summary>Where it stands.</summary>
    public ShellOrigin Origin { get; init; }
    /// <summary>Index in the list of the command whose word holds this one's substitution; -1 when there is none.</summary>
    public int Parent { get; init; } = -1;
    /// <summary>How many groups, subshells, control structures, functions and substitutions are around it.</summary>
    public int Nesting { get; init; }
    /// <summary>It may be skipped, or ends only a part of the text: it is nested, follows <c>&amp;&amp;</c>, <c>||</c> or <c>|</c>, or is itself piped or in the background.</summary>
    public bool IsConditional { get; init; }
    /// <summary>Index in the text of its first character; for commands in backticks and here-documents that of the command around them.</summary>
    public int Start { get; init; }
    /// <summary>Index in the text just behind its last character.</summary>
    public int End { get; init; }

    /// <summary>The first word; empty when there is none.</summary>
    public string Program => Words.Count == 0 ? "" : Words[0].Text;

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Words);
}
