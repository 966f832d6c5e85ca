using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Logs of images that were not closed.</summary>
public sealed class VhdxLogTests : IDisposable
{
    private const int Size = 6 << 20;
    private const int Sector = 4096;
    private const int Sectors = 256;

    private readonly TempFolder _folder = new();
    private readonly DiagnosticList _diagnostics = new();
    private readonly byte[] _raw = TestDisk.Mixed(Size, 61);
    private readonly VhdxBuilder _builder;

    public VhdxLogTests() => _builder = new VhdxBuilder(Size) { LogGuid = Guid.NewGuid() }.Write(0, _raw);

    private string[] Codes => [.. _diagnostics.Items.Select(item => item.Code)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(17, 0)]
    [InlineData(250, 0)]
    [InlineData(254, 2)]
    [InlineData(255, 1)]
    [InlineData(3, 3)]
    public void Active_sequence_is_replayed(int start, int flushed)
    {
        byte[] image = _builder.Build();
        // Data over data, zeros over data, data over zeros, and the table: block 3 goes where block 0 is.
        byte[] table = image.AsSpan(VhdxBuilder.TableOffset, Sector).ToArray();
        table.AsSpan(0, 8).CopyTo(table.AsSpan(24));
        var log = new LogWriter(image, _builder.LogGuid, start, 100);
        log.Entry(flushed == 0 ? 0 : null, Data(4 << 20, 1), Data((4 << 20) + Sector, 2));
        log.Entry(flushed, Zero((5 << 20) + Sector, 5 * Sector), Data((4 << 20) + Sector, 3));
        log.Entry(flushed, (VhdxBuilder.TableOffset, table, 0));
        log.Entry(flushed, Data((5 << 20) + 3 * Sector, 4));
        // What the tail has left behind has reached the file.
        log.ApplyByHand(image, 0, flushed);
        AssertReplayed(image, log, 4 - flushed, isKnownToQemu: start < 200);
    }

    [Fact]
    public void Many_descriptors_fill_further_sectors()
    {
        byte[] image = _builder.Build();
        var log = new LogWriter(image, _builder.LogGuid, 200, ulong.MaxValue / 2);
        log.Entry(0, [.. Enumerable.Range(0, 150).Select(i => i % 5 == 0 ? Zero((4 << 20) + i * Sector, Sector) : Data((4 << 20) + i * Sector, (byte)i))]);
        AssertReplayed(image, log, 1, isKnownToQemu: false);
    }

