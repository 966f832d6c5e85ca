using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Why what stands in a login file would not take effect, where other files of the host decide that.</summary>
internal sealed class LoginActivation(EvidenceIndex evidence, Func<string, string, bool> isStarted)
{
    // bash reads the first of these that is there.
    private static readonly string[] s_bashOrder = [".bash_profile", ".bash_login", ".profile"];
    private readonly Dictionary<string, IReadOnlyList<SshServerOption>> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<SshServerOption>> _inForce = new(StringComparer.Ordinal);
    private ILookup<(string, string), UserAccount>? _homes;

    /// <summary>A clause; null when it takes effect.</summary>
    public string? DormantBecause(Artifact artifact) => artifact switch
    {
        StartupScript { Place: StartupPlace.ShellStartup } => NotReadFirst(artifact.Location),
        ShellAlias alias => alias.DormantBecause ?? NotReadFirst(artifact.Location),
        EnvironmentSetting { DormantBecause: string reason } => reason,
        EnvironmentSetting { Source: EnvironmentSource.Shell } => NotReadFirst(artifact.Location),
        EnvironmentSetting { Source: EnvironmentSource.Ssh } => Find(artifact, "PermitUserEnvironment") is { Arguments: [var value, ..] } && !value.Equals("no", StringComparison.OrdinalIgnoreCase) ? null : "sshd does not permit user environments",
        SshServerOption or AuthorizedKey when evidence.IsOfWindows(artifact.Location) => OpenSshService.DormantBecause(evidence, artifact.Location.Volume),
        SshServerOption option => NotInForce(option),
        AuthorizedKey key => key.Defect ?? Refused(key),
        PamRule rule => rule.DormantBecause,
        NssService service => service.DormantBecause,
        SudoRule rule => rule.DormantBecause,
        SudoDefault setting => setting.DormantBecause,
        LibraryDirectory directory => directory.DormantBecause,
        PythonStartup code => code.DormantBecause,
        ToolSetting setting => setting.DormantBecause,
        _ => null,
    };

    /// <summary>The options of a host's sshd that are in force.</summary>
    public IReadOnlyList<SshServerOption> Server(string volume)
    {
        string tree = evidence.TreeOf(volume);
        if (!_servers.TryGetValue(tree, out IReadOnlyList<SshServerOption>? options))
        {
            options = SshServerConfig.Effective([.. evidence.OfType<SshServerOption>().Where(option => evidence.TreeOf(option.Location.Volume) == tree)]);
            _servers.Add(tree, options);
        }
        return options;
    }

    private SshServerOption? Find(Artifact artifact, string keyword) => SshServerConfig.Find(Server(artifact.Location.Volume), keyword);

    private string? NotReadFirst(EvidenceLocation place)
    {
        int slash = place.Path.LastIndexOf('/');
        int order = Array.IndexOf(s_bashOrder, place.Name);
        if (order <= 0 || slash <= 0 || isStarted(place.Volume, place.Path) || place.Path.StartsWith("/etc/", StringComparison.Ordinal))
        {
            return null;
        }
        string home = place.Path[..slash];
        _homes ??= evidence.OfType<UserAccount>().Where(account => !account.IsPrevious).ToLookup(account => (evidence.TreeOf(account.Location.Volume), account.Home.TrimEnd('/')));
        bool usesBash = _homes[(evidence.TreeOf(place.Volume), home)].Any(account => account.Shell.EndsWith("bash", StringComparison.Ordinal));
        for (int i = 0; i < order; i++)
        {
            if (usesBash && evidence.File(place.Volume, home + "/" + s_bashOrder[i]) is not null)
            {
                return "bash reads " + s_bashOrder[i] + " instead";
            }
        }
        return null;
    }

    private string? NotInForce(SshServerOption option)
    {
        if (option.Match is not null && !option.Match.Trim().Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        IReadOnlyList<SshServerOption> options = Server(option.Location.Volume);
        string tree = evidence.TreeOf(option.Location.Volume);
        if (!_inForce.TryGetValue(tree, out HashSet<SshServerOption>? inForce))
        {
            _inForce.Add(tree, inForce = new HashSet<SshServerOption>(options, ReferenceEqualityComparer.Instance));
        }
        if (options.Count == 0 || inForce.Contains(option))
        {
            return null;
        }
        return SshServerConfig.Find(options, option.Keyword) is null ? "no file that sshd reads includes this one" : "an earlier line sets the same keyword, and the first one wins";
    }

    private string? Refused(AuthorizedKey key)
    {
        if (Find(key, "PubkeyAuthentication") is { Arguments: ["no", ..] })
        {
            return "sshd accepts no keys at all";
        }
        return (key.FilePermissions & 0b000_010_010) != 0 && Find(key, "StrictModes") is not { Arguments: ["no", ..] } ? "others may write the file, so sshd refuses it (StrictModes)" : null;
    }
}
