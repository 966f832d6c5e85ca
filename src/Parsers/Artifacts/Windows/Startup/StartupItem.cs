namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Where Windows or a program of it looks for files to run by itself.</summary>
public enum StartupFolder
{
    /// <summary>Startup folder of all users.</summary>
    AllUsers,
    /// <summary>Startup folder of one user.</summary>
    User,
    /// <summary>Profile that every PowerShell of the machine reads.</summary>
    PowerShellMachine,
    /// <summary>Profile that the PowerShell of one user reads.</summary>
    PowerShellUser,
}

/// <summary>A file that is run because of where it lies: in a Startup folder, or as a profile of PowerShell.</summary>
/// <remarks><b>Limitations:</b> of a shortcut only that it is there: where a <c>.lnk</c> leads is a <see cref="StartupShortcut"/>, where a <c>.url</c> leads is not read.</remarks>
public sealed record StartupItem(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "startup-item";
    /// <summary>Where.</summary>
    public required StartupFolder Folder { get; init; }
    /// <summary>Profile directory it lies in; null for all users.</summary>
    public string? User { get; init; }
    /// <summary>A shortcut (<c>.lnk</c>, <c>.url</c>): it names what is run.</summary>
    public bool IsShortcut { get; init; }
    /// <summary>Why it would not be run, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => IsShortcut ? [] : [Location.Path];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("folder", Folder.ToString());
        fields.Text("user", User);
        fields.Flag("isShortcut", IsShortcut);
        fields.Text("dormantBecause", DormantBecause);
    }
}
