using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Scripts by which a visitor of the web server runs what he likes. Points of all signs of a file are added, as for commands: 100 critical, 60 high, 40 medium; signs of the place count only beside what the script
/// does. What a package brought and is unchanged is low: it may be a hole, but nobody planted it.
/// </summary>
public sealed class WebShellDetector : IDetector
{
    private static readonly WebRule Evaluates = Rule("evaluates-request", "Web script evaluates what its visitors send");
    private static readonly WebRule Runs = Rule("runs-request", "Web script runs what its visitors send");
    private static readonly WebRule Calls = Rule("calls-by-request", "Web script calls what its visitors name");
    private static readonly WebRule Includes = Rule("includes-request", "Web script includes what its visitors name");
    private static readonly WebRule Writes = Rule("writes-request", "Web script writes files for its visitors");
    private static readonly WebRule Encoded = Rule("encoded", "Web script evaluates encoded code");
    private static readonly WebRule Disguised = Rule("disguised", "Web script disguised as an image");
    private static readonly WebRule Handler = Rule("handler", "Web server is told to run files that are no code");

    private static readonly string[] UploadFolders = ["/uploads/", "/upload/", "/images/", "/image/", "/img/", "/files/", "/tmp/", "/cache/", "/media/", "/avatars/", "/avatar/", "/userfiles/", "/attachments/", "/.well-known/", "/fonts/", "/css/", "/aspnet_client/"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [.. new[] { Evaluates, Runs, Calls, Includes, Writes, Encoded, Disguised, Handler }.SelectMany(rule => new[] { rule.Linux, rule.Windows })];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<(string Host, string Folder), WebScript> siblings = evidence.OfType<WebScript>().Where(script => script.Language != "htaccess").ToLookup(script => Folder(evidence, script));
        foreach (WebScript script in evidence.OfType<WebScript>())
        {
            if (script.Signs.Count > 0 && Judge(script, [.. siblings[Folder(evidence, script)].Take(200)], evidence.File(script.Location)) is { } finding)
            {
                yield return finding with { Message = finding.Message + Requests(script, evidence) };
            }
        }
    }

    private static Finding? Judge(WebScript script, WebScript[] siblings, FileFacts? file)
    {
        WebScriptSign worst = script.Signs.OrderByDescending(Points).ThenBy(sign => sign.Line).First();
        int score = Points(worst);
        var reasons = new List<string> { Words(worst) };
        foreach (WebScriptSign other in script.Signs.Where(sign => sign.Act != worst.Act).DistinctBy(sign => sign.Act).Take(4))
        {
            score += Math.Min(Points(other), 40);
            reasons.Add(Words(other));
        }
        void Add(int points, string reason)
        {
            score += points;
            reasons.Add(reason);
        }
        string path = script.Location.Path;
        string name = PathTraits.Name(path);
        if (script.Language != "htaccess" && UploadFolders.Any(folder => path.Contains(folder, StringComparison.OrdinalIgnoreCase)))
        {
            Add(40, "it lies where visitors' files and pictures do");
        }
        if (name.StartsWith('.') && script.Language != "htaccess")
        {
            Add(20, "its name is hidden");
        }
        if (script.LongestLine > 5000 && script.Signs.Any(sign => sign.Act == WebScriptAct.EvaluatesEncoded || sign.IsEncoded))
        {
            Add(20, string.Create(CultureInfo.InvariantCulture, $"a line of it has {script.LongestLine} characters"));
        }
        if (siblings.Length >= 4)
        {
            if (siblings.Count(sibling => sibling.OwnerId == script.OwnerId) == 1)
            {
                Add(20, "it belongs to another account than all scripts beside it");
            }
            long[] times = [.. siblings.Where(sibling => !ReferenceEquals(sibling, script)).Select(sibling => sibling.Modified?.Seconds ?? 0)];
            if (script.Modified is { } modified && modified.Seconds - times.Max() > 30 * 86400)
            {
                Add(20, "it is more than a month younger than all scripts beside it");
            }
        }
        Severity severity = score >= 100 ? Severity.Critical : score >= 60 ? Severity.High : score >= 40 ? Severity.Medium : Severity.Low;
        string origin = "";
        if (file?.Origin is { IsVendor: true, Package: { } package })
        {
            severity = Severity.Low;
            origin = $" The package database on this disk says that {package} brought it and that it is unchanged.";
        }
        bool isWindows = file?.Entry.DosAttributes is not null;
        WebRule rule = RuleOf(worst.Act);
        return new Finding(isWindows ? rule.Windows : rule.Linux, severity, script.Location.At(worst.Line, 0) with { ByteOffset = null })
        {
            Message = $"The {script.Language} script {string.Join("; ", reasons)}. Score {score}." + origin,
            Evidence = Clip.Evidence(worst.How), Hashes = file?.Hashes,
            Remediation = severity <= Severity.Low ? [] : [.. isWindows ? WindowsRemediation.RemoveFile(path) : Remediation.RemoveFile(path), "Look in the log of the web server for who asked for " + name + ", and close the hole that it came through"],
        };
    }

