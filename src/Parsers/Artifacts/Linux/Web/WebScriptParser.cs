using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Php;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Scripts that web servers run for their visitors: PHP is followed from the request to what it reaches, JSP, ASP and CGI scripts are searched for the calls that matter.</summary>
/// <remarks>
/// <b>Limitations</b>: only below the usual directories of web servers and those that their configuration names; other languages than PHP by words on their own.
/// </remarks>
public sealed class WebScriptParser : ArtifactParser
{
    private const int MaxSigns = 64;

    /// <summary>Endings of files that web servers run, for claims below a web root.</summary>
    public const string Endings = "{php,php3,php4,php5,php7,php8,phtml,pht,phar,inc,jsp,jspx,jspf,jsw,asp,aspx,ashx,asmx,cer,cgi,pl,py,cfm}";

    /// <inheritdoc/>
    public override string Name => "linux/web-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        .. new[] { "/var/www", "/srv/www", "/srv/http", "/usr/share/nginx/html", "/www/wwwroot", "/usr/local/apache2/htdocs", "/usr/local/nginx/html", "/home/wwwroot", "/data/www", "/data/wwwroot", "/var/lib/tomcat*/webapps", "/opt/*/webapps", "/usr/local/tomcat*/webapps", "~/public_html", "~/www", "~/htdocs" }
            .SelectMany(root => new[] { root + "/**/*." + Endings, root + "/**/.htaccess" }),
        "/usr/lib/cgi-bin/*", "/var/www/cgi-bin/*",
    ];

    /// <summary>Claims for a web root that a configuration names.</summary>
    public static IReadOnlyList<string> ClaimsBelow(string root) => [root + "/**/*." + Endings, root + "/**/.htaccess"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        ReadOnlySpan<byte> bytes = input.Content.Span;
        string name = input.Location.Name;
        string ending = name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant();
        bool hasPhp = bytes.IndexOf("<?"u8) >= 0 || bytes.IndexOf("language=\"php\""u8) >= 0;
        string language = name == ".htaccess" ? "htaccess" : ending is "jsp" or "jspx" or "jspf" or "jsw" ? "jsp" : ending is "asp" or "aspx" or "ashx" or "asmx" or "asa" or "cer" or "cfm" ? "asp" : hasPhp && ending is not ("pl" or "py") ? "php" : "cgi";
        var signs = new List<WebScriptSign>();
        void Add(WebScriptSign sign)
        {
            if (signs.Count < MaxSigns)
            {
                signs.Add(sign);
            }
        }
        switch (language)
        {
            case "php":
                if (IsImage(bytes) && hasPhp)
                {
                    Add(new WebScriptSign(WebScriptAct.LooksLikeImage, "begins like an image", 1));
                }
                new PhpReader(Add).Read(PhpTokenizer.Read(Encoding.Latin1.GetString(bytes)));
                break;
            case "htaccess":
                WebWords.AccessFile(bytes, Add);
                break;
            default:
                WebWords.Read(language, bytes, Add);
                break;
        }
        sink.Add(new WebScript(input.Location)
        {
            Language = language, OwnerId = input.Entry.UserId, Modified = input.Entry.Modified, LongestLine = LongestLine(bytes), Signs = signs,
        });
        if (input.IsTruncated)
        {
            sink.Report(new Diagnostic("web.truncated", "the script is larger than the limit, its end was not read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
        }
    }

    private static bool IsImage(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("GIF8"u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || bytes.StartsWith("BM"u8) || bytes.StartsWith("%PDF"u8);

    private static int LongestLine(ReadOnlySpan<byte> bytes)
    {
        int longest = 0;
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            longest = Math.Max(longest, end < 0 ? bytes.Length : end);
            bytes = end < 0 ? default : bytes[(end + 1)..];
        }
        return longest;
    }
}
