namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>System V and OpenRC service scripts in <c>/etc/init.d</c>. See the LSB, "Comment Conventions for Init Scripts", and openrc-run(8).</summary>
/// <remarks><b>Limitations</b>: whether a runlevel starts the script is said by <see cref="RunlevelLink"/>, not here.</remarks>
public sealed class InitScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/init-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/init.d/*", "/etc/rc.d/init.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        // boot.local and after.local have a parser of their own; .depend.* are insserv's tables.
        if (name is "boot.local" or "after.local" || name.StartsWith(".depend.", StringComparison.Ordinal))
        {
            return;
        }
        new StartupScriptReader { Place = StartupPlace.InitScript, Trigger = "init script" }.Read(input, sink);
    }
}
