using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What the program said about the host of a plant.</summary>
/// <param name="Plant">The plant.</param>
/// <param name="Findings">All findings on its volume.</param>
internal sealed record PlantResult(Plant Plant, IReadOnlyList<Finding> Findings)
{
    /// <summary>The findings of the plant's own id, worst first.</summary>
    public IReadOnlyList<Finding> Own => [.. Findings.Where(finding => finding.Rule.Id.StartsWith(Plant.Id + ".", StringComparison.Ordinal)).OrderByDescending(finding => finding.Severity)];

    /// <summary>All findings as lines, for messages.</summary>
    public string Text => string.Join('\n', Findings.Select(finding => $"{finding.Severity} {finding.Rule.Id} {finding.Location.Path}: {finding.Message} [{finding.Evidence}]"));
}

/// <summary>Plants everything, each on a host of its own, and scans them, many hosts a disk.</summary>
public sealed class PlantLab
{
    private const int HostsPerDisk = 32;
    private readonly Dictionary<string, PlantResult> _results;

    public PlantLab()
    {
        // The runner cannot hand arguments to a fixture; DEADBOX_PLANTS picks ids while rules are written.
        string wanted = Environment.GetEnvironmentVariable("DEADBOX_PLANTS") ?? "";
        Plant[] plants = [.. AllPlants.All.Where(plant => plant.ToString().StartsWith(wanted, StringComparison.Ordinal)).Where(CanPlant)];
        _results = plants.Chunk(HostsPerDisk).AsParallel().WithDegreeOfParallelism(2).SelectMany(Scan).ToDictionary(result => result.Plant.ToString(), StringComparer.Ordinal);
    }

    /// <summary>Whether this machine can make the host of a plant.</summary>
    internal static bool CanPlant(Plant plant) => plant.Host != PlantHost.Windows || NtfsPlanting.UnavailableBecause is null;

    /// <summary>Profile of the scans.</summary>
    public static ScanProfile Profile => Environment.GetEnvironmentVariable("DEADBOX_PLANTS_PROFILE") == "triage" ? ScanProfile.Triage : ScanProfile.Standard;

    internal PlantResult? Find(string plant) => _results.GetValueOrDefault(plant);

    internal IReadOnlyCollection<PlantResult> Results => _results.Values;

    internal static IReadOnlyList<PlantResult> Scan(IReadOnlyList<Plant> plants)
    {
        using var disk = new PlantDisk();
        PlantTree[] trees = [.. plants.Select(plant => new PlantTree(plant.Host))];
        for (int i = 0; i < trees.Length; i++)
        {
            plants[i].Make(trees[i]);
        }
        (string image, IReadOnlyList<string> volumes) = disk.Build(trees);
        if (Environment.GetEnvironmentVariable("DEADBOX_PLANTS_KEEP") is { Length: > 0 } folder)
        {
            File.Copy(image, Path.Combine(folder, plants[0].Id + "-" + plants[0].Name + ".img"), overwrite: true);
        }
        ScanResult scan = ImageScan.Run(new ScanOptions(new ImageSource(image)) { Profile = Profile, Threads = 1, TrustedRoots = [PlantSigner.RootFile] }, NullProgress.Instance, CancellationToken.None);
        // The container of a host is a volume of its own that is named after it.
        static string Disk(string volume) => volume[..volume.AsSpan().IndexOfAny('/', '@')];
        ILookup<string, Finding> byVolume = scan.Report.Findings.ToLookup(finding => Disk(finding.Location.Volume));
        return [.. plants.Select((plant, i) => new PlantResult(plant, [.. byVolume[Disk(volumes[i])]]))];
    }
}
