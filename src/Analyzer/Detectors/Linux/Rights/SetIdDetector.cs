using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Programs that run with the rights of their owner or group for everybody, beyond those every system has.</summary>
/// <remarks><b>Limitations:</b> dpkg does not record modes, so a bit that was added to an unremarkable program of a Debian package is not seen; a copied shell is told by its digest where the original was examined.</remarks>
public sealed class SetIdDetector : IDetector
{
    private const int SetUser = 0x800;
    private const int SetGroup = 0x400;
    private const int AnyExecute = 0b001_001_001;

    private static readonly RuleInfo Escape = new("L-SUID.shell-or-interpreter", "Shell, interpreter or file tool with setuid", "access", ["T1548.001"]);
    private static readonly RuleInfo Copy = new("L-SUID.copied-shell", "Copy of a shell or interpreter with setuid", "access", ["T1548.001"]);
    private static readonly RuleInfo OddPlace = new("L-SUID.odd-place", "Setuid program in an odd place", "access", ["T1548.001"]);
    private static readonly RuleInfo Unowned = new("L-SUID.unowned-program", "Setuid program that no package owns", "access", ["T1548.001"]);
    private static readonly RuleInfo Gained = new("L-SUID.gained", "Setuid or setgid that the package does not ask for", "access", ["T1548.001"]);
    private static readonly RuleInfo Other = new("L-SUID.other", "Setuid or setgid program that is not on every system", "access", ["T1548.001"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Escape, Copy, OddPlace, Unowned, Gained, Other];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        Dictionary<string, string> shells = ShellDigests(evidence);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            int mode = file.Entry.Permissions;
            bool isSetUser = (mode & SetUser) != 0;
            if (file.Entry.Type != FileType.Regular || (mode & (SetUser | SetGroup)) == 0 || (!isSetUser && (mode & 0b001_000) == 0) || Judge(evidence, file, shells, isSetUser) is not (RuleInfo rule, Severity severity, string why))
            {
                continue;
            }
            bool isDormant = (mode & AnyExecute) == 0;
            yield return new Finding(rule, isDormant ? severity.Lower() : severity, file.Location)
            {
                Message = why + (isDormant ? " Nobody may execute it at present; one level lower." : ""),
                Evidence = Clip.Evidence($"{Convert.ToString(mode, 8).PadLeft(4, '0')} {file.Entry.UserId}:{file.Entry.GroupId} {file.Location.Path}"),
                Hashes = file.Hashes,
                Remediation = severity <= Severity.Low ? [] : rule == Copy || rule == OddPlace || rule == Unowned ? Remediation.RemoveFile(file.Location.Path) : Remediation.DropSetId(file.Location.Path),
            };
        }
    }

    private static (RuleInfo, Severity, string)? Judge(EvidenceIndex evidence, FileFacts file, Dictionary<string, string> shells, bool isSetUser)
    {
        string own = file.Location.Path;
        string? inner = ContainerLayer.Inner(own);
        string path = inner ?? own;
        FileOrigin? origin = inner is null ? file.Origin : null;
        bool isRoot = isSetUser ? file.Entry.UserId == 0 : file.Entry.GroupId == 0;
        string whose = isSetUser ? isRoot ? "root" : "user " + file.Entry.UserId : "group " + file.Entry.GroupId;
        TargetZone zone = TargetZones.Of(path);
        bool isProgram = file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.Unknown or ContentKind.Binary;
        bool isHidden = PathTraits.IsHidden(path);
        if (!isProgram)
        {
            return file.Content == ContentKind.Script && (zone is TargetZone.Temporary or TargetZone.Odd || isHidden)
                ? (Other, Severity.Low, $"The script has setuid or setgid of {whose}, which Linux ignores for scripts; whoever set it wanted more.") : null;
        }
        if (RecordedAsSetId(evidence, file, inner) is true)
        {
            return null;
        }
        bool isEscape = isSetUser && PrivilegedPrograms.IsEscape(path) && !PrivilegedPrograms.IsOrdinarySetId(path);
        string? copied = inner is null && isSetUser && file.Hashes?.Sha256 is { } digest && shells.TryGetValue(digest, out string? original) && original != own ? original : null;
        if (copied is not null)
        {
            return (Copy, isRoot ? Severity.Critical : Severity.High, $"It has the content of {copied} and runs with the rights of {whose} for everybody: a way back for whoever lost root.");
        }
        if (isEscape)
        {
            Severity severity = isRoot ? Severity.Critical : Severity.Medium;
            return (Escape, inner is null ? severity : severity.Lower(), $"Whoever runs it gets the rights of {whose}, for any purpose; no distribution ships it so." + (inner is null ? "" : " It lies in the file system of a container."));
        }
        if (zone is TargetZone.Temporary or TargetZone.Odd || isHidden)
        {
            return origin?.IsVendor == true || inner is not null ? null
                : (OddPlace, isRoot ? isSetUser && (zone == TargetZone.Temporary || isHidden) ? Severity.Critical : Severity.High : Severity.Medium, $"A program that runs with the rights of {whose} for everybody lies where no distribution puts one.");
        }
        if (origin is { IsVendor: false, IsAlien: false } or { IsVendor: true } && (origin.Differences & FileDifferences.Permissions) != 0)
        {
            return (Gained, isRoot && isSetUser ? Severity.High : Severity.Medium, $"It runs with the rights of {whose} for everybody, which its package {origin.Package} does not ask for.");
        }
        if (PrivilegedPrograms.IsOrdinarySetId(path) || inner is not null)
        {
            return null;
        }
        if (own.StartsWith("/home/", StringComparison.Ordinal) || own.StartsWith("/root/", StringComparison.Ordinal))
        {
            return (OddPlace, isRoot ? Severity.High : Severity.Medium, $"A program in a home directory runs with the rights of {whose} for everybody.");
        }
        if (origin?.IsAlien == true)
        {
            return zone == TargetZone.Distribution ? (Unowned, isSetUser && isRoot ? Severity.High : Severity.Medium, $"It runs with the rights of {whose} for everybody, lies in a directory of the distribution, and no package owns it.")
                : (Unowned, isSetUser && isRoot && own.StartsWith("/usr/local/", StringComparison.Ordinal) ? Severity.Medium : Severity.Low, $"It runs with the rights of {whose} for everybody, and no package owns it.");
        }
        return (Other, origin is null ? Severity.Low : Severity.Info, $"It runs with the rights of {whose} for everybody, and is not on every system.");
    }

    /// <summary>What the package says about its mode: true when it asks for the bits, null when it does not tell.</summary>
    private static bool? RecordedAsSetId(EvidenceIndex evidence, FileFacts file, string? inner)
    {
        if (inner is not null)
        {
            return null;
        }
        bool? known = null;
        foreach (PackageFile owned in evidence.PackagesOf(file.Location.Volume).FindAll(file.Location.Path).Take(16))
        {
            if (owned.Permissions is int permissions)
            {
                known = known == true || (permissions & file.Entry.Permissions & (SetUser | SetGroup)) != 0;
            }
        }
        return known;
    }

    private static Dictionary<string, string> ShellDigests(EvidenceIndex evidence)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            if (file.Hashes?.Sha256 is { } digest && file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject && PathTraits.IsSystemProgram(path) && PrivilegedPrograms.IsEscape(path))
            {
                digests.TryAdd(file.Hashes!.Sha256!, path);
            }
        }
        return digests;
    }
}
