namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// The administrator's own boot scripts: <c>rc.local</c>, SUSE's <c>boot.local</c> and <c>after.local</c>, OpenRC's <c>/etc/local.d</c>. See systemd-rc-local-generator(8).
/// </summary>
/// <remarks><b>Limitations</b>: the missing shebang is judged as systemd does; System V init would run the script all the same.</remarks>
public sealed class RcLocalParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/rc-local";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/init.d/boot.local", "/etc/init.d/after.local", "/etc/rc.d/boot.local", "/etc/local.d/*.start", "/etc/rc.common",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        new StartupScriptReader
        {
            Place = StartupPlace.RcLocal,
            Trigger = name.EndsWith(".start", StringComparison.Ordinal) ? "local.d" : name,
            NeedsNoExecuteBit = name is "rc.common" or "boot.local",
            WithoutShebang = name is "rc.local" ? ("no shebang line: systemd cannot execute it", false) : null,
        }.Read(input, sink);
    }
}
