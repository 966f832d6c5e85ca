using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Formats.Authenticode;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs that are not what their own signature says: code added after signing, or a signature taken from another program.</summary>
/// <remarks>
/// <b>Limitations:</b> a file that is damaged on the disk, or that a patch for a game or a licence changed, looks the same. Data that installers keep in the certificate table is covered by no signature
/// and breaks none. That a program is not signed, or signed by somebody unknown, is a weak sign and none of these.
/// </remarks>
public sealed class SignatureDetector : IDetector
{
    private static readonly RuleInfo s_tampered = new("W-SIGN.tampered", "Program is not the one that was signed", "evasion", ["T1036.001", "T1554"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_tampered];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            // The content of deleted files is whatever their clusters hold by now.
            yield break;
        }
        StartChain? chain = null;
        foreach (WindowsProgramFacts program in evidence.OfType<WindowsProgramFacts>())
        {
            if (program.Signature.State != SignatureState.Tampered)
            {
                continue;
            }
            chain ??= StartChain.Of(evidence);
            string path = program.Location.Path;
            string signer = program.Signature.Signer?.CommonName ?? program.Signature.Signer?.Subject ?? "somebody whose name cannot be read";
            // Drivers and what Windows itself runs are checked when they are loaded: nobody but an intruder has a reason to change them.
            bool isVital = WindowsPlaces.IsSystem(path) || program.File.IsNative || chain.StartedBy(program.Location.Volume, path).Any();
            yield return new Finding(s_tampered, isVital ? Severity.High : Severity.Medium, program.Location)
            {
                Message = $"It bears the signature of {Clip.Evidence(signer)}, but {program.Signature.Problem}: it was changed after signing, or the signature was taken from another program.",
                Evidence = Clip.Evidence(path),
                Hashes = evidence.File(program.Location)?.Hashes,
                Related = [.. chain.StartedBy(program.Location.Volume, path)],
                Remediation = ["Compare it with the same version from its vendor; when it differs:", .. WindowsRemediation.RemoveFile(path)],
            };
        }
    }
}
