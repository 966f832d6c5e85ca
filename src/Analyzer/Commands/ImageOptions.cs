using System.CommandLine;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary>The images every verb begins with, and the options about what of the image is opened, which every verb has. One object belongs to one command.</summary>
public sealed class ImageOptions
{
    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "Disk image or snapshot, or the images of all disks of one machine; opened read-only",
        Arity = ArgumentArity.OneOrMore,
    };
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

    private readonly Option<string?> _snapshot = new("--snapshot") { HelpName = "NAME|ID", Description = "The state that an internal snapshot of the image, or a shadow copy of its NTFS volumes (vss1, {GUID}), holds; 'info' lists them" };
    private readonly Option<string[]?> _allowParent = new("--allow-parent")
    {
        HelpName = "DIR",
        Description = "Folder in which backing files, parents and extents may lie besides the image's own; repeat it for several",
    };
    private readonly Option<string?> _temporary = new("--temp") { HelpName = "DIR", Description = "Folder for decompressed data, which is removed at the end (default: the system's own)" };

    /// <summary>Adds them to a verb: the argument first.</summary>
    public ImageOptions(Command command)
    {
        command.Add(_images);
        foreach (Option option in new Option[] { _snapshot, _journal, _externalJournal, _allowParent, _temporary })
        {
            command.Add(option);
        }
    }

    /// <summary>
    /// What was asked for, when there is something to open. Throws <see cref="UsageException"/> for a bad value, and a <see cref="ForensicException"/> when there is
    /// no such file, before anything else is prepared.
    /// </summary>
    public ImageSource Require(ParseResult parse) => Require(parse, parse.GetRequiredValue(_images));

    /// <summary>The same for a verb whose last argument may be something else than an image; null for it when it is not to be taken off.</summary>
    public ImageSource Require(ParseResult parse, bool takesLast, out string? last)
    {
        string[] words = parse.GetRequiredValue(_images);
        last = takesLast && words.Length > 1 ? words[^1] : null;
        return Require(parse, last is null ? words : words[..^1]);
    }

    /// <summary>Opens what was asked for; on a terminal the reading through of an image is shown.</summary>
    public static OpenedImage Open(CommandContext context, ImageSource source, IDiagnosticSink diagnostics)
    {
        using var line = new OpeningLine(context);
        return OpenedImage.Open(source with { Progress = line }, ScanLimits.Default, diagnostics, context.Cancellation);
    }

    private ImageSource Require(ParseResult parse, string[] images)
    {
        var source = new ImageSource(images)
        {
            Journal = ParseView(parse.GetValue(_journal)),
            ExternalJournals = parse.GetValue(_externalJournal) ?? [],
            Snapshot = parse.GetValue(_snapshot),
            AllowedParents = parse.GetValue(_allowParent) ?? [],
            TemporaryFolder = parse.GetValue(_temporary),
        };
        foreach (string image in source.Paths)
        {
            RequireFile(image, "a disk image");
        }
        foreach (string journal in source.ExternalJournals)
        {
            RequireFile(journal, "a journal");
        }
        foreach (string folder in source.TemporaryFolder is { } temporary ? source.AllowedParents.Append(temporary) : source.AllowedParents)
        {
            if (!Directory.Exists(folder))
            {
                throw new UsageException("there is no folder '" + folder + "'");
            }
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
