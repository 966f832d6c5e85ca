using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Risk;

/// <summary>A rule the program knows, in code or data.</summary>
/// <param name="Id">Begins with the catalogue id: <c>L-CRON-USER.download-pipe-shell</c>, <c>YARA.NAME</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Category"><c>persistence</c>, <c>access</c>, <c>malware</c>, <c>evasion</c>, <c>execution</c>.</param>
/// <param name="Techniques">ATT&amp;CK ids.</param>
public sealed record RuleInfo(string Id, string Title, string Category, IReadOnlyList<string> Techniques);

/// <summary>Another file that belongs to a finding.</summary>
/// <param name="Path">Display form.</param>
/// <param name="Relation"><c>starts</c>, <c>started-by</c>, <c>missing</c>, <c>enables</c>, <c>loads</c>, <c>stated-in</c>.</param>
public sealed record RelatedFile(string Path, string Relation);

/// <summary>What a rule concluded. Text from evidence is not yet escaped; writers do that.</summary>
public sealed record Finding(RuleInfo Rule, Severity Severity, EvidenceLocation Location)
{
    /// <summary>Why, in one or two sentences.</summary>
    public required string Message { get; init; }
    /// <summary>The matched text, at most 512 characters.</summary>
    public string Evidence { get; init; } = "";
    /// <summary>Digests of the file concerned, null when it was not hashed.</summary>
    public FileHashes? Hashes { get; init; }
    /// <summary>Other files.</summary>
    public IReadOnlyList<RelatedFile> Related { get; init; } = [];
    /// <summary>What to do on the restored host: commands or one sentence each.</summary>
    public IReadOnlyList<string> Remediation { get; init; } = [];
    /// <summary>What it is worth when another finding of the same host is high or critical; null when that changes nothing.</summary>
    public Severity? BesideOthers { get; init; }
    /// <summary>Techniques when a rule cannot know them beforehand (YARA meta); empty means the rule's own.</summary>
    public IReadOnlyList<string> Techniques { get; init; } = [];
}

/// <summary>Digests of one content, lower-case hex; null where not computed.</summary>
public sealed record FileHashes(string? Md5, string? Sha1, string? Sha256);
