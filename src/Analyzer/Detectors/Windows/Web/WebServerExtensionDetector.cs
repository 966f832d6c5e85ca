using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Modules, filters and handlers of IIS and agents of Exchange's transport that lie where no installer puts them or turn files into programs that are none.</summary>
/// <remarks><b>Limitations:</b> libraries among those of IIS are told from Microsoft's by their signature alone; classes of the global assembly cache are not followed.</remarks>
public sealed partial class WebServerExtensionDetector : IDetector
{
    private static readonly RuleInfo s_module = new("W-IIS.foreign-module", "Module of the web server that lies where no installer puts one", "persistence", ["T1505.004"]);
    private static readonly RuleInfo s_unsigned = new("W-IIS.unsigned-module", "Module among those of the web server that nobody signed", "persistence", ["T1505.004"]);
    private static readonly RuleInfo s_handler = new("W-IIS.handler", "Web server is told to run files that are no code", "persistence", ["T1505.003", "T1505.004"]);
    private static readonly RuleInfo s_shell = new("W-IIS.handler-interpreter", "Web server answers requests with an interpreter of Windows", "persistence", ["T1505.003", "T1059"]);
    private static readonly RuleInfo s_agent = new("W-EXCHANGE.foreign-agent", "Transport agent that lies where no installer puts one", "persistence", ["T1505.002"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_module, s_unsigned, s_handler, s_shell, s_agent];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        Dictionary<(string, string), bool> signed = evidence.OfType<WindowsProgramFacts>().GroupBy(program => (program.Location.Volume, program.Location.Path.ToUpperInvariant())).ToDictionary(group => group.Key, group => group.Any(program => program.IsSigned));
        foreach (WebServerExtension extension in evidence.OfType<WebServerExtension>())
        {
            if (Judge(extension, path => signed.TryGetValue((extension.Location.Volume, path.ToUpperInvariant()), out bool isSigned) ? isSigned : null) is { } found)
            {
                yield return new Finding(found.Rule, extension.DormantBecause is null ? found.Severity : found.Severity.Lower(), extension.Location)
                {
                    Message = $"The server's {Words(extension.Extension)} {extension.Name ?? "without a name"}: {found.Why}." + (extension.DormantBecause is { } dormant ? $" It would not run at present: {dormant}; one level lower." : ""),
                    Evidence = Clip.Evidence(string.Join(' ', new[] { extension.RequestPath, extension.Image, extension.Type }.OfType<string>())),
                    Hashes = evidence.HashesOf(extension.Location),
                    Remediation = found.Severity <= Severity.Low ? [] : Place.CleanUp(extension, extension.Location.Line),
                };
            }
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(WebServerExtension extension, Func<string, bool?> signed)
    {
        string? file = extension.NamedFiles.Count > 0 ? extension.NamedFiles[0] : null;
        switch (extension.Extension)
        {
            case WebExtensionKind.NativeModule or WebExtensionKind.IsapiFilter when file is not null:
                return !WindowsPlaces.IsInstalled(file) ? (s_module, signed(file) == true && !WindowsPlaces.IsOdd(file) ? Severity.Medium : Severity.High, $"every worker process loads {file}, where no installer puts its libraries, and it sees all requests")
                    : WindowsPlaces.IsSystem(file) && file.Contains("/inetsrv/", StringComparison.OrdinalIgnoreCase) && signed(file) == false && !IsOfWindows(file)
                        ? (s_unsigned, Severity.Medium, $"{file} lies among the modules of Windows, is none of them, and is not signed") : null;
            case WebExtensionKind.TransportAgent when file is not null:
                return !WindowsPlaces.IsInstalled(file) ? (s_agent, signed(file) == true && !WindowsPlaces.IsOdd(file) ? Severity.Medium : Severity.High, $"Exchange loads {file}, where no installer puts its libraries, and it sees all mail") : null;
            case WebExtensionKind.Handler:
                string program = (extension.Image ?? "").Split('|')[0].Trim().Trim('"');
                return program.Length > 0 && WindowsInterpreters.Runs("\"" + program + "\"") ? (s_shell, Severity.High, $"requests for {extension.RequestPath} are answered by {program}")
                    : NoCode().IsMatch(extension.RequestPath ?? "") && (ScriptEngine().IsMatch(program) || PageType().IsMatch(extension.Type ?? ""))
                        ? (s_handler, Severity.High, $"requests for {extension.RequestPath} are run as scripts, so that a picture or a configuration file becomes a program") : null;
            default:
                return null;
        }
    }

    // Libraries of Windows are signed by catalogues, not in themselves.
    private static bool IsOfWindows(string file) => StockModules().IsMatch(WindowsPlaces.Name(file));

    private static string Words(WebExtensionKind kind) => kind switch
    {
        WebExtensionKind.NativeModule => "native module", WebExtensionKind.ManagedModule => "managed module", WebExtensionKind.Handler => "handler", WebExtensionKind.IsapiFilter => "filter", _ => "transport agent",
    };

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"(?:\.(?:jpe?g|png|gif|bmp|ico|webp|txt|css|log|pdf|woff2?)|web\.config)$", Options)]
    private static partial Regex NoCode();

    [GeneratedRegex(@"(?:^|\\)(?:asp|aspnet_isapi|php[-\w]*|perl[-\w]*|python[-\w]*)\.(?:dll|exe)$", Options)]
    private static partial Regex ScriptEngine();

    [GeneratedRegex(@"\b(?:PageHandlerFactory|SimpleHandlerFactory|WebServiceHandlerFactory)\b", Options)]
    private static partial Regex PageType();

    [GeneratedRegex(@"^(?:cach\w+|compdyn|compstat|defdoc|dirlist|protsup|redirect|static|auth\w+|filter|isapi|cgi|iisfcgi|iis_ssi|iisetw|iisfreb|iisreqs|iislog|loghttp|logcust|modrqflt|validcfg|warmup|ipr\w*|diprestr|urlauthz|custerr|webdav|iiswsock|iprestr|asp|aspnetca|browscap|rsca|infocomm|nativerd|w3\w+|gzip|webdav_simple_\w+|rewrite|hwebcore|iiscore|iisutil|ftp\w+)\.dll$", Options)]
    private static partial Regex StockModules();
}
