using System.CommandLine;
using Forensics.Analyzer.Listing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Analyzer.Commands;

/// <summary><c>usn IMAGE</c>: the events of the change journals of NTFS volumes with rebuilt paths, streaming.</summary>
public static class UsnCommand
{
    private const string JournalPath = "/$Extend/$UsnJrnl";

    private const string Notes = """
        Examples:
          deadbox usn laptop.raw --format csv -o events.csv
          deadbox usn laptop.raw --volume gpt3 --format jsonl

        One line an event of $UsnJrnl:$J, the oldest first: creations, deletions, renamings, writes and more, by the names of the
        Windows SDK. Reasons add up until the file is closed. A path is the one at that time: renamed and deleted directories are
        known from the journal itself, the others from the volume; ?/ stands for a directory of which neither says anything.
        Exit codes: 0 done, 2 usage, 3 no volume has a change journal.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("usn", "List the events of the change journals of NTFS volumes", Notes);
        var image = new ImageOptions(command);
        var volume = new Option<string?>("--volume") { HelpName = "NAME", Description = "Only this volume, such as gpt1 or gpt1@1048576" };
        var format = new Option<string?>("--format", "-f") { HelpName = "table|jsonl|csv", Description = "Output format (default table)" };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write here instead of to standard output" };
        foreach (Option option in new Option[] { volume, format, output })
        {
            command.Add(option);
        }
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            string kind = parse.GetValue(format) ?? "table";
            if (kind is not ("table" or "jsonl" or "csv"))
            {
                throw new UsageException("unknown format '" + kind + "'; known are table, jsonl, csv");
            }
            ImageSource source = image.Require(parse);
            var diagnostics = new DiagnosticCollector();
            using OpenedImage opened = ImageOptions.Open(context, source, diagnostics);
            opened.RequireReadable();
            OpenedVolume? chosen = CatCommand.FindVolume(opened, parse.GetValue(volume));
            (OpenedVolume Volume, IByteSource Content)[] journals = [.. (chosen is null ? opened.Volumes : [chosen])
                .Select(one => (Volume: one, Content: ContentOf(one))).Where(pair => pair.Content is not null).Select(pair => (pair.Volume, pair.Content!))];
            if (journals.Length == 0)
            {
                throw new UnknownFormatException("no volume " + (chosen is null ? "of the image " : "of that name ") + "has a change journal");
            }
            using OutputFile? file = parse.GetValue(output) is { } place ? OutputFile.Create(place, [.. source.Paths, .. source.ExternalJournals]) : null;
            using (UsnRowWriter writer = Writer(kind, file?.Stream ?? context.StandardOutput))
            {
                writer.WriteHeader();
                foreach ((OpenedVolume one, IByteSource journal) in journals)
                {
                    Write(writer, one, journal, diagnostics, context.Cancellation);
                }
            }
            file?.Commit();
            foreach (Diagnostic diagnostic in diagnostics.ToList())
            {
                context.Say(string.Join(": ", new[] { diagnostic.Volume, diagnostic.Path, diagnostic.Code, diagnostic.Message }.Where(part => part is not null)));
            }
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(UsnRowWriter writer, OpenedVolume volume, IByteSource content, DiagnosticCollector diagnostics, CancellationToken cancellation)
    {
        string identity = volume.Volume.Identity;
        var context = new ParseContext(ScanLimits.Default, diagnostics.For(identity), cancellation);
        LiveDirectories live = LiveDirectories.Read(volume.FileSystem!, context);
        // The first reading only learns names; what is damaged is said once.
        UsnPaths paths = UsnPaths.Build(new UsnJournal(content, context with { Diagnostics = NullDiagnosticSink.Instance }).Read(), live.Find);
        var journal = new UsnJournal(content, context with { Diagnostics = diagnostics.For(identity, JournalPath + ":$J") });
        foreach (UsnRecord record in journal.Read())
        {
            writer.Write(new UsnRow(identity, paths.PathOf(record), record));
        }
        if (!paths.IsComplete)
        {
            diagnostics.Report(new Diagnostic("ntfs.usn.names", "the journal names more directories than are kept; paths of older events may be those of the present") { Volume = identity });
        }
        if (journal.ExtentRecords > 0)
        {
            diagnostics.Report(new Diagnostic("ntfs.usn.extents", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{journal.ExtentRecords} records of changed ranges are not listed")) { Volume = identity });
        }
    }

    private static UsnRowWriter Writer(string format, Stream stream) => format switch
    {
        "csv" => new UsnCsvWriter(stream),
        "jsonl" => new UsnJsonWriter(stream),
        _ => new UsnTableWriter(stream),
    };

    /// <summary>The change journal of a volume; null when it has none.</summary>
    private static IByteSource? ContentOf(OpenedVolume volume) =>
        volume.FileSystem is IAlternateStreams && new ImageTree(volume, ScanLimits.Default).Find(JournalPath) is { } file && StreamPath.Find(file.FileSystem, file.File, "$J") is { } stream
            ? file.FileSystem.OpenContent(file.File, stream.Name) : null;
}
