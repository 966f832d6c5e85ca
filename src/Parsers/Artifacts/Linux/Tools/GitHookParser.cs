namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads the hooks of git repositories, with and without working tree. See githooks(5).</summary>
/// <remarks><b>Limitations</b>: of bare repositories only hooks by git's own names are claimed; hooks of <c>core.hooksPath</c> are followed from the setting.</remarks>
public sealed class GitHookParser : ArtifactParser
{
    /// <summary>Every hook that git knows.</summary>
    internal static readonly string[] HookNames =
    [
        "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update",
        "proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc", "post-rewrite", "sendemail-validate", "fsmonitor-watchman", "post-index-change",
    ];

    /// <inheritdoc/>
    public override string Name => "linux/git-hook";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/**/.git/hooks/*", "/usr/share/git-core/templates/hooks/*", .. new[] { "pre-receive", "update", "post-receive", "post-update", "proc-receive", "reference-transaction" }.Select(name => "/**/hooks/" + name)];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        if (name.EndsWith(".sample", StringComparison.Ordinal))
        {
            return;
        }
        new StartupScriptReader
        {
            Place = StartupPlace.GitHook,
            Trigger = "git " + name,
            User = null,
            DormantBecause = Array.IndexOf(HookNames, name) >= 0 ? null : "git knows no hook of this name",
        }.Read(input, sink);
        new ArtifactFile(input, sink, "linux.git-hook").ReportTruncation();
    }
}
