namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a member of an initramfs is.</summary>
public enum InitramfsFileKind
{
    /// <summary>An ELF program or library.</summary>
    Program,
    /// <summary>A script, or a text that is run or read as one.</summary>
    Script,
    /// <summary>A kernel module.</summary>
    Module,
    /// <summary>A setting that decides what is loaded or run.</summary>
    Setting,
}

/// <summary>A member of an initramfs that runs, or decides what runs.</summary>
/// <param name="Path">Absolute path inside the image.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes.</param>
public sealed record InitramfsFile(string Path, InitramfsFileKind Kind, long Size)
{
    /// <summary>Digest of the content, lower-case hex; null for modules.</summary>
    public string? Md5 { get; init; }
    /// <summary>The same.</summary>
    public string? Sha1 { get; init; }
    /// <summary>The same.</summary>
    public string? Sha256 { get; init; }
    /// <summary>Text of a script or setting, decoded, its beginning when it is long; null for others.</summary>
    public string? Text { get; init; }
}

/// <summary>An image of the early boot: what runs before the root file system is there.</summary>
public sealed record InitramfsImage(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "initramfs";
    /// <summary>How its parts are packed, in order: <c>cpio</c>, <c>gzip</c>, <c>zstd</c> ...</summary>
    public required IReadOnlyList<string> Parts { get; init; }
    /// <summary>Members in all.</summary>
    public required int Entries { get; init; }
    /// <summary>All of it was read.</summary>
    public required bool IsComplete { get; init; }
    /// <summary>Members that run, or decide what runs.</summary>
    public IReadOnlyList<InitramfsFile> Files { get; init; } = [];
    /// <summary>Target of the link <c>/init</c>; null when it is a file.</summary>
    public string? InitTarget { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.List("parts", Parts);
        fields.Number("entries", Entries);
        fields.Flag("isComplete", IsComplete);
        fields.Number("programs", Files.Count(file => file.Kind == InitramfsFileKind.Program));
        fields.Number("scripts", Files.Count(file => file.Kind == InitramfsFileKind.Script));
        fields.Number("modules", Files.Count(file => file.Kind == InitramfsFileKind.Module));
        fields.Text("initTarget", InitTarget);
    }
}
