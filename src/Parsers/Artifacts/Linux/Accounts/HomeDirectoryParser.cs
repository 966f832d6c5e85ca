namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A home directory: when it was made tells when the account was.</summary>
public sealed record HomeDirectory(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "home-directory";
    /// <summary>When the directory was made; null where the file system does not keep it.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>Owner of the directory.</summary>
    public required uint OwnerId { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Time("created", Created);
        fields.Number("ownerId", OwnerId);
    }
}

/// <summary>Notes the home directories of accounts.</summary>
/// <remarks>Limitations: a home directory that is the root of a volume of its own is not met as an entry of another one.</remarks>
public sealed class HomeDirectoryParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/home-directory";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["~"];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type == FileType.Directory;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) =>
        sink.Add(new HomeDirectory(input.Location) { Created = input.Entry.Created, OwnerId = input.Entry.UserId });
}
