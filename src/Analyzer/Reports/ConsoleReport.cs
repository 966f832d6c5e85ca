using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Reports;

/// <summary>
/// The report for people: the verdict on the first line, then what was found and what to do, then what was not examined. UTF-8, one record never spills
/// into another's line, nothing from evidence reaches the terminal unescaped.
/// </summary>
/// <remarks>Limitations: low and info findings are counted by rule unless <c>verbose</c>; diagnostics after the tenth are counted.</remarks>
public sealed class ConsoleReport : IReportWriter
{
    private const int ShownDiagnostics = 10;
    private const int ShownRelated = 12;
    private readonly bool _colours;
    private readonly bool _verbose;
    private readonly int _width;

    /// <summary>Colours are SGR sequences; the width, in columns, is kept between 60 and 120.</summary>
    public ConsoleReport(bool colours = false, bool verbose = false, int width = 110)
    {
        _colours = colours;
        _verbose = verbose;
        _width = Math.Clamp(width, 60, 120);
    }

    /// <inheritdoc/>
    public string Format => "console";

    /// <inheritdoc/>
    public void Write(Report report, Stream output)
    {
        using var page = new TextPage(output, _colours, _width);
        WriteSummary(page, report);
        WriteFindings(page, report);
        WriteCleanUp(page, report);
        WriteNotExamined(page, report);
        WriteVolumes(page, report);
    }

    /// <summary><c>COMPROMISED 100/100: 3 critical, 1 high</c>.</summary>
    public static string Headline(Report report)
    {
        string counts = CountsBySeverity(report.Findings);
        return string.Create(CultureInfo.InvariantCulture, $"{report.Risk.Verdict.ToUpperInvariant()} {report.Risk.Score}/100: {(counts.Length == 0 ? "no findings" : counts)}");
    }

    private static string CountsBySeverity(IReadOnlyList<Finding> findings)
    {
        var counts = new int[(int)Severity.Critical + 1];
        foreach (Finding finding in findings)
        {
            counts[(int)finding.Severity]++;
        }
        var parts = new List<string>();
        for (Severity severity = Severity.Critical; severity >= Severity.Info; severity--)
        {
            if (counts[(int)severity] > 0)
            {
                parts.Add(Amounts.Count(counts[(int)severity]) + " " + severity.ToString().ToLowerInvariant());
            }
        }
        return string.Join(", ", parts);
    }

    private static void WriteSummary(TextPage page, Report report)
    {
        Ink ink = report.Risk.Verdict switch { "compromised" => Ink.OnRed, "suspicious" => Ink.OnYellow, _ => Ink.OnGreen };
        string headline = Headline(report);
        int colon = headline.IndexOf(':', StringComparison.Ordinal);
        page.Line(new Piece(headline[..colon], ink), new Piece(headline[colon..], Ink.Strong));
        if (report.Coverage.IsIncomplete)
        {
            page.Line(new Piece("INCOMPLETE", Ink.OnYellow), new Piece(": not everything could be examined, see below", Ink.Strong));
        }
        page.Blank();
        WriteImage(page, report.Image);
        foreach (HostInfo host in report.Hosts.Where(host => host.Container is null))
        {
            page.Field(0, 10, "Host", string.Join(", ", HostWords(host)));
        }
        string[] containers = [.. report.Hosts.Select(host => host.Container?.Name).OfType<string>()];
        if (containers.Length > 0)
        {
            page.Field(0, 10, "Containers", string.Join(", ", containers.Take(MostContainers)) + (containers.Length > MostContainers ? string.Create(CultureInfo.InvariantCulture, $" and {containers.Length - MostContainers} more") : ""));
        }
        string rules = Amounts.Count(report.Tool.RuleSets.Count, "rule file") + (report.Tool.YaraVersion is null ? ", YARA did not run" : ", YARA " + report.Tool.YaraVersion);
        page.Field(0, 10, "Scan", string.Create(CultureInfo.InvariantCulture,
            $"{report.Tool.Name} {report.Tool.Version}, profile {report.Tool.Profile}, {rules}; {Amounts.Count(report.Coverage.Examined)} of {Amounts.Count(report.Coverage.Seen, "file entry", "file entries")} examined"));
    }

