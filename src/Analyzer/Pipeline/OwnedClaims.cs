using Forensics.Analyzer.Examiners;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Spares parsers what packages own, where they ask for that: there are thousands of kernel modules and early-boot scripts, and those that are as shipped say nothing new.</summary>
internal static class OwnedClaims
{
    /// <summary>Whether a file is claimed only by parsers that a quick scan spares owned files, and is owned.</summary>
    public static bool LeavesOut(ContentPlan plan, ContentJob job) =>
        plan.Profile == ScanProfile.Triage && job is { StartedBy: null, IsWanted: false, Deleted: null, Claims: { Count: > 0 } claims }
        && claims.TrueForAll(claim => claim.Parsers.All(parser => parser.OwnedFiles == OwnedFiles.ChangedWhenAllIsRead) && plan.PackagesOf(job.Volume.Volume.Identity).IsOwned(claim.Path));

    /// <summary>Whether the parser wants changed files only and this one is as its package shipped it.</summary>
    public static bool SaysNothingNew(ContentPlan plan, ContentJob job, ArtifactParser parser, string path, in ContentDigests digests)
    {
        if (parser.OwnedFiles == OwnedFiles.All || job.Deleted is not null)
        {
            return false;
        }
        foreach (PackageFile file in plan.PackagesOf(job.Volume.Volume.Identity).FindAll(path))
        {
            if (!file.Digest.IsEmpty && IsDigestOf(digests, file.Algorithm, file.Digest))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Of the claimants of a deleted file those that want it. An upgrade deletes all modules and images of the old kernel: they are no trace of anything.</summary>
    public static IReadOnlyList<ArtifactParser> OfDeleted(IReadOnlyList<ArtifactParser> claimants) =>
        claimants.Any(IsOfKernels) ? [.. claimants.Where(parser => !IsOfKernels(parser))] : claimants;

    private static bool IsDigestOf(ContentDigests digests, DigestAlgorithm algorithm, ReadOnlySpan<byte> digest) => algorithm switch
    {
        DigestAlgorithm.Md5 => digests.HasMd5 && digests.Md5.SequenceEqual(digest),
        DigestAlgorithm.Sha1 => digests.HasSha1 && digests.Sha1.SequenceEqual(digest),
        DigestAlgorithm.Sha256 => digests.HasSha256 && digests.Sha256.SequenceEqual(digest),
        _ => false,
    };

    private static bool IsOfKernels(ArtifactParser parser) => parser.NewestIsEnough || parser.OwnedFiles == OwnedFiles.ChangedWhenAllIsRead;
}
