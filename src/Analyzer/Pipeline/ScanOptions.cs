namespace Forensics.Analyzer.Pipeline;

/// <summary>How much content is looked into.</summary>
public enum ScanProfile
{
    /// <summary>Artefacts and the files they start.</summary>
    Triage,
    /// <summary>Also every executable, script, library and web root file.</summary>
    Standard,
    /// <summary>Every regular file.</summary>
    Full,
}

/// <summary>What the user asked of a scan.</summary>
public sealed record ScanOptions(ImageSource Image)
{
    /// <summary>Depth.</summary>
    public ScanProfile Profile { get; init; } = ScanProfile.Standard;
    /// <summary>YARA rule files or directories added to the shipped ones.</summary>
    public IReadOnlyList<string> RulePaths { get; init; } = [];
    /// <summary>Use the shipped YARA rules, data rules and lists.</summary>
    public bool UseBuiltinRules { get; init; } = true;
    /// <summary>Known-bad hash lists.</summary>
    public IReadOnlyList<string> HashLists { get; init; } = [];
    /// <summary>Manifests of trusted images, as <c>manifest</c> writes them.</summary>
    public IReadOnlyList<string> TrustedManifests { get; init; } = [];
    /// <summary>Files of certificates in PEM that signatures of Windows code may lead to, besides the shipped roots.</summary>
    public IReadOnlyList<string> TrustedRoots { get; init; } = [];
    /// <summary>Compare the disks with the digests that acquiring tools stored.</summary>
    public bool VerifiesEvidence { get; init; }
    /// <summary>Worker threads, at least 1.</summary>
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount);
}

/// <summary>Importance of a log line.</summary>
public enum MessageLevel
{
    /// <summary>Only with <c>-v</c>.</summary>
    Detail,
    /// <summary>Unless <c>-q</c>.</summary>
    Information,
    /// <summary>Always.</summary>
    Warning,
}

/// <summary>Follows a scan; thread-safe. Nothing it does may change the result.</summary>
public interface IScanProgress
{
    /// <summary>A phase begins; totals are null when unknown.</summary>
    void Begin(string phase, long? totalFiles, long? totalBytes);

    /// <summary>More was done in the current phase.</summary>
    void Advance(long files, long bytes);

    /// <summary>A line for the log. The text may hold evidence and must be escaped by the receiver.</summary>
    void Message(MessageLevel level, string text);
}

/// <summary>Follows nothing.</summary>
public sealed class NullProgress : IScanProgress
{
    /// <summary>The only instance.</summary>
    public static NullProgress Instance { get; } = new();

    private NullProgress()
    {
    }

    /// <inheritdoc/>
    public void Begin(string phase, long? totalFiles, long? totalBytes)
    {
    }

    /// <inheritdoc/>
    public void Advance(long files, long bytes)
    {
    }

    /// <inheritdoc/>
    public void Message(MessageLevel level, string text)
    {
    }
}

/// <summary>A usage, configuration or rule error: nothing was scanned (exit code 2). The message is one sentence.</summary>
public sealed class UsageException(string message) : Exception(message);
