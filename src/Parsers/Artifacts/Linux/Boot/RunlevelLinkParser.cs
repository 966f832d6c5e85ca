using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Entries of System V runlevel directories (<c>S20name</c>, <c>K80name</c>) and of OpenRC runlevels. Mostly symbolic links; a plain file there is started just the same.
/// </summary>
/// <remarks><b>Limitations</b>: a target is normalised by its text; links in the directories of the target are not followed.</remarks>
public sealed class RunlevelLinkParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/runlevel-link";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/rc{0,1,2,3,4,5,6,S}.d/*", "/etc/rc.d/rc{0,1,2,3,4,5,6,S}.d/*", "/etc/init.d/rc{0,1,2,3,4,5,6,S}.d/*", "/etc/runlevels/*/*",
    ];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.SymbolicLink or FileType.Regular;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string[] parts = input.Location.Path.Split('/');
        if (parts.Length < 3)
        {
            return;
        }
        string name = parts[^1];
        string directory = parts[^2];
        bool isOpenRc = input.Location.Path.StartsWith("/etc/runlevels/", StringComparison.Ordinal);
        if (!isOpenRc && !(name.Length > 3 && name[0] is 'S' or 'K' && char.IsAsciiDigit(name[1]) && char.IsAsciiDigit(name[2])))
        {
            return;
        }
        string target = input.Location.Path;
        if (input.Entry.Type == FileType.SymbolicLink)
        {
            if (string.IsNullOrEmpty(input.LinkTarget))
            {
                sink.Report(new Diagnostic("runlevel.link.target", "the symbolic link has no target"));
                return;
            }
            target = Absolute(input.Location.Path, input.LinkTarget);
        }
        sink.Add(new RunlevelLink(input.Location)
        {
            Runlevel = isOpenRc ? directory : directory[2..^2],
            Starts = isOpenRc || name[0] == 'S',
            Service = isOpenRc ? name : name[3..],
            Target = target,
        });
    }

    /// <summary>A link's target as an absolute path without <c>.</c> and <c>..</c>; the root is its own parent.</summary>
    internal static string Absolute(string linkPath, string target)
    {
        string whole = target.StartsWith('/') ? target : linkPath[..(linkPath.LastIndexOf('/') + 1)] + target;
        var parts = new List<string>();
        foreach (string part in whole.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}
