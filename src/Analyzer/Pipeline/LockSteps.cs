using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Leaves out of the clean-up the steps that unlock what is not locked: detectors put them before every removal, here the inode says whether it, or the directory it is removed from, carries
/// the flags. What cannot be looked up keeps its step, which does no harm.
/// </summary>
internal sealed class LockSteps
{
    private const string Step = "chattr -ia ";

    private readonly Dictionary<string, ImageTree> _trees = new(StringComparer.Ordinal);
    private readonly Dictionary<(ImageTree Tree, string Path), bool> _known = [];

    public LockSteps(IEnumerable<HostProfile> hosts)
    {
        foreach (HostProfile host in hosts)
        {
            foreach (string volume in host.Info.Volumes.Append(host.Info.Volume))
            {
                _trees.TryAdd(volume, host.Tree);
            }
        }
    }

    /// <summary>The findings with the steps that are needed.</summary>
    public IReadOnlyList<Finding> Refine(IReadOnlyList<Finding> findings) => [.. findings.Select(Refine)];

    private Finding Refine(Finding finding)
    {
        if (!_trees.TryGetValue(finding.Location.Volume, out ImageTree? tree) || !finding.Remediation.Any(step => step.StartsWith(Step, StringComparison.Ordinal)))
        {
            return finding;
        }
        return finding with { Remediation = [.. finding.Remediation.SelectMany(step => Needed(tree, step))] };
    }

    private IEnumerable<string> Needed(ImageTree tree, string step)
    {
        // Only words without quotes are taken apart: what a shell needs quoted is rare here, and its step stays.
        if (!step.StartsWith(Step, StringComparison.Ordinal) || step.AsSpan(Step.Length).IndexOfAny("'\"$ ") >= 0)
        {
            return [step];
        }
        string path = step[Step.Length..];
        int slash = path.LastIndexOf('/');
        string parent = slash > 0 ? path[..slash] : "/";
        string[] directory = IsLocked(tree, parent, unknown: false) ? [Step + parent] : [];
        return IsLocked(tree, path, unknown: true) ? [.. directory, step] : directory;
    }

    private bool IsLocked(ImageTree tree, string path, bool unknown)
    {
        if (!_known.TryGetValue((tree, path), out bool locked))
        {
            FileEntry? file = tree.Find(path, followLast: false)?.File;
            locked = file is null ? unknown : file.Flags is { } flags && (flags & (InodeFlags.Immutable | InodeFlags.AppendOnly)) != 0;
            _known[(tree, path)] = locked;
        }
        return locked;
    }
}
