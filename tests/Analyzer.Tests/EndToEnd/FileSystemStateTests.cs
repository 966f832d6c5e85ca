using System.Text;
using System.Text.Json.Nodes;
using Forensics.Parsers.Tests.FileSystems.Ext;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>What the superblock says of mounts and errors, in the report and in <c>info</c>; that it equals what dumpe2fs prints is tested with the reader.</summary>
public sealed class FileSystemStateTests
{
    [Fact]
    public void Mounts_and_errors_are_an_artefact_of_the_volume_and_fields_of_info()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -O ^metadata_csum -L data", 16, withTree: false);
        image.Debugfs(
        [
            "ssv mnt_count 17", "ssv mtime 20260203040506", "ssv last_mounted /srv/data", "ssv error_count 3", "ssv first_error_time 20260101120000",
            "ssv first_error_func ext4_lookup", "ssv first_error_line 1855", "ssv first_error_ino 4294967295", "ssv first_error_block 281474976710655",
        ], write: true);

        JsonObject report = Deadbox.Scan(image.Path, "--no-builtin-rules").Report;
        JsonNode state = Assert.Single(report["artifacts"]!.AsArray(), item => (string?)item!["kind"] == "file-system-state")!;
        Assert.Equal(("/", "disk@0", 0, 1024), ((string?)state["path"], (string?)state["volume"], (int)state["inode"]!, (int)state["byteOffset"]!));
        JsonNode fields = state["fields"]!;
        Assert.Equal("ext4", (string?)fields["fileSystem"]);
        Assert.Equal("data", (string?)fields["label"]);
        Assert.Equal("2026-02-03T04:05:06.000000000Z", (string?)fields["lastMounted"]);
        Assert.Equal("/srv/data", (string?)fields["lastMountPoint"]);
        Assert.Equal(17, (int)fields["mountCount"]!);
        Assert.Equal(3, (int)fields["errorCount"]!);
        Assert.Equal("2026-01-01T12:00:00.000000000Z", (string?)fields["firstErrorTime"]);
        Assert.Equal("ext4_lookup", (string?)fields["firstErrorFunction"]);
        Assert.Equal(1855, (int)fields["firstErrorLine"]!);
        Assert.Equal("4294967295", (string?)fields["firstErrorInode"]);
        Assert.Equal("281474976710655", (string?)fields["firstErrorBlock"]);
        Assert.Null(fields["lastErrorTime"]);

        JsonNode fileSystem = JsonNode.Parse(Deadbox.Text("info", image.Path, "--format", "json"))!["image"]!["volumes"]![0]!["fileSystem"]!;
        Assert.Equal(17, (int)fileSystem["mountCount"]!);
        Assert.Equal(3, (int)fileSystem["errorCount"]!);
        Assert.Equal(1024, (int)fileSystem["storedAt"]!);
        Assert.Equal("""{"time":"2026-01-01T12:00:00.000000000Z","function":"ext4_lookup","line":1855,"inode":4294967295,"block":281474976710655}""", fileSystem["firstError"]!.ToJsonString());
        Assert.Null(fileSystem["lastError"]);
        string table = Encoding.UTF8.GetString(Deadbox.Run("info", image.Path).Output);
        Assert.Contains("First error function", table, StringComparison.Ordinal);
        Assert.Contains("ext4_lookup", table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_volume_has_a_state_without_errors()
    {
        JsonObject report = Deadbox.Scan(Repository.PathOf("samples", "clean-linux", "clean-linux.qcow2")).Report;
        JsonNode[] states = [.. report["artifacts"]!.AsArray().Where(item => (string?)item!["kind"] == "file-system-state").Select(item => item!)];
        Assert.Equal(report["image"]!["volumes"]!.AsArray().Count(volume => volume!["fileSystem"] is not null), states.Length);
        Assert.All(states, state => Assert.DoesNotContain(state["fields"]!.AsObject(), field => field.Key.Contains("Error", StringComparison.Ordinal)));
        Assert.All(states, state => Assert.Equal(0, (int)state["fields"]!["errorCount"]!));
    }
}
