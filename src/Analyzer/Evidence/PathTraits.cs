using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a path says about a file that something starts. Paths are absolute and in display form.</summary>
public static class PathTraits
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly string[] WorldWritable = ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/run/shm/", "/run/lock/", "/var/lock/"];

    private static readonly string[] WebRoots = ["/var/www/", "/srv/www/", "/usr/share/nginx/html/", "/www/wwwroot/", "/usr/local/apache2/htdocs/", "/var/lib/tomcat", "/srv/http/"];

    private static readonly string[] DatabaseData = ["/var/lib/postgresql/", "/var/lib/pgsql/", "/var/lib/mysql/", "/var/lib/redis/", "/var/lib/mongodb/", "/var/lib/mongo/", "/var/lib/valkey/", "/var/lib/couchdb/", "/opt/couchdb/data/", "/var/lib/elasticsearch/"];
    private static readonly string[] DatabasePlugins = ["/usr/lib/mysql/plugin/", "/usr/lib64/mysql/plugin/", "/usr/lib/x86_64-linux-gnu/mariadb19/plugin/", "/usr/lib/x86_64-linux-gnu/mariadb18/plugin/", "/usr/lib64/mariadb/plugin/", "/usr/lib/postgresql/", "/usr/lib64/pgsql/", "/usr/pgsql-"];

    private static readonly string[] SystemPrograms =
    [
        "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/lib64/", "/lib32/", "/usr/lib/", "/usr/lib64/", "/usr/lib32/", "/usr/libexec/", "/usr/local/bin/", "/usr/local/sbin/",
    ];

    // Dot directories in which developers' tools keep programs; a job that runs one of them is everyday life.
    private static readonly Regex ToolDirectory = new(
        @"/\.(?:local|cargo|nvm|acme\.sh|dotnet|pyenv|rbenv|linuxbrew|getssl|vscode(?:-server)?|cursor-server|sdkman|bun|deno|asdf|fnm|volta|poetry|npm(?:-global|-packages)?|npm|yarn|composer|krew|fzf|oh-my-zsh|rvm|gem|jenkins|gitlab-runner|ansible|venv|virtualenvs?|conda|miniconda3?|nix-profile|foundry|rustup|rye|pixi|mise|cache/(?:go-build|pip|JetBrains|bazel|ms-playwright)|mount_[A-Za-z0-9]+|build-id|git|snapshots?|wine|steam|m2|gradle|android|config/(?:composer|yarn|nvm))(?:/|$)",
        Options);

    /// <summary>In a directory that every account may write.</summary>
    public static bool IsTemporary(string path) => StartsWithAny(path, WorldWritable);

    /// <summary>A component begins with a dot, and it is not the home of a known developer tool.</summary>
    public static bool IsHidden(string path) => path.Contains("/.", StringComparison.Ordinal) && !ToolDirectory.IsMatch(path);

    /// <summary>In a directory where distributions and administrators install programs and libraries, hidden names excepted.</summary>
    public static bool IsSystemProgram(string path) => StartsWithAny(path, SystemPrograms) && !path.Contains("/.", StringComparison.Ordinal);

    /// <summary>Where libraries belong.</summary>
    public static bool IsLibraryPlace(string path) =>
        StartsWithAny(path, ["/lib/", "/lib64/", "/lib32/", "/libx32/", "/usr/lib/", "/usr/lib64/", "/usr/lib32/", "/usr/libx32/", "/usr/libexec/", "/usr/local/lib/", "/usr/local/lib64/", "/opt/"]) && !path.Contains("/.", StringComparison.Ordinal);

    /// <summary>Below a directory that web servers publish.</summary>
    public static bool IsWebRoot(string path) =>
        StartsWithAny(path, WebRoots) || (path.StartsWith("/opt/", StringComparison.Ordinal) && path.Contains("/webapps/", StringComparison.Ordinal));

    /// <summary>Among the data of a database server.</summary>
    public static bool IsDatabaseData(string path) => StartsWithAny(path, DatabaseData);

    /// <summary>Where a database server loads plugins from.</summary>
    public static bool IsDatabasePlugin(string path) => StartsWithAny(path, DatabasePlugins);

    /// <summary>Last component.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    internal static bool StartsWithAny(string path, string[] prefixes)
    {
        foreach (string prefix in prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}
