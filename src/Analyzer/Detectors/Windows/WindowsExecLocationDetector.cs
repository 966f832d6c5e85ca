using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs that lie where no installer puts one (fonts, help, logs, shared folders, the recycle bin), bear the name of a program of Windows elsewhere, or have the words of a miner in them.</summary>
/// <remarks><b>Limitations:</b> triage looks for them in a part of the directories only. Whether a certificate was revoked is not known offline.</remarks>
public sealed class WindowsExecLocationDetector : IDetector
{
    private static readonly RuleInfo s_odd = new("W-EXECLOC.odd-directory", "Program where no installer puts one", "malware", ["T1036.005"]);
    private static readonly RuleInfo s_name = new("W-EXECLOC.system-name-elsewhere", "Name of a program of Windows in another directory", "evasion", ["T1036.005"]);
    private static readonly RuleInfo s_tool = new("W-EXECLOC.renamed-tool", "Interpreter under another name", "evasion", ["T1036.003"]);
    private static readonly RuleInfo s_hidden = new("W-EXECLOC.hidden", "Hidden program", "evasion", ["T1564.001"]);
    private static readonly RuleInfo s_packed = new("W-EXECLOC.packed", "Packed program where no installer puts one", "evasion", ["T1027.002"]);
    private static readonly RuleInfo s_miner = new("W-EXECLOC.miner", "Program with the pools, wallets or words of a miner in it", "malware", ["T1496"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_odd, s_name, s_tool, s_hidden, s_packed, s_miner];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        var uses = new ProgramUses(evidence);
        Dictionary<(string, string), WindowsProgramFacts> programs = evidence.OfType<WindowsProgramFacts>().DistinctBy(program => (program.Location.Volume, program.Location.Path)).ToDictionary(program => (program.Location.Volume, program.Location.Path));
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            if (!file.IsOfWindows || file.Entry.Type != FileType.Regular || file.Location.Stream is not null)
            {
                continue;
            }
            string path = file.Location.Path;
            WindowsProgramFacts? program = programs.GetValueOrDefault((file.Location.Volume, path));
            if (TargetScore.Of(WindowsSigns.Of(path, file, program), TargetZone.Local) is not { } score)
            {
                continue;
            }
            RuleInfo? rule = score.Worst.Suffix switch
            {
                "target-miner" => s_miner,
                "target-imitated-name" => s_name,
                "target-renamed-tool" => s_tool,
                "target-hidden-binary" => s_hidden,
                "target-packed-binary" => s_packed,
                "target-odd-place" => s_odd,
                _ => null,
            };
            // Installers and people leave programs in temporary and shared folders every day; a script there says less still.
            bool isCommon = rule == s_odd && (WindowsPlaces.IsTemporary(path) || program is null || IsShared(path));
            Severity severity = isCommon && score.Signs.Count(sign => sign.Weight >= 20) == 1 ? Severity.Low : score.Severity;
            // Of a program in a temporary folder against which nothing else speaks there are hundreds on any host.
            if (rule is null || (severity == Severity.Low && (program is null || (rule == s_odd && WindowsPlaces.IsTemporary(path)))))
            {
                continue;
            }
            yield return new Finding(rule, severity, file.Location)
            {
                Message = "The program speaks against itself: " + score.Why + "." + uses.Sentence(file.Location.Volume, path),
                Evidence = Clip.Evidence(path),
                Hashes = file.Hashes,
                Related = [.. chain.StartedBy(file.Location.Volume, path)],
                Remediation = severity <= Severity.Low ? [] : ["Find out who put it there; when nobody did, stop it and:", .. WindowsRemediation.RemoveFile(path)],
            };
        }
    }

    private static bool IsShared(string path) =>
        WindowsPlaces.StartsWithAny(path, ["/Users/Public/Downloads/", "/Users/Public/Documents/", "/$Recycle.Bin/", "/RECYCLER/", "/Intel/"]);
}
