namespace Forensics.Yara;

/// <summary>How a scan ended.</summary>
public enum YaraScanOutcome
{
    /// <summary>Every rule was evaluated over all bytes.</summary>
    Completed,
    /// <summary>The time limit was reached: rules may have been missed.</summary>
    TimedOut,
    /// <summary>Completed, but a string matched more than a million times and was not searched further.</summary>
    TooManyMatches,
    /// <summary>libyara gave an error: the content counts as not scanned.</summary>
    Failed,
}

/// <summary>The result of one scan.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Matches">Matching rules in the order of their definition, private ones excepted.</param>
/// <param name="Detail">One sentence when the outcome is not <see cref="YaraScanOutcome.Completed"/>, otherwise null.</param>
public sealed record YaraScanResult(YaraScanOutcome Outcome, IReadOnlyList<YaraRuleMatch> Matches, string? Detail)
{
    /// <summary>Completed without a match. The same instance every time, so that a clean file allocates nothing.</summary>
    public static YaraScanResult Clean { get; } = new(YaraScanOutcome.Completed, [], null);
}
