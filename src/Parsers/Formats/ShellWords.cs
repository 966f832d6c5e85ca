namespace Forensics.Parsers.Formats;

/// <summary>Bounds for one text given to <see cref="ShellWords"/>.</summary>
public sealed record ShellLimits
{
    /// <summary>The values used unless told otherwise.</summary>
    public static ShellLimits Default { get; } = new();

    /// <summary>Longest text in characters; the rest is not looked at.</summary>
    public int TextLength { get; init; } = 64 << 10;
    /// <summary>Deepest nesting of substitutions.</summary>
    public int Depth { get; init; } = 32;
    /// <summary>Most commands returned.</summary>
    public int Commands { get; init; } = 4096;
    /// <summary>Most characters that all expansions together may add.</summary>
    public int ExpandedLength { get; init; } = 256 << 10;
}

/// <summary>Says what the commands of a substitution print, as far as that follows from the text alone; null when it does not.</summary>
/// <param name="commands">The commands between <c>$(</c> and <c>)</c>, without those of substitutions in it.</param>
public delegate string? ShellEvaluator(IReadOnlyList<ShellCommand> commands);

/// <summary>What a shell text says.</summary>
/// <param name="Commands">Its simple commands, nested ones included, in order.</param>
/// <param name="Functions">Names of the functions it defines.</param>
/// <param name="IsCut">A limit ended the work before the text did.</param>
public sealed record ShellText(IReadOnlyList<ShellCommand> Commands, IReadOnlyList<string> Functions, bool IsCut);

/// <summary>
/// Splits shell text into its simple commands the way a POSIX shell (with the common bash extensions) would, without running anything: quotes, escapes,
/// <c>$'...'</c>, comments, here-documents, redirections, groups, control structures, functions, command and process substitution, brace lists,
/// and the variables whose value the text itself or the caller states. Static, without side effects; never throws because of the text.
/// See the POSIX Shell Command Language, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: commands are not run, so substitutions that no evaluator knows, arithmetic and positional parameters that the caller does not state stay as written;
/// file name patterns and aliases are not expanded; an assignment is visible to everything behind it in the text, whatever branch or subshell it stands in.
/// </remarks>
public static class ShellWords
{
    /// <summary>The simple commands of <paramref name="text"/>, nested ones included, in order.</summary>
    /// <param name="text">Shell text, one line or many.</param>
    /// <param name="variables">Variables known beforehand (environment); positional parameters by digit, all of them as <c>@</c>.</param>
    public static IReadOnlyList<ShellCommand> Parse(string text, IReadOnlyDictionary<string, string>? variables = null) =>
        Parse(text, variables, ShellLimits.Default, out _);

    /// <summary>As the other overload; <paramref name="isCut"/> tells that a limit ended the work before the text did.</summary>
    public static IReadOnlyList<ShellCommand> Parse(string text, IReadOnlyDictionary<string, string>? variables, ShellLimits limits, out bool isCut)
    {
        ShellText read = Read(text, variables, limits);
        isCut = read.IsCut;
        return read.Commands;
    }

    /// <summary>As <see cref="Parse(string, IReadOnlyDictionary{string, string}?)"/>, with what <paramref name="evaluate"/> knows of substitutions put in their place.</summary>
    public static ShellText Read(string text, IReadOnlyDictionary<string, string>? variables, ShellLimits limits, ShellEvaluator? evaluate = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var state = new ShellParseState(limits, variables, evaluate);
        bool tooLong = text.Length > limits.TextLength;
        new ShellParser(state, tooLong ? text[..limits.TextLength] : text).ParseScript();
        var commands = new ShellCommand[state.Commands.Count];
        for (int i = 0; i < commands.Length; i++)
        {
            commands[i] = state.Commands[i].Build();
        }
        return new ShellText(commands, state.Functions, tooLong || state.IsCut);
    }

    /// <summary>The last component of a program's path: <c>/usr/bin/curl</c> is <c>curl</c>.</summary>
    public static string BaseName(string program) => program[(program.LastIndexOf('/') + 1)..];

    /// <summary>Whether the name is that of a program that reads POSIX shell text: <c>sh bash dash ash zsh ksh mksh busybox-sh</c>, with or without path.</summary>
    public static bool IsShell(string program) => BaseName(program) is
        "sh" or "bash" or "dash" or "ash" or "zsh" or "ksh" or "ksh93" or "mksh" or "pdksh" or "yash" or "posh" or "rbash" or "rzsh" or "static-sh" or "bash-static" or "zsh-static" or "sh.distrib";
}
