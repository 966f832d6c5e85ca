namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a script that a web server runs does with what its visitors send.</summary>
public enum WebScriptAct
{
    /// <summary>Evaluates what a visitor sends as code.</summary>
    EvaluatesRequest,
    /// <summary>Hands what a visitor sends to a shell.</summary>
    RunsRequest,
    /// <summary>Calls a function that a visitor names, or one whose name is put together so that nobody reads it, with what he sends.</summary>
    CallsByRequest,
    /// <summary>Includes a file that a visitor names, or his request itself.</summary>
    IncludesRequest,
    /// <summary>Writes what a visitor sends to a file that he names.</summary>
    WritesRequest,
    /// <summary>Evaluates code that is kept encoded.</summary>
    EvaluatesEncoded,
    /// <summary>Is an image to a program and code to the web server.</summary>
    LooksLikeImage,
    /// <summary>Makes the web server run files of a kind that is none of code.</summary>
    MakesFilesExecutable,
}

/// <summary>One such act.</summary>
/// <param name="Act">What is done.</param>
/// <param name="How">The call or directive: <c>eval($_POST)</c>.</param>
/// <param name="Line">Line number from 1.</param>
public sealed record WebScriptSign(WebScriptAct Act, string How, int Line)
{
    /// <summary>It stands in code that was decoded first.</summary>
    public bool IsEncoded { get; init; }
}

/// <summary>A script below a directory that a web server publishes, with what is remarkable about it.</summary>
public sealed record WebScript(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "web-script";
    /// <summary><c>php</c>, <c>jsp</c>, <c>asp</c>, <c>cgi</c>, <c>htaccess</c>.</summary>
    public required string Language { get; init; }
    /// <summary>Numeric owner.</summary>
    public uint OwnerId { get; init; }
    /// <summary>Last modification.</summary>
    public Timestamp? Modified { get; init; }
    /// <summary>Length of the longest line, in bytes.</summary>
    public int LongestLine { get; init; }
    /// <summary>What it does, at most 64.</summary>
    public IReadOnlyList<WebScriptSign> Signs { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("language", Language);
        fields.Number("ownerId", OwnerId);
        fields.Time("modified", Modified);
        fields.Number("longestLine", LongestLine);
        fields.List("signs", [.. Signs.Select(sign => $"{sign.Act} {sign.How} line {sign.Line}")]);
    }
}
