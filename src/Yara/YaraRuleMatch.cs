namespace Forensics.Yara;

/// <summary>A rule that matched. Everything is copied: it outlives the scanner and the rules.</summary>
/// <param name="Rule">Rule identifier.</param>
/// <param name="Namespace"><see cref="YaraSource.Namespace"/>.</param>
/// <param name="Tags">Tags in order.</param>
/// <param name="Meta">Metadata in order; integers in decimal, booleans as <c>true</c> or <c>false</c>. Text from a rule file: escape it before showing it.</param>
/// <param name="Strings">Where its strings matched, by string in order of definition, then by offset; at most <see cref="MaximumStrings"/>, private strings excepted.</param>
/// <param name="IsTruncated">There were more string matches than are kept.</param>
public sealed record YaraRuleMatch(
    string Rule,
    string Namespace,
    IReadOnlyList<string> Tags,
    IReadOnlyList<KeyValuePair<string, string>> Meta,
    IReadOnlyList<YaraStringMatch> Strings,
    bool IsTruncated)
{
    /// <summary>String matches kept for a rule. Each string that matched gets one place before any gets a second.</summary>
    public const int MaximumStrings = 32;
}

/// <summary>One place where a string of a rule matched.</summary>
/// <param name="Identifier">With its dollar sign; <c>$</c> alone for an anonymous string.</param>
/// <param name="Offset">Byte offset in the content.</param>
/// <param name="Length">Bytes that matched.</param>
/// <param name="Data">The first bytes that matched as they are in the content, at most <see cref="MaximumData"/>.</param>
public sealed record YaraStringMatch(string Identifier, long Offset, int Length, byte[] Data)
{
    /// <summary>Bytes kept of a match.</summary>
    public const int MaximumData = 128;
}
