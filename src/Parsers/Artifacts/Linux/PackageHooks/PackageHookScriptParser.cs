namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Programs in directories from which package managers run everything: apk's commit hooks, zypp's plugins, needrestart's hooks (needrestart itself is run by apt, and its configuration
/// is Perl that is evaluated), certbot's renewal hooks. See apk-commit_hooks(5), libzypp's plugin documentation, needrestart's README.hooks, certbot's "Renewing certificates".
/// </summary>
/// <remarks><b>Limitations</b>: of scripts that are no shell scripts the file alone is followed, not what it runs.</remarks>
public sealed class PackageHookScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/package-hook-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/{etc,lib,usr/lib}/apk/commit_hooks.d/*", "/usr/{lib,libexec,lib64}/zypp/plugins/*/*", "/etc/zypp/plugins/*/*", "/etc/needrestart/{hook.d,notify.d,restart.d}/*",
        "/etc/letsencrypt/renewal-hooks/{pre,deploy,post}/*", "/etc/dehydrated/hook.sh",
    ];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        bool isApk = path.Contains("/apk/", StringComparison.Ordinal);
        bool isNeedrestart = path.StartsWith("/etc/needrestart/", StringComparison.Ordinal);
        bool isCertificate = path.StartsWith("/etc/letsencrypt/", StringComparison.Ordinal) || path.StartsWith("/etc/dehydrated/", StringComparison.Ordinal);
        if (name is "README" || name.StartsWith("README.", StringComparison.Ordinal) || name.EndsWith(".py", StringComparison.Ordinal) && path.Contains("/__pycache__/", StringComparison.Ordinal))
        {
            return;
        }
        string directory = HookDirectory.Of(path);
        string kind = directory[(directory.LastIndexOf('/') + 1)..];
        HookDirectory.Read(input, sink, new StartupScriptReader
        {
            Place = isNeedrestart ? StartupPlace.AptHook : isCertificate ? StartupPlace.CertificateHook : StartupPlace.PackageManagerHook,
            Trigger = (isApk ? "apk " : isNeedrestart ? "needrestart " : isCertificate ? "certificate renewal " : "zypp ") + kind,
            DormantBecause = isApk && name.StartsWith('.') ? "apk ignores files whose name begins with a dot"
                : isCertificate && name.EndsWith('~') ? "certbot ignores files whose name ends in ~"
                : isNeedrestart ? HookDirectory.Backup(name) : null,
        });
    }
}
