using System.Text.RegularExpressions;
using Xunit;

namespace Forensics.Analyzer.Tests.Architecture;

/// <summary>The rooms of the house and the direction of dependency between them: bytes, then layers, then facts, then judgement.</summary>
public sealed class DependencyTests
{
    /// <summary>What each room of Parsers may name; a room that is not listed here is an error.</summary>
    private static readonly Dictionary<string, string[]> s_parserRooms = new()
    {
        ["Diagnostics"] = [],
        ["Bytes"] = ["Diagnostics"],
        ["Images"] = ["Bytes", "Diagnostics"],
        ["Volumes"] = ["Bytes", "Diagnostics"],
        ["FileSystems"] = ["Bytes", "Diagnostics"],
        ["Formats"] = ["Bytes", "Diagnostics"],
        ["Artifacts"] = ["Bytes", "Diagnostics", "Formats"],
        ["Packages"] = ["Bytes", "Diagnostics", "Formats", "Artifacts"],
    };

    /// <summary>What rooms of Analyzer may NOT name.</summary>
    private static readonly Dictionary<string, string[]> s_analyzerBans = new()
    {
        ["Risk"] = ["Analyzer.Commands", "Analyzer.Pipeline", "Analyzer.Examiners", "Analyzer.Detectors", "Analyzer.Signatures"],
        ["Evidence"] = ["Analyzer.Commands", "Analyzer.Detectors", "Analyzer.Reports", "Parsers.Images", "Parsers.Volumes"],
        ["Detectors"] = ["Analyzer.Commands", "Analyzer.Pipeline", "Analyzer.Examiners", "Analyzer.Reports", "Parsers.Bytes", "Parsers.Images", "Parsers.Volumes", "Parsers.FileSystems", "Yara"],
        ["Reports"] = ["Analyzer.Commands", "Analyzer.Pipeline", "Analyzer.Examiners", "Analyzer.Detectors", "Analyzer.Signatures", "Parsers.Bytes", "Parsers.Images", "Parsers.Volumes", "Parsers.FileSystems", "Parsers.Formats", "Yara"],
        ["Examiners"] = ["Analyzer.Commands", "Analyzer.Detectors", "Analyzer.Reports", "Parsers.Images", "Parsers.Volumes", "Parsers.FileSystems"],
        ["Pipeline"] = ["Analyzer.Commands"],
    };

