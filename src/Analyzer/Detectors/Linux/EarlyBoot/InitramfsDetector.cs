using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// What runs before the root file system is there: members of early-boot images that no package of the host explains, scripts in and for them that change the root file system or put
/// something of unknown origin into the image.
/// </summary>
/// <remarks><b>Limitations:</b> members are compared by digest, path and name; a program of a package's name but another content is not reported, since images are older than upgrades.</remarks>
public sealed partial class InitramfsDetector(SignatureSet signatures) : IDetector
{
    private static readonly RuleInfo Changes = new("L-INITRAMFS.changes-root", "An early-boot script changes the root file system", "persistence", ["T1542"]);
    private static readonly RuleInfo Includes = new("L-INITRAMFS.includes-unowned", "An early-boot script puts something of unknown origin into the image", "persistence", ["T1542"]);
    private static readonly RuleInfo Hook = new("L-INITRAMFS.unowned-hook", "Early-boot script among those of packages that no package brought", "persistence", ["T1542"]);
    private static readonly RuleInfo Program = new("L-INITRAMFS.unowned-program", "Program in the early-boot image that no package brought", "persistence", ["T1542"]);
    private static readonly RuleInfo Module = new("L-INITRAMFS.unowned-module", "Kernel module in the early-boot image that no package brought", "persistence", ["T1542", "T1547.006"]);
    private static readonly RuleInfo Script = new("L-INITRAMFS.suspicious-script", "Script in the early-boot image with commands of malware", "persistence", ["T1542"]);
    private static readonly RuleInfo Preload = new("L-INITRAMFS.preload", "Early-boot image preloads a library", "evasion", ["T1542", "T1574.006"]);

