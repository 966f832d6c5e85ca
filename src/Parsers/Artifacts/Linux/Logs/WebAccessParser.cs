using System.Globalization;

namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads access logs of web servers and keeps, counted by path, the requests that tell of intrusions: calls of scripts that were answered, and requests in the shape of known
/// exploits, answered or not.
/// </summary>
/// <remarks>
/// Specification: <see cref="WebAccessLine"/>. The target of the event is the path without its query, the method that of HTTP, the detail the status and what the request looks like.
/// Limitations: requests for pages, pictures and the like are not kept; a script behind a path without extension is not known as one; JSON logs are not read.
/// </remarks>
public sealed class WebAccessParser : LogParser
{
    private const int LongestTarget = 512;

    /// <inheritdoc/>
    public override string Name => "log/web-access";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/var/log/{nginx,apache2,httpd,lighttpd,caddy}/*access*", "/usr/local/{nginx,openresty,apache,apache2}/logs/*access*", "/opt/{nginx,tomcat}/logs/*access*", "/var/log/tomcat*/*access*",
        "/www/wwwlogs/*.log", "/var/www/*/logs/*access*", "/var/www/vhosts/*/logs/*access*", "/var/www/vhosts/system/*/logs/*access*",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.web", LogRhythm.Continuous);
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            if (!WebAccessLine.TryParse(file.Line, out WebAccessLine request))
            {
                continue;
            }
            CivilTime time = file.Observe(request.Civil);
            string? sign = WebExploits.NameOf(request.Target, request.UserAgent);
            int query = request.Target.IndexOf((byte)'?');
            ReadOnlySpan<byte> path = query < 0 ? request.Target : request.Target[..query];
            if (sign is null && (request.Status is < 200 or > 299 || !IsScript(path)))
            {
                continue;
            }
            draft.Reset();
            draft.Target = draft.Text(path[..Math.Min(path.Length, LongestTarget)]);
            draft.Method = draft.Text(request.Method);
            draft.Detail = sign is null ? Status(request.Status) : Status(request.Status) + ", " + sign;
            draft.Is(LogEventKind.WebRequest);
            file.Add(time, file.Line);
        }
        file.Finish();
    }

    private static string Status(int status) => status == 200 ? "200" : status.ToString(CultureInfo.InvariantCulture);

    private static bool IsScript(ReadOnlySpan<byte> path) => path.EndsWith(".php"u8) || path.EndsWith(".jsp"u8) || path.EndsWith(".jspx"u8) || path.EndsWith(".asp"u8) || path.EndsWith(".aspx"u8)
        || path.EndsWith(".phtml"u8) || path.EndsWith(".cgi"u8) || path.EndsWith(".pl"u8) || path.EndsWith(".py"u8) || path.EndsWith(".sh"u8) || path.EndsWith(".php5"u8) || path.EndsWith(".phar"u8);
}

/// <summary>Names what a request tries, by literal parts of it.</summary>
internal static class WebExploits
{
    private static readonly (byte[] Text, string Name)[] s_signs =
    [
        ("${jndi:"u8.ToArray(), "Log4Shell"), ("() {"u8.ToArray(), "Shellshock"), ("eval-stdin.php"u8.ToArray(), "PHPUnit eval"), ("/cgi-bin/.%2e"u8.ToArray(), "Apache path traversal"),
        ("/cgi-bin/%%32"u8.ToArray(), "Apache path traversal"), ("/_ignition/"u8.ToArray(), "Laravel Ignition"), ("invokefunction"u8.ToArray(), "ThinkPHP"), ("/solr/admin"u8.ToArray(), "Solr"),
        ("/actuator/gateway"u8.ToArray(), "Spring gateway"), ("class.module.classLoader"u8.ToArray(), "Spring4Shell"), ("allow_url_include"u8.ToArray(), "PHP-CGI"), ("libredtail-http"u8.ToArray(), "RedTail"),
        (";wget"u8.ToArray(), "command in the query"), (";curl"u8.ToArray(), "command in the query"), ("%3Bwget"u8.ToArray(), "command in the query"), ("%3Bcurl"u8.ToArray(), "command in the query"),
        ("|wget"u8.ToArray(), "command in the query"), ("cmd="u8.ToArray(), "command in the query"), ("exec="u8.ToArray(), "command in the query"), ("../../"u8.ToArray(), "path traversal"),
    ];

    /// <summary>What the request looks like; null for an ordinary one.</summary>
    public static string? NameOf(ReadOnlySpan<byte> target, ReadOnlySpan<byte> agent)
    {
        foreach ((byte[] text, string name) in s_signs)
        {
            if (target.IndexOf(text) >= 0 || agent.IndexOf(text) >= 0)
            {
                return name;
            }
        }
        return null;
    }
}
