using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Formats.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Defender;

/// <summary>What Defender found, by its history, its quarantine and the log of its engine.</summary>
public sealed class DefenderBookTests
{
    private const string Root = "/ProgramData/Microsoft/Windows Defender/";
    private const string Threat = "Trojan:Win64/CoinMiner.X";
    private static readonly Timestamp s_noon = new(1780315200, 0);

    [Fact]
    public void A_file_of_the_history_names_threat_places_and_time()
    {
        byte[] file = DefenderWriter.History(Threat, DefenderWriter.Noon, @"C:\Windows\explorer.exe", @"WS01\alice", ("file", @"C:\ProgramData\x.exe"), ("containerfile", @"C:\a.zip"));

        DefenderDetection found = Assert.IsType<DefenderDetection>(Assert.Single(Parse(new DefenderHistoryParser(), "Scans/History/Service/DetectionHistory/0A/6F", file).Artifacts));

        Assert.Equal((DefenderBook.History, Threat, @"C:\Windows\explorer.exe", @"WS01\alice"), (found.Book, found.Record.ThreatName, found.Record.Process, found.Record.User));
        Assert.Equal([("file", @"C:\ProgramData\x.exe"), ("containerfile", @"C:\a.zip")], found.Record.Resources.Select(resource => (resource.Type, resource.Name)));
        Assert.Equal(s_noon, found.Record.Time);
    }

    [Fact]
    public void An_entry_of_the_quarantine_names_threat_place_and_time()
    {
        byte[] file = DefenderWriter.Quarantine(Threat, DefenderWriter.Noon, ("file", @"C:\ProgramData\x.exe"), ("regkey", @"HKLM\Software\x"));

        DefenderDetection found = Assert.IsType<DefenderDetection>(Assert.Single(Parse(new DefenderQuarantineParser(), "Quarantine/Entries/{0}", file).Artifacts));

        Assert.Equal((DefenderBook.Quarantine, Threat), (found.Book, found.Record.ThreatName));
        Assert.Equal([("file", @"C:\ProgramData\x.exe"), ("regkey", @"HKLM\Software\x")], found.Record.Resources.Select(resource => (resource.Type, resource.Name)));
        Assert.Equal(s_noon, found.Record.Time);
    }

    [Fact]
    public void Lines_of_the_engine_log_are_detections_once_each()
    {
        const string Text = "2026-06-01T11:59:00.000Z Engine:EMS scan for process: svchost\r\n2026-06-01T12:00:00.000Z DETECTION_ADD#2 " + Threat + " file:C:\\ProgramData\\x.exe\r\n2026-06-01T12:00:01.000Z DETECTIONEVENT MPSOURCE_REALTIME " + Threat
            + " file:C:\\ProgramData\\x.exe;\r\n2026-06-01T12:00:02.000Z DETECTIONEVENT MPSOURCE_REALTIME HackTool:Win32/AutoKMS containerfile:C:\\a.zip;file:C:\\a.zip->k.exe;\r\nDETECTION_ADD nonsense\r\n";

        List<Artifact> found = Parse(new DefenderEngineLogParser(), "Support/MPLog-20260601-000000.log", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)]).Artifacts;

        Assert.Equal([(2, Threat, 1), (4, "HackTool:Win32/AutoKMS", 2)], found.Cast<DefenderDetection>().Select(one => (one.Location.Line!.Value, one.Record.ThreatName, one.Record.Resources.Count)));
        Assert.Equal(s_noon, ((DefenderDetection)found[0]).Record.Time);
    }

    [Fact]
    public void Whatever_is_broken_is_refused_or_reported_and_never_runs_away()
    {
        byte[][] good = [DefenderWriter.History(Threat, DefenderWriter.Noon, "p", "u", ("file", @"C:\x")), DefenderWriter.Quarantine(Threat, DefenderWriter.Noon, ("file", @"C:\x"))];
        ArtifactParser[] parsers = [new DefenderHistoryParser(), new DefenderQuarantineParser()];
        string[] paths = ["Scans/History/Service/DetectionHistory/0A/6F", "Quarantine/Entries/{0}"];
        for (int kind = 0; kind < 2; kind++)
        {
            for (int length = 0; length < good[kind].Length; length++)
            {
                ParseOrRefuse(parsers[kind], paths[kind], good[kind][..length]);
                byte[] damaged = [.. good[kind]];
                damaged[length] ^= 0xFF;
                ParseOrRefuse(parsers[kind], paths[kind], damaged);
            }
        }
    }

    [Fact]
    public void A_value_that_is_longer_than_the_file_is_reported()
    {
        byte[] file = DefenderWriter.History(Threat, DefenderWriter.Noon, "p", "u", ("file", @"C:\x"));

        ArtifactList found = Parse(new DefenderHistoryParser(), "Scans/History/Service/DetectionHistory/0A/6F", file[..^4]);

        Assert.Equal(Threat, Assert.IsType<DefenderDetection>(Assert.Single(found.Artifacts)).Record.ThreatName);
        Assert.Equal("defender.history.value", Assert.Single(found.Diagnostics).Code);
    }

    private static void ParseOrRefuse(ArtifactParser parser, string path, byte[] content)
    {
        try
        {
            Parse(parser, path, content);
        }
        catch (ForensicException)
        {
            // Refusing is what a parser may do.
        }
    }

    private static ArtifactList Parse(ArtifactParser parser, string path, byte[] content)
    {
        var found = new ArtifactList();
        parser.Parse(WindowsInput.Of(Root + path, content), found);
        return found;
    }
}
