using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Forensics.Parsers.Volumes.ShadowCopies;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary><c>ShadowCopyVolume</c> and <c>ShadowCopy</c> on volumes of the copy-on-write model, which knows what each copy must show, and beside vshadowinfo and vshadowmount.</summary>
public sealed class ShadowCopyTests
{
    private readonly DiagnosticList _diagnostics = new();

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_copy_shows_the_volume_as_it_was(int seed)
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(seed, copies: 1 + seed % 6, deletesOldest: seed % 7 == 4);
        IReadOnlyList<ShadowCopy> copies = Find(model.Finish(perCatalogBlock: 1 + seed % 9, isScattered: seed % 2 == 0));
        Assert.Equal(model.States.Count, copies.Count);
        for (int i = 0; i < copies.Count; i++)
        {
            Assert.Empty(model.States[i].Differences(ShadowCopyVolumes.All(copies[i].Open())));
        }
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void The_model_uses_all_kinds_of_descriptors()
    {
        (int plain, int forwarders, int overlays, int unused) = ShadowCopyVolumes.Random(3).Counts;
        Assert.All([plain, forwarders, overlays, unused], count => Assert.True(count > 3));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Libvshadow_shows_the_same_bytes_and_the_model_is_right_for_it_too(int seed)
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(seed, copies: 1 + seed % 6, deletesOldest: seed % 7 == 4);
        using var folder = new TempFolder();
        string image = folder.Write("volume.raw", model.Finish(perCatalogBlock: 1 + seed % 9));
        IReadOnlyList<ShadowCopy> copies = Find(model.Live);
        using var mounted = new MountedCopies(image, folder.File("mnt"));
        Assert.Equal(copies.Count, mounted.Names.Count);
        for (int i = 0; i < copies.Count; i++)
        {
            byte[] theirs = mounted.Read(copies[i].Name);
            Assert.Empty(model.States[i].Differences(theirs));
            // Also where the content is undefined.
            Assert.True(theirs.AsSpan().SequenceEqual(ShadowCopyVolumes.All(copies[i].Open())), $"copy {i + 1} of {copies.Count} differs");
        }
    }

