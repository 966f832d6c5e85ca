namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// How many characters the specifiers and variables of one file may still expand to: a short text that names a long value many times
/// would otherwise grow without bound.
/// </summary>
internal sealed class ExpansionBudget(int characters)
{
    private int _left = characters;

    /// <summary>Something was left as written because the budget was spent.</summary>
    public bool IsExceeded { get; private set; }

    /// <summary>Takes from the budget; false when it does not suffice.</summary>
    public bool Take(int count)
    {
        if (count > _left)
        {
            IsExceeded = true;
            return false;
        }
        _left -= count;
        return true;
    }
}
