using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Manifests;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Tests.Detection;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>A manifest of a golden image, and what it says about hosts made from that image.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly Machine _machine = new();
    private readonly PlantDisk _disk = new();

    public void Dispose()
    {
        _machine.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public void It_names_every_file_and_link_sorted_with_the_digests_that_sha256sum_gives()
    {
        string image = Image(tree => tree);
        string text = Deadbox.Text("manifest", image, "-q");
        JsonObject[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

        Assert.Equal(("deadbox-manifest", 1, "debian"), ((string)lines[0]["format"]!, (int)lines[0]["version"]!, (string)lines[0]["host"]!["osId"]!));
        Assert.Equal(lines.Length - 2, (int)lines[^1]["end"]!);
        string[] paths = [.. lines[1..^1].Select(line => (string)line["path"]!)];
        Assert.Equal(paths.Order(StringComparer.Ordinal).Distinct(), paths);
        JsonObject ls = lines.Single(line => (string?)line["path"] == "/usr/bin/ls");
        Assert.Equal(("f", "0755", "base 1.0"), ((string)ls["type"]!, (string)ls["mode"]!, (string)ls["package"]!));
        Assert.Equal(Sha256OfFile(image, "/usr/bin/ls"), (string)ls["sha256"]!);
        JsonObject sh = lines.Single(line => (string?)line["path"] == "/usr/bin/sh");
        Assert.Equal(("l", "dash"), ((string)sh["type"]!, (string)sh["target"]!));
        // What debugfs counts below a directory is there.
        Assert.Equal(Machine.Run("debugfs", ["-R", "ls -p /usr/sbin", image + "?offset=1048576"]).Split('\n').Count(line => line.Split('/') is [_, _, ['1', '0', ..], ..]), paths.Count(path => path.StartsWith("/usr/sbin/", StringComparison.Ordinal) && path.LastIndexOf('/') == 9));
    }

    [Fact]
    public void Its_bytes_do_not_depend_on_the_number_of_threads()
    {
        string image = Image(tree => tree);
        string one = Deadbox.Text("manifest", image, "--threads", "1", "-q");
        Assert.Equal(one, Deadbox.Text("manifest", image, "--threads", "4", "-q"));
        string file = _machine.At("m");
        Assert.Equal(0, Deadbox.Run("manifest", image, "--output", file).Code);
        Assert.Equal(one, File.ReadAllText(file));
    }

    [Fact]
    public void What_it_confirms_is_not_searched_and_the_report_says_so()
    {
        string image = Image(tree => tree);
        string manifest = Manifest(image);
        (JsonObject report, _) = Deadbox.Scan(image, "--trusted-manifest", manifest);

        Assert.True((long)report["coverage"]!["notes"]!["confirmed by the trusted manifest, not searched by YARA"]! > 50);
        Assert.False((bool)report["coverage"]!["isIncomplete"]!);
        Assert.DoesNotContain(report["findings"]!.AsArray(), finding => ((string)finding!["ruleId"]!).StartsWith("L-BIN", StringComparison.Ordinal));
        Assert.Empty(ReportSchema.Errors(report));
        Assert.Equal(Deadbox.Scan(image, "--trusted-manifest", manifest, "--threads", "1").Canonical, Deadbox.Scan(image, "--trusted-manifest", manifest, "--threads", "4").Canonical);
    }

    [Fact]
    public void It_contradicts_a_package_database_that_was_made_to_fit()
    {
        string manifest = Manifest(Image(tree => tree));
        // The database calls these intact: they are what its packages "shipped".
        string image = Image(tree => tree.OwnedProgram(BaseHost.Package, "/usr/bin/ps", new PlantedElf { Seed = "fitting ps" }).OwnedProgram(BaseHost.Package, "/usr/bin/docker", new PlantedElf { Seed = "fitting docker" })
            .OwnedProgram(BaseHost.Package, "/usr/lib/x86_64-linux-gnu/security/pam_unix.so", new PlantedElf { Seed = "fitting pam", IsLibrary = true }));

        Assert.DoesNotContain(Findings(Deadbox.Scan(image).Report, "L-BIN"), finding => (string?)finding["path"] is "/usr/bin/ps" or "/usr/bin/docker");
        JsonObject[] found = Findings(Deadbox.Scan(image, "--trusted-manifest", manifest).Report, "L-BIN");
        Assert.Equal("critical", (string?)found.Single(finding => (string?)finding["path"] == "/usr/bin/ps")["severity"]);
        Assert.Equal("critical", (string?)found.Single(finding => ((string)finding["path"]!).EndsWith("pam_unix.so", StringComparison.Ordinal))["severity"]);
        JsonObject docker = found.Single(finding => (string?)finding["path"] == "/usr/bin/docker");
        Assert.Equal(("L-BIN.not-as-in-manifest", "high"), ((string)docker["ruleId"]!, (string)docker["severity"]!));
        Assert.Contains("either the database was changed to fit, or", (string)docker["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void An_updated_package_is_told_as_an_update()
    {
        string manifest = Manifest(Image(tree => tree));
        string image = Image(tree => tree.Package(new PlantedPackage("tools") { Version = "2.0" }).OwnedProgram("tools", "/usr/bin/ps", new PlantedElf { Seed = "newer ps" }));

        JsonObject finding = Assert.Single(Findings(Deadbox.Scan(image, "--trusted-manifest", manifest).Report, "L-BIN"));
        Assert.Equal(("L-BIN.updated-since-manifest", "low"), ((string)finding["ruleId"]!, (string)finding["severity"]!));
    }

    [Fact]
    public void A_manifest_of_another_system_is_used_with_a_warning()
    {
        string manifest = Manifest(Image(tree => tree, PlantHost.Alpine));
        (int code, _, string error) = Deadbox.Run("scan", Image(tree => tree), "--trusted-manifest", manifest, "-q", "--format", "json");
        Assert.Equal(0, code);
        Assert.Contains("warning: the manifest", error, StringComparison.Ordinal);
        Assert.Contains("alpine 3.20.1", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_names_package_managers_and_says_when_there_is_no_database()
    {
        JsonNode host = Deadbox.Scan(Image(tree => tree)).Report["hosts"]![0]!;
        Assert.Equal(1, (int)host["packageManagers"]!["dpkg"]!);
        Assert.Empty(Deadbox.Scan(Image(tree => tree, PlantHost.RedHat)).Report["hosts"]![0]!["packageManagers"]!.AsObject());
        Assert.Contains("no package database", Deadbox.Text("scan", Image(tree => tree, PlantHost.RedHat), "-q"), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "", "is empty" },
        { "path,sha256\n", "its first line is no header" },
        { "{\"format\":\"other\"}\n", "is not a manifest" },
        { "{\"format\":\"deadbox-manifest\",\"version\":2}\n", "another format version" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n", "is cut" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"path\":\"x\"}\n", "line 2" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"path\":\"/x\",\"type\":\"f\",\"sha256\":\"00\"}\n", "64 hexadecimal digits" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"path\":\"/x\",\"type\":\"l\"}\n", "a link has no target" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"path\":\"/x\",\"type\":\"l\",\"target\":\"y\"}\n{\"path\":\"/x\",\"type\":\"l\",\"target\":\"y\"}\n", "came before" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"end\":3}\n", "number of entries" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"end\":0}\n{}\n", "behind the end" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n" + new string('[', 60_000) + "\n", "no JSON object" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n" + new string(' ', 400_000), "longer than 64 KiB" },
        { "{\"format\":\"deadbox-manifest\",\"version\":1}\n{\"path\":\"/\\ud800\",\"type\":\"f\"}\n", "line 2" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_manifest_that_makes_no_sense_is_a_usage_error(string text, string why)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        string message = Assert.Throws<UsageException>(() => TrustedManifest.Load(stream, "m")).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_missing_manifest_is_a_usage_error_before_anything_is_scanned()
    {
        (int code, byte[] output, string error) = Deadbox.Run("scan", Image(tree => tree), "--trusted-manifest", _machine.At("nothing"), "--format", "json");
        Assert.Equal((2, 0), (code, output.Length));
        Assert.Contains("cannot read the manifest", error, StringComparison.Ordinal);
        Assert.Equal(2, Deadbox.Run("manifest", _machine.Ext4("data", "11111111-1111-4111-8111-111111111111", null, [("a", "b")])).Code);
    }

    private string Manifest(string image)
    {
        string file = _machine.At(Path.GetFileName(image) + "." + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture) + ".manifest");
        Assert.Equal(0, Deadbox.Run("manifest", image, "-q", "-o", file).Code);
        return file;
    }

    private string Image(Func<PlantTree, PlantTree> plant, PlantHost host = PlantHost.Debian) => _disk.Build([plant(new PlantTree(host))]).Image;

    private static JsonObject[] Findings(JsonObject report, string id) =>
        [.. report["findings"]!.AsArray().Select(finding => finding!.AsObject()).Where(finding => ((string)finding["ruleId"]!).StartsWith(id + ".", StringComparison.Ordinal))];

    private string Sha256OfFile(string image, string path)
    {
        string copy = _machine.At("copy");
        Machine.Run("debugfs", ["-R", "dump " + path + " " + copy, image + "?offset=1048576"]);
        return Machine.Run("sha256sum", [copy]).Split(' ')[0];
    }
}
