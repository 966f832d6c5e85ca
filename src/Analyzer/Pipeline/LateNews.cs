namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// What was learnt about one file after it was offered to the workers: further names (only a damaged file system gives a file more names than it counts), claims on it,
/// or that the profile wants it. It waits until the workers are done, so that no job changes under their hands.
/// </summary>
internal sealed class LateNews(ContentJob job)
{
    /// <summary>The file.</summary>
    public ContentJob Job { get; } = job;
    /// <summary>How many further names were met.</summary>
    public int Names { get; set; }
    /// <summary>Parsers that claim the content under some path.</summary>
    public List<PathClaim> Claims { get; } = [];
    /// <summary>The profile wants the content because of a further name.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Changes the job and books its names; true when the job has to be done again.</summary>
    public bool Apply(CoverageLedger coverage)
    {
        string? skippedBecause = Job.WasOutsideProfile ? CoverageLedger.NotInProfile : Job.SkippedBecause;
        for (int i = 0; i < Names; i++)
        {
            if (skippedBecause is null)
            {
                coverage.Examine();
            }
            else
            {
                coverage.Skip(skippedBecause, isLoss: !Job.WasOutsideProfile);
            }
        }
        Job.UnkeptNames += Names;
        if (Claims.Count > 0)
        {
            (Job.Claims ??= []).AddRange(Claims);
        }
        Job.IsWanted |= IsWanted;
        return Claims.Count > 0 || (IsWanted && Job.WasOutsideProfile);
    }
}
