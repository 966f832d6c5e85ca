using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Registrations by which a program of unknown origin is started in place of others: all native programs, all scripts, or with the rights of the set-uid program that was called ("shadow SUID").
/// </summary>
public sealed class BinfmtDetector : IDetector
{
    private static readonly RuleInfo Native = new("L-BINFMT.takes-native-programs", "A program is started in place of native programs or scripts", "persistence", ["T1546"]);
    private static readonly RuleInfo Credentials = new("L-BINFMT.keeps-credentials", "An interpreter of unknown origin gets the rights of set-uid programs", "persistence", ["T1546", "T1548.001"]);
    private static readonly RuleInfo Unowned = new("L-BINFMT.unowned-interpreter", "Interpreter of a file format that no package brought", "persistence", ["T1546"]);

    private const string ElfMagic = "7f454c46";
    private const int MachineAt = 18;
    // e_machine of x86, x86-64 and aarch64, little endian: what servers are.
    private static readonly string[] s_native = ["0300", "3e00", "b700"];
    private static readonly string[] s_emulators = ["qemu-", "box64", "box86", "FEXInterpreter", "FEXLoader"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Native, Credentials, Unowned];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (CommandLink link in evidence.Links)
        {
            if (link.Source is not BinfmtRegistration format || link.Files.FirstOrDefault(file => file.Relation is "starts" or "interprets") is not { } interpreter
                || evidence.File(interpreter.Resolved)?.Origin is { IsVendor: true } || (evidence.IsOfPackage(format) && !evidence.IsAlien(interpreter)))
            {
                continue;
            }
            string path = EvidenceQueries.PathOf(interpreter);
            bool isEmulator = PathTraits.StartsWithAny(PathTraits.Name(format.Interpreter), s_emulators) && !LocalEntries.IsOddPlace(path);
            bool isAlien = evidence.IsAlien(interpreter);
            (RuleInfo Rule, Severity Severity, string Why)? judgement =
                TakesNative(format) && !isEmulator ? (Native, format.Flags.Contains('C') ? Severity.Critical : Severity.High, format.Magic.StartsWith("2321", StringComparison.Ordinal)
                    ? "is started in place of every script" : "is started in place of native programs" + (format.Flags.Contains('C') ? ", with the rights of set-uid ones" : ""))
                : format.Flags.Contains('C') && !isEmulator && (isAlien || LocalEntries.IsOddPlace(path)) ? (Credentials, Severity.High, "gets the rights of set-uid files of this format (flag C)")
                : isAlien && !isEmulator ? (Unowned, LocalEntries.IsOddPlace(path) ? Severity.High : LocalEntries.IsPackageDirectory(path) ? Severity.Medium : Severity.Low, "is started for files of this format")
                : null;
            if (judgement is not var (rule, severity, why))
            {
                continue;
            }
            string? dormant = chain.DormantBecause(format, link.Command);
            yield return new Finding(rule, dormant is null ? severity : severity.Lower(), format.Location)
            {
                Message = $"{path} {why}; no package knows {(isAlien ? "it" : "the registration")}." + LocalEntries.Tail(dormant),
                Evidence = Clip.Evidence($":{format.Name}:{(format.IsByExtension ? "E" : "M")}:{format.Offset}:{format.Magic}:{format.Mask}:{format.Interpreter}:{format.Flags}"),
                Related = [.. EvidenceQueries.Related(link)],
                Remediation = severity <= Severity.Low ? [] : [.. Place.CleanUp(format, null), .. Remediation.RemoveFile(path)],
            };
        }
    }

    /// <summary>The bytes stand at the beginning and fit native ELF files or every script.</summary>
    private static bool TakesNative(BinfmtRegistration format)
    {
        if (format.IsByExtension || format.Offset != 0)
        {
            return false;
        }
        if (format.Magic == "2321")
        {
            return true;
        }
        if (!format.Magic.StartsWith(ElfMagic, StringComparison.Ordinal))
        {
            return false;
        }
        int at = MachineAt * 2;
        bool namesMachine = format.Magic.Length >= at + 4 && (format.Mask.Length < at + 4 || format.Mask.Substring(at, 4) is not "0000");
        return !namesMachine || s_native.Contains(format.Magic.Substring(at, 4));
    }
}