    [Fact]
    public void Rooms_of_Parsers_name_only_rooms_below_them()
    {
        var wrong = new List<string>();
        foreach (SourceFile file in SourceTree.Files.Where(file => file.Project == "Parsers" && file.Room.Length > 0))
        {
            if (!s_parserRooms.TryGetValue(file.Room, out string[]? allowed))
            {
                wrong.Add(file.Path + ": the room " + file.Room + " has no place in the table of allowed arrows");
                continue;
            }
            wrong.AddRange(s_parserRooms.Keys
                .Where(room => room != file.Room && !allowed.Contains(room) && Names(file, "Parsers", room))
                .Select(room => file.Path + " names " + room));
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_the_root_of_Parsers_knows_its_catalog()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Project == "Parsers" && file.Room.Length > 0 && Regex.IsMatch(file.Code, @"(?<![\w.])(?:Parsers\.)?Catalog\."))
            .Select(file => file.Path));
    }

    [Fact]
    public void Parsers_know_neither_severity_nor_the_analyzer_nor_Yara()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Project == "Parsers" && Regex.IsMatch(file.Code, @"Forensics\.(Analyzer|Yara)\b|\bSeverity\b"))
            .Select(file => file.Path));
    }

    [Fact]
    public void The_Yara_binding_knows_nothing_of_disks()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Project == "Yara" && Regex.IsMatch(file.Code, @"Forensics\.(Analyzer|Parsers)\b"))
            .Select(file => file.Path));
    }

    [Fact]
    public void Projects_reference_each_other_in_one_direction_only()
    {
        Assert.Empty(References("src/Parsers/Forensics.Parsers.csproj"));
        Assert.Empty(References("src/Yara/Forensics.Yara.csproj"));
        Assert.Equal(["../Parsers/Forensics.Parsers.csproj", "../Yara/Forensics.Yara.csproj"], References("src/Analyzer/Forensics.Analyzer.csproj"));
    }

    [Fact]
    public void Rooms_of_Analyzer_do_not_name_what_lies_above_or_too_far_below_them()
    {
        var wrong = new List<string>();
        foreach (SourceFile file in SourceTree.Files.Where(file => file.Project == "Analyzer"))
        {
            foreach (string ban in s_analyzerBans.GetValueOrDefault(file.Room, []))
            {
                string[] parts = ban.Split('.');
                if (parts.Length == 2 ? Names(file, parts[0], parts[1]) : Regex.IsMatch(file.Code, @"\bForensics\." + ban + @"\b"))
                {
                    wrong.Add(file.Path + " names " + ban);
                }
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Detectors_see_evidence_and_never_bytes_or_files()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Room == "Detectors" && Regex.IsMatch(file.Code, @"\b(I\w*ByteSource|IFileSystem|FileStream|OpenContent|RandomAccess)\b|(?<![\w.])(File|Directory)\.[A-Z]"))
            .Select(file => file.Path));
    }

    [Fact]
    public void Reports_see_the_report_and_not_the_index_behind_it()
    {
        Assert.Empty(SourceTree.Files
            .Where(file => file.Room == "Reports" && Regex.IsMatch(file.Code, @"\b(EvidenceIndex|CommandLink|I\w*ByteSource|IFileSystem|IDetector)\b"))
            .Select(file => file.Path));
    }

    // Folders below these sort many small files by family; to whoever uses them they are one room.
    private static readonly string[] s_roomsOfFamilies = ["Forensics.Parsers.Artifacts.Linux", "Forensics.Parsers.Artifacts.Windows", "Forensics.Analyzer.Detectors.Linux", "Forensics.Analyzer.Detectors", "Forensics.Analyzer.Pipeline"];

    [Fact]
    public void Namespaces_follow_folders()
    {
        var wrong = new List<string>();
        foreach (SourceFile file in SourceTree.Files)
        {
            Match declared = Regex.Match(file.Code, @"^namespace\s+([\w.]+)\s*[;{]", RegexOptions.Multiline);
            string folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/');
            string expected = "Forensics." + folder["src/".Length..].Replace('/', '.');
            bool isOfFamily = s_roomsOfFamilies.Any(room => declared.Groups[1].Value == room && expected.StartsWith(room + ".", StringComparison.Ordinal));
            if (declared.Success && declared.Groups[1].Value != expected && !isOfFamily)
            {
                wrong.Add(file.Path + ": " + declared.Groups[1].Value + " instead of " + expected);
            }
        }
        Assert.Empty(wrong);
    }

    /// <summary>By <c>using</c>, by full name, or by the short form <c>Room.Type</c> that the enclosing namespace allows.</summary>
    private static bool Names(SourceFile file, string project, string room)
    {
        bool full = Regex.IsMatch(file.Code, @"\bForensics\." + project + @"\." + room + @"\b");
        bool partly = Regex.IsMatch(file.Code, @"(?<![\w.])" + project + @"\." + room + @"\.[A-Z]");
        // The short form only in the same project, and not where a member of that name is used (file.Volumes.Count).
        bool relative = file.Project == project && Regex.IsMatch(file.Code, @"(?<![\w.])" + room + @"\.(?!Count\b|Length\b|Add\b|Select\b|Where\b|Any\b|Contains\b|First|Last|Items\b|ToArray\b|Order|Values\b)I?[A-Z]\w+\s*[\w.(<>\[?]")
            && !Regex.IsMatch(file.Code, @"[\w>\]?]\s+" + room + @"\s*(\{|=>|=|,|\))");
        return full || partly || relative;
    }

    private static string[] References(string project) =>
        [.. Regex.Matches(File.ReadAllText(Path.Combine(SourceTree.Root, project)), "<ProjectReference Include=\"([^\"]+)\"")
            .Select(match => match.Groups[1].Value.Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
