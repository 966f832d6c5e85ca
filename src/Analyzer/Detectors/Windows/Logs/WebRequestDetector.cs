using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>
/// What the request logs of web servers on Windows tell: exploits that were answered with success, and answered pages in folders of IIS and Exchange in which no such page belongs, whether the page is still there or not.
/// </summary>
/// <remarks><b>Limitations:</b> what a request carried is not logged, so an answered exploit may have done nothing; a page that is called by another path than its own is not found on the disk.</remarks>
public sealed class WebRequestDetector : IDetector
{
    private static readonly RuleInfo s_exploit = new("W-WEBLOG.exploit-answered", "A request in the shape of an exploit was answered", "access", ["T1190"]);
    private static readonly RuleInfo s_page = new("W-WEBLOG.foreign-page", "A page answered where none belongs", "persistence", ["T1505.003"]);

    private const int MostExploits = 30;
    // Who looks for shells asks for dozens of names; intruders leave a few.
    private const int MostPages = 5;

    // These are refused by servers with the updates, and no ordinary request has their shape.
    private static readonly HashSet<string> s_exact = new(StringComparer.Ordinal) { "ProxyShell", "ProxyLogon", "ToolShell" };

    private static readonly string[] s_endings = [".aspx", ".ashx", ".asmx", ".asp", ".php", ".jsp"];

    // What Exchange 2010 to 2019 bring.
    private static readonly HashSet<string> s_exchange = new(StringComparer.OrdinalIgnoreCase)
    {
        "logon.aspx", "logoff.aspx", "error.aspx", "error2.aspx", "errorFE.aspx", "ExpiredPassword.aspx", "frowny.aspx", "OutlookCN.aspx", "RedirSuiteServiceProxy.aspx", "signout.aspx", "SvmFeedback.aspx", "TimeoutLogout.aspx",
        "casredirect.aspx", "redir.aspx", "preload.aspx", "owalogon.asp",
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_exploit, s_page];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            LogEvent[] answered = [.. logs.Of(LogEventKind.WebRequest).Where(found => found.Detail is ['2', ..] && found.Target is not null && evidence.IsOfWindows(found.Location))];
            foreach (IGrouping<string, LogEvent> exploit in answered.Where(found => NameOf(found) is not null).GroupBy(found => NameOf(found)!, StringComparer.Ordinal).Take(MostExploits))
            {
                yield return Exploit(exploit.Key, [.. exploit]);
            }
            ILookup<string, LogEvent> pages = answered.Where(found => IsForeign(found.Target!)).ToLookup(found => found.Target!, StringComparer.OrdinalIgnoreCase);
            foreach (IGrouping<string, LogEvent> page in pages.Take(MostPages * 2))
            {
                yield return Page(page.Key, [.. page], pages.Count, logs.Volume, evidence);
            }
        }
    }

    private static Finding Exploit(string name, LogEvent[] requests)
    {
        bool isExact = s_exact.Contains(name);
        return WindowsLogEvents.Finding(s_exploit, isExact ? Severity.Medium : Severity.Low, requests[0],
            $"{requests.Sum(found => found.Count)} requests that look like an exploit ({name}) were answered with success, {Span(requests)}. {(isExact ? "A server with the updates refuses them." : "Many servers answer everything.")}", requests[0].Message ?? requests[0].Target!,
            "Install the updates of the server; look for pages made after that time below its folders, and for what its worker process (w3wp.exe) started");
    }

    private static Finding Page(string target, LogEvent[] requests, int pages, string host, EvidenceIndex evidence)
    {
        bool isPosted = requests.Any(found => found.Method == "POST");
        WebScript? script = evidence.OfType<WebScript>().FirstOrDefault(script => script.Location.Path.EndsWith(target, StringComparison.OrdinalIgnoreCase) && evidence.TreeOf(script.Location.Volume) == host);
        bool isHarmless = script is { Signs.Count: 0 };
        Severity severity = pages > MostPages ? Severity.Low : isPosted && !isHarmless ? Severity.High : Severity.Medium;
        string what = script is null ? "It is not there any more, or lies elsewhere." : $"It is {script.Location.Path}" + (isHarmless ? ", in which nothing stands out." : ".");
        return WindowsLogEvents.Finding(s_page, severity, requests[0],
            $"{target} was asked for {requests.Sum(found => found.Count)} times and answered with success, {Span(requests)}; the server brings no such page. {what}{(pages > MostPages ? " So many were answered that the server seems to answer everything." : "")}",
            requests[0].Message ?? target, "Look in the log for who asked for it and what else they asked for; look for the page among deleted files and in shadow copies; close the hole that it came through")
            with { Related = script is null ? [] : [new RelatedFile(script.Location.Path, "answers")] };
    }

    private static string? NameOf(LogEvent found) => found.Detail!.IndexOf(", ", StringComparison.Ordinal) is >= 0 and int at ? found.Detail[(at + 2)..] : null;

    private static string Span(LogEvent[] requests) => Linux.LogText.Span(requests[0].First, requests[^1].Last);

    /// <summary>Pages in folders that hold only scripts for browsers, or only the pages that the server brought.</summary>
    private static bool IsForeign(string target)
    {
        if (!s_endings.Any(ending => target.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }
        string name = target[(target.LastIndexOf('/') + 1)..];
        bool Starts(string folder) => target.StartsWith(folder, StringComparison.OrdinalIgnoreCase);
        // The viewer of Crystal Reports has pages of its own there.
        return (Starts("/aspnet_client/") && !target.Contains("crystalreport", StringComparison.OrdinalIgnoreCase))
            || ((Starts("/owa/auth/") || Starts("/ecp/auth/")) && !s_exchange.Contains(name))
            || (Starts("/_layouts/") && name.StartsWith("spinstall", StringComparison.OrdinalIgnoreCase));
    }
}
