namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// A name in <c>/etc</c> that hides the vendor's file of the same name, because it is a link to nothing: how udev, sysctl, binfmt, modules-load and modprobe are told not to read a file.
/// </summary>
public sealed record ConfigurationMask(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "configuration-mask";

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Text("name", Location.Name);
}

/// <summary>What directories of drop-ins (<c>udev/rules.d</c>, <c>sysctl.d</c>, <c>binfmt.d</c>, <c>modules-load.d</c>, <c>modprobe.d</c>) have in common. See sysctl.d(5), "Configuration directories and precedence".</summary>
internal static class DropInDirectory
{
    /// <summary>All claims for a directory, with every name in it, so that a file which nobody reads because of its name is seen too.</summary>
    public static IReadOnlyList<string> Claims(string directory) =>
        ["/{etc,run}/" + directory + "/*", "/{usr/lib,lib,usr/local/lib}/" + directory + "/*"];

    /// <summary>Why the name keeps the file from being read; null when it does not.</summary>
    public static string? DormantByName(EvidenceLocation location, string suffix) =>
        location.Name.EndsWith(suffix, StringComparison.Ordinal) ? null : "its name does not end in " + suffix;

    /// <summary>True for a symbolic link, which is settled then; one to nothing yields the fact that it hides others.</summary>
    public static bool IsLink(ArtifactInput input, IArtifactSink sink)
    {
        if (input.LinkTarget == "/dev/null")
        {
            sink.Add(new ConfigurationMask(input.Location));
        }
        return input.LinkTarget is not null;
    }
}
