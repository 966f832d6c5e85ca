namespace Forensics.Parsers.Formats;

/// <summary>What the parsers of one text and of the texts nested in it share: results, known variables and what is left of the budgets.</summary>
internal sealed class ShellParseState(ShellLimits limits, IReadOnlyDictionary<string, string>? variables = null, ShellEvaluator? evaluate = null)
{
    /// <summary>Longest single word after expansion.</summary>
    public const int WordLength = 64 << 10;

    private const int PatternSteps = 1 << 22;

    private int _expansionLeft = limits.ExpandedLength;
    private int _patternLeft = PatternSteps;

    public List<ShellCommandBuilder> Commands { get; } = [];
    public ShellVariables Variables { get; } = new(variables);
    /// <summary>Names of the functions that the text defines.</summary>
    public List<string> Functions { get; } = [];
    /// <summary>Knows what some commands print; null when nobody asks.</summary>
    public ShellEvaluator? Evaluate { get; } = evaluate;
    public ShellLimits Limits { get; } = limits;
    public int Depth { get; set; }
    public int Levels { get; set; }
    public bool IsFull { get; set; }
    public bool IsCut { get; set; }

    /// <summary>Characters that look-ahead scans may still visit; keeps nested look-ahead from costing quadratic time.</summary>
    public long ScanFuel { get; set; } = 64L * limits.TextLength;

    /// <summary>A value changed by a pattern operator; null when it is not understood or all steps are used up.</summary>
    public string? ApplyPattern(string value, string expression) => ShellPatterns.Apply(value, expression, ref _patternLeft);

    /// <summary>Takes the length of an expansion from the budget; false when the budget is used up.</summary>
    public bool Spend(int length)
    {
        if (length > _expansionLeft)
        {
            IsCut = true;
            return false;
        }
        _expansionLeft -= length;
        return true;
    }
}

/// <summary>Variables of a text above those that the caller states; the caller's are looked up and never copied, because a script has thousands of lines.</summary>
internal sealed class ShellVariables(IReadOnlyDictionary<string, string>? outer)
{
    private readonly Dictionary<string, ShellWord?> _own = new(StringComparer.Ordinal);

    public ShellWord this[string name]
    {
        set => _own[name] = value;
    }

    public bool TryGetValue(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ShellWord? value)
    {
        if (_own.TryGetValue(name, out value))
        {
            return value is not null;
        }
        value = outer is not null && outer.TryGetValue(name, out string? text) ? new ShellWord(text, false) : null;
        return value is not null;
    }

    public void Remove(string name) => _own[name] = null;
}

/// <summary>A simple command while it is being read.</summary>
internal sealed class ShellCommandBuilder
{
    public List<ShellWord> Words { get; } = [];
    public List<ShellAssignment> Assignments { get; } = [];
    public List<ShellRedirection> Redirections { get; } = [];
    public ShellConnector Connector { get; set; }
    public int PipesTo { get; set; } = -1;
    public required ShellOrigin Origin { get; init; }
    public required int Parent { get; init; }
    public required int Nesting { get; init; }
    public required int Level { get; init; }
    public required int Index { get; init; }
    public bool IsConditional { get; set; }
    public required int Start { get; init; }
    public int End { get; set; }

    /// <summary>What the variables of <see cref="Assignments"/> held before; they count for the command only, once it has a program.</summary>
    public List<KeyValuePair<string, ShellWord?>> Shadowed { get; } = [];

    /// <summary>Between <c>[[</c> and <c>]]</c>, where operators are ordinary words.</summary>
    public bool IsOpenTest => Words.Count > 0 && Words[0] is { Text: "[[", IsQuoted: false } && Words[^1] is not { Text: "]]", IsQuoted: false };

    public bool IsEmpty => Words.Count == 0 && Assignments.Count == 0 && Redirections.Count == 0;

    public ShellCommand Build() => new()
    {
        Words = Words,
        Assignments = Assignments,
        Redirections = Redirections,
        Connector = Connector,
        PipesTo = PipesTo,
        Origin = Origin,
        Parent = Parent,
        Nesting = Nesting,
        IsConditional = IsConditional,
        Start = Start,
        End = End,
    };
}
