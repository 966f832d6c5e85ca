namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts from which images of the early boot are built, and those that run in them: initramfs-tools(7), dracut.modules(7) and dracut.conf(5), mkinitcpio(8), mkinitfs. Also scripts that load kernel
/// modules on old Red Hat systems.
/// </summary>
/// <remarks><b>Limitations</b>: which dracut modules an image takes is decided by their <c>check()</c>, which is not run.</remarks>
public sealed class InitramfsScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/initramfs-scripts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/{etc,usr/share}/initramfs-tools/hooks/*", "/{etc,usr/share}/initramfs-tools/scripts/**", "/etc/initramfs-tools/*.conf", "/etc/initramfs/post-update.d/*",
        "/{usr/lib,lib}/dracut/modules.d/*/*.sh", "/{etc,usr/lib,lib}/dracut.conf.d/*", "/etc/dracut.conf", "/{etc,usr/lib}/initcpio/{hooks,install,post}/*", "/etc/mkinitcpio.conf", "/etc/mkinitcpio.conf.d/*",
        "/etc/mkinitfs/mkinitfs.conf", "/etc/sysconfig/modules/*.modules",
    ];

    /// <inheritdoc/>
    public override OwnedFiles OwnedFiles => OwnedFiles.Changed;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        if (path.StartsWith("/etc/sysconfig/", StringComparison.Ordinal))
        {
            new StartupScriptReader { Place = StartupPlace.ModuleScript, Trigger = "module script" }.Read(input, sink);
            return;
        }
        // ORDER is written anew each time an image is built.
        if (name is "ORDER" or "README")
        {
            return;
        }
        bool isTools = path.Contains("/initramfs-tools/", StringComparison.Ordinal);
        bool isConfiguration = path.Contains(".conf", StringComparison.Ordinal) && !path.Contains("/hooks/", StringComparison.Ordinal);
        string? dormant = path.Contains("dracut.conf.d/", StringComparison.Ordinal) ? DropInDirectory.DormantByName(input.Location, ".conf") : null;
        new StartupScriptReader
        {
            Place = StartupPlace.InitramfsScript,
            Trigger = isConfiguration ? "initramfs configuration" : "initramfs script",
            NeedsNoExecuteBit = !isTools || isConfiguration || path.Contains("/scripts/functions", StringComparison.Ordinal),
            DormantBecause = dormant,
        }.Read(input, sink);
    }
}
