namespace Forensics.Parsers.Formats;

/// <summary>An argument of a call, as far as the text alone says what it is.</summary>
/// <param name="Text">Its value when it is a constant text; null otherwise.</param>
/// <param name="Items">Its values when it is a list of constant texts; null otherwise.</param>
public sealed record ProgramArgument(string? Text, IReadOnlyList<string>? Items);

/// <summary>A call, an import or a command literal in program text.</summary>
/// <param name="Name">Name as written: <c>subprocess.Popen</c>, <c>system</c>, <c>import</c>; <c>`</c> for a command literal.</param>
/// <param name="Arguments">Arguments in order; keyword arguments are left out.</param>
/// <param name="Start">Index of its first character.</param>
public sealed record ProgramCall(string Name, IReadOnlyList<ProgramArgument> Arguments, int Start);

/// <summary>
/// Finds the calls in the text of a program together with their constant arguments: literals, their concatenation, variables and lists that were set to such, and the functions
/// that join paths. Nothing is evaluated beyond that. Linear, bounded, never throws because of the text.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: a variable means what it was last set to above, whatever branch or function that stands in; values made by anything else are not known.
/// </remarks>
public sealed partial class ProgramCalls
{
    private const int MaximumCalls = 20_000;
    private const int MaximumArguments = 32;
    private const int MaximumParts = 64;
    private const int MaximumNesting = 4;
    private const int MaximumSteps = 4_000_000;
    private const int MaximumVariables = 1024;
    private const int MaximumValue = 64 << 10;

    private readonly List<ProgramToken> _tokens;
    private readonly ProgramLanguage _language;
    private readonly Dictionary<string, ProgramArgument> _variables = new(StringComparer.Ordinal);
    private readonly List<ProgramCall> _calls = [];
    private int _made;
    private int _steps;
    private int _importRead;

    private ProgramCalls(List<ProgramToken> tokens, ProgramLanguage language, string? path)
    {
        _tokens = tokens;
        _language = language;
        if (path is not null && path.LastIndexOf('/') is >= 0 and int slash)
        {
            foreach (string name in (string[])["__file__", "__FILE__", "__filename", "$0"])
            {
                _variables[name] = new ProgramArgument(path, null);
            }
            foreach (string name in (string[])["__DIR__", "__dirname", "__dir__"])
            {
                _variables[name] = new ProgramArgument(slash == 0 ? "/" : path[..slash], null);
            }
        }
    }

