using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Files whose digest is in a known-bad list. Critical by SHA-256 or SHA-1, high by MD5, whose collisions can be made. One finding a file.</summary>
public sealed class HashDetector : IDetector
{
    private static readonly RuleInfo Known = new("HASH.known-bad", "File is in a list of known-bad hashes", "malware", ["T1204.002"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Known];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        foreach (IGrouping<(string Volume, string Path, string? Stream), HashMatch> file in evidence.OfType<HashMatch>().GroupBy(match => (match.Location.Volume, match.Location.Path, match.Location.Stream)))
        {
            HashMatch best = file.OrderByDescending(match => match.Hash.Length).First();
            string[] others = [.. file.Where(match => match != best).Select(match => match.Algorithm).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            yield return new Finding(Known, best.Algorithm == "md5" ? Severity.High : Severity.Critical, best.Location)
            {
                Message = $"The {best.Algorithm.ToUpperInvariant()} of the file is in the list {best.Source}" + (best.Name is null ? "" : $" as {best.Name}")
                    + (others.Length == 0 ? "." : $"; so is its {string.Join(" and ", others).ToUpperInvariant()}.")
                    + (best.Algorithm == "md5" ? " MD5 collisions can be made on purpose, so this is graded lower than a SHA-256." : ""),
                Evidence = best.Algorithm + " " + best.Hash,
                Hashes = evidence.HashesOf(best.Location),
                Related = [.. chain.StartedBy(best.Location.Volume, best.Location.Path)],
                Remediation = best.Location.Stream is { } stream ? WindowsRemediation.RemoveStream(best.Location.Path, stream) : evidence.RemoveFile(best.Location),
            };
        }
    }
}
