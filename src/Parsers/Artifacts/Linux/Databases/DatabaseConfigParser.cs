using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// The configuration of PostgreSQL, MySQL and MariaDB, Redis and Valkey, MongoDB and CouchDB, as far as it makes the server load, run or write something, or opens it. Specifications: the servers' manuals.
/// </summary>
/// <remarks><b>Limitations</b>: settings that are kept in the database itself (<c>ALTER SYSTEM</c> excepted, which writes <c>postgresql.auto.conf</c>) are not seen; of MongoDB's YAML only single lines are read.</remarks>
public sealed class DatabaseConfigParser : ArtifactParser
{
    private static readonly string[] s_postgres = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries", "archive_command", "restore_command", "archive_cleanup_command", "recovery_end_command", "ssl_passphrase_command", "dynamic_library_path", "listen_addresses"];
    private static readonly string[] s_postgresCommands = ["archive_command", "restore_command", "archive_cleanup_command", "recovery_end_command", "ssl_passphrase_command"];
    private static readonly string[] s_mysql = ["plugin_dir", "plugin_load", "plugin_load_add", "early_plugin_load", "init_file", "general_log_file", "slow_query_log_file", "skip_grant_tables", "bind_address", "secure_file_priv"];
    private static readonly string[] s_redis = ["dir", "dbfilename", "appendfilename", "appenddirname", "loadmodule", "logfile", "protected-mode", "bind", "requirepass", "slaveof", "replicaof", "rename-command"];