    /// <summary>The calls of a program in the order of their first character.</summary>
    /// <param name="text">Program text.</param>
    /// <param name="language">Its language.</param>
    /// <param name="path">Absolute path of the program, for <c>__file__</c> and its kin; null when there is none.</param>
    /// <param name="isCut">A limit ended the work before the text did.</param>
    public static IReadOnlyList<ProgramCall> Read(string text, ProgramLanguage language, string? path, out bool isCut)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new ProgramCalls(ProgramTokens.Read(text, language, out isCut), language, path);
        reader.ReadAll();
        isCut |= reader._calls.Count >= MaximumCalls || reader._steps >= MaximumSteps;
        return reader._calls;
    }

    private void ReadAll()
    {
        for (int i = 0; i < _tokens.Count && _calls.Count < MaximumCalls && _steps < MaximumSteps; i++)
        {
            ProgramToken token = _tokens[i];
            if (token.Kind == ProgramTokenKind.Command)
            {
                _calls.Add(new ProgramCall("`", [new ProgramArgument(token.IsConstant ? token.Text : null, null)], token.Start));
            }
            else if (token.Kind == ProgramTokenKind.Text && _language == ProgramLanguage.Awk)
            {
                AwkPipe(i);
            }
            else if (token.Kind == ProgramTokenKind.Name)
            {
                ReadName(i);
            }
        }
    }

    // print | "command"   and   "command" | getline
    private void AwkPipe(int i)
    {
        if ((i > 0 && _tokens[i - 1].Is('|')) || (i + 2 < _tokens.Count && _tokens[i + 1].Is('|') && _tokens[i + 2] is { Kind: ProgramTokenKind.Name, Text: "getline" }))
        {
            _calls.Add(new ProgramCall("`", [new ProgramArgument(_tokens[i].Text, null)], _tokens[i].Start));
        }
    }

    private void ReadName(int i)
    {
        ProgramToken name = _tokens[i];
        int next = i + 1;
        if (next >= _tokens.Count)
        {
            return;
        }
        if (_tokens[next].Is('='))
        {
            Assign(name.Text, next + 1);
        }
        else if (_tokens[next].Is('('))
        {
            _calls.Add(new ProgramCall(name.Text, Arguments(next + 1), name.Start));
        }
        else if (name.Text is "import" or "from" && _language is ProgramLanguage.Python or ProgramLanguage.JavaScript)
        {
            Import(i);
        }
        else if (_language is ProgramLanguage.Perl or ProgramLanguage.Ruby or ProgramLanguage.Php or ProgramLanguage.Lua
            && (_tokens[next].Kind is ProgramTokenKind.Text or ProgramTokenKind.Words or ProgramTokenKind.Name))
        {
            // system "x", "y";   require "x";   exec $cmd
            if (_tokens[next].Kind != ProgramTokenKind.Name || IsStatementWord(name.Text))
            {
                _calls.Add(new ProgramCall(name.Text, Arguments(next), name.Start));
            }
        }
    }

    private static bool IsStatementWord(string name) => name is "system" or "exec" or "spawn" or "require" or "require_relative" or "load" or "do" or "include" or "include_once" or "require_once" or "use";

    private void Import(int i)
    {
        if (_language == ProgramLanguage.JavaScript)
        {
            // import x from './y.js'
            if (_tokens[i + 1] is { Kind: ProgramTokenKind.Text, IsConstant: true } file)
            {
                _calls.Add(new ProgramCall("require", [new ProgramArgument(file.Text, null)], _tokens[i].Start));
            }
            return;
        }
        if (i < _importRead)
        {
            return;
        }
        bool isFrom = _tokens[i].Text == "from";
        for (int k = i + 1; k < _tokens.Count && k - i < MaximumParts; k++)
        {
            if (_tokens[k].Kind == ProgramTokenKind.Name && _tokens[k].Text is not ("as" or "import"))
            {
                if (_tokens[k - 1] is not { Kind: ProgramTokenKind.Name, Text: "as" })
                {
                    _calls.Add(new ProgramCall("import", [new ProgramArgument(_tokens[k].Text, null)], _tokens[i].Start));
                }
                if (isFrom)
                {
                    // The names behind it are not modules of their own; those of "from . import x" are.
                    _importRead = k + 2;
                    return;
                }
            }
            else if (!_tokens[k].Is(',') && !_tokens[k].Is('.') && !(_tokens[k].Kind == ProgramTokenKind.Name))
            {
                return;
            }
        }
    }

    private void Assign(string name, int at)
    {
        if (at < _tokens.Count && _tokens[at].Is('='))
        {
            return;
        }
        ProgramArgument value = Value(ref at, MaximumNesting);
        bool isKnown = (value.Text is not null || value.Items is not null) && IsValueEnd(at);
        if (!isKnown)
        {
            _variables.Remove(name);
        }
        else if (_variables.Count < MaximumVariables || _variables.ContainsKey(name))
        {
            _variables[name] = value;
        }
    }

    private bool IsValueEnd(int at) => at >= _tokens.Count || _tokens[at].Kind == ProgramTokenKind.Line || _tokens[at].Is(';') || _tokens[at].Is(',') || _tokens[at].Is(')') || _tokens[at].Is('}');

    private List<ProgramArgument> Arguments(int at)
    {
        var arguments = new List<ProgramArgument>();
        int end = Math.Min(_tokens.Count, at + (MaximumParts * 4));
        while (at < end && arguments.Count < MaximumArguments && !_tokens[at].Is(')') && !_tokens[at].Is(';'))
        {
            if (_tokens[at].Kind == ProgramTokenKind.Line || _tokens[at].Is(','))
            {
                at++;
                continue;
            }
            // name=value: a keyword argument of Python says nothing about the program.
            bool isKeyword = _language == ProgramLanguage.Python && at + 1 < end && _tokens[at].Kind == ProgramTokenKind.Name && _tokens[at + 1].Is('=');
            at += isKeyword ? 2 : 0;
            ProgramArgument value = Value(ref at, MaximumNesting);
            bool isWhole = at >= _tokens.Count || _tokens[at].Is(',') || _tokens[at].Is(')') || _tokens[at].Is(';') || _tokens[at].Kind == ProgramTokenKind.Line || _tokens[at].Is('}');
            if (!isKeyword)
            {
                arguments.Add(isWhole ? value : new ProgramArgument(null, null));
            }
            at = isWhole ? at : SkipArgument(at, end);
            if (at < end && _tokens[at].Kind == ProgramTokenKind.Line && _language is ProgramLanguage.Ruby)
            {
                break;
            }
        }
        return arguments;
    }

    private int SkipArgument(int at, int end)
    {
        int depth = 0;
        _steps += Math.Max(0, end - at);
        for (; at < end; at++)
        {
            ProgramToken token = _tokens[at];
            if (token.Is('(') || token.Is('[') || token.Is('{'))
            {
                depth++;
            }
            else if (token.Is(')') || token.Is(']') || token.Is('}'))
            {
                if (depth-- == 0)
                {
                    return at;
                }
            }
            else if ((token.Is(',') || token.Is(';')) && depth == 0)
            {
                return at;
            }
        }
        return end;
    }
}