    [Fact]
    public void Older_and_broken_sequences_are_left_alone()
    {
        byte[] image = _builder.Build();
        var old = new LogWriter(image, _builder.LogGuid, 10, 5);
        old.Entry(0, Data(4 << 20, 9));
        old.Entry(0, Data(5 << 20, 9));
        var active = new LogWriter(image, _builder.LogGuid, 100, 70);
        active.Entry(0, Data(6 << 20, 8));
        var broken = new LogWriter(image, _builder.LogGuid, 150, 90);
        broken.Entry(0, Data(7 << 20, 7));
        image[VhdxBuilder.LogOffset + 151 * Sector + 100] ^= 1;
        // The number of this entry is the highest, but its tail is an entry that is no longer there.
        var torn = new LogWriter(image, _builder.LogGuid, 180, 500);
        torn.Entry(33 - 180, Data(8 << 20, 6));
        AssertReplayed(image, active, 1, isKnownToQemu: false);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(64 + 16)]
    [InlineData(64 + 24)]
    [InlineData(4096)]
    [InlineData(4096 + 4)]
    [InlineData(4096 + 4092)]
    public void Damaged_entry_is_not_applied_and_said(int offset)
    {
        byte[] image = _builder.Build();
        new LogWriter(image, _builder.LogGuid, 0, 1).Entry(0, Data(4 << 20, 1));
        image[VhdxBuilder.LogOffset + offset] ^= 0x10;
        Assert.True(_raw.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Equal(["vhdx.log.unusable"], Codes);
        Assert.True(_diagnostics.Items[0].LosesContent);
    }

    [Theory]
    [InlineData(64, 1u, "version 1")]
    [InlineData(68, 0u, "place")]
    [InlineData(68, 4096u, "place")]
    [InlineData(68, 65u << 20, "longer than 64 MiB")]
    [InlineData(68, 0xFFF0_0000u, "longer than 64 MiB")]
    [InlineData(68, 64u << 20, "past the end")]
    [InlineData(72, 0u, "place")]
    [InlineData(72, 0x7FF0_0000u, "past the end")]
    [InlineData(76, uint.MaxValue, "past the end")]
    public void Log_that_cannot_be_is_said_and_the_image_is_read_without(int offset, uint value, string reason)
    {
        byte[] image = _builder.Build();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(VhdxBuilder.Header2 + offset), offset == 64 ? value | 0x10000 : value);
        VhdxBuilder.Sum(image.AsSpan(VhdxBuilder.Header2, 4096));
        Assert.True(_raw.AsSpan().SequenceEqual(Open(image).Content.ReadArray(0, Size)));
        Assert.Equal(["vhdx.log.unusable"], Codes);
        Assert.Contains(reason, _diagnostics.Items[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_was_cut_after_its_log_was_written_is_said()
    {
        byte[] image = _builder.Build();
        new LogWriter(image, _builder.LogGuid, 0, 1) { FlushedFileOffset = (ulong)image.Length + 4096 }.Entry(0, Data(4 << 20, 1));
        Open(image);
        Assert.Equal(["vhdx.file.cut", "vhdx.log.replayed"], Codes);
    }

    [Fact]
    public void Descriptor_past_every_file_makes_the_entry_unsound()
    {
        byte[] image = _builder.Build();
        new LogWriter(image, _builder.LogGuid, 0, 1).Entry(0, Zero(4 << 20, long.MaxValue & ~4095L));
        Open(image);
        Assert.Equal(["vhdx.log.unusable"], Codes);
    }

    [Fact]
    public void Entries_that_overlap_in_many_ways_cost_bounded_time()
    {
        // Every sector claims to begin an entry as long as the log. Only a few can be checksummed for what reading the log once costs.
        byte[] image = new VhdxBuilder(Size) { LogGuid = _builder.LogGuid, LogLength = 1 << 20 }.Write(0, _raw).Build();
        for (int sector = 0; sector < Sectors; sector++)
        {
            Span<byte> header = image.AsSpan(VhdxBuilder.LogOffset + sector * Sector, 64);
            "loge"u8.CopyTo(header);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], Sectors * Sector);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], (ulong)sector + 1);
            _builder.LogGuid.TryWriteBytes(header[32..]);
        }
        var watch = Stopwatch.StartNew();
        Open(image);
        Assert.Equal(["vhdx.log.unusable"], Codes);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_log_gives_only_typed_errors_in_bounded_time(int seed)
    {
        var random = new Random(seed);
        byte[] whole = _builder.Build();
        byte[] buffer = new byte[64 << 10];
        for (int i = 0; i < 150; i++)
        {
            byte[] image = [.. whole];
            var log = new LogWriter(image, _builder.LogGuid, random.Next(Sectors), 100);
            log.Entry(0, Data(4 << 20, 1), Zero(VhdxBuilder.TableOffset, Sector));
            int first = VhdxBuilder.LogOffset + log.Start * Sector;
            Mutator.Mutate(random, image, [first..(first + 128)]);
            LogWriter.Seal(image, log.Start);
            VhdHostileTests.Probe(image, random, buffer);
        }
    }

    private static (long Offset, byte[]? Data, long Zeros) Data(long offset, byte value)
    {
        byte[] data = new byte[Sector];
        data.AsSpan().Fill(value);
        return (offset, data, 0);
    }

    private static (long Offset, byte[]? Data, long Zeros) Zero(long offset, long length) => (offset, null, length);

    private DiskImage Open(byte[] image) => VhdTestImage.OpenBytes(image, _diagnostics);

    /// <summary>
    /// The disk is that of the file into which the writes of the log were copied one after the other, as QEMU reads it. QEMU also replays logs itself, but ignores the tail,
    /// does not go round the end of the log and refuses entries with more than one sector of descriptors.
    /// </summary>
    private void AssertReplayed(byte[] image, LogWriter log, int entries, bool isKnownToQemu)
    {
        string path = _folder.Write("log.vhdx", image);
        using VhdTestImage disk = VhdTestImage.Open(path);
        Assert.Equal($"replayed in memory ({entries} entries)", disk.Fact("log"));
        Assert.Equal(["vhdx.log.replayed"], disk.Codes);
        byte[] applied = [.. image];
        log.ApplyByHand(applied, 0, int.MaxValue);
        foreach (int header in new[] { VhdxBuilder.Header1, VhdxBuilder.Header2 })
        {
            applied.AsSpan(header + 48, 16).Clear();
        }
        byte[] expected = Qemu.Raw(_folder.Write("applied.vhdx", VhdxBuilder.Seal(applied)));
        Assert.False(_raw.AsSpan().SequenceEqual(expected));
        disk.AssertIs(expected);
        if (isKnownToQemu)
        {
            string copy = _folder.Write("copy.vhdx", image);
            TestTools.Run("qemu-img", "check", "-q", "-r", "all", copy);
            Assert.True(expected.AsSpan().SequenceEqual(Qemu.Raw(copy)));
        }
        Assert.Equal(image, File.ReadAllBytes(path));
    }

