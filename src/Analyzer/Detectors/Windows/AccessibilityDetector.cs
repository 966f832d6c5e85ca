using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>
/// Programs of the logon screen (sticky keys, on-screen keyboard ...) that are another program: whoever sits at the screen or comes by remote desktop gets a shell of the system without a password.
/// </summary>
/// <remarks><b>Limitations:</b> the registry's way to the same end (a debugger for these programs) is looked for elsewhere; a program that nobody knows and that is not signed speaks only where catalogs were read.</remarks>
public sealed class AccessibilityDetector : IDetector
{
    private static readonly RuleInfo s_replaced = new("W-STICKY.replaced", "Program of the logon screen is another program", "access", ["T1546.008"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_replaced];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        Dictionary<(string, string), WindowsProgramFacts>? programs = null;
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            // Windows keeps most of its programs under two names, and a second name for a shell is all that is needed.
            string[] names = [file.Location.Path, .. file.OtherPaths];
            if (!file.IsOfWindows || file.Entry.Type != FileType.Regular || file.Location.Stream is not null || Array.Find(names, WindowsNames.IsOfLogonScreen) is not { } path)
            {
                continue;
            }
            programs ??= evidence.OfType<WindowsProgramFacts>().DistinctBy(program => (program.Location.Volume, program.Location.Path)).ToDictionary(program => (program.Location.Volume, program.Location.Path));
            WindowsProgramFacts? program = programs.GetValueOrDefault((file.Location.Volume, file.Location.Path));
            if (Judge(evidence, file, names, path, program) is not { } judgement)
            {
                continue;
            }
            yield return new Finding(s_replaced, judgement.Severity, file.Location with { Path = path })
            {
                Message = $"Anybody at the logon screen can start it, as the system and without a password, and {judgement.Why}.",
                Evidence = Clip.Evidence(path),
                Hashes = file.Hashes,
                Remediation = WindowsRemediation.TryQuote(path, out string word) ? ["sfc /scanfile=" + word] : [],
            };
        }
    }

    private static (Severity Severity, string Why)? Judge(EvidenceIndex evidence, FileFacts file, string[] names, string path, WindowsProgramFacts? program)
    {
        if (Array.Find(names, name => WindowsNames.IsShell(name)) is { } same)
        {
            return (Severity.Critical, $"it is the same file as {same}");
        }
        if (Twin(evidence, file) is { } twin)
        {
            return (Severity.Critical, $"its content is that of {twin}");
        }
        if (program is not null)
        {
            return WindowsSigns.IsRenamedTool(program.File.OriginalName, WindowsPlaces.Name(path)) ? (Severity.Critical, $"it is {program.File.OriginalName} under another name")
                : program is { AreCatalogsKnown: true, IsSigned: false } ? (Severity.Low, "neither a signature of its own nor a catalog of this host vouches for it") : null;
        }
        return file.Content is ContentKind.Script or ContentKind.Text ? (Severity.High, "it is a script and no program of Windows") : null;
    }

    private static string? Twin(EvidenceIndex evidence, FileFacts file)
    {
        if (file.Hashes?.Sha256 is not { } digest)
        {
            return null;
        }
        foreach (string shell in WindowsNames.Shells)
        {
            if (evidence.File(file.Location.Volume, shell) is { Hashes.Sha256: { } other } && other == digest)
            {
                return shell;
            }
        }
        return null;
    }
}
