using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A package file that lies among the files of rpm's database, where rpm keeps none.</summary>
public sealed record RpmPackageFile(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "rpm-package-file";
    /// <summary>It begins as a package of rpm does.</summary>
    public required bool IsPackage { get; init; }
    /// <summary>Name and version that its lead states; null when it is no package.</summary>
    public string? StatedName { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Flag("isPackage", IsPackage);
        fields.Text("statedName", StatedName);
    }
}

/// <summary>Looks at files called <c>*.rpm</c> in the directories of rpm's database. Specification of the lead: rpm's package format, version 4.</summary>
/// <remarks>Limitations: the header behind the lead is not read.</remarks>
public sealed class RpmDatabaseFileParser : ArtifactParser
{
    private const int LeadBytes = 96;
    private const int NameOffset = 10;
    private const int NameBytes = 66;

    /// <inheritdoc/>
    public override string Name => "linux/rpm-database-file";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/lib/rpm/*.rpm", "/usr/lib/sysimage/rpm/*.rpm", "/usr/share/rpm/*.rpm"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        bool isPackage = content.Length >= LeadBytes && content.StartsWith((ReadOnlySpan<byte>)[0xED, 0xAB, 0xEE, 0xDB]);
        ReadOnlySpan<byte> name = isPackage ? content.Slice(NameOffset, NameBytes) : [];
        int end = name.IndexOf((byte)0);
        sink.Add(new RpmPackageFile(input.Location) { IsPackage = isPackage, StatedName = isPackage ? TextLines.Decode(end < 0 ? name : name[..end]) : null });
    }
}
