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
        if (image.Files.Count > 1)
        {
            WriteFiles(page, image);
        }
        else
        {
            page.Field(2, Label, "file", Exact(image.FileBytes));
        }
        foreach (DiskInfo disk in image.Disks)
        {
            if (image.Disks.Count > 1)
            {
                page.Blank();
                page.Heading((disk.VolumePrefix.Length == 0 ? "disk1" : disk.VolumePrefix.TrimEnd(':')) + "  " + disk.FileName, Ink.Cyan);
            }
            WriteDisk(page, disk);
        }
        foreach (NamedHashes one in image.DiskHashes)
        {
            WriteHashes(page, image.Disks.Count > 1 ? "disk " + one.Name : "disk", one);
        }
        foreach (NamedHashes one in image.FileHashes)
        {
            WriteHashes(page, "file " + one.Name, one);
        }
        foreach (DigestCheck check in image.Verification ?? [])
        {
            page.Field(2, Label, "stored " + check.Algorithm, check.Matches ? "verified: " + check.Stored : "DIFFERS: " + check.Stored + " is stored, the disk has " + check.Computed, check.Matches ? Ink.Green : Ink.Red);
        }
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

    private static void WriteFiles(TextPage page, ImageDescription image)
    {
        page.Field(2, Label, "files", Amounts.Count(image.Files.Count) + ", " + Exact(image.FileBytes));
        // An E01 of a large disk has hundreds of segments.
        foreach (IGrouping<(string Role, string? NamedBy), EvidenceFileInfo> group in image.Files.GroupBy(file => (file.Role, file.Role == "image" ? file.Name : file.NamedBy)))
        {
            EvidenceFileInfo[] files = [.. group];
            string names = files.Length <= 4 ? string.Join(", ", files.Select(file => file.Name)) : files[0].Name + " ... " + files[^1].Name + " (" + Amounts.Count(files.Length) + ")";
            page.Field(2, Label, group.Key.Role, names + (group.Key.NamedBy is { } by && group.Key.Role != "image" ? ", named by " + by : ""));
        }
    }

    private static void WriteDisk(TextPage page, DiskInfo disk)
    {
        page.Field(2, Label, "container", disk.Format);
        Optional(page, "member", disk.MemberName);
        page.Field(2, Label, "disk", Exact(disk.DiskBytes));
        foreach ((string name, string value) in disk.Facts)
        {
            page.Field(2, Label, name, value);
        }
        foreach (SnapshotInfo snapshot in disk.Snapshots)
        {
            page.Field(2, Label, "snapshot", snapshot.Name + " (id " + snapshot.Id + ")" + (snapshot.TakenText is { } taken ? ", taken " + taken : "") + ", disk of " + Amounts.Bytes(snapshot.DiskBytes)
                + (snapshot == disk.OpenedSnapshot ? "; opened" : ""));
        }
        foreach ((string algorithm, string hex) in disk.StoredDigests)
        {
            page.Field(2, Label, "stored " + algorithm, hex);
        }
        page.Field(2, Label, "table", ConsoleReport.TableName(disk.VolumeSystem) + string.Create(CultureInfo.InvariantCulture, $", sectors of {disk.SectorSize} bytes")
            + (disk.Identifier is string id ? ", disk " + id : ""));
    }

    private static void WriteHashes(TextPage page, string what, NamedHashes one)
    {
        foreach ((string algorithm, string? hex) in new[] { ("MD5", one.Hashes.Md5), ("SHA-1", one.Hashes.Sha1), ("SHA-256", one.Hashes.Sha256) })
        {
            if (hex is not null)
            {
                page.Field(2, Label, algorithm, hex + "  " + what);
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
        Optional(page, volume.Offset < 0 ? "volume UUID" : "partition UUID", volume.Uuid);
        Optional(page, "devices", string.Join(", ", volume.DeviceNames));
        Optional(page, "seen at", volume.MountPoint);
        if (volume.NotReadBecause is not null)
        {
            page.Field(2, Label, "not read", volume.NotReadBecause, Ink.Yellow);
        }
        foreach (ShadowCopyInfo copy in volume.ShadowCopies)
        {
            page.Field(2, Label, "shadow copy", copy.Name + "  " + copy.Id + (copy.TakenText is { } taken ? ", taken " + taken : "") + (copy.SetId is { } set ? ", set " + set : "")
                + (copy.Machine is { } machine ? ", by " + machine : "") + ", volume of " + Amounts.Bytes(copy.VolumeBytes)
                + (copy.Problem is { } problem ? "; cannot be opened: " + problem : copy.Name == volume.OpenedShadowCopy ? "; opened" : ""), copy.Problem is null ? Ink.Plain : Ink.Yellow);
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
        foreach (HostMount mount in host.Mounts)
        {
            page.Field(2, Label, mount.IsFollowed ? "mounts" : "does not follow", mount.MountPoint + "  " + mount.Source + " (" + mount.FileSystemType + ")"
                + (mount.Volume is { } volume ? ", " + volume : "") + (mount.Note is { } note ? "; " + note : ""));
        }
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
