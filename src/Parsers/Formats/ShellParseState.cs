namespace Forensics.Parsers.Formats;

/// <summary>What the parsers of one text and of the texts nested in it share: results, known variables and what is left of the budgets.</summary>
internal sealed class ShellParseState(ShellLimits limits)
{
    /// <summary>Longest single word after expansion.</summary>
    public const int WordLength = 64 << 10;

    private int _expansionLeft = limits.ExpandedLength;

    public List<ShellCommandBuilder> Commands { get; } = [];
    public Dictionary<string, ShellWord> Variables { get; } = new(StringComparer.Ordinal);
    public ShellLimits Limits { get; } = limits;
    public int Depth { get; set; }
    public int Levels { get; set; }
    public bool IsFull { get; set; }
    public bool IsCut { get; set; }

    /// <summary>Characters that look-ahead scans may still visit; keeps nested look-ahead from costing quadratic time.</summary>
    public long ScanFuel { get; set; } = 64L * limits.TextLength;

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
