namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads maintainer scripts of packages: those dpkg and pacman keep as files, and through <see cref="Read"/> those rpm and apk keep inside their databases. Claims nothing by itself: a
/// host has thousands, and only who knows the packages can say which are worth reading.
/// </summary>
/// <remarks>Limitations: texts in other languages than shell (Lua, Python, Perl) are taken line by line, as if each were a command.</remarks>
public sealed class PackageScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/package-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims => [];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        if (path.StartsWith("/var/lib/pacman/", StringComparison.Ordinal))
        {
            string[] parts = path.Split('/');
            Read(input, "pacman", parts.Length > 1 ? parts[^2] : name, "install script", sink);
            return;
        }
        // libc6:amd64.postinst
        int dot = name.LastIndexOf('.');
        string package = dot > 0 ? name[..dot].Split(':')[0] : name;
        Read(input, "dpkg", package, dot > 0 ? name[(dot + 1)..] : "script", sink);
    }

    /// <summary>Reads one script.</summary>
    /// <param name="input">Its text, and the file that holds it: itself, or the database.</param>
    /// <param name="manager"><c>dpkg</c>, <c>rpm</c>, <c>apk</c>, <c>pacman</c>.</param>
    /// <param name="package">Name of the package.</param>
    /// <param name="kind">The manager's name of the script: <c>postinst</c>, <c>postin</c>.</param>
    /// <param name="sink">Takes the artefact.</param>
    public static void Read(ArtifactInput input, string manager, string package, string kind, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        // dpkg makes a script executable before it runs it, the others hand the text to a shell.
        new StartupScriptReader
        {
            Place = StartupPlace.PackageScript, Trigger = kind + " of the package " + package, NeedsNoExecuteBit = true, Package = package, PackageManager = manager,
        }.Read(input, sink);
    }
}
