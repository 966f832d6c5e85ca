namespace Forensics.Yara;

/// <summary>Compiled rules and what the compiler said. Owns its rule sets.</summary>
public sealed class YaraCompilation : IDisposable
{
    internal YaraCompilation(YaraRuleSet rules, YaraRuleSet? peRules, IReadOnlyList<YaraCompileMessage> messages, int fileCount, int ruleCount)
    {
        Rules = rules;
        PeRules = peRules;
        Messages = messages;
        FileCount = fileCount;
        RuleCount = ruleCount;
    }

    /// <summary>The rules of every good file that imports neither <c>pe</c> nor <c>dotnet</c>. May hold no rule at all.</summary>
    public YaraRuleSet Rules { get; }

    /// <summary>
    /// The rules of files that import <c>pe</c> or <c>dotnet</c>, null when there are none. Meant for contents that begin with <c>MZ</c>: importing
    /// <c>pe</c> alone costs a quarter of a millisecond a scan.
    /// </summary>
    public YaraRuleSet? PeRules { get; }

    /// <summary>Errors and warnings, in the order of the files.</summary>
    public IReadOnlyList<YaraCompileMessage> Messages { get; }

    /// <summary>Files whose rules are in use.</summary>
    public int FileCount { get; }

    /// <summary>Rules in use, private ones included.</summary>
    public int RuleCount { get; }

    /// <summary>Releases the rule sets. Scanners already made keep theirs alive.</summary>
    public void Dispose()
    {
        Rules.Dispose();
        PeRules?.Dispose();
    }
}
