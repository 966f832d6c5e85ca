namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Where Windows noted that a program ran or was there.</summary>
public enum ProgramTraceSource
{
    /// <summary>Application compatibility cache (ShimCache): looked at when it was to be started, or when Explorer listed it.</summary>
    ShimCache,
    /// <summary>Background Activity Moderator.</summary>
    BackgroundActivity,
    /// <summary>Desktop Activity Moderator.</summary>
    DesktopActivity,
    /// <summary>UserAssist: started through Explorer.</summary>
    UserAssist,
    /// <summary>Files of the application inventory (Amcache).</summary>
    Amcache,
    /// <summary>Drivers of the application inventory.</summary>
    AmcacheDriver,
    /// <summary>RecentFileCache.bcf of Windows 7: programs that were new.</summary>
    RecentFileCache,
    /// <summary>MuiCache: Explorer asked the program for its name.</summary>
    MuiCache,
    /// <summary>Store of the Program Compatibility Assistant, which watches programs that run.</summary>
    CompatibilityAssistant,
}

/// <summary>What the time of a trace means.</summary>
public enum ProgramTraceTime
{
    /// <summary>There is none.</summary>
    None,
    /// <summary>The program ran last.</summary>
    LastRun,
    /// <summary>The program's file was changed last.</summary>
    FileModified,
    /// <summary>The key of the trace was written: about when the program was seen.</summary>
    Noted,
}

/// <summary>A trace that Windows keeps of a program: it ran, or it was there. It stays when the program is gone.</summary>
/// <remarks>
/// <b>Limitations:</b> <see cref="HasRun"/> is stated only where the source proves it; the rest says that the program was there. Paths on devices are taken for the system volume's when they begin in a directory
/// that only it has.
/// </remarks>
public sealed record ProgramTrace(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "program-trace";
    /// <summary>Where it is noted.</summary>
    public required ProgramTraceSource Source { get; init; }
    /// <summary>Path as stored, known folders by name; or the identifier of an application.</summary>
    public required string Path { get; init; }
    /// <summary>Path in the image, in display form; null when it cannot be told. The case may be another than that of the file.</summary>
    public string? ImagePath { get; init; }
    /// <summary>True when the source proves that it ran; null when it says only that the program was there.</summary>
    public bool? HasRun { get; init; }
    /// <summary>The flag of Windows 10 and 11 that the field takes for "it ran"; Microsoft documents it nowhere. Null where there is none.</summary>
    public bool? MayHaveRun { get; init; }
    /// <summary>A time; <see cref="TimeMeans"/> says of what.</summary>
    public Timestamp? Time { get; init; }
    /// <summary>What the time means.</summary>
    public ProgramTraceTime TimeMeans { get; init; }
    /// <summary>How often it ran.</summary>
    public long? RunCount { get; init; }
    /// <summary>Profile directory of who ran it.</summary>
    public string? User { get; init; }
    /// <summary>SID of who ran it.</summary>
    public string? UserSid { get; init; }
    /// <summary>SHA-1 in lower case; of the first 31,457,280 bytes when the file is larger.</summary>
    public string? Sha1 { get; init; }
    /// <summary>Size in bytes.</summary>
    public long? Size { get; init; }
    /// <summary>Publisher by the version resource.</summary>
    public string? Publisher { get; init; }
    /// <summary>Product by the version resource.</summary>
    public string? ProductName { get; init; }
    /// <summary>Name it was built under.</summary>
    public string? OriginalFileName { get; init; }
    /// <summary>From 0, the latest first; null where the source has no order.</summary>
    public int? Position { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("source", Source.ToString());
        fields.Text("path", Path);
        fields.Text("imagePath", ImagePath);
        fields.Flag("hasRun", HasRun);
        fields.Flag("mayHaveRun", MayHaveRun);
        fields.Time("time", Time);
        fields.Text("timeMeans", TimeMeans == ProgramTraceTime.None ? null : TimeMeans.ToString());
        fields.Number("runCount", RunCount);
        fields.Text("user", User);
        fields.Text("userSid", UserSid);
        fields.Text("sha1", Sha1);
        fields.Number("size", Size);
        fields.Text("publisher", Publisher);
        fields.Text("product", ProductName);
        fields.Text("originalName", OriginalFileName);
        fields.Number("position", Position);
    }
}