    private const int MostContainers = 12;

    private static void WriteImage(TextPage page, ImageInfo image)
    {
        string volumes = Amounts.Count(image.Volumes.Count(volume => !volume.IsContainer), "volume");
        if (image.Disks.Count <= 1)
        {
            string member = image.Disks is [{ MemberName: { } name }] ? name + ", " : "";
            string snapshot = image.Disks is [{ OpenedSnapshot: { } opened }] ? ", snapshot " + opened.Name : "";
            page.Field(0, 10, "Image", $"{image.Name} ({member}{image.Format}{snapshot}, disk of {Amounts.Bytes(image.DiskBytes)}, {TableName(image.VolumeSystem)}, {volumes})");
        }
        else
        {
            foreach (DiskInfo disk in image.Disks)
            {
                string member = disk.MemberName is { } name ? name + ", " : "";
                string snapshot = disk.OpenedSnapshot is { } opened ? ", snapshot " + opened.Name : "";
                page.Field(0, 10, disk.VolumePrefix.Length == 0 ? "Images" : "", $"{disk.FileName} ({member}{disk.Format}{snapshot}, disk of {Amounts.Bytes(disk.DiskBytes)}, {TableName(disk.VolumeSystem)})"
                    + (disk.VolumePrefix.Length == 0 ? "" : ", volumes " + disk.VolumePrefix + "..."));
            }
            page.Field(0, 10, "", volumes);
        }
        foreach (VolumeInfo volume in image.Volumes.Where(volume => volume.ShadowCopy is not null && !volume.IsContainer))
        {
            page.Field(0, 10, "", volume.Identity + " as shadow copy " + volume.ShadowCopy!.Name + " " + volume.ShadowCopy.Id + " has it" + (volume.ShadowCopy.TakenText is { } taken ? ", taken " + taken : ""));
        }
        if (image.Verification is { } checks)
        {
            page.Field(0, 10, "Evidence", checks.Count == 0 ? "carries no digest to verify"
                : string.Join("; ", checks.Select(check => check.FileName + ": " + check.Algorithm + (check.Matches ? " verified" : " DIFFERS from the stored one"))), checks.All(check => check.Matches) ? Ink.Plain : Ink.Red);
        }
    }

    internal static string TableName(string kind) => kind switch { "none" => "no partition table", _ => kind.ToUpperInvariant() };

    internal static IEnumerable<string> HostWords(HostInfo host)
    {
        yield return host.HostName ?? "(no host name)";
        yield return host.OsName ?? string.Join(' ', new[] { host.OsId ?? "unknown system", host.OsVersion }.Where(word => word is not null));
        if (host.PackageManagers is { } managers && !host.IsWindows)
        {
            yield return managers.Count == 0 ? "no package database" : string.Join(", ", managers.Select(manager => Amounts.Count(manager.Value, "package") + " of " + manager.Key));
        }
        if (host.TimeZone is not null)
        {
            yield return "time zone " + host.TimeZone;
        }
        if (host.MachineId is not null)
        {
            yield return "machine-id " + host.MachineId;
        }
        yield return "root on " + host.Volume;
    }

    private void WriteFindings(TextPage page, Report report)
    {
        Severity? current = null;
        int number = 0;
        foreach (Finding finding in report.Findings)
        {
            if (finding.Severity <= Severity.Low && !_verbose)
            {
                continue;
            }
            if (finding.Severity != current)
            {
                current = finding.Severity;
                page.Blank();
                page.Heading(finding.Severity.ToString().ToUpperInvariant(), SeverityInk(finding.Severity));
            }
            number++;
            WriteFinding(page, finding, number);
        }
        if (!_verbose)
        {
            WriteCollapsed(page, report.Findings);
        }
    }

