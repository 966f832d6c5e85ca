using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A directory that a web server publishes, as its configuration says.</summary>
public sealed record WebRoot(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "web-root";
    /// <summary>Absolute path, without a slash at its end, decoded.</summary>
    public required string Directory { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("directory", Directory);
    }
}

/// <summary>Which directories web servers publish: nginx (<c>root</c>, <c>alias</c>), Apache (<c>DocumentRoot</c>, <c>Alias</c>), lighttpd, Caddy, Tomcat (<c>docBase</c>, <c>appBase</c>).</summary>
/// <remarks><b>Limitations</b>: paths with variables and relative ones are passed over; what they would be is in the server's own defaults, which are claimed anyway.</remarks>
public sealed class WebServerConfigParser : ArtifactParser
{
    private static readonly string[] s_directives = ["root", "alias", "documentroot", "alias", "scriptalias", "server.document-root", "docbase", "appbase", "wwwroot"];

    /// <inheritdoc/>
    public override string Name => "linux/web-server-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*", "/etc/nginx/vhosts.d/*.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/nginx/conf/vhost/*.conf", "/www/server/panel/vhost/nginx/*.conf",
        "/etc/apache2/apache2.conf", "/etc/apache2/sites-enabled/*", "/etc/apache2/vhosts.d/*.conf", "/etc/httpd/conf/httpd.conf", "/etc/httpd/conf.d/*.conf", "/www/server/panel/vhost/apache/*.conf",
        "/etc/lighttpd/lighttpd.conf", "/etc/lighttpd/conf-enabled/*", "/etc/caddy/Caddyfile", "/etc/tomcat*/server.xml", "/opt/*/conf/server.xml",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        var file = new ArtifactFile(input, sink, "web.config");
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Split([' ', '\t', '"', '\'', ';', '=', '<', '>', '{', '}'], 16, StringSplitOptions.RemoveEmptyEntries);
            for (int i = 0; i + 1 < words.Length && !words[0].StartsWith('#'); i++)
            {
                if (s_directives.Contains(words[i].ToLowerInvariant()) && words.Skip(i + 1).FirstOrDefault(word => word.StartsWith('/') && word.Length > 1) is { } path
                    && !path.Contains('$') && !path.Contains('*') && said.Add(path.TrimEnd('/')) && !file.Add(new WebRoot(input.Location.At(line.Number, line.ByteOffset)) { Directory = path.TrimEnd('/') }))
                {
                    return;
                }
            }
        }
    }
}
