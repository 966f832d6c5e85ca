namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the symbolic links of the unit search path: enablement (<c>.wants</c>, <c>.requires</c>, <c>.upholds</c>), masks and aliases,
/// see systemd.unit(5). A linked drop-in is an alias named by its path below the search directory (<c>ssh.service.d/x.conf</c>).
/// </summary>
/// <remarks>Limitations: the link is not followed; a target with links among its own directories is normalised by text only.</remarks>
public sealed class SystemdLinkParser : ArtifactParser
{
    private static readonly string[] Dependencies = ["wants", "requires", "upholds"];

    /// <inheritdoc/>
    public override string Name => "linux/systemd-link";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims => UnitSearchPath.Claims;

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type == FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        UnitPlace place = UnitSearchPath.Locate(input.Location.Path);
        if (place.Rank < 0 || string.IsNullOrEmpty(input.LinkTarget))
        {
            return;
        }
        string path = input.Location.Path;
        string target = Normalise(path[..path.LastIndexOf('/')], input.LinkTarget);
        int slash = place.Relative.LastIndexOf('/');
        string? wantedBy = null;
        UnitLinkEffect effect = target == "/dev/null" ? UnitLinkEffect.Masks : UnitLinkEffect.Alias;
        string name = UnitSearchPath.Decode(place.Relative);
        if (slash > 0)
        {
            string directory = place.Relative[..slash];
            int dot = directory.LastIndexOf('.');
            string kind = dot > 0 ? directory[(dot + 1)..] : "";
            if (Array.IndexOf(Dependencies, kind) >= 0)
            {
                // A link to /dev/null here undoes one that another directory makes. It masks no unit, so it keeps its path as name.
                if (effect != UnitLinkEffect.Masks)
                {
                    name = UnitSearchPath.Decode(place.Relative[(slash + 1)..]);
                    wantedBy = UnitSearchPath.Decode(directory[..dot]) + " (" + kind + ")";
                    effect = UnitLinkEffect.Enables;
                }
            }
            else if (kind != "d")
            {
                return;
            }
        }
        sink.Add(new SystemdLink(input.Location)
        {
            Name = name,
            Effect = effect,
            WantedBy = wantedBy,
            Target = target,
            IsUserUnit = place.IsUser,
            SearchRank = place.Rank,
        });
    }

    /// <summary>Makes a link target absolute and removes <c>.</c>, <c>..</c> and doubled slashes; both in display form.</summary>
    private static string Normalise(string directory, string target)
    {
        string path = target.StartsWith('/') ? target : directory + "/" + target;
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}
