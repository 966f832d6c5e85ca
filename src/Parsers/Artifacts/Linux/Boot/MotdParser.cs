namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts that pam_motd runs as root whenever somebody logs in, through <c>run-parts --lsbsysinit</c>, and those that Ubuntu's own ones call. See update-motd(5), run-parts(8).
/// </summary>
/// <remarks><b>Limitations</b>: whether PAM still names pam_motd is not looked at here.</remarks>
public sealed class MotdParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/motd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/update-motd.d/*", "/usr/lib/update-notifier/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        bool isHelper = input.Location.Path.StartsWith("/usr/lib/", StringComparison.Ordinal);
        string name = input.Location.Name;
        new StartupScriptReader
        {
            Place = StartupPlace.Motd,
            Trigger = isHelper ? "update-notifier" : "motd at login",
            DormantBecause = !isHelper && !IsLsbName(name) ? "run-parts --lsbsysinit ignores this name" : null,
            WithoutShebang = isHelper ? null : ("no shebang line: run-parts cannot execute it", false),
        }.Read(input, sink);
    }

    /// <summary>
    /// The names of the LSB: assigned (<c>[a-z0-9]+</c>), hierarchical (<c>_?([a-z0-9_.]+-)+[a-z0-9]+</c>) and cron's own (<c>[A-Za-z0-9_-]+</c>), left-overs of dpkg excepted.
    /// </summary>
    internal static bool IsLsbName(string name)
    {
        if (name.Length == 0 || name.EndsWith(".dpkg-old", StringComparison.Ordinal) || name.EndsWith(".dpkg-dist", StringComparison.Ordinal) || name.EndsWith(".dpkg-new", StringComparison.Ordinal) || name.EndsWith(".dpkg-tmp", StringComparison.Ordinal))
        {
            return false;
        }
        if (CronTableRules.NameProblem(name) is null)
        {
            return true;
        }
        string[] parts = name.TrimStart('_').Split('-');
        if (parts.Length < 2 || parts[^1].Length == 0 || parts[^1].AsSpan().ContainsAnyExcept(Assigned))
        {
            return false;
        }
        foreach (string part in parts.AsSpan(0, parts.Length - 1))
        {
            if (part.Length == 0 || part.AsSpan().ContainsAnyExcept(Hierarchical))
            {
                return false;
            }
        }
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> Assigned = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly System.Buffers.SearchValues<char> Hierarchical = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.");
}
