using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary><c>info</c> for people.</summary>
internal static class InfoTable
{
    private const int Label = 16;

    public static void Write(ImageDescription image, Stream output, bool colours, int width)
    {
        using var page = new TextPage(output, colours, Math.Clamp(width, 60, 120));
        page.Line(new Piece(image.Name, Ink.Strong));
        page.Field(2, Label, "container", image.Format);
        page.Field(2, Label, "file", Exact(image.FileBytes));
        page.Field(2, Label, "disk", Exact(image.DiskBytes));
        foreach ((string name, string value) in image.ContainerFacts)
        {
            page.Field(2, Label, name, value);
        }
        page.Field(2, Label, "table", ConsoleReport.TableName(image.Table) + string.Create(CultureInfo.InvariantCulture, $", sectors of {image.SectorSize} bytes")
            + (image.DiskIdentifier is string id ? ", disk " + id : ""));
        foreach (string journal in image.ExternalJournals)
        {
            page.Field(2, Label, "journal given", journal);
        }
        foreach (VolumeDescription volume in image.Volumes)
        {
            WriteVolume(page, volume);
        }
        foreach (HostInfo host in image.Hosts)
        {
            WriteHost(page, host);
        }
        if (image.Diagnostics.Count > 0)
        {
            page.Blank();
            page.Heading(Amounts.Count(image.Diagnostics.Count, "diagnostic"), Ink.Yellow);
            foreach (Diagnostic diagnostic in image.Diagnostics)
            {
                page.Field(2, 2, "-", diagnostic.Code + ": " + diagnostic.Message + (diagnostic.Volume is string volume ? " (" + volume + ")" : ""));
            }
        }
    }

    private static void WriteVolume(TextPage page, VolumeDescription volume)
    {
        page.Blank();
        page.Heading(volume.Identity + "  " + (volume.FileSystem ?? "not read"), volume.FileSystem is null ? Ink.Yellow : Ink.Cyan);
        page.Field(2, Label, "size", Exact(volume.Length));
        Optional(page, "type", string.Join(", ", new[] { volume.TypeName, volume.TypeId }.Where(word => word is not null)));
        Optional(page, "partition name", volume.Label);
        Optional(page, "partition UUID", volume.Uuid);
        if (volume.NotReadBecause is not null)
        {
            page.Field(2, Label, "not read", volume.NotReadBecause, Ink.Yellow);
        }
        if (volume.Facts is not FileSystemFacts facts)
        {
            return;
        }
        Optional(page, "label", facts.Label);
        Optional(page, "UUID", facts.Uuid);
        Optional(page, "state", facts.State);
        if (facts.NeedsRecovery)
        {
            page.Field(2, Label, "needs recovery", "the journal holds changes that this view does not show", Ink.Yellow);
        }
        if (JournalDescription.Of(facts.Journal) is { } journal)
        {
            page.Field(2, Label, "journal", journal.ToText(), journal.Problem is null ? Ink.Plain : Ink.Yellow);
        }
        page.Field(2, Label, "block size", Exact(facts.BlockSize));
        page.Field(2, Label, "file system", Exact(facts.SizeBytes) + (facts.FreeBytes is long free ? ", " + Amounts.Bytes(free) + " free" : ""));
        Optional(page, "inodes", facts.InodeCount is long inodes ? Amounts.Count(inodes) : null);
        Optional(page, "created", facts.Created?.ToString());
        Optional(page, "last mounted", facts.LastMounted?.ToString());
        Optional(page, "mounted on", facts.LastMountPoint);
        Optional(page, "last written", facts.LastWritten?.ToString());
        Optional(page, "last checked", facts.LastChecked?.ToString());
        Optional(page, "features", string.Join(' ', facts.Features));
        foreach ((string name, string value) in facts.More)
        {
            page.Field(2, Label, name, value);
        }
    }

    private static void WriteHost(TextPage page, HostInfo host)
    {
        page.Blank();
        page.Heading("host " + (host.HostName ?? "without name"), Ink.Green);
        Optional(page, "system", host.OsName ?? host.OsId);
        Optional(page, "version", host.OsVersion);
        Optional(page, "time zone", host.TimeZone);
        Optional(page, "machine-id", host.MachineId);
        page.Field(2, Label, "root volume", host.Volume);
        Optional(page, "volumes", string.Join(", ", host.Volumes));
        page.Field(2, Label, "service manager", host.UsesSystemd ? "systemd" : "not systemd");
    }

    private static void Optional(TextPage page, string label, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            page.Field(2, Label, label, text);
        }
    }

    private static string Exact(long bytes) => bytes < 1024 ? Amounts.Bytes(bytes) : Amounts.Bytes(bytes) + " (" + Amounts.Count(bytes) + " bytes)";
}
