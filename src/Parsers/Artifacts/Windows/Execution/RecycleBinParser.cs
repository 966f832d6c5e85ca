using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.RecycleBin;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A file or directory that somebody put into the Recycle Bin.</summary>
public sealed record RecycledFile(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "recycled-file";
    /// <summary>What the bin notes.</summary>
    public required RecycleBinRecord Record { get; init; }
    /// <summary>Where its content lies in the bin; null when the bin does not say.</summary>
    public string? ContentPath { get; init; }
    /// <summary>SID of who put it there.</summary>
    public string? OwnerSid { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("originalPath", Record.OriginalPath);
        fields.Number("size", Record.Size);
        fields.Time("deleted", Record.Deleted);
        fields.Text("contentPath", ContentPath);
        fields.Text("ownerSid", OwnerSid);
        fields.Flag("isRemoved", Record.IsRemoved);
    }
}

/// <summary>Reads <c>$I</c> files and <c>INFO2</c> of the Recycle Bin. <see cref="RecycleBinRecord"/> names the specification.</summary>
/// <remarks><b>Limitations:</b> whether the content is still there is not looked up.</remarks>
public sealed class RecycleBinParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/recycle-bin";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/$Recycle.Bin/*/$I*", "/{RECYCLER,RECYCLED}/INFO2", "/RECYCLER/*/INFO2"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string directory = path[..(path.LastIndexOf('/') + 1)];
        string name = input.Location.Name;
        string? owner = WindowsProfiles.SidIn(path);
        if (!name.Equals("INFO2", StringComparison.OrdinalIgnoreCase))
        {
            sink.Add(new RecycledFile(input.Location) { Record = RecycleBinRecord.Parse(input.Content.Span), ContentPath = directory + "$R" + name[2..], OwnerSid = owner });
            return;
        }
        foreach (RecycleBinRecord record in RecycleBinRecord.ParseInfo2(input.Content.Span))
        {
            sink.Add(new RecycledFile(input.Location with { ByteOffset = record.Offset })
            {
                Record = record, ContentPath = record is { StoredName: { } stored, IsRemoved: false } ? directory + PathText.FromText(stored) : null, OwnerSid = owner,
            });
        }
    }
}
