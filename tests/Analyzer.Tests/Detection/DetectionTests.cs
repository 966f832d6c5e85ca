using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Analyzer.Tests.Rules;
using Xunit;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Precision and recall: every plant is found as bad as it is, every benign twin stays silent.</summary>
public sealed class DetectionTests(PlantLab lab) : IClassFixture<PlantLab>
{
    public static TheoryData<string> Live => Of(PlantKind.Loud, PlantKind.Quiet);
    public static TheoryData<string> DormantOnes => Of(PlantKind.Dormant);
    public static TheoryData<string> BenignOnes => Of(PlantKind.Benign);
    public static TheoryData<string> QuietOnes => Of(PlantKind.Quiet);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Live))]
    public void A_plant_is_found(string plant)
    {
        PlantResult result = Result(plant);
        Finding? best = result.Own.FirstOrDefault(finding => result.Plant.Rule is null || finding.Rule.Id == result.Plant.Id + "." + result.Plant.Rule);
        Assert.True(best is not null && best.Severity >= result.Plant.AtLeast, $"{plant} is not found:\n{result.Text}");
        Assert.True(best.Remediation.Count > 0 || best.Severity <= Severity.Low, $"{plant}: {best.Rule.Id} says nothing about cleaning up");
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(DormantOnes))]
    public void A_dormant_twin_is_found_one_level_lower(string plant)
    {
        PlantResult result = Result(plant);
        PlantResult twin = Result(result.Plant.Id + "/" + result.Plant.TwinOf);
        Assert.True(twin.Plant.Kind is PlantKind.Loud or PlantKind.Quiet && twin.Own.Count > 0, plant + " has no live twin that is found");
        Assert.True(result.Own.Count > 0 && result.Own[0].Severity == twin.Own[0].Severity.Lower(), $"{plant}: the twin is {twin.Own[0].Severity}, found here:\n{result.Text}");
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(BenignOnes))]
    public void A_benign_twin_stays_silent(string plant)
    {
        PlantResult result = Result(plant);
        Assert.True(result.Findings.All(finding => finding.Severity <= Severity.Low), $"{plant}:\n{result.Text}");
    }

    /// <summary>Quiet means: what the entry itself says is not worth 20 points to any rule.</summary>
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(QuietOnes))]
    public void A_quiet_plant_says_nothing_suspicious_in_its_entry(string name)
    {
        Plant plant = AllPlants.All.Single(plant => plant.ToString() == name);
        var tree = new PlantTree(plant.Host);
        plant.Make(tree);
        foreach (string entry in plant.Entries)
        {
            byte[] content = tree[entry].Content;
            foreach (string line in (plant.Host == PlantHost.Windows ? Forensics.Parsers.Artifacts.Windows.EncodedText.Decode(content) : System.Text.Encoding.Latin1.GetString(content)).Split('\n'))
            {
                RuleHit? hit = ShippedRules.All.Rules.Select(rule => rule.Match(line, ShippedRules.All.Pools)).FirstOrDefault(hit => hit?.Weight >= 20);
                Assert.True(hit is null, $"{name}: {hit?.Rule.Id} in {entry}: {line}");
            }
        }
    }

    /// <summary>Every id that a detector can raise is planted, at least half of it quietly, and has something harmless beside it.</summary>
    [Fact]
    public void Every_id_of_the_catalogue_is_planted()
    {
        string[] without = [.. Catalog.Detectors(ShippedRules.All).SelectMany(detector => detector.Rules).Select(rule => rule.Id[..rule.Id.IndexOf('.')]).Where(id => id[1] == '-' && !s_measuredElsewhere.Contains(id))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(id => !IsPlanted(id))];
        Assert.True(without.Length == 0, string.Join(' ', without));
    }

    /// <summary>The document says what is measured. Run with DEADBOX_WRITE_DOCS=1 to write a new table into it, and read the difference.</summary>
    [Fact]
    public void The_documented_table_is_what_was_measured()
    {
        if (Environment.GetEnvironmentVariable("DEADBOX_PLANTS") is not null)
        {
            Assert.Skip("only some plants were asked for");
        }
        if (NtfsPlanting.UnavailableBecause is { } reason)
        {
            Assert.Skip(reason);
        }
        string table = MeasuredTable.Of(lab.Results);
        if (Environment.GetEnvironmentVariable("DEADBOX_WRITE_DOCS") == "1")
        {
            MeasuredTable.Write(table);
        }
        Assert.Equal(MeasuredTable.Documented(), table);
    }

    // Deleted files cannot be planted by mke2fs: EndToEnd/DeletedPersistenceTests and Detectors/DeletedRunningTests have them.
    private static readonly string[] s_measuredElsewhere = ["L-DELETED-RUNNING"];

    private static bool IsPlanted(string id)
    {
        Plant[] own = [.. AllPlants.All.Where(plant => plant.Id == id)];
        int quiet = own.Count(plant => plant.Kind == PlantKind.Quiet);
        return quiet > 0 && quiet >= own.Count(plant => plant.Kind == PlantKind.Loud) && own.Any(plant => plant.Kind == PlantKind.Benign);
    }

    private PlantResult Result(string plant)
    {
        if (!PlantLab.CanPlant(AllPlants.All.Single(one => one.ToString() == plant)))
        {
            Assert.Skip(NtfsPlanting.UnavailableBecause!);
        }
        return lab.Find(plant) ?? throw new InvalidOperationException(plant + " was not planted");
    }

    private static TheoryData<string> Of(params PlantKind[] kinds)
    {
        string wanted = Environment.GetEnvironmentVariable("DEADBOX_PLANTS") ?? "";
        return [.. AllPlants.All.Where(plant => kinds.Contains(plant.Kind) && plant.ToString().StartsWith(wanted, StringComparison.Ordinal)).Select(plant => plant.ToString())];
    }
}
