using System.CommandLine;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary>The argument every verb begins with, and the options about what of the image is opened, which every verb has. One object belongs to one command.</summary>
public sealed class ImageOptions
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "Disk image or snapshot; opened read-only" };
    private readonly Option<string?> _journal = new("--journal")
    {
        HelpName = "replay|ignore",
        Description = "File systems as a mount would show them, with what only their journal holds (default), or as they lie on the disk",
    };
    private readonly Option<string[]?> _externalJournal = new("--external-journal")
    {
        HelpName = "FILE",
        Description = "Image of an external journal; opened read-only; repeat it for several",
    };

    /// <summary>Adds them to a verb: the argument first.</summary>
    public ImageOptions(Command command)
    {
        command.Add(_image);
        command.Add(_journal);
        command.Add(_externalJournal);
    }

    /// <summary>
    /// What was asked for, when there is something to open. Throws <see cref="UsageException"/> for a bad value, and a <see cref="ForensicException"/> when there is
    /// no such file, before anything else is prepared.
    /// </summary>
    public ImageSource Require(ParseResult parse)
    {
        var source = new ImageSource(parse.GetRequiredValue(_image))
        {
            Journal = ParseView(parse.GetValue(_journal)),
            ExternalJournals = parse.GetValue(_externalJournal) ?? [],
        };
        RequireFile(source.Path, "a disk image");
        foreach (string journal in source.ExternalJournals)
        {
            RequireFile(journal, "a journal");
        }
        return source;
    }

    private static void RequireFile(string path, string what)
    {
        if (Directory.Exists(path))
        {
            throw new ImageReadException(0, "'" + path + "' is a directory, not " + what);
        }
        if (!File.Exists(path))
        {
            throw new ImageReadException(0, "there is no file '" + path + "'");
        }
    }

    private static JournalView ParseView(string? text) => text?.ToLowerInvariant() switch
    {
        null or "replay" => JournalView.Replay,
        "ignore" => JournalView.Ignore,
        _ => throw new UsageException("'" + text + "' is not a view of the journal; use replay or ignore"),
    };
}
