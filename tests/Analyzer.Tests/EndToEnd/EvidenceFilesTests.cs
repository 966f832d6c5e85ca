using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Snapshots, parents and several files of one image through the whole program.</summary>
public sealed class EvidenceFilesTests : IDisposable
{
    private const string Uuid = "11111111-1111-4111-8111-111111111111";
    private const string Crontab = "/var/spool/cron/crontabs/root";

    private readonly Machine _machine = new();
    private readonly string _raw;

    public EvidenceFilesTests()
    {
        string root = _machine.Ext4("root", Uuid, null, [.. Machine.System("web", ""), (Crontab[1..], Machine.EvilJob)]);
        _raw = _machine.Disk("disk.raw", "label: gpt", (root, ""));
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void An_internal_snapshot_is_opened_by_name_or_number_and_listed()
    {
        string image = _machine.At("d.qcow2");
        int place = File.ReadAllBytes(_raw).AsSpan().IndexOf("203.0.113.66/x.sh"u8) / 512 * 512;
        Machine.Run("bash", ["-ec", $"qemu-img convert -O qcow2 $raw {image} && qemu-img snapshot -c before {image} && qemu-io -c 'write -P 0x23 {place} 512' {image} >/dev/null"], null, null, ("raw", _raw));
        Assert.DoesNotContain(Deadbox.Scan(image).Report["findings"]!.AsArray(), finding => (string?)finding!["path"] == Crontab);
        foreach (string wanted in new[] { "before", "1" })
        {
            JsonObject report = Deadbox.Scan(image, "--snapshot", wanted).Report;
            Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == Crontab);
            Assert.Equal(("before", "1"), ((string?)report["image"]!["snapshot"]!["name"], (string?)report["image"]!["snapshot"]!["id"]));
            Assert.Empty(ReportSchema.Errors(report));
        }
        Assert.Equal(Machine.EvilJob, Deadbox.Text("cat", image, Crontab, "--snapshot", "before"));
        Assert.StartsWith("####", Deadbox.Text("cat", image, Crontab), StringComparison.Ordinal);
        Assert.Contains("before (id 1)", Deadbox.Text("info", image), StringComparison.Ordinal);
        JsonNode info = JsonNode.Parse(Deadbox.Text("info", image, "--format", "json"))!;
        Assert.Equal("before", (string?)info["image"]!["snapshots"]![0]!["name"]);
        Assert.Contains("snapshot before", Deadbox.Text("scan", image, "--snapshot", "before", "-q"), StringComparison.Ordinal);
        foreach (string verb in new[] { "scan", "info", "files" })
        {
            (int code, byte[] output, string error) = Deadbox.Run(verb, image, "--snapshot", "after");
            Assert.Equal((2, 0), (code, output.Length));
            Assert.Contains("there is no snapshot 'after'; the image has 'before' (1)", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_backing_file_is_found_beside_the_image_or_where_the_user_allows_and_said()
    {
        string folder = Directory.CreateDirectory(_machine.At("elsewhere")).FullName;
        string image = Path.Combine(folder, "overlay.qcow2");
        Machine.Run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", _raw, "-F", "raw", image]);
        (int code, _, string error) = Deadbox.Run("scan", image);
        Assert.Equal(3, code);
        Assert.Contains("--allow-parent", error, StringComparison.Ordinal);
        JsonObject report = Deadbox.Scan(image, "--allow-parent", _machine.Folder).Report;
        Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == Crontab);
        JsonArray files = report["image"]!["files"]!.AsArray();
        Assert.Equal([("overlay.qcow2", "image", null), ("disk.raw", "qcow2 backing file", "overlay.qcow2")], files.Select(file => ((string)file!["name"]!, (string)file["role"]!, (string?)file["namedBy"])));
        Assert.Empty(ReportSchema.Errors(report));
        foreach (string[] both in new[] { new[] { image, _raw }, [_raw, image] })
        {
            (code, _, error) = Deadbox.Run(["info", .. both, "--allow-parent", _machine.Folder]);
            Assert.Equal(2, code);
            Assert.Contains("is the qcow2 backing file of 'overlay.qcow2'", error, StringComparison.Ordinal);
        }
        string link = _machine.At("link.raw");
        File.CreateSymbolicLink(link, _raw);
        Assert.Contains("is named twice", Deadbox.Run("info", _raw, link).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_any_file_is_noticed()
    {
        string image = _machine.At("overlay.qcow2");
        Machine.Run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", _raw, "-F", "raw", image]);
        string second = _machine.Disk("second.raw", "label: dos", (_machine.Ext4("data", "22222222-2222-4222-8222-222222222222", null, [("x", "y")]), ""));
        foreach (string changed in new[] { _raw, image, second })
        {
            using OpenedImage opened = OpenedImage.Open(new ImageSource([image, second]), ScanLimits.Default, NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
            Assert.False(opened.HasChanged());
            File.SetLastWriteTimeUtc(changed, DateTime.UtcNow.AddSeconds(-100));
            Assert.True(opened.HasChanged(), changed);
        }
    }

    [Fact]
    public void An_image_that_cannot_be_opened_is_named_when_there_are_several()
    {
        File.WriteAllBytes(_machine.At("bad.vhdx"), [.. "vhdxfile"u8, .. new byte[8192]]);
        (int code, _, string error) = Deadbox.Run("scan", _raw, _machine.At("bad.vhdx"));
        Assert.Equal(3, code);
        Assert.Contains("image 'bad.vhdx': ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleted_entries_of_a_mounted_volume_have_the_paths_of_the_host()
    {
        string root = _machine.Ext4("root2", Uuid, null, Machine.System("web", "UUID=22222222-2222-4222-8222-222222222222 /var ext4\n"));
        string var = _machine.Ext4("var2", "22222222-2222-4222-8222-222222222222", null, [("spool/cron/crontabs/root", Machine.EvilJob), ("spool/cron/crontabs/keep", "# nothing\n")]);
        Machine.Run("debugfs", ["-w", "-R", "rm spool/cron/crontabs/root", var]);
        foreach (string profile in new[] { "standard", "full" })
        {
            JsonObject report = Deadbox.Scan(_machine.Disk("two.raw", "label: gpt", (root, ""), (var, "")), "--profile", profile).Report;
            Assert.Contains(report["findings"]!.AsArray(), finding => (string?)finding!["path"] == Crontab && finding["allocation"] is not null && (string?)finding["volume"] == "gpt2@9437184");
        }
    }

    [Fact]
    public void No_room_for_decompressed_data_is_exit_75_and_said_in_one_sentence()
    {
        using var error = new StringWriter();
        var context = new CommandContext(Stream.Null, error, CancellationToken.None);
        Assert.Equal(75, CommandLine.Guard(context, () => throw new TemporarySpaceException("the folder is full")));
        Assert.Equal("deadbox: the folder is full", error.ToString().TrimEnd());
    }

    [Fact]
    public void Reading_an_image_through_is_a_phase_of_the_scan()
    {
        var progress = new Recorder();
        var display = new OpeningProgressDisplay(progress);
        display.Report(new OpeningProgress("decompress", 0, 100));
        display.Report(new OpeningProgress("decompress", 40, 100));
        display.Report(new OpeningProgress("decompress", 100, 100));
        display.Report(new OpeningProgress("index", 5, 7));
        Assert.Equal("decompress/100 +0 +40 +60 index/7 +5", string.Join(' ', progress.Seen));
    }

    private sealed class Recorder : IScanProgress
    {
        public List<string> Seen { get; } = [];

        public void Begin(string phase, long? totalFiles, long? totalBytes) => Seen.Add(phase + "/" + totalBytes);

        public void Advance(long files, long bytes) => Seen.Add("+" + bytes);

        public void Message(MessageLevel level, string text) => Seen.Add(text);
    }
}
