namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Commands that package managers and certificate tools run according to text files: actions after a dnf transaction, actions of libdnf5, hooks of pacman, hooks in certbot's renewal
/// settings. See dnf's post-transaction-actions plugin, libdnf5-actions(8), alpm-hooks(5), certbot's renewal configuration.
/// </summary>
/// <remarks><b>Limitations</b>: which packages trigger an action is kept as text; a libdnf5 hook that runs at every invocation and one for a single package count alike.</remarks>
public sealed class PackageActionParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/package-action";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/dnf/plugins/post-transaction-actions.d/*", "/{etc,usr/share}/dnf/libdnf5-plugins/actions.d/*", "/usr/share/libdnf5/libdnf5-plugins/actions.d/*",
        "/etc/pacman.d/hooks/*", "/usr/share/libalpm/hooks/*", "/etc/letsencrypt/renewal/*", "/etc/letsencrypt/cli.ini",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "package-action");
        string path = input.Location.Path;
        bool isPacman = path.Contains("/hooks/", StringComparison.Ordinal);
        bool isCertificate = path.StartsWith("/etc/letsencrypt/", StringComparison.Ordinal);
        string wanted = isPacman ? ".hook" : isCertificate ? path.EndsWith(".ini", StringComparison.Ordinal) ? ".ini" : ".conf"
            : path.Contains("libdnf5", StringComparison.Ordinal) ? ".actions" : ".action";
        string? dormant = input.Location.Name.EndsWith(wanted, StringComparison.Ordinal) ? null : $"files whose name does not end in {wanted} are ignored";
        string when = "";
        string section = "";
        foreach (ConfigLine line in ConfigLines.Read(file, joinsBackslash: false))
        {
            EvidenceLocation location = input.Location.At(line.First.Number, line.First.ByteOffset);
            if (line.Text[0] == '[' && (isPacman || isCertificate))
            {
                section = line.Text;
                continue;
            }
            HookCommand? command = isPacman || isCertificate ? Setting(location, line.Text, section, isCertificate, ref when) : wanted == ".action" ? Action(location, line.Text) : Actions(location, line.Text);
            if (command is not null && !file.Add(command with { DormantBecause = dormant }))
            {
                return;
            }
        }
    }

    /// <summary><c>key = value</c> of pacman and certbot.</summary>
    private static HookCommand? Setting(EvidenceLocation location, string text, string section, bool isCertificate, ref string when)
    {
        (string key, string value) = ConfigLines.Split(text, "=");
        (key, value) = (key.Trim(), value.TrimStart('=', ' ', '\t'));
        if (key == "When")
        {
            when = " " + value;
        }
        if (value.Length == 0 || value == "None")
        {
            return null;
        }
        if (isCertificate)
        {
            return key is "pre_hook" or "post_hook" or "renew_hook" or "deploy_hook" or "pre-hook" or "post-hook" or "renew-hook" or "deploy-hook" or "manual_auth_hook" or "manual_cleanup_hook" or "manual-auth-hook" or "manual-cleanup-hook"
                ? New(location, StartupPlace.CertificateHook, "certbot " + key, value) with { Subject = location.Name } : null;
        }
        return key == "Exec" && section.Equals("[Action]", StringComparison.Ordinal) ? New(location, StartupPlace.PackageManagerHook, "pacman" + when, value) with { ThroughShell = false } : null;
    }

    /// <summary><c>package filter:transaction state:command</c>.</summary>
    private static HookCommand? Action(EvidenceLocation location, string text)
    {
        string[] fields = text.Split(':', 3);
        return fields.Length == 3 && fields[2].Trim() is { Length: > 0 } command
            ? New(location, StartupPlace.PackageManagerHook, "dnf transaction " + fields[1].Trim(), command) with { Subject = fields[0].Trim(), ThroughShell = true } : null;
    }

    /// <summary><c>callback:package filter:direction:options:command</c>.</summary>
    private static HookCommand? Actions(EvidenceLocation location, string text)
    {
        string[] fields = text.Split(':', 5);
        return fields.Length == 5 && fields[4].Trim() is { Length: > 0 } command
            ? New(location, StartupPlace.PackageManagerHook, "libdnf5 " + fields[0].Trim(), command) with { Subject = fields[1].Trim(), ThroughShell = false } : null;
    }

    private static HookCommand New(EvidenceLocation location, StartupPlace place, string trigger, string command) => new(location) { Place = place, Trigger = trigger, Command = command, User = "root" };
}
