using System.CommandLine;
using System.Globalization;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Commands;

/// <summary><c>scan IMAGE...</c>: the whole way from image to report and exit code.</summary>
public static class ScanCommand
{
    private const int MostThreads = 256;

    private const string Notes = """
        Examples:
          deadbox scan server.raw
          deadbox scan server.raw --profile triage -v
          deadbox scan system.qcow2 data.vmdk
          deadbox scan server.raw --format console --format json=report.json
          deadbox scan server.raw --rules our.yar --hashes known-bad.csv
          deadbox scan server.raw --fail-on high --format json --output report.json

        Exit codes: 0 done, 1 finding at or above --fail-on, 2 usage or rule error, 3 nothing readable,
        4 incomplete under --fail-on, 5 evidence changed or not as its stored digest says, 70 internal error, 75 output failed, 130 interrupted.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("scan", "Search an image for signs of compromise and report them", Notes);
        var image = new ImageOptions(command);
        var profile = new Option<string?>("--profile") { HelpName = "triage|standard|full", Description = "How much content is examined: what starts by itself, all programs and scripts (default), every file" };
        var rules = new Option<string[]?>("--rules") { HelpName = "PATH", AllowMultipleArgumentsPerToken = true, Description = "YARA files or directories to add to the shipped rules" };
        Option<bool> noBuiltinRules = VerbCommand.Flag("--no-builtin-rules", "Leave out the shipped rules");
        var hashes = new Option<string[]?>("--hashes") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "Lists of known-bad hashes" };
        var manifests = new Option<string[]?>("--trusted-manifest") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "Manifests of trusted images ('deadbox manifest'): what they confirm is not searched by YARA, what contradicts them is reported" };
        var roots = new Option<string[]?>("--trusted-roots") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "Root certificates (PEM) that signatures of Windows programs may lead to, besides the shipped ones" };
        var format = new Option<string[]?>("--format", "-f") { HelpName = "console|json[=FILE]", Description = "Report format (default console); repeat it to write several at once" };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write the report here instead of to standard output" };
        var failOn = new Option<string?>("--fail-on") { HelpName = "SEVERITY", Description = "Exit 1 on a finding at or above: critical, high, medium, low, info" };
        Option<bool> allowIncomplete = VerbCommand.Flag("--allow-incomplete", "Let an incomplete scan pass --fail-on");
        var threads = new Option<string?>("--threads") { HelpName = "N", Description = "Worker threads (default: one per processor)" };
        Option<bool> verify = VerbCommand.Flag("--verify-evidence", "Compare the disk with the digests that the acquiring tool stored in the image; exit 5 when they differ");
        Option<bool> quiet = VerbCommand.Flag("--quiet", "No messages but errors and warnings, no progress", "-q");
        Option<bool> verbose = VerbCommand.Flag("--verbose", "List low and info findings, log the phases", "-v");
        Option<bool> noColor = VerbCommand.Flag("--no-color", "No colours (also: NO_COLOR in the environment)");
        Option<bool> noProgress = VerbCommand.Flag("--no-progress", "No progress display");
        foreach (Option option in new Option[] { profile, rules, noBuiltinRules, hashes, manifests, roots, format, output, failOn, allowIncomplete, verify, threads, quiet, verbose, noColor, noProgress })
        {
            command.Add(option);
        }
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            bool isVerbose = parse.GetValue(verbose);
            bool isQuiet = parse.GetValue(quiet);
            if (isVerbose && isQuiet)
            {
                throw new UsageException("--quiet and --verbose exclude each other");
            }
            bool colours = !context.NoColor && !parse.GetValue(noColor);
            Severity? gate = ParseSeverity(parse.GetValue(failOn));
            if (gate is null && parse.GetValue(allowIncomplete))
            {
                throw new UsageException("--allow-incomplete needs --fail-on");
            }
            var options = new ScanOptions(image.Require(parse))
            {
                Profile = ParseProfile(parse.GetValue(profile)),
                RulePaths = parse.GetValue(rules) ?? [],
                UseBuiltinRules = !parse.GetValue(noBuiltinRules),
                HashLists = parse.GetValue(hashes) ?? [],
                TrustedManifests = parse.GetValue(manifests) ?? [],
                TrustedRoots = parse.GetValue(roots) ?? [],
                VerifiesEvidence = parse.GetValue(verify),
            };
            options = options with { Threads = ParseThreads(parse.GetValue(threads)) ?? options.Threads };
            using ReportTargets targets = ReportTargets.Open(context, parse.GetValue(format) ?? [], parse.GetValue(output), [.. options.Image.Paths, .. options.Image.ExternalJournals], colours, isVerbose);
            var display = new ProgressDisplay(context, isQuiet, isVerbose, colours, isLive: context.ErrorIsTerminal && !isQuiet && !parse.GetValue(noProgress));
            ScanResult result = display.Run(progress => ImageScan.Run(options, progress, context.Cancellation));
            targets.Write(result.Report);
            int code = ExitCodes.Of(result, gate, parse.GetValue(allowIncomplete));
            SayEnd(context, result, code, gate, isQuiet, targets.ShowsConsole);
            return code;
        });
        return command;
    }

    private static void SayEnd(CommandContext context, ScanResult result, int code, Severity? gate, bool isQuiet, bool showsConsole)
    {
        Report report = result.Report;
        if (!isQuiet)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture,
                $"{(showsConsole ? "done" : ConsoleReport.Headline(report))}; {report.Run.Seconds:0.0} s, {Amounts.Count(report.Run.Threads, "thread")}, {Amounts.Bytes(report.Run.BytesRead)} examined"));
        }
        switch (code)
        {
            case ExitCodes.EvidenceChanged:
                context.Say(result.EvidenceChanged ? "error: the image file changed during the scan; the report describes no single state of it"
                    : "error: the disk is not what the digest stored in the image says");
                break;
            case ExitCodes.NothingReadable:
                context.Say("error: no volume of the image could be read");
                break;
            case ExitCodes.Incomplete:
                context.Say("error: the scan is incomplete and does not pass --fail-on (--allow-incomplete lifts this): " + string.Join("; ", report.Coverage.IncompleteBecause));
                break;
            case ExitCodes.Gate when !isQuiet:
                context.Say("findings at or above --fail-on " + gate?.ToString().ToLowerInvariant());
                break;
        }
    }

    internal static Severity? ParseSeverity(string? text) => text?.ToLowerInvariant() switch
    {
        null => null,
        "critical" => Severity.Critical,
        "high" => Severity.High,
        "medium" => Severity.Medium,
        "low" => Severity.Low,
        "info" => Severity.Info,
        _ => throw new UsageException("'" + text + "' is not a severity; use critical, high, medium, low or info"),
    };

    private static ScanProfile ParseProfile(string? text) => text?.ToLowerInvariant() switch
    {
        null or "standard" => ScanProfile.Standard,
        "triage" => ScanProfile.Triage,
        "full" => ScanProfile.Full,
        _ => throw new UsageException("'" + text + "' is not a profile; use triage, standard or full"),
    };

    internal static int? ParseThreads(string? text)
    {
        if (text is null)
        {
            return null;
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) || threads is < 1 or > MostThreads)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--threads takes a number from 1 to {MostThreads}, not '{text}'"));
        }
        return threads;
    }
}