    /// <summary>Writes log entries one behind the other, round the end of the log when they reach it.</summary>
    private sealed class LogWriter(byte[] image, Guid guid, int start, ulong sequence)
    {
        private readonly List<int> _starts = [];
        private readonly List<(long Offset, byte[]? Data, long Zeros)[]> _entries = [];
        private int _next = start;
        private ulong _sequence = sequence;

        public int Start { get; } = start;

        public ulong FlushedFileOffset { get; set; } = (ulong)image.Length;

        /// <summary>An entry whose tail is the entry of that number (or that many sectors from the start when there is none).</summary>
        public void Entry(int? tail, params (long Offset, byte[]? Data, long Zeros)[] writes)
        {
            int descriptorSectors = (64 + writes.Length * 32 + Sector - 1) / Sector;
            int sectors = descriptorSectors + writes.Count(write => write.Data is not null);
            _starts.Add(_next);
            _entries.Add(writes);
            int tailSector = tail is { } number ? (number >= 0 && number < _starts.Count ? _starts[number] : (Start + number) % Sectors) : _next;
            byte[] entry = new byte[sectors * Sector];
            "loge"u8.CopyTo(entry);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(8), entry.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(12), tailSector * Sector);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), _sequence);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(24), writes.Length);
            guid.TryWriteBytes(entry.AsSpan(32));
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(48), FlushedFileOffset);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(56), image.Length);
            int data = descriptorSectors;
            for (int i = 0; i < writes.Length; i++)
            {
                Span<byte> descriptor = entry.AsSpan(64 + i * 32, 32);
                BinaryPrimitives.WriteInt64LittleEndian(descriptor[16..], writes[i].Offset);
                BinaryPrimitives.WriteUInt64LittleEndian(descriptor[24..], _sequence);
                if (writes[i].Data is not { } content)
                {
                    "zero"u8.CopyTo(descriptor);
                    BinaryPrimitives.WriteInt64LittleEndian(descriptor[8..], writes[i].Zeros);
                    continue;
                }
                "desc"u8.CopyTo(descriptor);
                content.AsSpan(Sector - 4).CopyTo(descriptor[4..]);
                content.AsSpan(0, 8).CopyTo(descriptor[8..]);
                Span<byte> sector = entry.AsSpan(data++ * Sector, Sector);
                content.CopyTo(sector);
                "data"u8.CopyTo(sector);
                BinaryPrimitives.WriteUInt32LittleEndian(sector[4..], (uint)(_sequence >> 32));
                BinaryPrimitives.WriteUInt32LittleEndian(sector[(Sector - 4)..], (uint)(_sequence & uint.MaxValue));
            }
            VhdxBuilder.Sum(entry);
            for (int i = 0; i < sectors; i++)
            {
                entry.AsSpan(i * Sector, Sector).CopyTo(image.AsSpan(VhdxBuilder.LogOffset + _next * Sector));
                _next = (_next + 1) % Sectors;
            }
            _sequence++;
        }

        /// <summary>Does to the file what a replay of these entries does to it.</summary>
        public void ApplyByHand(byte[] file, int first, int count)
        {
            foreach ((long offset, byte[]? data, long zeros) in _entries.Skip(first).Take(count).SelectMany(writes => writes))
            {
                (data ?? new byte[zeros]).CopyTo(file, offset);
            }
        }

        /// <summary>The checksum of an entry of two sectors put right.</summary>
        public static void Seal(byte[] image, int start)
        {
            byte[] entry = new byte[2 * Sector];
            for (int i = 0; i < 2; i++)
            {
                image.AsSpan(VhdxBuilder.LogOffset + (start + i) % Sectors * Sector, Sector).CopyTo(entry.AsSpan(i * Sector));
            }
            VhdxBuilder.Sum(entry);
            entry.AsSpan(4, 4).CopyTo(image.AsSpan(VhdxBuilder.LogOffset + start * Sector + 4));
        }
    }
}
