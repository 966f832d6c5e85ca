using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Where a file stands in the search path of systemd.</summary>
/// <param name="Directory">The search directory as in <see cref="UnitSearchPath"/>; empty when systemd does not read it.</param>
/// <param name="Rank">0 wins over 1; -1 when systemd does not read it.</param>
/// <param name="IsUser">Of the per-user manager.</param>
/// <param name="Relative">What follows the search directory: <c>ssh.service</c>, <c>ssh.service.d/override.conf</c>; outside the path the bare name.</param>
/// <param name="Home">The home directory a per-user file belongs to; null when it belongs to all users or to the system.</param>
public readonly record struct UnitPlace(string Directory, int Rank, bool IsUser, string Relative, string? Home);

/// <summary>
/// The unit search path of the system manager and of the per-user managers, see systemd.unit(5) "Unit File Load Path".
/// <c>/lib/systemd/system</c> and <c>/usr/lib/systemd/system</c> are one place, whether <c>/lib</c> is a link or not.
/// </summary>
/// <remarks>Limitations: the defaults only; <c>SYSTEMD_UNIT_PATH</c> and moved XDG directories are not followed. <c>/run</c> is rarely stored on a disk.</remarks>
public static class UnitSearchPath
{
    private const string RuntimeRoot = "/run/user/";

    private static readonly (string Directory, int Rank)[] SystemDirectories =
    [
        ("/etc/systemd/system.control", 0),
        ("/run/systemd/system.control", 1),
        ("/run/systemd/transient", 2),
        ("/run/systemd/generator.early", 3),
        ("/etc/systemd/system", 4),
        ("/etc/systemd/system.attached", 5),
        ("/run/systemd/system", 6),
        ("/run/systemd/system.attached", 7),
        ("/run/systemd/generator", 8),
        ("/usr/local/lib/systemd/system", 9),
        ("/usr/lib/systemd/system", 10),
        ("/lib/systemd/system", 10),
        ("/run/systemd/generator.late", 11),
    ];

    private static readonly (string Directory, int Rank)[] UserDirectories =
    [
        ("/etc/xdg/systemd/user", 5),
        ("/etc/systemd/user", 6),
        ("/run/systemd/user", 8),
        ("/usr/local/share/systemd/user", 11),
        ("/usr/share/systemd/user", 12),
        ("/usr/local/lib/systemd/user", 13),
        ("/usr/lib/systemd/user", 14),
        ("/lib/systemd/user", 14),
    ];

    private static readonly (string Directory, int Rank)[] HomeDirectories =
    [
        ("/.config/systemd/user.control", 0),
        ("/.config/systemd/user", 4),
        ("/.local/share/systemd/user", 10),
    ];

    private static readonly (string Directory, int Rank)[] RuntimeDirectories =
    [
        ("/systemd/user.control", 1),
        ("/systemd/transient", 2),
        ("/systemd/generator.early", 3),
        ("/systemd/user", 7),
        ("/systemd/generator", 9),
        ("/systemd/generator.late", 15),
    ];

    private static readonly string[] UnitTypes =
        ["service", "timer", "socket", "path", "mount", "automount", "swap", "target", "slice", "scope"];

    /// <summary>Globs of everything below the search directories.</summary>
    public static IReadOnlyList<string> Claims { get; } = BuildClaims();

    /// <summary>
    /// Globs of unit files that lie where systemd does not read them but where intruders have put them, by mistake or to start them by hand.
    /// </summary>
    public static IReadOnlyList<string> StrayClaims { get; } =
    [
        .. new[]
        {
            "/etc", "/etc/systemd", "/usr/lib/systemd", "/lib/systemd", "/usr/local/lib/systemd", "/usr/local/etc/systemd/system", "/run/systemd",
            "/etc/init.d", "/tmp", "/var/tmp", "/dev/shm", "/root", "~", "~/.config/systemd",
        }.Select(directory => directory + "/*.{" + string.Join(',', UnitTypes) + "}"),
    ];

    /// <summary>Finds the place of a path in display form.</summary>
    public static UnitPlace Locate(string path)
    {
        foreach ((string directory, int rank) in SystemDirectories)
        {
            if (IsBelow(path, 0, directory))
            {
                return new UnitPlace(directory, rank, IsUser: false, path[(directory.Length + 1)..], null);
            }
        }
        foreach ((string directory, int rank) in UserDirectories)
        {
            if (IsBelow(path, 0, directory))
            {
                return new UnitPlace(directory, rank, IsUser: true, path[(directory.Length + 1)..], null);
            }
        }
        if (path.StartsWith(RuntimeRoot, StringComparison.Ordinal) && path.IndexOf('/', RuntimeRoot.Length) is int slash and > 0)
        {
            foreach ((string directory, int rank) in RuntimeDirectories)
            {
                if (IsBelow(path, slash, directory))
                {
                    return new UnitPlace(path[..(slash + directory.Length)], rank, IsUser: true, path[(slash + directory.Length + 1)..], null);
                }
            }
        }
        foreach ((string directory, int rank) in HomeDirectories)
        {
            int start = path.IndexOf(directory + "/", StringComparison.Ordinal);
            if (start >= 0)
            {
                int end = start + directory.Length;
                return new UnitPlace(path[..end], rank, IsUser: true, path[(end + 1)..], start == 0 ? "/" : path[..start]);
            }
        }
        return new UnitPlace("", -1, IsUser: path.Contains("/systemd/user/", StringComparison.Ordinal), path[(path.LastIndexOf('/') + 1)..], null);
    }

    /// <summary>The suffix of a unit name (<c>service</c>), null when it is none.</summary>
    public static string? UnitType(string name)
    {
        int dot = name.LastIndexOf('.');
        if (dot <= 0)
        {
            return null;
        }
        foreach (string type in UnitTypes)
        {
            if (name.AsSpan(dot + 1).SequenceEqual(type))
            {
                return type;
            }
        }
        return null;
    }

    /// <summary>True for a type name, which stands for all units of the type in a directory of drop-ins (<c>service.d</c>).</summary>
    public static bool IsType(string name) => Array.IndexOf(UnitTypes, name) >= 0;

    /// <summary>Turns a name in display form into text as decoded from evidence: unit names hold backslashes of their own.</summary>
    public static string Decode(string displayName) =>
        PathText.TryToBytes(displayName, out byte[] bytes) ? TextLines.Decode(bytes) : displayName;

    private static bool IsBelow(string path, int start, string directory) =>
        path.Length > start + directory.Length && path[start + directory.Length] == '/'
        && path.AsSpan(start, directory.Length).SequenceEqual(directory);

    private static List<string> BuildClaims()
    {
        var claims = new List<string>();
        foreach ((string directory, _) in SystemDirectories)
        {
            claims.Add(directory + "/**");
        }
        foreach ((string directory, _) in UserDirectories)
        {
            claims.Add(directory + "/**");
        }
        foreach ((string directory, _) in RuntimeDirectories)
        {
            claims.Add(RuntimeRoot + "*" + directory + "/**");
        }
        foreach ((string directory, _) in HomeDirectories)
        {
            claims.Add("~" + directory + "/**");
        }
        return claims;
    }
}