    /// <inheritdoc/>
    public override string Name => "linux/database-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/postgresql/*/*/*.conf", "/etc/postgresql/*/*/conf.d/*.conf", "/var/lib/postgresql/*/*/*.conf", "/var/lib/pgsql/**/*.conf", "/var/lib/postgres/data/*.conf",
        "/etc/my.cnf", "/etc/my.cnf.d/*.cnf", "/etc/mysql/*.cnf", "/etc/mysql/*/*.cnf", "~/.my.cnf",
        "/etc/redis.conf", "/etc/redis/*.conf", "/etc/valkey/*.conf", "/etc/keydb/*.conf", "/usr/local/etc/redis.conf", "/www/server/redis/redis.conf",
        "/etc/mongod.conf", "/etc/mongodb.conf", "/etc/couchdb/*.ini", "/etc/couchdb/*/*.ini", "/opt/couchdb/etc/*.ini", "/opt/couchdb/etc/local.d/*.ini",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        var file = new ArtifactFile(input, sink, "database.config");
        string path = input.Location.Path;
        string server = path.Contains("redis", StringComparison.Ordinal) || path.Contains("valkey", StringComparison.Ordinal) || path.Contains("keydb", StringComparison.Ordinal) ? "redis"
            : path.EndsWith(".cnf", StringComparison.Ordinal) ? "mysql" : path.Contains("mongo", StringComparison.Ordinal) ? "mongodb" : path.Contains("couchdb", StringComparison.Ordinal) ? "couchdb" : "postgresql";
        bool isAccess = input.Location.Name == "pg_hba.conf";
        string section = "";
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] is '#' or ';')
            {
                continue;
            }
            if (text[0] == '[')
            {
                section = text.Trim('[', ']', ' ');
                continue;
            }
            DatabaseSetting? found = isAccess ? Access(text) : server switch
            {
                "postgresql" => Postgres(text),
                "mysql" => MySql(text),
                "redis" => Redis(text),
                "couchdb" => Couch(section, text),
                _ => Mongo(text),
            };
            if (found is not null && !file.Add(found with { Location = input.Location.At(line.Number, line.ByteOffset) }))
            {
                return;
            }
        }

        DatabaseSetting New(string name, string value) => new(input.Location) { Server = server, Name = name, Value = value, User = server switch { "postgresql" => "postgres", "mysql" => "mysql", "redis" => "redis", "mongodb" => "mongodb", _ => "couchdb" } };

        DatabaseSetting? Access(string text)
        {
            string[] words = text.Split([' ', '\t'], 8, StringSplitOptions.RemoveEmptyEntries);
            // host DATABASE USER ADDRESS [MASK] METHOD
            return words is [['h', 'o', 's', 't', ..], _, _, "0.0.0.0/0" or "::/0" or "all", "trust", ..] ? New("pg_hba", string.Join(' ', words)) : null;
        }

        DatabaseSetting? Postgres(string text)
        {
            (string name, string value) = Assignment(text, cutsComment: true);
            if (!s_postgres.Contains(name) || value.Length == 0)
            {
                return null;
            }
            bool isCommand = s_postgresCommands.Contains(name);
            IEnumerable<string> libraries = isCommand || !name.EndsWith("libraries", StringComparison.Ordinal) ? [] : value.Split([',', ' ', '"'], 32, StringSplitOptions.RemoveEmptyEntries).Where(item => item.StartsWith('/'));
            return New(name, value) with { IsCommand = isCommand, NamedFiles = [.. libraries.Select(item => PathText.FromText(item.EndsWith(".so", StringComparison.Ordinal) ? item : item + ".so"))] };
        }

        DatabaseSetting? MySql(string text)
        {
            (string name, string value) = Assignment(text.Replace("loose-", "", StringComparison.Ordinal), cutsComment: true);
            name = name.Replace('-', '_');
            if (!s_mysql.Contains(name))
            {
                return null;
            }
            string[] files = name is "init_file" && value.StartsWith('/') ? [PathText.FromText(value)]
                : name.Contains("plugin_load", StringComparison.Ordinal) ? [.. value.Split([';', '='], 32, StringSplitOptions.RemoveEmptyEntries).Where(item => item.StartsWith('/')).Select(PathText.FromText)] : [];
            return New(name, value) with { NamedFiles = files };
        }

        DatabaseSetting? Redis(string text)
        {
            string[] words = text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
            string name = words[0].ToLowerInvariant();
            string value = words.Length > 1 ? words[1].Trim().Trim('"', '\'') : "";
            string[] module = name == "loadmodule" && value.Split(' ')[0] is ['/', ..] library ? [PathText.FromText(library)] : [];
            return s_redis.Contains(name) ? New(name, value) with { NamedFiles = module } : null;
        }

        DatabaseSetting? Couch(string section, string text)
        {
            (string name, string value) = Assignment(text, cutsComment: false);
            bool isServer = section is "query_servers" or "native_query_servers" or "os_daemons" or "external";
            return isServer && value.Length > 0 && !value.StartsWith('{') ? New(section + "." + name, value) with { IsCommand = true } : null;
        }

        DatabaseSetting? Mongo(string text)
        {
            string[] words = text.Split(':', 2);
            string name = words[0].Trim().ToLowerInvariant();
            return words.Length == 2 && name is "bindip" or "bindipall" or "authorization" ? New(name, words[1].Trim()) : null;
        }
    }

    private static (string Name, string Value) Assignment(string text, bool cutsComment)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.'))
        {
            end++;
        }
        string value = text[end..].TrimStart(' ', '\t').TrimStart('=').Trim();
        if (value.StartsWith('\''))
        {
            // A doubled quote stands for itself.
            int close = 1;
            while (close < value.Length && (value[close] != '\'' || (close + 1 < value.Length && value[close + 1] == '\'')))
            {
                close += value[close] == '\'' ? 2 : 1;
            }
            value = value[1..Math.Min(close, value.Length)].Replace("''", "'", StringComparison.Ordinal);
        }
        else if (cutsComment && value.IndexOf('#', StringComparison.Ordinal) is >= 0 and int comment)
        {
            value = value[..comment].TrimEnd();
        }
        return (text[..end].ToLowerInvariant(), value.Trim('"'));
    }
}
