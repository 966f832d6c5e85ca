using System.CommandLine;
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

        Exit codes: 0 done, 2 usage, 3 the image or all its volumes cannot be read.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("info", "Show container, partition table, volumes, file systems and hosts of an image", Notes);
        var image = new ImageOptions(command);
        var format = new Option<string?>("--format", "-f") { HelpName = "table|json", Description = "Output format (default table)" };
        Option<bool> noColor = VerbCommand.Flag("--no-color", "No colours (also: NO_COLOR in the environment)");
        command.Add(format);
        command.Add(noColor);
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            string chosen = parse.GetValue(format) ?? "table";
            if (chosen is not ("table" or "json"))
            {
                throw new UsageException("unknown format '" + chosen + "'; known are table, json");
            }
            ImageSource source = image.Require(parse);
            var diagnostics = new DiagnosticList();
            using OpenedImage opened = OpenedImage.Open(source, ScanLimits.Default, diagnostics, context.Cancellation);
            ImageDescription description = ImageDescription.Of(opened, [.. HostProfile.ReadAll(opened, ScanLimits.Default, diagnostics, context.Cancellation).Select(host => host.Info)], diagnostics.Items);
            if (chosen == "json")
            {
                InfoJson.Write(description, context.StandardOutput);
            }
            else
            {
                InfoTable.Write(description, context.StandardOutput, context.OutputIsTerminal && !context.NoColor && !parse.GetValue(noColor), context.Width);
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
}
