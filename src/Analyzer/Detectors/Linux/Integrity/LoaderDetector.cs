using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>The dynamic loader and the libraries in every program: other content than shipped, a loader made to read another preload file, and copies kept beside it.</summary>
/// <remarks><b>Limitations:</b> musl has no preload file, so its loader is only compared with its package; loaders in containers are not looked at.</remarks>
public sealed class LoaderDetector : IDetector
{
    private static readonly RuleInfo Replaced = new("L-LDSO.replaced", "Dynamic loader or C library is not the one its package shipped", "evasion", ["T1574.006", "T1014"]);
    private static readonly RuleInfo Patched = new("L-LDSO.patched-preload", "Dynamic loader reads another preload file", "evasion", ["T1574.006", "T1014"]);
    private static readonly RuleInfo Copy = new("L-LDSO.copy-beside", "Copy of the dynamic loader or C library beside it", "evasion", ["T1574.006", "T1036.003"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Replaced, Patched, Copy];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            yield break;
        }
        var patched = new HashSet<(string Volume, ulong Address)>();
        foreach (SystemProgram loader in evidence.OfType<SystemProgram>().Where(program => program is { IsLoader: true, NamesPreloadFile: false } && program.Location is { Allocation: Allocation.Allocated, ShadowedBy: null }))
        {
            // Through its links a loader has several names.
            if (!patched.Add((loader.Location.Volume, loader.Location.MetadataAddress)))
            {
                continue;
            }
            FileFacts? file = evidence.File(loader.Location);
            string[] similar = [.. loader.Paths.Where(path => path.Contains("preload", StringComparison.Ordinal) || (path.Length == "/etc/ld.so.preload".Length && path.StartsWith('/') && !path.Contains('%') && path.LastIndexOf('/') > 0))];
            yield return new Finding(Patched, Severity.Critical, loader.Location)
            {
                Message = "Every loader of glibc names /etc/ld.so.preload, and this one does not: it was patched to load a library from elsewhere into every program"
                    + (similar.Length > 0 ? ", perhaps the one that " + similar[0] + " names" : "") + "." + (file?.Origin?.IsVendor == true ? " The package database on this disk calls it as shipped, which an intruder can have arranged." : ""),
                Evidence = Clip.Evidence(string.Join(' ', similar.Prepend(loader.Location.Path))), Hashes = file?.Hashes, Related = [.. similar.Take(4).Select(path => new RelatedFile(path, "loads"))],
                Remediation = Reinstallation.Of(loader.Location.Path, file?.Origin?.Manager, file?.Origin?.Package),
            };
        }
        foreach (FileFacts file in evidence.OfType<FileFacts>().Where(file => Tampering.IsInSystem(file) && file.Entry.Type == FileType.Regular && Tampering.IsCode(file)))
        {
            if (VitalFiles.KindOf(file.Location.Path) == VitalKind.Loader && file.Origin is { IsModified: true } origin && !patched.Contains((file.Location.Volume, file.Location.MetadataAddress)))
            {
                yield return Build(Replaced, Severity.Critical, file, char.ToUpperInvariant(Tampering.Because(origin)[0]) + Tampering.Because(origin)[1..] + ". It is in every program and decides what they see.", origin);
            }
            else if (file.Origin?.IsVendor != true && OriginalOf(file, evidence) is { } original)
            {
                bool isReplaced = original.Origin?.IsModified == true || patched.Contains((original.Location.Volume, original.Location.MetadataAddress));
                yield return Build(Copy, isReplaced ? Severity.Critical : file.Origin?.IsAlien == true ? Severity.Medium : Severity.Low, file, "A copy of " + original.Location.Path + " lies beside it under another name"
                    + (isReplaced ? ", and what stands at that path is not the right one any more." : ", as somebody leaves it who changes that file."), file.Origin);
            }
        }
    }

    /// <summary>The loader or C library beside a file that has its name with an ending or a dot in front.</summary>
    private static FileFacts? OriginalOf(FileFacts file, EvidenceIndex evidence)
    {
        string path = file.Location.Path;
        int slash = path.LastIndexOf('/');
        if (SystemProgramNames.OriginalOf(path[(slash + 1)..]) is not { } name || !(name.StartsWith("ld-", StringComparison.Ordinal) || name.StartsWith("libc", StringComparison.Ordinal)))
        {
            return null;
        }
        string original = path[..(slash + 1)] + name;
        return VitalFiles.KindOf(original) == VitalKind.Loader && evidence.File(file.Location.Volume, original) is { } there ? there : null;
    }

    private static Finding Build(RuleInfo rule, Severity severity, FileFacts file, string message, FileOrigin? origin) => new(rule, severity, file.Location)
    {
        Message = message, Evidence = Clip.Evidence(file.Location.Path + (origin is null ? "" : " " + origin.Word)), Hashes = file.Hashes,
        Remediation = severity <= Severity.Low ? [] : rule == Copy ? ["Reinstall the package of the C library, then remove the copy", .. Remediation.Unlock(file.Location.Path)] : Reinstallation.Of(file.Location.Path, origin?.Manager, origin?.Package),
    };
}