    private void WriteFinding(TextPage page, Finding finding, int number)
    {
        const int Indent = 4;
        const int Label = 10;
        page.Blank();
        page.Ends(
            new Piece(string.Create(CultureInfo.InvariantCulture, $"{number,3} {finding.Rule.Title}"), Ink.Strong),
            new Piece("[" + finding.Rule.Id + "]", Ink.Faint), Indent);
        page.Field(Indent, Label, "Where", Place(finding));
        if (StateNames.InWords(finding.Location) is { } state)
        {
            page.Field(Indent, Label, "State", state, Ink.Yellow);
        }
        page.Field(Indent, Label, "Why", finding.Message);
        if (finding.Evidence.Length > 0)
        {
            page.Field(Indent, Label, "Matched", finding.Evidence, SeverityInk(finding.Severity));
        }
        IReadOnlyList<string> techniques = finding.Techniques.Count > 0 ? finding.Techniques : finding.Rule.Techniques;
        if (techniques.Count > 0)
        {
            page.Field(Indent, Label, "ATT&CK", string.Join(", ", techniques));
        }
        if ((finding.Hashes?.Sha256 ?? finding.Hashes?.Md5) is string digest)
        {
            page.Field(Indent, Label, finding.Hashes?.Sha256 is null ? "MD5" : "SHA-256", digest);
        }
        for (int i = 0; i < finding.Related.Count && (i < ShownRelated || _verbose); i++)
        {
            page.Field(Indent, Label, i == 0 ? "Related" : "", finding.Related[i].Relation + " " + finding.Related[i].Path);
        }
        if (finding.Related.Count > ShownRelated && !_verbose)
        {
            page.Field(Indent, Label, "", "and " + Amounts.Count(finding.Related.Count - ShownRelated) + " more");
        }
        for (int i = 0; i < finding.Remediation.Count; i++)
        {
            page.Line(new Piece(new string(' ', Indent) + (i == 0 ? "Do" : "").PadRight(Label), Ink.Faint), new Piece("- " + finding.Remediation[i], Ink.Green));
        }
        if (_verbose)
        {
            page.Line(new Piece(new string(' ', Indent) + "Verify".PadRight(Label), Ink.Faint), new Piece(Replay(finding.Location)));
        }
    }

    /// <summary>The command that shows the file itself.</summary>
    private static string Replay(EvidenceLocation place)
    {
        if (place.Allocation != Allocation.Deleted)
        {
            return string.Create(CultureInfo.InvariantCulture, $"icat -o {place.VolumeOffset / 512} IMAGE {place.MetadataAddress}");
        }
        string state = place.JournalCopy is int copy ? string.Create(CultureInfo.InvariantCulture, $" --journal-copy {copy}") : place.JournalState == JournalState.Removed ? " --journal ignore" : "";
        return string.Create(CultureInfo.InvariantCulture, $"deadbox cat IMAGE --inode {place.MetadataAddress} --volume {place.Volume}{state}");
    }

    private static string Place(Finding finding) => string.Create(CultureInfo.InvariantCulture,
        $"{finding.Location.Path}{(finding.Location.Stream is string stream ? ":" + stream : "")}{(finding.Location.Line is int line ? ", line " + line.ToString(CultureInfo.InvariantCulture) : "")} ({finding.Location.Volume}, inode {finding.Location.MetadataAddress})");

    private static void WriteCollapsed(TextPage page, IReadOnlyList<Finding> findings)
    {
        var order = new List<(Severity Severity, RuleInfo Rule)>();
        var counts = new Dictionary<(Severity, string), int>();
        foreach (Finding finding in findings)
        {
            if (finding.Severity > Severity.Low)
            {
                continue;
            }
            if (!counts.TryGetValue((finding.Severity, finding.Rule.Id), out int count))
            {
                order.Add((finding.Severity, finding.Rule));
            }
            counts[(finding.Severity, finding.Rule.Id)] = count + 1;
        }
        if (order.Count == 0)
        {
            return;
        }
        page.Blank();
        page.Heading("LOW AND INFO, counted (-v lists them)", Ink.Plain);
        foreach ((Severity severity, RuleInfo rule) in order)
        {
            page.Field(2, 14, severity.ToString().ToLowerInvariant().PadRight(5) + Amounts.Count(counts[(severity, rule.Id)]).PadLeft(7), rule.Title + " [" + rule.Id + "]");
        }
    }

