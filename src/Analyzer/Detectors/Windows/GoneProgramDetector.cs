using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs that ran where no installer puts one, or under the name of a miner, and are gone: Windows remembers them in Prefetch, Amcache, BAM, UserAssist and their kin.</summary>
/// <remarks><b>Limitations:</b> a name proves little; of programs in temporary folders, where installers unpack, only those with the names of miners are reported.</remarks>
public sealed class GoneProgramDetector : IDetector
{
    private static readonly RuleInfo s_gone = new("W-EXECLOC.ran-and-gone", "Program that ran where no installer puts one and is gone", "execution", ["T1070.004", "T1036.005"]);
    private static readonly RuleInfo s_miner = new("W-EXECLOC.miner-gone", "Miner or its driver that Windows remembers and that is gone", "malware", ["T1496", "T1070.004"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_gone, s_miner];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        IReadOnlyList<GoneProgram> gone = evidence.OfType<GoneProgram>();
        if (gone.Count == 0)
        {
            yield break;
        }
        var uses = new ProgramUses(evidence);
        foreach (GoneProgram program in gone)
        {
            IReadOnlyList<ProgramUse> known = uses.Of(program.Location.Volume, program.Path);
            if (Judge(program.Path, known.Any(use => use.HasRun)) is not { } found)
            {
                continue;
            }
            string? digest = known.FirstOrDefault(use => use.Sha1 is not null)?.Sha1;
            yield return new Finding(found.Rule, found.Severity, program.Location)
            {
                Message = $"{program.Path} is gone: {found.Why}.{uses.Sentence(program.Location.Volume, program.Path)}",
                Evidence = Clip.Evidence(program.Path),
                Hashes = digest is null ? null : new FileHashes(null, digest, null),
                Related = [new RelatedFile(program.Path, "missing")],
                Remediation = found.Severity <= Severity.Low ? [] : ["Nothing is left to delete; find out what started it, and look for copies" + (digest is null ? "" : " with the SHA-1 " + digest)],
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(string path, bool hasRun)
    {
        string name = WindowsPlaces.Name(path);
        bool isCommon = WindowsPlaces.IsTemporary(path) || WindowsPlaces.StartsWithAny(path, ["/Users/Public/Downloads/", "/Users/Public/Documents/"]);
        if (MinerNames.IsMiner(name))
        {
            return (s_miner, hasRun ? Severity.High : Severity.Medium, "it has the name of a miner");
        }
        if (MinerNames.IsDriver(name))
        {
            return (s_miner, WindowsPlaces.IsOdd(path) && !isCommon ? Severity.Medium : Severity.Low, "miners bring this driver to set up the processor; tools that measure hardware do so too");
        }
        // Installers unpack into temporary folders: there are hundreds of these on any host.
        if (WindowsPlaces.IsTemporary(path))
        {
            return null;
        }
        return (s_gone, hasRun && !isCommon ? Severity.Medium : Severity.Low, "no installer puts a program where it lay");
    }
}
