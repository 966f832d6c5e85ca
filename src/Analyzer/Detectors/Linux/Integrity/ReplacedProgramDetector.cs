using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Programs, libraries and scripts whose content is not what their package shipped or a trusted manifest names. Vital ones speak for themselves; others are told once a package.
/// Configuration is expected to change and never reported.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> rests on databases of the examined disk, which an intruder may have changed; a damaged disk, or software built from source over a package's own files, looks the same.
/// OpenSSH and the loader have detectors of their own.
/// </remarks>
public sealed class ReplacedProgramDetector : IDetector
{
    private const int MaximumNamed = 8;
    private const int ManyFiles = 5;

    private static readonly RuleInfo Vital = new("L-BIN.vital-program-replaced", "Vital program is not the one its package shipped", "evasion", ["T1554", "T1036.005"]);
    private static readonly RuleInfo Script = new("L-BIN.script-for-binary", "A script stands where a compiled program belongs", "evasion", ["T1554", "T1036.005"]);
    private static readonly RuleInfo Module = new("L-BIN.pam-module-replaced", "PAM module is not the one its package shipped", "access", ["T1556.003", "T1554"]);
    private static readonly RuleInfo Manifest = new("L-BIN.not-as-in-manifest", "Program differs from the trusted manifest", "evasion", ["T1554"]);
    private static readonly RuleInfo Others = new("L-BIN.package-files-changed", "Programs or scripts of a package were changed", "evasion", ["T1554"]);
    private static readonly RuleInfo Updated = new("L-BIN.updated-since-manifest", "Packages were updated after the trusted manifest was made", "evasion", ["T1554"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Vital, Script, Module, Manifest, Others, Updated];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        if (evidence.IsOfDeleted)
        {
            yield break;
        }
        var chain = StartChain.Of(evidence);
        var byPackage = new SortedDictionary<(string Host, string Package), List<FileFacts>>();
        var updated = new SortedDictionary<string, List<FileFacts>>(StringComparer.Ordinal);
        foreach (FileFacts file in evidence.OfType<FileFacts>().Where(Tampering.IsInSystem))
        {
            VitalKind kind = VitalFiles.KindOf(file.Location.Path);
            if (kind is VitalKind.OpenSsh or VitalKind.Loader)
            {
                continue;
            }
            if (kind == VitalKind.Viewer && file is { Content: ContentKind.Script, Entry.Type: FileType.Regular } && file.Origin?.IsVendor != true)
            {
                yield return ScriptForBinary(file, chain);
                continue;
            }
            if (file.Origin is not { } origin)
            {
                continue;
            }
            if (origin.IsUpdated)
            {
                Add(updated, evidence.TreeOf(file.Location.Volume), file);
            }
            bool isReplaced = (origin.Differences & FileDifferences.Kind) != 0 && file.Entry.Type == FileType.SymbolicLink;
            if (!origin.IsModified || (!Tampering.IsCode(file) && !(isReplaced && kind != VitalKind.None)))
            {
                continue;
            }
            if (kind != VitalKind.None)
            {
                yield return VitalFile(file, kind, origin, chain);
            }
            else if (origin.IsConfirmed == false)
            {
                yield return Build(Manifest, Severity.High, file, Sentence(Tampering.Because(origin)), origin, chain);
            }
            else
            {
                Add(byPackage, (evidence.TreeOf(file.Location.Volume), origin.Package ?? ""), file);
            }
        }
        foreach (((string host, string package), List<FileFacts> files) in byPackage)
        {
            yield return OfPackage(evidence.PackagesOf(host), package, files, evidence, chain);
        }
        foreach (List<FileFacts> files in updated.Values)
        {
            string[] packages = [.. files.Select(file => file.Origin!.Package!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            yield return new Finding(Updated, Severity.Low, files[0].Location)
            {
                Message = string.Create(CultureInfo.InvariantCulture, $"{files.Count} files differ from the trusted manifest because their package has another version now, and are what the package database on this disk expects: ")
                    + string.Join(", ", packages.Take(MaximumNamed)) + (packages.Length > MaximumNamed ? " ..." : "") + ". A new manifest of an updated image would confirm them.",
                Evidence = Clip.Evidence(string.Join(' ', files.Take(MaximumNamed).Select(file => file.Location.Path))),
            };
        }
    }

    private static Finding ScriptForBinary(FileFacts file, StartChain chain)
    {
        FileOrigin? origin = file.Origin;
        string who = origin is null ? "" : origin.IsModified ? "; " + Tampering.Because(origin) : origin.IsAlien ? "; no package owns it" : "";
        return Build(Script, origin?.IsModified == true ? Severity.Critical : Severity.High, file,
            "This program is compiled on every distribution, and here it is a script, such as wrappers that leave an intruder's processes and files out of the output" + who + ".", origin, chain);
    }

    private static Finding VitalFile(FileFacts file, VitalKind kind, FileOrigin origin, StartChain chain)
    {
        bool isLocked = (file.Entry.Flags & (uint)(InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0;
        // Who builds curl anew installs it over the package's own; nobody does so with login or ps.
        Severity severity = kind is VitalKind.Viewer or VitalKind.Authentication || isLocked || file.Entry.Type == FileType.SymbolicLink ? Severity.Critical : Severity.High;
        string what = file.Entry.Type == FileType.SymbolicLink ? "A link to " + file.LinkTarget + " stands in place of the program: " : "";
        string purpose = kind == VitalKind.Authentication ? "Such a module sees every password."
            : kind == VitalKind.Viewer ? "Programs that show or admit are replaced to hide an intruder and to let him in." : "It may also have been built from source over the package's file.";
        return Build(kind == VitalKind.Authentication ? Module : Vital, severity, file,
            what + (what.Length > 0 ? Tampering.Because(origin) : Sentence(Tampering.Because(origin))) + (what.Length > 0 ? "." : "") + " " + purpose + (isLocked ? " It is locked against change." : ""), origin, chain);
    }

    private static Finding OfPackage(PackageIndex packages, string package, List<FileFacts> files, EvidenceIndex evidence, StartChain chain)
    {
        FileFacts first = files[0];
        int known = 0;
        if (files.Count >= ManyFiles && packages.TryFind(first.Location.Path, out PackageFile statement))
        {
            int number = Enumerable.Range(0, packages.Packages.Count).FirstOrDefault(i => ReferenceEquals(packages.Packages[i], statement.Package), -1);
            known = number < 0 ? 0 : packages.FilesOf(number).Count(file => file.Algorithm != DigestAlgorithm.None && evidence.File(first.Location.Volume, file.Path) is { } facts && Tampering.IsCode(facts));
        }
        // Where nearly everything of a package differs, something brought its own copy of the whole: pip, npm, a vendor's updater.
        bool isOtherVersion = known > 0 && files.Count * 2 > known;
        string message = string.Create(CultureInfo.InvariantCulture, $"The package database on this disk says that {package} shipped another content of {(files.Count == 1 ? "this file" : files.Count + " programs, libraries or scripts, such as this one")}.")
            + (isOtherVersion ? " They are most of what it has, as after an update that went around the package manager." : " It was changed by hand, or replaced, or the disk is damaged.");
        return new Finding(Others, isOtherVersion ? Severity.Low : Severity.Medium, first.Location)
        {
            Message = message, Evidence = Clip.Evidence(string.Join(' ', files.Take(MaximumNamed).Select(file => file.Location.Path))), Hashes = first.Hashes,
            Related = [.. chain.StartedBy(first.Location.Volume, first.Location.Path)],
            Remediation = Reinstallation.Of(first.Location.Path, first.Origin?.Manager, package),
        };
    }

    private static Finding Build(RuleInfo rule, Severity severity, FileFacts file, string message, FileOrigin? origin, StartChain chain) => new(rule, severity, file.Location)
    {
        Message = message, Evidence = Clip.Evidence(file.Location.Path + (origin is null ? "" : " " + origin.Word)), Hashes = file.Hashes,
        Related = [.. chain.StartedBy(file.Location.Volume, file.Location.Path)],
        Remediation = Reinstallation.Of(file.Location.Path, origin?.Manager, origin?.Package),
    };

    private static string Sentence(string clause) => char.ToUpperInvariant(clause[0]) + clause[1..] + ".";

    private static void Add<TKey>(SortedDictionary<TKey, List<FileFacts>> groups, TKey key, FileFacts file) where TKey : notnull
    {
        if (!groups.TryGetValue(key, out List<FileFacts>? files))
        {
            groups.Add(key, files = []);
        }
        files.Add(file);
    }
}