    [Fact]
    public void Descriptors_whose_meaning_only_libvshadow_knows_are_taken_alike()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            var random = new Random(seed);
            ShadowCopyModel model = ShadowCopyVolumes.Random(seed, copies: 3, storeBlocks: 800);
            for (int copy = 0; copy < 2; copy++)
            {
                for (int i = 0; i < 120; i++)
                {
                    // Circles of forwarders, copies of their targets, overlays over and under them.
                    uint flags = new uint[] { 0, 1, 1, 2, 4, 0x10 }[random.Next(6)];
                    long original = random.Next(1, 40) * (long)ShadowCopyModel.Block;
                    long other = random.Next(1, 90) * (long)ShadowCopyModel.Block;
                    model.Raw(original, (flags & 1) != 0 ? other : 1, (flags & 1) != 0 ? 0 : other, flags, (flags & 2) != 0 ? (uint)random.Next() : 0);
                }
                model.Snapshot(new DateTime(2026, 5, 1 + copy, 0, 0, 0, DateTimeKind.Utc), block => (block & 3) == 0);
            }
            using var folder = new TempFolder();
            string image = folder.Write("volume.raw", model.Finish());
            IReadOnlyList<ShadowCopy> copies = Find(model.Live);
            using var mounted = new MountedCopies(image, folder.File("mnt"));
            Assert.Equal(5, copies.Count);
            Assert.All(copies, copy => Assert.True(mounted.Read(copy.Name).AsSpan().SequenceEqual(ShadowCopyVolumes.All(copy.Open())), $"seed {seed}, {copy.Name} differs"));
        }
    }

    [Fact]
    public void Facts_are_those_that_vshadowinfo_prints()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(7, copies: 3);
        using var folder = new TempFolder();
        string image = folder.Write("volume.raw", model.Finish());
        IReadOnlyList<ShadowCopy> copies = Find(model.Live);
        string[] lines = [.. TestTools.Run("vshadowinfo", "-a", image).Split('\n').Select(line => line.Trim())];
        string[] Values(string label) => [.. lines.Where(line => line.StartsWith(label, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':') + 1)..].Trim())];
        Assert.Equal(Values("Identifier"), copies.Select(copy => copy.StoreId.ToString()));
        Assert.Equal(Values("Shadow copy ID"), copies.Select(copy => copy.Id.ToString()));
        Assert.Equal(Values("Shadow copy set ID"), copies.Select(copy => copy.SetId.ToString()));
        Assert.Equal(Values("Creation time"), copies.Select(copy => copy.Created!.Value.ToString("MMM dd, yyyy HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "00 UTC"));
        Assert.Equal(Values("Attribute flags"), copies.Select(copy => "0x" + copy.Attributes.ToString("x8", CultureInfo.InvariantCulture)));
        Assert.All(Values("Volume size"), text => Assert.Contains(copies[0].VolumeSize.ToString(CultureInfo.InvariantCulture) + " bytes", text, StringComparison.Ordinal));
        Assert.All(copies, copy => Assert.Equal(("WS01.corp.example", "SRV02", (13u, 1u)), (copy.OriginatingMachine, copy.ServiceMachine, copy.Kind)));
        Assert.Equal(["vss1", "vss2", "vss3"], copies.Select(copy => copy.Name));
    }

    [Fact]
    public void More_copies_than_libvshadow_reads_of_one_block_of_the_catalog()
    {
        var model = new ShadowCopyModel(new byte[900 * ShadowCopyModel.Block], 4 * ShadowCopyModel.Block);
        for (int i = 0; i < 100; i++)
        {
            model.Snapshot(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i));
            model.Write(ShadowCopyModel.Block, [(byte)(i + 1)]);
        }
        IReadOnlyList<ShadowCopy> copies = Find(model.Finish(perCatalogBlock: 127));
        Assert.Equal(100, copies.Count);
        Assert.Equal(Enumerable.Range(0, 100), copies.Select(copy => (int)copy.Open().ReadArray(ShadowCopyModel.Block, 1)[0]));
    }

    [Fact]
    public void A_volume_without_copies_has_none_and_one_with_an_empty_catalog_too()
    {
        Assert.Empty(Find(new byte[1 << 20]));
        Assert.Empty(Find(new byte[100]));
        Assert.Empty(Find(new ShadowCopyModel(new byte[1 << 20], 1 << 19).Finish()));
        Assert.Empty(_diagnostics.Items);
    }

    [Fact]
    public void Listing_reads_only_the_catalog_and_headers_and_opening_only_lists()
    {
        ShadowCopyModel model = ShadowCopyVolumes.Random(5, copies: 3);
        var counted = new CountingSource(new MemorySource(model.Finish()));
        IReadOnlyList<ShadowCopy> copies = ShadowCopyVolume.Find(counted, ParseContext.Quiet);
        Assert.InRange(counted.Bytes, 1, 512 + 4 * ShadowCopyModel.Block);
        copies[0].Open();
        Assert.InRange(counted.Bytes, 1, 512 + 12 * ShadowCopyModel.Block);
    }

    private IReadOnlyList<ShadowCopy> Find(byte[] volume) =>
        ShadowCopyVolume.Find(new MemorySource(volume), new ParseContext(ScanLimits.Default, _diagnostics, TestContext.Current.CancellationToken));

    private sealed class CountingSource(IByteSource source) : IByteSource
    {
        public long Bytes { get; private set; }
        public long Length => source.Length;

        public int ReadAt(long offset, Span<byte> destination)
        {
            int count = source.ReadAt(offset, destination);
            Bytes += count;
            return count;
        }
    }

    /// <summary>What vshadowmount shows, through FUSE.</summary>
    private sealed class MountedCopies : IDisposable
    {
        private readonly string _folder;

        public MountedCopies(string image, string folder)
        {
            if (!File.Exists("/dev/fuse"))
            {
                Assert.Skip("no /dev/fuse");
            }
            _folder = folder;
            Directory.CreateDirectory(folder);
            (int code, _, string error) = TestTools.TryRun("vshadowmount", image, folder);
            if (code != 0)
            {
                Assert.Skip("vshadowmount cannot mount here: " + error);
            }
        }

        public IReadOnlyList<string> Names => [.. Directory.GetFiles(_folder).Select(path => Path.GetFileName(path)!)];

        public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_folder, name));

        public void Dispose() => TestTools.Run("fusermount", "-u", _folder);
    }
}
