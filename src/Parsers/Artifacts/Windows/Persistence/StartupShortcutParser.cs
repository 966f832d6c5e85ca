using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ShellLink;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A shortcut in a Startup folder: the shell starts its target when somebody logs on.</summary>
public sealed record StartupShortcut(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "startup-shortcut";
    /// <summary>The shortcut.</summary>
    public required ShellLinkFile Link { get; init; }
    /// <summary>Profile directory it lies in; null for all users.</summary>
    public string? User { get; init; }
    /// <summary>Why it would not be started, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Link.Command is not { } command ? [] :
    [
        new StartCommand(command) { Trigger = "startup shortcut", User = User, WorkingDirectory = string.IsNullOrEmpty(Link.WorkingDirectory) ? null : Link.WorkingDirectory, DormantBecause = DormantBecause },
    ];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("target", Link.TargetPath);
        fields.Text("arguments", Link.Arguments);
        fields.Text("workingDirectory", Link.WorkingDirectory);
        fields.Text("comment", Link.Name);
        fields.Text("icon", Link.Extra.EnvironmentIcon ?? Link.IconLocation);
        fields.Number("showCommand", Link.ShowCommand);
        fields.Text("user", User);
        fields.Text("machine", Link.Extra.Tracker?.MachineId);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads shortcuts in Startup folders. Specification: [MS-SHLLINK].</summary>
/// <remarks><b>Limitations:</b> <c>.url</c> files and targets that are no files (packages, components of installed products) start nothing here.</remarks>
public sealed class StartupShortcutParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/startup-shortcut";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/ProgramData/Microsoft/Windows/Start Menu/Programs/Startup/**", "~/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/**",
        "/Documents and Settings/All Users/Start Menu/Programs/Startup/**", "~/Start Menu/Programs/Startup/**",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (!input.Location.Name.EndsWith(".lnk", StringComparison.OrdinalIgnoreCase) || input.Content.IsEmpty)
        {
            return;
        }
        if (!ShellLinkFile.Matches(input.Content.Span))
        {
            // The shell starts nothing then either.
            sink.Report(new Diagnostic("windows.lnk.unknown", "a shortcut in a Startup folder is none") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
            return;
        }
        string path = input.Location.Path;
        int folder = path.IndexOf("/Startup/", StringComparison.OrdinalIgnoreCase);
        sink.Add(new StartupShortcut(input.Location)
        {
            Link = ShellLinkFile.Parse(input.Content.Span),
            User = WindowsProfiles.OwnerOf(path),
            DormantBecause = folder >= 0 && path.IndexOf('/', folder + 9) >= 0 ? "the shell does not look into folders below its Startup folder" : null,
        });
    }
}
