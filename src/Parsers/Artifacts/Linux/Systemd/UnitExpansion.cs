namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What the command lines of one unit file are expanded with, and how many words they may still have.</summary>
internal sealed class UnitExpansion(UnitSpecifiers specifiers, IReadOnlyDictionary<string, string> environment, ExpansionBudget budget)
{
    private const int MostWords = 200_000;

    private int _words = MostWords;

    /// <summary>The <c>%</c> specifiers.</summary>
    public UnitSpecifiers Specifiers => specifiers;

    /// <summary>Words were left out: a real unit has some dozens.</summary>
    public bool IsExceeded => _words < 0;

    /// <summary>Counts one more word; false when there are too many.</summary>
    public bool TakeWord()
    {
        if (_words >= 0)
        {
            _words--;
        }
        return _words >= 0;
    }

    /// <summary>The value of a variable that this file sets; false when it does not or the budget is spent.</summary>
    public bool TryGet(string name, out string value)
    {
        value = environment.GetValueOrDefault(name, "");
        return environment.ContainsKey(name) && budget.Take(value.Length);
    }
}
