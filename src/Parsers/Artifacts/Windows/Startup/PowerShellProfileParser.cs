namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Notes the profiles that PowerShell reads whenever it starts: Windows PowerShell's and PowerShell 7's, of the machine and of users, of every host program. See about_Profiles,
/// <see href="https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_profiles"/>.
/// </summary>
/// <remarks><b>Limitations:</b> a Documents folder that was moved, and the execution policy that may forbid them, stand in the registry.</remarks>
public sealed class PowerShellProfileParser : ArtifactParser
{
    private const string Names = "{profile,Profile,Microsoft.PowerShell_profile,Microsoft.PowerShellISE_profile,Microsoft.VSCode_profile}.ps1";

    /// <inheritdoc/>
    public override string Name => "windows/powershell-profile";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/Windows/{System32,SysWOW64}/WindowsPowerShell/v1.0/" + Names, "/Program Files{, (x86)}/PowerShell/*/" + Names,
        "~/{Documents,My Documents,OneDrive/Documents}/{WindowsPowerShell,PowerShell}/" + Names,
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        string? user = WindowsProfiles.OwnerOf(input.Location.Path);
        bool isShared = !input.Location.Path.Contains("/Documents/", StringComparison.OrdinalIgnoreCase) && !input.Location.Path.Contains("/My Documents/", StringComparison.OrdinalIgnoreCase);
        sink.Add(new StartupItem(input.Location) { Folder = isShared ? StartupFolder.PowerShellMachine : StartupFolder.PowerShellUser, User = user });
    }
}
