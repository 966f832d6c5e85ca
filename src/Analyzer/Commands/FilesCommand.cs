using System.CommandLine;
using System.Globalization;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Listing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary><c>files IMAGE</c>: every file entry of every volume, streaming.</summary>
public static class FilesCommand
{
    private const string Notes = """
        Examples:
          deadbox files server.raw > files.csv
          deadbox files server.raw --format bodyfile | mactime -b -
          deadbox files server.raw --deleted --format bodyfile | mactime -b -
          deadbox files server.raw --hash md5,sha256 --path '/usr/**' --format jsonl

        --path is a glob over whole paths: * and ? stay within a name, ** stands for any number of directories.
        --deleted adds, after the entries of each volume, files that were unlinked while open (orphan) and what is left of
        deleted ones, each with its certainty: intact, possibly overwritten, metadata only. jsonl has orphans without it too.
        Without a known name the path is /$OrphanFiles/inode-N. journal_copy is the K of 'cat --inode N --journal-copy K'.
        Where a journal was replayed, jsonl (and csv with --deleted: journal_state) says what that did: added, changed, removed.
        What it removed is listed with the metadata it had before; 'cat --journal ignore' reads its content.
        Named streams (NTFS) follow their file as PATH:STREAM, of type a; 'cat IMAGE PATH:STREAM' reads one. Of Windows volumes
        csv and jsonl also have the attributes, the reparse tag and the SIDs of owner and group.
        Entries that cannot be read are named on standard error.
        Exit codes: 0 done, 2 usage, 3 nothing readable.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("files", "List every file entry with its metadata and, when asked, its hashes", Notes);
        var image = new ImageOptions(command);
        var format = new Option<string?>("--format", "-f") { HelpName = "csv|jsonl|bodyfile", Description = "Output format (default csv)" };
        var hash = new Option<string?>("--hash") { HelpName = "md5,sha1,sha256", Description = "Digests of regular files, comma-separated" };
        var path = new Option<string?>("--path") { HelpName = "GLOB", Description = "Only paths that match" };
        var deleted = new Option<bool>("--deleted") { Description = "Also list orphans and deleted files" };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write here instead of to standard output" };
        var threads = new Option<string?>("--threads") { HelpName = "N", Description = "Hashing threads (default: one per processor)" };
        foreach (Option option in new Option[] { format, hash, path, deleted, output, threads })
        {
            command.Add(option);
        }
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            HashKinds kinds = HashNames.Parse(parse.GetValue(hash));
            string kind = parse.GetValue(format) ?? "csv";
            RequireKnown(kind);
            int workers = ScanCommand.ParseThreads(parse.GetValue(threads)) ?? Math.Max(1, Environment.ProcessorCount);
            ImageSource source = image.Require(parse);
            var diagnostics = new DiagnosticCollector();
            using OpenedImage opened = ImageOptions.Open(context, source, diagnostics);
            opened.RequireReadable();
            using OutputFile? file = parse.GetValue(output) is { } place ? OutputFile.Create(place, [.. source.Paths, .. source.ExternalJournals]) : null;
            var lister = new FileLister(opened, ScanLimits.Default, diagnostics, parse.GetValue(path), context.Cancellation)
            {
                ComparesJournal = parse.GetValue(deleted) || kind == "jsonl",
                Unnamed = parse.GetValue(deleted) ? UnnamedFiles.All : kind == "jsonl" ? UnnamedFiles.Orphans : UnnamedFiles.None,
            };
            bool hasWindows = opened.Volumes.Any(volume => volume.FileSystem is IAlternateStreams);
            using (FileRowWriter writer = Writer(kind, file?.Stream ?? context.StandardOutput, parse.GetValue(deleted), hasWindows))
            {
                lister.Run(writer, kinds, workers);
            }
            file?.Commit();
            foreach (((string volume, string reason), long count) in lister.ContentMissing)
            {
                context.Say(string.Create(CultureInfo.InvariantCulture, $"{volume}: {count} file(s) have no readable content: {reason}"));
            }
            SayWhatIsMissing(context, opened, diagnostics);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void SayWhatIsMissing(CommandContext context, OpenedImage opened, DiagnosticCollector diagnostics)
    {
        foreach (OpenedVolume volume in opened.Volumes.Where(volume => volume.FileSystem is null && volume.Volume.MemberOf is null))
        {
            context.Say("volume " + volume.Volume.Identity + " is not listed: " + volume.NotReadBecause);
        }
        foreach (Diagnostic diagnostic in diagnostics.ToList())
        {
            context.Say(string.Join(": ", new[] { diagnostic.Volume, diagnostic.Path, diagnostic.Code, diagnostic.Message }.Where(part => part is not null)));
        }
    }

    private static void RequireKnown(string format)
    {
        if (format is not ("csv" or "jsonl" or "bodyfile"))
        {
            throw new UsageException("unknown format '" + format + "'; known are csv, jsonl, bodyfile");
        }
    }

    private static FileRowWriter Writer(string format, Stream stream, bool withDeleted, bool withWindows) => format switch
    {
        "jsonl" => new JsonRowWriter(stream),
        "bodyfile" => new BodyfileRowWriter(stream),
        _ => new CsvRowWriter(stream, withDeleted, withWindows),
    };
}
