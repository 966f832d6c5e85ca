using System.CommandLine;
using Forensics.Analyzer.Manifests;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary><c>manifest IMAGE</c>: the digests of a trusted system, for later scans of systems made from it.</summary>
public static class ManifestCommand
{
    private const string Notes = """
        Examples:
          deadbox manifest golden.qcow2 --output golden.manifest
          deadbox scan server.raw --trusted-manifest golden.manifest

        One JSON object a line, sorted by path: a header, each regular file with size, mode, owner, SHA-256 and package, each
        symbolic link with its target, and an end line. The same image gives the same bytes with any number of threads.
        Make it before a host is attacked, of the image the host was made from, and keep it where the host cannot write.
        Files that cannot be read are named on standard error and left out.
        Exit codes: 0 done, 2 usage, 3 nothing readable.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("manifest", "Write the digests of a trusted image, to compare others with (scan --trusted-manifest)", Notes);
        var image = new ImageOptions(command);
        var host = new Option<string?>("--host") { HelpName = "VOLUME", Description = "Root volume of the system, when the image holds several" };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write here instead of to standard output" };
        var threads = new Option<string?>("--threads") { HelpName = "N", Description = "Hashing threads (default: one per processor)" };
        Option<bool> quiet = VerbCommand.Flag("--quiet", "No messages but errors and warnings, no progress", "-q");
        Option<bool> noProgress = VerbCommand.Flag("--no-progress", "No progress display");
        foreach (Option option in new Option[] { host, output, threads, quiet, noProgress })
        {
            command.Add(option);
        }
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            int workers = ScanCommand.ParseThreads(parse.GetValue(threads)) ?? Math.Max(1, Environment.ProcessorCount);
            bool isQuiet = parse.GetValue(quiet);
            ImageSource source = image.Require(parse);
            var diagnostics = new DiagnosticCollector();
            using OpenedImage opened = ImageOptions.Open(context, source, diagnostics);
            opened.RequireReadable();
            using OutputFile? file = parse.GetValue(output) is { } place ? OutputFile.Create(place, [.. source.Paths, .. source.ExternalJournals]) : null;
            var display = new ProgressDisplay(context, isQuiet, isVerbose: false, colours: !context.NoColor, isLive: context.ErrorIsTerminal && !isQuiet && !parse.GetValue(noProgress));
            (int entries, long unread) = display.Run(progress =>
                new ManifestMaker(opened, diagnostics, progress, context.Cancellation).Write(file?.Stream ?? context.StandardOutput, parse.GetValue(host), workers));
            file?.Commit();
            foreach (Diagnostic diagnostic in diagnostics.ToList())
            {
                context.Say(string.Join(": ", new[] { diagnostic.Volume, diagnostic.Path, diagnostic.Code, diagnostic.Message }.Where(part => part is not null)));
            }
            if (!isQuiet)
            {
                context.Say(Amounts.Count(entries, "entry", "entries") + (unread == 0 ? "" : "; " + Amounts.Count(unread, "file") + " could not be read and are not in the manifest"));
            }
            return opened.HasChanged() ? ExitCodes.EvidenceChanged : ExitCodes.Done;
        });
        return command;
    }
}