    /// <summary>What the logs of the web server say of it; judged is the script alone.</summary>
    private static string Requests(WebScript script, EvidenceIndex evidence)
    {
        LogEvent[] requests = [.. evidence.Logs.Of(evidence.TreeOf(script.Location.Volume)).RequestsFor(script.Location.Path, evidence.IsOfWindows(script.Location))];
        return requests.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $" By {requests[0].Location.Path} it was asked for and answered {requests.Sum(found => found.Count)} times ({requests[0].Method} {requests[0].Target}), {LogText.Span(requests[0].First, requests[^1].Last)}.");
    }

    private static int Points(WebScriptSign sign) => (sign.IsEncoded ? 20 : 0) + sign.Act switch
    {
        WebScriptAct.EvaluatesRequest => 100,
        WebScriptAct.RunsRequest => 80,
        WebScriptAct.CallsByRequest => 70,
        WebScriptAct.IncludesRequest => sign.How.Contains("php://input", StringComparison.OrdinalIgnoreCase) ? 80 : 25,
        WebScriptAct.WritesRequest => 60,
        WebScriptAct.EvaluatesEncoded => 25,
        WebScriptAct.LooksLikeImage => 60,
        _ => 60,
    };

    private static string Words(WebScriptSign sign) => sign.Act switch
    {
        WebScriptAct.EvaluatesRequest => "evaluates as code what its visitors send",
        WebScriptAct.RunsRequest => "gives a shell what its visitors send",
        WebScriptAct.CallsByRequest => "calls functions that its visitors name",
        WebScriptAct.IncludesRequest => "includes files that its visitors name",
        WebScriptAct.WritesRequest => "writes what its visitors send to files that they name",
        WebScriptAct.EvaluatesEncoded => "evaluates code that is kept encoded",
        WebScriptAct.LooksLikeImage => "begins like an image",
        _ => "makes the web server run files that are no code",
    } + (sign.IsEncoded ? ", in code that is kept encoded" : "");

    private static WebRule RuleOf(WebScriptAct act) => act switch
    {
        WebScriptAct.EvaluatesRequest => Evaluates,
        WebScriptAct.RunsRequest => Runs,
        WebScriptAct.CallsByRequest => Calls,
        WebScriptAct.IncludesRequest => Includes,
        WebScriptAct.WritesRequest => Writes,
        WebScriptAct.EvaluatesEncoded => Encoded,
        WebScriptAct.LooksLikeImage => Disguised,
        _ => Handler,
    };

    private static (string, string) Folder(EvidenceIndex evidence, WebScript script) => (evidence.TreeOf(script.Location.Volume), script.Location.Path[..(script.Location.Path.LastIndexOf('/') + 1)]);

    private static WebRule Rule(string reason, string title) =>
        new(new("L-WEBSHELL." + reason, title, "persistence", ["T1505.003"]), new("W-WEBSHELL." + reason, title, "persistence", ["T1505.003"]));

    private sealed record WebRule(RuleInfo Linux, RuleInfo Windows);
}
