using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Originals of replaced programs that were kept beside them, tools for fetching under other names, and vital programs that are gone. What a package shipped is recognised by its digest
/// under any name.
/// </summary>
/// <remarks><b>Limitations:</b> without a package database only names speak; looks into the directories of programs and not into containers.</remarks>
public sealed class MovedProgramDetector : IDetector
{
    private static readonly RuleInfo Moved = new("L-BIN.original-moved-aside", "Original of a vital program lies beside it under another name", "evasion", ["T1554", "T1036.003"]);
    private static readonly RuleInfo Renamed = new("L-BIN.renamed-downloader", "Tool for fetching files under another name", "evasion", ["T1036.003", "T1105"]);
    private static readonly RuleInfo Copy = new("L-BIN.backup-copy", "Copy of a vital program beside it", "evasion", ["T1036.003"]);
    private static readonly RuleInfo Gone = new("L-BIN.missing-program", "Vital program of an installed package is gone", "evasion", ["T1070.004", "T1562"]);

    // Words that people give programs of their own.
    private static readonly string[] s_commonNames = ["good", "cur", "url", "get", "wdl", "cdl", "lwp", "xget"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Moved, Renamed, Copy, Gone];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            yield break;
        }
        HashSet<(string Host, string Path)> missing = [.. evidence.OfType<MissingFile>().Select(file => (evidence.TreeOf(file.Location.Volume), file.Location.Path))];
        var shipped = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        var explained = new HashSet<(string Host, string Path)>();
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            int slash = path.LastIndexOf('/');
            if (file is not { Entry.Type: FileType.Regular, Location: { ShadowedBy: null, Allocation: Allocation.Allocated } } || !VitalFiles.IsProgramDirectory(path.AsSpan(0, Math.Max(slash, 0)))
                || !Tampering.IsCode(file) || file.Origin?.IsVendor == true)
            {
                continue;
            }
            string host = evidence.TreeOf(file.Location.Volume);
            if (!shipped.TryGetValue(host, out Dictionary<string, string>? digests))
            {
                shipped.Add(host, digests = Shipped(evidence.PackagesOf(host)));
            }
            string directory = path[..slash];
            string? original = Original(file, digests, out bool isShipped) ?? (SystemProgramNames.OriginalOf(file.Location.Name) is { } name && VitalFiles.KindOf(directory + "/" + name) != VitalKind.None ? directory + "/" + name : null);
            bool isFetching = SystemProgramNames.RenamedDownloaders.Contains(file.Location.Name) && file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
            if (original is not null && original != path && Judge(file, original, isShipped, missing.Contains((host, original)), evidence) is { } finding)
            {
                explained.Add((host, original));
                yield return finding;
            }
            else if (isFetching && original is null && file.Origin?.IsVendor != true && Downloader(file, missing.Any(gone => gone.Host == host && VitalFiles.KindOf(gone.Path) == VitalKind.Downloader), evidence) is { } renamed)
            {
                yield return renamed;
            }
        }
        foreach (MissingFile file in evidence.OfType<MissingFile>().Where(file => !explained.Contains((evidence.TreeOf(file.Location.Volume), file.Location.Path))))
        {
            VitalKind kind = VitalFiles.KindOf(file.Location.Path);
            bool isHardening = kind is VitalKind.Downloader or VitalKind.Program;
            yield return new Finding(Gone, isHardening ? Severity.Low : Severity.Medium, file.Location)
            {
                Message = "The package database on this disk says that " + file.Package + " installed this program, and its directory does not have it. Intruders remove or rename what shows them"
                    + (isHardening ? "; images are also hardened by removing tools." : "."),
                Evidence = file.Location.Path, Remediation = isHardening ? [] : Reinstallation.Of(file.Location.Path, file.Manager, file.Package),
            };
        }
    }

    /// <summary>Digest of each vital program as shipped, to its path.</summary>
    private static Dictionary<string, string> Shipped(PackageIndex packages)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (VitalKind kind in new[] { VitalKind.Viewer, VitalKind.Downloader, VitalKind.OpenSsh, VitalKind.Program })
        {
            foreach (string path in VitalFiles.PathsOf(kind))
            {
                if (packages.TryFind(path, out PackageFile file) && file.Algorithm != DigestAlgorithm.None && file.Path == path)
                {
                    digests.TryAdd(Convert.ToHexStringLower(file.Digest), path);
                }
            }
        }
        return digests;
    }

    private static string? Original(FileFacts file, Dictionary<string, string> digests, out bool isShipped)
    {
        foreach (string? digest in new[] { file.Hashes?.Sha256, file.Hashes?.Sha1, file.Hashes?.Md5 })
        {
            if (digest is not null && digests.TryGetValue(digest, out string? path))
            {
                isShipped = true;
                return path;
            }
        }
        isShipped = false;
        return null;
    }

    private static Finding? Judge(FileFacts file, string original, bool isShipped, bool isGone, EvidenceIndex evidence)
    {
        FileFacts? there = evidence.File(file.Location.Volume, original);
        VitalKind kind = VitalFiles.KindOf(original);
        bool isReplaced = there?.Origin?.IsModified == true || (there is { Content: ContentKind.Script } && kind != VitalKind.Program && there.Origin?.IsVendor != true);
        string known = isShipped ? "is, byte for byte, what the package shipped as " : "has the name of a copy of ";
        if (isReplaced || (isGone && isShipped && kind != VitalKind.Downloader))
        {
            return Build(Moved, isShipped && isReplaced ? Severity.Critical : Severity.High, file, "This program " + known + original
                + (isGone ? ", which is gone." : ", and what stands at that path now is something else: the original was moved aside so that a replacement can call it."), original);
        }
        if (isGone)
        {
            return kind == VitalKind.Downloader
                ? Build(Renamed, Severity.High, file, "This program " + known + original + ", which is gone: malware renames the tools for fetching so that others cannot use them.", original)
                : Build(Moved, Severity.Medium, file, "This program " + known + original + ", which is gone.", original);
        }
        if (isShipped && SystemProgramNames.RenamedDownloaders.Contains(file.Location.Name) && !s_commonNames.Contains(file.Location.Name))
        {
            return Build(Renamed, Severity.High, file, "This program " + known + original + ", and has a name that malware gives it.", original);
        }
        // Somebody's copy of a program that is as it should be.
        bool isOdd = file.Origin is null && file.Location.Name.EndsWith(".original", StringComparison.Ordinal);
        return Build(Copy, isOdd ? Severity.Medium : Severity.Low, file, "This program " + known + original + "; nothing says that the program at that path is not the right one.", original);
    }

    private static Finding? Downloader(FileFacts file, bool isOriginalGone, EvidenceIndex evidence)
    {
        bool isCommon = s_commonNames.Contains(file.Location.Name);
        string[] originals = [.. VitalFiles.PathsOf(VitalKind.Downloader).Where(path => evidence.File(file.Location.Volume, path) is not null)];
        if (isCommon && !isOriginalGone && originals.Length > 0)
        {
            return null;
        }
        return Build(Renamed, isOriginalGone || !isCommon ? Severity.High : Severity.Medium, file, "Malware gives this name to curl or wget" + (isOriginalGone ? ", and one of them is gone." : "."), null);
    }

    private static Finding Build(RuleInfo rule, Severity severity, FileFacts file, string message, string? original) => new(rule, severity, file.Location)
    {
        Message = message, Evidence = Clip.Evidence(file.Location.Path), Hashes = file.Hashes, Related = original is null ? [] : [new RelatedFile(original, "replaces")],
        Remediation = severity <= Severity.Low ? [] : [.. original is null ? [] : Reinstallation.Of(original, null, null), .. Remediation.RemoveFile(file.Location.Path)],
    };
}
