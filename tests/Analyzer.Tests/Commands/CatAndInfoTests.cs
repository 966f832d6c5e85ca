using System.Text;
using System.Text.Json;
using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Tests.Reports;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

public sealed class CatAndInfoTests
{
    [Fact]
    public void Content_is_copied_byte_for_byte_across_buffers()
    {
        var bytes = new byte[(2 << 20) + 77];
        new Random(7).NextBytes(bytes);
        Assert.Equal(bytes, Copy(new MemorySource(bytes)));
        Assert.Empty(Copy(MemorySource.Empty));
    }

    [Fact]
    public void Holes_are_zeros_and_never_read()
    {
        var content = new HoleySource(5 << 20, (1 << 20) + 5, 3000);
        byte[] copy = Copy(content);
        Assert.Equal(5 << 20, copy.Length);
        Assert.Equal(3000, copy.Count(value => value == 0xAA));
        Assert.Equal(0xAA, copy[(1 << 20) + 5]);
        Assert.Equal(0, copy[(1 << 20) + 4]);
        Assert.Equal(0, copy[(1 << 20) + 5 + 3000]);
    }

    [Fact]
    public void A_content_that_ends_early_is_an_error() =>
        Assert.Throws<ImageReadException>(() => Copy(new HoleySource(100, 0, 100) { Readable = 40 }));

    [Fact]
    public void A_copy_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => CatCommand.Copy(new HoleySource(long.MaxValue, 0, 0), Stream.Null, cancelled.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void On_a_terminal_only_printable_text_is_shown(int part)
    {
        byte[] content = [.. "ok \t日本\n\x1b[2J\u202E\u009b"u8, 0xFF, 0xE6, 0x97, .. "\x7f\r\U0001F600"u8, 0xF0, 0x9F];
        using var output = new MemoryStream();
        using (var terminal = new TerminalOutput(output))
        {
            foreach (byte[] chunk in content.Chunk(part))
            {
                terminal.Write(chunk);
            }
        }
        Assert.Equal("ok \t日本\n\\x1b[2J\\xe2\\x80\\xae\\xc2\\x9b\\xff\\xe6\\x97\\x7f\\x0d\U0001F600\\xf0\\x9f", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void The_table_is_printable_whatever_the_image_says()
    {
        using var stream = new MemoryStream();
        InfoTable.Write(Describe(ReportFixture.AllAttacks), stream, colours: false, width: 100);
        ConsoleReportTests.AssertPrintable(Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void The_table_shows_every_layer()
    {
        using var stream = new MemoryStream();
        InfoTable.Write(Describe("web-03"), stream, colours: false, width: 100);
        string text = Encoding.UTF8.GetString(stream.ToArray());
        foreach (string expected in new[] { "qcow2", "cluster size", "GPT", "512 bytes", "gpt1@1048576  ext4", "has_journal", "0b1f1c9e", "not clean", "needs recovery", "last mounted", "2026-11-24T03:00:00", "web-03", "swap", "Europe/Berlin" })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_json_holds_the_same_facts()
    {
        using var stream = new MemoryStream();
        InfoJson.Write(Describe(ReportFixture.AllAttacks), stream);
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        JsonElement volume = json.RootElement.GetProperty("image").GetProperty("volumes")[0];
        JsonElement fileSystem = volume.GetProperty("fileSystem");
        Assert.Equal("gpt1@1048576", volume.GetProperty("identity").GetString());
        Assert.Equal("not clean", fileSystem.GetProperty("state").GetString());
        Assert.True(fileSystem.GetProperty("needsRecovery").GetBoolean());
        Assert.Equal("2026-11-24T03:00:00.000000001Z", fileSystem.GetProperty("lastMounted").GetString());
        Assert.False(fileSystem.TryGetProperty("lastChecked", out _));
        Assert.Equal("Europe/Berlin", json.RootElement.GetProperty("hosts")[0].GetProperty("timeZone").GetString());
        Assert.Equal("swap", json.RootElement.GetProperty("image").GetProperty("volumes")[1].GetProperty("notReadBecause").GetString());
    }

    private static byte[] Copy(IByteSource content)
    {
        using var output = new MemoryStream();
        CatCommand.Copy(content, output, TestContext.Current.CancellationToken);
        return output.ToArray();
    }

    private static ImageDescription Describe(string text) => new()
    {
        Name = text,
        FileBytes = 1 << 20,
        Disks =
        [
            new DiskInfo(text, "qcow2", 8L << 30, "gpt")
            {
                Facts = [new("cluster size", "65536"), new(text, text)], SectorSize = 512, Identifier = text, MemberName = text, Snapshots = [new SnapshotInfo(text, text, DateTimeOffset.UnixEpoch, 8L << 30)],
                OpenedSnapshot = new SnapshotInfo(text, text, null, 8L << 30), StoredDigests = [new("md5", text)],
            },
        ],
        Files = [new EvidenceFileInfo(text, "image", 1 << 20, null), new EvidenceFileInfo(text, "qcow2 backing file", 5, text)],
        DiskHashes = [new NamedHashes(text, new FileHashes("0", "1", "2"))],
        Verification = [new DigestCheck(text, "md5", text, text)],
        Hosts =
        [
            new HostInfo("gpt1@1048576", "debian", [])
            {
                HostName = text, TimeZone = "Europe/Berlin", Mounts = [new HostMount(text, text, text) { Volume = text, Note = text, From = text }],
            },
        ],
        Diagnostics = [new Diagnostic("gpt.header.crc", text) { Volume = text }],
        Volumes =
        [
            new VolumeDescription
            {
                Identity = "gpt1@1048576", Offset = 1048576, Length = 4L << 30, TypeName = "Linux filesystem", Label = text, FileSystem = "ext4",
                ShadowCopies = [new ShadowCopyInfo("vss1", text, text, DateTimeOffset.UnixEpoch, 4L << 30) { Machine = text, Problem = text }], OpenedShadowCopy = "vss1",
                Facts = new FileSystemFacts
                {
                    Label = text, Uuid = "0b1f1c9e-1111-2222-3333-444455556666", BlockSize = 4096, SizeBytes = 4L << 30, State = "not clean", NeedsRecovery = true,
                    Features = ["has_journal", "extent", text], LastMounted = new Timestamp(1795489200, 1), LastMountPoint = text, More = [new(text, text)],
                },
            },
            new VolumeDescription { Identity = "gpt2@5368709120", Offset = 5368709120, Length = 1 << 20, NotReadBecause = "swap" },
        ],
    };

    /// <summary>Zeros but for one range; reading elsewhere is a failure.</summary>
    private sealed class HoleySource(long length, long dataStart, long dataLength) : ISparseByteSource
    {
        public long Readable { get; init; } = long.MaxValue;

        public long Length => length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            Assert.InRange(offset, dataStart, dataStart + dataLength);
            int count = (int)Math.Min(destination.Length, Math.Max(0, Math.Min(Readable, dataStart + dataLength) - offset));
            destination[..count].Fill(0xAA);
            return count;
        }

        public bool NextData(long offset, out long start, out long length)
        {
            start = Math.Max(offset, dataStart);
            length = dataStart + dataLength - start;
            return length > 0;
        }
    }
}
