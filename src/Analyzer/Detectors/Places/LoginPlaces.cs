using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What runs or opens when somebody logs in, and the start-up files of languages and tools.</summary>
internal sealed class LoginPlaces : PlaceFamily
{
    internal static readonly Place Sshd = new("L-SSHD", "sshd configuration", "T1098.004");
    internal static readonly Place SshRc = new("L-SSH-RC", "SSH login file", "T1546.004");
    internal static readonly Place Sudo = new("L-SUDO", "sudo configuration", "T1548.003");
    internal static readonly Place Pam = new("L-PAM", "PAM stack", "T1556.003");
    internal static readonly Place NameService = new("L-NSS", "name service", "T1556");
    internal static readonly Place ShellStartup = new("L-SHELLRC", "shell start-up file", "T1546.004");
    internal static readonly Place Environment = new("L-ENVFILES", "environment file", "T1574.006");
    internal static readonly Place LibraryPath = new("L-LDCONF", "library search path", "T1574");
    internal static readonly Place Git = new("L-GIT", "git hook or setting", "T1546");
    internal static readonly Place Python = new("L-PYTHON", "Python start-up file", "T1546.018");
    internal static readonly Place Language = new("L-LANGENV", "start-up setting of a language", "T1574");
    internal static readonly Place Tool = new("L-DOTFILES", "settings of a tool", "T1546.004");

    public override IReadOnlyList<Place> Places { get; } = [Sshd, SshRc, Sudo, Pam, NameService, ShellStartup, Environment, LibraryPath, Git, Python, Language, Tool];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        SshServerOption => Sshd,
        StartupScript { Place: StartupPlace.SshLogin } or TrustedHost => SshRc,
        SudoRule or SudoDefault or SudoPlugin => Sudo,
        PamRule => Pam,
        NssService => NameService,
        StartupScript { Place: StartupPlace.ShellStartup } or ShellAlias => ShellStartup,
        EnvironmentSetting setting => PlaceOf(setting),
        LibraryDirectory or LibraryCache => LibraryPath,
        StartupScript { Place: StartupPlace.GitHook } or ToolSetting { Tool: "git" } => Git,
        PythonStartup => Python,
        ToolSetting { Tool: "php" or "npm" or "perl" } => Language,
        ToolSetting => Tool,
        _ => null,
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        StartupScript { Place: StartupPlace.SshLogin or StartupPlace.GitHook } => Remediation.RemoveFile(source.Location.Path),
        LibraryDirectory => [.. Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line), "ldconfig"],
        LibraryCache => ["ldconfig"],
        ToolSetting { Tool: "perl" } => Remediation.RemoveFile(source.Location.Path),
        PythonStartup { Form: not PythonStartupForm.PathFile } => Remediation.RemoveFile(source.Location.Path),
        SudoRule or SudoDefault => [.. Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line), "visudo -c"],
        SshServerOption => [.. Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line), "systemctl reload sshd"],
        _ => line is null && source.Location.Line is int own ? Remediation.RemoveLine(source.Location.Path, own) : null,
    };

    private static Place PlaceOf(EnvironmentSetting setting) => setting switch
    {
        { Name: ['P', 'Y', 'T', 'H', 'O', 'N', ..] } => Python,
        { Role: EnvironmentRole.LanguageOptions or EnvironmentRole.LanguagePath } => Language,
        { Name: ['G', 'I', 'T', '_', ..] } => Git,
        { Name: "LESSOPEN" or "LESSCLOSE" } => Tool,
        { Role: EnvironmentRole.ServerOptions } => Sshd,
        { Source: EnvironmentSource.Ssh } => SshRc,
        { Source: EnvironmentSource.Shell } => ShellStartup,
        _ => Environment,
    };
}