    private readonly CommandScorer _scorer = new(signatures);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Changes, Includes, Hook, Program, Module, Script, Preload];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        ILookup<Artifact, CommandLink> links = evidence.Links.Where(link => link.Source is StartupScript { Place: StartupPlace.InitramfsScript }).ToLookup(link => link.Source, ReferenceEqualityComparer.Instance as IEqualityComparer<Artifact>);
        foreach (StartupScript script in evidence.OfType<StartupScript>())
        {
            if (script.Place == StartupPlace.InitramfsScript && !evidence.IsOfPackage(script) && HookFinding(script, links[script], evidence) is { } finding)
            {
                string? dormant = chain.DormantBecause(script, null);
                yield return finding with
                {
                    Severity = dormant is null ? finding.Severity : finding.Severity.Lower(), Message = finding.Message + LocalEntries.Tail(dormant), Hashes = evidence.HashesOf(script.Location),
                    Remediation = [.. Place.CleanUp(script, null), .. finding.Remediation],
                };
            }
        }
        IReadOnlyList<InitramfsImage> images = evidence.OfType<InitramfsImage>();
        foreach (IGrouping<string, InitramfsImage> host in images.GroupBy(image => evidence.TreeOf(image.Location.Volume)))
        {
            var known = new KnownFiles(evidence, host.Key, host.SelectMany(image => image.Files));
            foreach (InitramfsImage image in host)
            {
                foreach (Finding finding in Image(image, known))
                {
                    yield return finding;
                }
            }
        }
    }

    private static Finding? HookFinding(StartupScript script, IEnumerable<CommandLink> links, EvidenceIndex evidence)
    {
        foreach (StartCommand command in script.Commands)
        {
            if (ChangeOf(command.Text) is { } target)
            {
                return new Finding(Changes, IsAccess(target) ? Severity.Critical : Severity.High, EvidenceQueries.At(script, command))
                {
                    Message = $"The script writes to {target} of the root file system each time the host boots, before anything on it runs.", Evidence = Clip.Evidence(command.Text, target),
                };
            }
        }
        foreach (CommandLink link in links)
        {
            foreach (StartedFile file in link.Files)
            {
                string path = EvidenceQueries.PathOf(file);
                bool isProgram = evidence.File(file.Resolved)?.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther;
                if (isProgram && path != script.Location.Path && (LocalEntries.IsOddPlace(path) || (evidence.IsAlien(file) && LocalEntries.IsPackageDirectory(path))))
                {
                    return new Finding(Includes, LocalEntries.IsOddPlace(path) ? Severity.High : Severity.Medium, EvidenceQueries.At(script, link.Command))
                    {
                        Message = $"The script handles {path}, a program that no package brought: it gets into the early boot.", Evidence = Clip.Evidence(link.Command!.Text, path),
                        Related = [new RelatedFile(path, file.Relation)], Remediation = Remediation.RemoveFile(path),
                    };
                }
            }
        }
        string place = script.Location.Path;
        return LocalEntries.IsPackageDirectory(place) && evidence.File(script.Location)?.Origin is { } origin && (origin.IsAlien || origin.IsModified)
            ? new Finding(Hook, Severity.Medium, script.Location)
            {
                Message = origin.IsModified ? $"The script is not what the package {origin.Package} shipped, and it is built into every early-boot image." : "Among the early-boot scripts of packages lies one that no package brought; administrators put theirs into /etc.",
            } : null;
    }

    private IEnumerable<Finding> Image(InitramfsImage image, KnownFiles known)
    {
        foreach (InitramfsFile file in image.Files)
        {
            (RuleInfo Rule, Severity Severity, string Why, string Evidence)? found = file.Kind switch
            {
                InitramfsFileKind.Program when !known.Explains(file) => (Program, known.IsSure ? Severity.High : Severity.Medium, "is a program that no package of the host knows, neither by content nor by name", file.Path),
                InitramfsFileKind.Module when !known.ExplainsModule(file.Path) => (Module, Severity.High, "is a kernel module that no package of the host knows", file.Path),
                InitramfsFileKind.Setting when file.Path == "/etc/ld.so.preload" && !string.IsNullOrWhiteSpace(file.Text) => (Preload, Severity.Critical, "makes every program of the early boot load a library", file.Text!),
                InitramfsFileKind.Script when !known.HasContent(file) => Text(file),
                _ => null,
            };
            if (found is var (rule, severity, why, text))
            {
                yield return new Finding(rule, severity, image.Location)
                {
                    Message = $"In the early-boot image {image.Location.Name}, {file.Path} {why}.",
                    Evidence = Clip.Evidence(text),
                    Hashes = file.Md5 is null ? null : new FileHashes(file.Md5, file.Sha1, file.Sha256),
                    Related = [new RelatedFile(file.Path, "in-image")],
                    Remediation = ["Find the hook or script that puts " + (ShellQuote.TryPath(file.Path, out string word) ? word : "the member") + " into the image (/etc/initramfs-tools, dracut modules), remove it", .. Place.CleanUp(image, null)],
                };
            }
        }
    }

    private (RuleInfo Rule, Severity Severity, string Why, string Evidence)? Text(InitramfsFile file)
    {
        List<ScoredHit>? worst = null;
        foreach (string raw in file.Text!.Split('\n').Take(5000))
        {
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            if (ChangeOf(line) is { } target)
            {
                return (Changes, IsAccess(target) ? Severity.Critical : Severity.High, $"writes to {target} of the root file system at each boot", line);
            }
            List<ScoredHit> hits = _scorer.Hits([line], RuleScope.ScriptLine);
            CommandScorer.Sort(hits);
            if (CommandScorer.SeverityOf(hits) is >= Severity.Medium && (worst is null || CommandScorer.Score(hits) > CommandScorer.Score(worst)))
            {
                worst = hits;
            }
        }
        return worst is null ? null : (Script, CommandScorer.SeverityOf(worst)!.Value, worst[0].Hit.Rule.Message, worst[0].Text);
    }

    /// <summary>Where a line writes below the future root file system, when that is a place which decides what runs or who gets in.</summary>
    private static string? ChangeOf(string line)
    {
        Match match = Redirected().Match(line);
        match = match.Success ? match : Written().Match(line);
        return match.Success ? match.Groups["target"].Value : null;
    }

    private static bool IsAccess(string target) =>
        target.Contains("passwd", StringComparison.Ordinal) || target.Contains("shadow", StringComparison.Ordinal) || target.Contains("sudoers", StringComparison.Ordinal) || target.Contains("ld.so.preload", StringComparison.Ordinal) || target.Contains("authorized_keys", StringComparison.Ordinal);

    // Reading such a file is everyday life in the early boot; a redirection into it, or a command whose last argument it is, changes it.
    private const string Root = @"(?<target>(?:\$\{?(?:rootmnt|NEWROOT|newroot|rootdir|NEW_ROOT|sysroot)\}?""?|/sysroot|/new_root|/newroot)/(?:etc/(?:passwd|shadow|sudoers|ld\.so\.preload|cron|systemd/system|init\.d|rc\.local|profile|ssh/|pam\.d|udev/rules\.d|modules)|root/\.(?:ssh|bash|profile)|var/spool/cron|usr/(?:local/)?s?bin/|s?bin/|usr/lib/systemd/)[^\s;|&""']*)";

    [GeneratedRegex(@">{1,2}[ \t]*[""']?" + Root, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Redirected();

    [GeneratedRegex(@"(?:^|[\s;&|({`])(?:cp|mv|install|tee|ln|sed|dd|rsync|chattr|touch)[ \t][^;|&<>]*[\s=""']" + Root + @"[""']?[ \t]*(?:$|[;|&)<>]|2>)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Written();
}