    private static void WriteCleanUp(TextPage page, Report report)
    {
        IReadOnlyList<string> steps = CleanUpSteps.Of(report);
        if (steps.Count == 0)
        {
            return;
        }
        page.Blank();
        page.Heading("CLEAN-UP on a copy or the rebuilt host, in this order", Ink.Green);
        foreach (string step in steps)
        {
            page.Line(new Piece("  - "), new Piece(step));
        }
    }

    private void WriteNotExamined(TextPage page, Report report)
    {
        CoverageSummary coverage = report.Coverage;
        page.Blank();
        page.Heading("NOT EXAMINED", coverage.IsIncomplete ? Ink.Yellow : Ink.Plain);
        foreach (string reason in coverage.IncompleteBecause)
        {
            page.Field(2, 12, "incomplete", reason, Ink.Yellow);
        }
        WriteSkipped(page, "files", coverage.Seen, coverage.Skipped);
        WriteSkipped(page, "volumes", coverage.VolumesSeen, coverage.VolumesSkipped);
        foreach ((string reason, long count) in coverage.Notes)
        {
            page.Field(2, 12, "note", Amounts.Count(count, "file") + " " + reason);
        }
        if (coverage.Skipped.Count == 0 && coverage.VolumesSkipped.Count == 0 && !coverage.IsIncomplete)
        {
            page.Line(new Piece("  Nothing was left out."));
        }
        if (report.Diagnostics.Count > 0)
        {
            int shown = _verbose ? report.Diagnostics.Count : Math.Min(ShownDiagnostics, report.Diagnostics.Count);
            page.Line(new Piece("  " + Amounts.Count(report.Diagnostics.Count, "diagnostic") + (shown < report.Diagnostics.Count ? ", the first " + Amounts.Count(shown) : "") + ":"));
            for (int i = 0; i < shown; i++)
            {
                Parsers.Diagnostics.Diagnostic diagnostic = report.Diagnostics[i];
                string place = string.Join(' ', new[] { diagnostic.Volume, diagnostic.Path }.Where(word => word is not null));
                page.Field(4, 2, "-", diagnostic.Code + ": " + diagnostic.Message + (place.Length == 0 ? "" : " (" + place + ")"));
            }
        }
    }

    private static void WriteSkipped(TextPage page, string what, long seen, IReadOnlyList<KeyValuePair<string, long>> skipped)
    {
        if (skipped.Count > 0)
        {
            page.Field(2, 12, what, Amounts.Count(skipped.Sum(pair => pair.Value)) + " of " + Amounts.Count(seen) + ": "
                + string.Join(", ", skipped.Select(pair => Amounts.Count(pair.Value) + " " + pair.Key)));
        }
    }

    private static void WriteVolumes(TextPage page, Report report)
    {
        page.Blank();
        page.Heading("VOLUMES", Ink.Plain);
        foreach (VolumeInfo volume in report.Image.Volumes)
        {
            string state = volume.NotReadBecause is null
                ? volume.NeedsRecovery ? "read; its journal holds changes this view does not show" : "read"
                : "not read: " + volume.NotReadBecause;
            string name = string.Join(", ", new[] { volume.FileSystem ?? volume.TypeName ?? "unknown", volume.Label, volume.Uuid }.Where(word => word is not null));
            page.Field(2, 24, volume.Identity,
                Amounts.Bytes(volume.Length).PadLeft(10) + "  " + name + (volume.MountPoint is { } point ? "; at " + point : "") + "; " + state);
            // A clean journal goes without saying.
            if (volume.Journal is { } journal && (journal.View != "clean" || journal.Problem is not null))
            {
                page.Field(26, 10, "journal", journal.ToText(), volume.NeedsRecovery || journal.Problem is not null ? Ink.Yellow : Ink.Plain);
            }
        }
    }

    private static Ink SeverityInk(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => Ink.Red,
        Severity.Medium => Ink.Yellow,
        Severity.Low => Ink.Cyan,
        _ => Ink.Plain,
    };
}
