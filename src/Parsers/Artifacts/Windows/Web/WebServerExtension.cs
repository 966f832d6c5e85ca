namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>How a server is told to load something.</summary>
public enum WebExtensionKind
{
    /// <summary>Native module of IIS: a library in every worker process.</summary>
    NativeModule,
    /// <summary>Managed module: a class that sees every request of a site.</summary>
    ManagedModule,
    /// <summary>Handler: what answers requests for a path.</summary>
    Handler,
    /// <summary>Filter of the old kind: a library.</summary>
    IsapiFilter,
    /// <summary>Agent of Exchange's transport: a class that sees every message.</summary>
    TransportAgent,
}

/// <summary>Something that IIS or Exchange loads beside what they bring, as their configuration says.</summary>
/// <remarks><b>Limitations:</b> classes of the global assembly cache are named but not followed to their files.</remarks>
public sealed record WebServerExtension(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "web-server-extension";
    /// <summary>How.</summary>
    public required WebExtensionKind Extension { get; init; }
    /// <summary>Its name.</summary>
    public string? Name { get; init; }
    /// <summary>Library or program as written; null when a class is named alone.</summary>
    public string? Image { get; init; }
    /// <summary>Class, with its assembly when that is stated.</summary>
    public string? Type { get; init; }
    /// <summary>Path of requests that a handler answers: <c>*.aspx</c>.</summary>
    public string? RequestPath { get; init; }
    /// <summary>Site or path that it counts for; null for the whole server.</summary>
    public string? Site { get; init; }
    /// <summary>Why it is not loaded, as a clause; null when it is.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>Files of the image that it names.</summary>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("extension", Extension.ToString());
        fields.Text("name", Name);
        fields.Text("image", Image);
        fields.Text("type", Type);
        fields.Text("requestPath", RequestPath);
        fields.Text("site", Site);
        fields.List("files", NamedFiles);
        fields.Text("dormantBecause", DormantBecause);
    }
}
