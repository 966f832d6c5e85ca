using System.CommandLine;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary><c>info IMAGE</c>: what the image is, layer by layer, without looking into files.</summary>
public static class InfoCommand
{
    private const string Notes = """
        Examples:
          deadbox info server.raw
          deadbox info server.raw --format json
          deadbox info server.E01 --hash sha256,md5 --verify-evidence
          deadbox info disk1.vmdk disk2.vmdk

        Exit codes: 0 done, 2 usage, 3 the image or all its volumes cannot be read, 5 the evidence changed or is not what its stored digest says.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("info", "Show container, partition table, volumes, file systems and hosts of an image", Notes);
        var image = new ImageOptions(command);
        var format = new Option<string?>("--format", "-f") { HelpName = "table|json", Description = "Output format (default table)" };
        Option<bool> noColor = VerbCommand.Flag("--no-color", "No colours (also: NO_COLOR in the environment)");
        var hash = new Option<string?>("--hash") { HelpName = "sha256,md5,sha1", Description = "Digests of the logical disk, comma-separated" };
        var evidenceHash = new Option<string?>("--evidence-hash") { HelpName = "sha256,md5,sha1", Description = "Digests of the image files as they lie, segments and parents too" };
        Option<bool> verify = VerbCommand.Flag("--verify-evidence", "Compare the disk with the digests that the acquiring tool stored in the image; exit 5 when they differ");
        foreach (Option option in new Option[] { format, hash, evidenceHash, verify, noColor })
        {
            command.Add(option);
        }
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            HashKinds kinds = HashNames.Parse(parse.GetValue(hash));
            HashKinds fileKinds = HashNames.Parse(parse.GetValue(evidenceHash));
            bool colours = !context.NoColor && !parse.GetValue(noColor);
            string chosen = parse.GetValue(format) ?? "table";
            if (chosen is not ("table" or "json"))
            {
                throw new UsageException("unknown format '" + chosen + "'; known are table, json");
            }
            ImageSource source = image.Require(parse);
            var diagnostics = new DiagnosticList();
            using OpenedImage opened = ImageOptions.Open(context, source, diagnostics);
            ImageDescription description = ImageDescription.Of(opened, HostProfile.ReadAll(opened, ScanLimits.Default, diagnostics, context.Cancellation), diagnostics.Items);
            if (kinds != HashKinds.None || fileKinds != HashKinds.None || parse.GetValue(verify))
            {
                var display = new ProgressDisplay(context, isQuiet: true, isVerbose: false, colours, isLive: context.ErrorIsTerminal);
                description = display.Run(progress => Hash(opened, description, kinds, fileKinds, parse.GetValue(verify), progress, context.Cancellation));
            }
            if (chosen == "json")
            {
                InfoJson.Write(description, context.StandardOutput);
            }
            else
            {
                InfoTable.Write(description, context.StandardOutput, context.OutputIsTerminal && colours, context.Width);
            }
            if (description.Verification?.Any(check => !check.Matches) == true || opened.HasChanged())
            {
                context.Say(opened.HasChanged() ? "error: the image file changed meanwhile" : "error: the disk is not what the digest stored in the image says");
                return ExitCodes.EvidenceChanged;
            }
            if (description.Verification is { Count: 0 })
            {
                context.Say("warning: the image carries no digest to verify");
            }
            if (description.Volumes.Any(volume => volume.FileSystem is not null))
            {
                return ExitCodes.Done;
            }
            context.Say("no volume of the image could be read");
            return ExitCodes.NothingReadable;
        });
        return command;
    }

    private static ImageDescription Hash(
        OpenedImage image, ImageDescription description, HashKinds kinds, HashKinds fileKinds, bool verifies, IScanProgress progress, CancellationToken cancellation)
    {
        var disks = new List<NamedHashes>();
        if (kinds != HashKinds.None)
        {
            progress.Begin("hash disk", null, image.Disks.Sum(disk => disk.Image.Content.Length));
            foreach (OpenedDisk disk in image.Disks)
            {
                string name = disk.FileName + (disk.Image.MemberName is { } member ? ":" + member : "");
                disks.Add(new NamedHashes(name, SourceHasher.Hash(disk.Image.Content, kinds, cancellation, bytes => progress.Advance(0, bytes))));
            }
        }
        var files = new List<NamedHashes>();
        if (fileKinds != HashKinds.None)
        {
            progress.Begin("hash files", null, image.Files.Sum(file => file.File.Length));
            files.AddRange(image.Files.Select(file => new NamedHashes(file.Name, SourceHasher.Hash(file.File, fileKinds, cancellation, bytes => progress.Advance(0, bytes)))));
        }
        return description with { DiskHashes = disks, FileHashes = files, Verification = verifies ? SourceHasher.Verify(image, progress, cancellation) : null };
    }
}
