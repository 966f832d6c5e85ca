using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>One place where a YARA string matched.</summary>
/// <param name="Identifier"><c>$a</c>.</param>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Text">Matched bytes, at most 128, decoded Latin-1.</param>
public sealed record YaraString(string Identifier, long Offset, string Text);

/// <summary>A YARA rule that matched a file.</summary>
public sealed record YaraMatch(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "yara-match";
    /// <summary>Rule identifier.</summary>
    public required string Rule { get; init; }
    /// <summary>Namespace: the rule file.</summary>
    public required string Namespace { get; init; }
    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
    /// <summary>Metadata in order, values as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Meta { get; init; } = [];
    /// <summary>Matched strings, at most 32.</summary>
    public IReadOnlyList<YaraString> Strings { get; init; } = [];
    /// <summary>Some string matched more often than is kept.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>A metadata value; null when absent.</summary>
    public string? MetaValue(string name) => Meta.FirstOrDefault(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("rule", Rule);
        fields.Text("namespace", Namespace);
        fields.List("tags", Tags);
        fields.List("meta", [.. Meta.Select(pair => pair.Key + "=" + pair.Value)]);
        fields.List("strings", [.. Strings.Select(match => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{match.Identifier}@{match.Offset}: {match.Text}"))]);
        fields.Flag("isTruncated", IsTruncated);
    }
}

/// <summary>A file whose digest is in a list of known-bad hashes.</summary>
public sealed record HashMatch(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "hash-match";
    /// <summary><c>md5</c>, <c>sha1</c>, <c>sha256</c>.</summary>
    public required string Algorithm { get; init; }
    /// <summary>Lower-case hex.</summary>
    public required string Hash { get; init; }
    /// <summary>Name the list gives, null when none.</summary>
    public string? Name { get; init; }
    /// <summary>The list.</summary>
    public required string Source { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("algorithm", Algorithm);
        fields.Text("hash", Hash);
        fields.Text("name", Name);
        fields.Text("source", Source);
    }
}

/// <summary>A script that something starts, read line by line: its own commands are followed in turn.</summary>
public sealed record ScriptFacts(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "script";
    /// <summary>Interpreter.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Path of the artefact or script that starts it.</summary>
    public required string StartedBy { get; init; }
    /// <summary>Logical lines that are neither blank nor comment; of a program in another language than shell what it starts.</summary>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];
    /// <summary>Modules and includes it may read, absolute, display form; they count only where they exist.</summary>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];
    /// <summary>Name of the interpreter that reads the modules; null for shell.</summary>
    public string? RunsWith { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("interpreter", Interpreter);
        fields.Text("startedBy", StartedBy);
        fields.Number("activeLines", Commands.Count);
    }
}
