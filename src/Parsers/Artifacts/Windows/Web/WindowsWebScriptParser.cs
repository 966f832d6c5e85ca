using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Scripts below the directories that web servers of Windows publish: IIS, Exchange, SharePoint, and the usual ones of Apache. What they do is found as on Linux.</summary>
/// <remarks>Sites elsewhere are claimed when <c>applicationHost.config</c> names them (<see cref="IisSiteParser"/>). <b>Limitations:</b> code behind pages that is compiled is not read.</remarks>
public sealed class WindowsWebScriptParser : ArtifactParser
{
    private readonly WebScriptParser _scripts = new();

    /// <summary>Directories below which every script is claimed on any host.</summary>
    public static IReadOnlyList<string> AlwaysClaimed { get; } = ["/inetpub", "/wwwroot", "/websites", "/xampp/htdocs", "/wamp/www", "/wamp64/www"];

    /// <summary>Claims for a directory that a configuration names.</summary>
    public static IReadOnlyList<string> ClaimsBelow(string root) => [.. WebScriptParser.ClaimsBelow(root), root + "/**/*.asa"];

    /// <inheritdoc/>
    public override string Name => "windows/web-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        .. AlwaysClaimed.SelectMany(ClaimsBelow),
        .. new[]
        {
            "/Program Files/Microsoft/Exchange Server/*/FrontEnd/HttpProxy", "/Program Files/Microsoft/Exchange Server/*/ClientAccess",
            "/Program Files/Common Files/microsoft shared/Web Server Extensions/*/TEMPLATE", "/Program Files{, (x86)}/Apache*/**/htdocs", "/Apache*/htdocs", "/Program Files{, (x86)}/Apache*/**/webapps",
        }.SelectMany(WebScriptParser.ClaimsBelow),
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) => _scripts.Parse(input, sink);
}
