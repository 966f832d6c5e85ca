using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Lines of tmpfiles.d that make persistence anew at each boot: they write into cron, units, start-up scripts, the loader's configuration, keys or accounts, or make files setuid.</summary>
/// <remarks><b>Limitations:</b> on hosts without a package database, lines below <c>/usr/lib</c> that copy the distribution's own templates or credentials are taken for the distribution's.</remarks>
public sealed class TmpfilesDetector : IDetector
{
    private const int SetUserId = 0x800;

    private static readonly RuleInfo Writes = new("L-TMPFILES.makes-persistence", "tmpfiles.d makes a start-up or access file at each boot", "persistence", ["T1543", "T1053.003"]);
    private static readonly RuleInfo SetUid = new("L-TMPFILES.makes-setuid", "tmpfiles.d makes a file run as its owner for everybody", "persistence", ["T1543", "T1548.001"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Writes, SetUid];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var activation = new ScriptActivation(evidence);
        foreach (TmpfilesEntry entry in evidence.OfType<TmpfilesEntry>())
        {
            FileOrigin? origin = evidence.File(entry.Location)?.Origin;
            if (origin is { IsVendor: true } || (origin is null && entry.Location.Path.StartsWith("/usr/lib/", StringComparison.Ordinal) && (entry.IsFromCredential || entry.Argument is null || entry.Argument.StartsWith("/usr/share/factory/", StringComparison.Ordinal)))
                || Judge(entry) is not (RuleInfo rule, Severity severity, string why))
            {
                continue;
            }
            string? dormant = activation.DormantBecause(entry);
            yield return new Finding(rule, dormant is null ? severity : severity.Lower(), entry.Location)
            {
                Message = why + (dormant is null ? "" : $" It would not be carried out at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence($"{entry.Type} {entry.Path} {entry.Argument}"),
                Hashes = evidence.HashesOf(entry.Location),
                Related = [new RelatedFile(entry.Path, "makes"), .. entry.NamedFiles.Select(path => new RelatedFile(path, "copies"))],
                Remediation = [.. Place.CleanUp(entry, null), .. Remediation.RemoveFile(entry.Path).Skip(1).Select(step => step + "   # after looking at it: it is made anew at each boot")],
            };
        }
    }

    private static (RuleInfo Rule, Severity Severity, string Why)? Judge(TmpfilesEntry entry)
    {
        if (entry.Mode is int mode && (mode & SetUserId) != 0 && entry.Letter is 'f' or 'F' or 'C' or 'z' or 'Z' or 'm')
        {
            return (SetUid, Severity.High, $"At each boot the line makes {entry.Path} setuid.");
        }
        if (entry.Letter is not ('f' or 'F' or 'w' or 'C' or 'L') || entry.IsFromCredential)
        {
            return null;
        }
        string? what = entry.Target switch
        {
            TmpfilesTarget.CronTable => "a cron table",
            TmpfilesTarget.Unit => "a systemd unit",
            TmpfilesTarget.Loader => "the configuration of the dynamic loader",
            TmpfilesTarget.AuthorizedKeys => "the keys that may log in",
            TmpfilesTarget.Access => "accounts or access rules",
            TmpfilesTarget.StartupScript when entry.Argument is not null => "a script or program that the host starts",
            _ => null,
        };
        // A link to /dev/null masks; an empty file is a place holder.
        return what is null || entry.Argument is "/dev/null" or null ? null : (Writes, Severity.High, $"At each boot the line makes {entry.Path}, {what}, anew; deleting that file alone does not help.");
    }
}
