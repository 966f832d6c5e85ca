namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Programs that run around sleep, shutdown and power events: <c>system-sleep</c> and <c>system-shutdown</c> of systemd, pm-utils, actions of acpid.
/// See systemd-suspend.service(8), systemd-shutdown(8), pm-action(8).
/// </summary>
/// <remarks><b>Limitations</b>: systemd runs the hooks of sleep below <c>/usr/lib</c> only (those in <c>/etc</c> since release 256): one in <c>/etc</c> counts as run.</remarks>
public sealed class PowerHookParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/power-hook";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/{etc,usr/lib,lib,usr/local/lib}/systemd/{system-sleep,system-shutdown}/*", "/etc/pm/{sleep.d,power.d}/*", "/usr/lib/pm-utils/{sleep.d,power.d}/*", "/etc/acpi/actions/*", "/etc/acpi/*.sh",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string[] parts = input.Location.Path.Split('/');
        string directory = parts.Length > 1 ? parts[^2] : "";
        bool isPm = directory is "sleep.d" or "power.d";
        string name = input.Location.Name;
        new StartupScriptReader
        {
            Place = StartupPlace.PowerHook,
            Trigger = directory,
            // pm-utils passes over what looks like left-overs; acpid's scripts are given to a shell or executed as the event says.
            DormantBecause = name[0] == '.' ? "hidden files are skipped" : isPm && (name.EndsWith('~') || name.EndsWith(".bak", StringComparison.Ordinal)) ? "pm-utils skips left-overs of editors" : null,
            NeedsNoExecuteBit = parts.Length > 2 && parts[^3] is "etc" && directory is "acpi",
        }.Read(input, sink);
    }
}
