using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Scripts below the directories that web servers of Windows publish: IIS, Exchange, SharePoint, and the usual ones of Apache. What they do is found as on Linux.</summary>
/// <remarks><b>Limitations:</b> sites elsewhere, which <c>applicationHost.config</c> names, are not found; code behind pages that is compiled is not read.</remarks>
public sealed class WindowsWebScriptParser : ArtifactParser
{
    private readonly WebScriptParser _scripts = new();

    /// <inheritdoc/>
    public override string Name => "windows/web-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        .. new[]
        {
            "/inetpub", "/wwwroot", "/websites", "/xampp/htdocs", "/wamp/www", "/wamp64/www", "/Program Files/Microsoft/Exchange Server/*/FrontEnd/HttpProxy", "/Program Files/Microsoft/Exchange Server/*/ClientAccess",
            "/Program Files/Common Files/microsoft shared/Web Server Extensions/*/TEMPLATE", "/Program Files{, (x86)}/Apache*/**/htdocs", "/Apache*/htdocs", "/Program Files{, (x86)}/Apache*/**/webapps",
        }.SelectMany(WebScriptParser.ClaimsBelow),
        .. new[] { "/inetpub", "/wwwroot", "/websites" }.Select(root => root + "/**/*.asa"),
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) => _scripts.Parse(input, sink);
}
