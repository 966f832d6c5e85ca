using System.Text;
using Forensics.Analyzer.Detectors.Windows;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>W-ADS: what lies in named streams, and what may lie there.</summary>
public sealed class AlternateStreamTests
{
    [Theory]
    [InlineData("x.exe", ContentKind.Pe, "W-ADS.program")]
    [InlineData("Zone.Identifier", ContentKind.Pe, "W-ADS.program")]
    [InlineData("run.ps1", ContentKind.Script, "W-ADS.script")]
    public void A_program_or_script_is_found(string stream, ContentKind content, string rule)
    {
        Finding finding = Assert.Single(Examine(Facts("/Users/a/readme.txt", stream, content)));
        Assert.Equal(rule, finding.Rule.Id);
        Assert.Equal(Severity.High, finding.Severity);
        Assert.Equal(stream, finding.Location.Stream);
        Assert.Equal($@"Remove-Item -LiteralPath 'C:\Users\a\readme.txt' -Stream '{stream}'   # in PowerShell", finding.Remediation[^1]);
    }

    [Theory]
    [InlineData("favicon", ContentKind.Binary)]
    [InlineData("notes", ContentKind.Text)]
    [InlineData("empty", ContentKind.Empty)]
    public void Anything_else_is_not(string stream, ContentKind content) => Assert.Empty(Examine(Facts("/Users/a/readme.txt", stream, content)));

    [Fact]
    public void A_download_is_never_a_finding_and_is_told_beside_one()
    {
        var mark = new DownloadMark(At("/Users/a/readme.txt", "Zone.Identifier")) { ZoneId = 3, HostUrl = "https://example.org/x" };
        Assert.Empty(Examine(mark));
        Assert.Contains("downloaded from https://example.org/x", Assert.Single(Examine(mark, Facts("/Users/a/readme.txt", "x.exe", ContentKind.Pe))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("it's", "'it''s'")]
    [InlineData("it\u2019s", "'it\u2019\u2019s'")]
    [InlineData("$(calc)`;&", "'$(calc)`;&'")]
    public void Names_are_quoted_for_PowerShell(string stream, string quoted) =>
        Assert.Contains(" -Stream " + quoted + " ", Assert.Single(WindowsRemediation.RemoveStream("/f", stream)), StringComparison.Ordinal);

    [Fact]
    public void A_name_that_cannot_be_typed_makes_no_command() => Assert.DoesNotContain("Remove-Item", Assert.Single(WindowsRemediation.RemoveStream("/f", "a\\x0ab")), StringComparison.Ordinal);

    [Theory]
    [InlineData("run.vbs", "anything", true)]
    [InlineData("data", "Set s = CreateObject(\"WScript.Shell\")", true)]
    [InlineData("data", "@echo off\r\ncopy a b", true)]
    [InlineData("data", "a list of things", false)]
    [InlineData("Zone.Identifier", "[ZoneTransfer]\r\nHostUrl=https://x/powershell.html", false)]
    public void Scripts_are_known_by_name_or_words(string stream, string text, bool isScript)
    {
        Assert.Equal(isScript, StreamNames.IsScript(stream, Encoding.ASCII.GetBytes(text)));
        Assert.Equal(isScript, StreamNames.IsScript(stream, [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]));
    }

    [Fact]
    public void A_stream_has_digests_of_its_own()
    {
        StreamFacts stream = Facts("/f", "x", ContentKind.Pe) with { Hashes = new FileHashes("1", null, null) };
        var file = new FileFacts(stream.Location with { Stream = null }, stream.Entry) { Hashes = new FileHashes("2", null, null) };
        var evidence = new EvidenceIndex([], [file, stream], []);
        Assert.Null(evidence.File(stream.Location));
        Assert.Same(stream, evidence.Stream(stream.Location));
        Assert.Equal("1", new AlternateStreamDetector().Examine(evidence).Single().Hashes?.Md5);
        Assert.Same(file, evidence.File(file.Location));
    }

    private static StreamFacts Facts(string path, string stream, ContentKind content) =>
        new(At(path, stream), new FileEntry { MetadataAddress = 99, Type = FileType.Regular }) { Size = 100, Content = content, IsOrdinaryName = StreamNames.IsOrdinary(stream) };

    private static EvidenceLocation At(string path, string stream) => new("disk.raw", "gpt1@1048576", 1048576, path, 99) { Stream = stream };

    private static IReadOnlyList<Finding> Examine(params Artifact[] artifacts) => [.. new AlternateStreamDetector().Examine(new EvidenceIndex([], artifacts, []))];
}
