using System.Buffers.Binary;
using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.EventLog;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.EventLog;

/// <summary>Event logs as nobody should make them: A04 of the hostile matrix, and damage by chance.</summary>
[Collection(nameof(Alone))]
public sealed class HostileEventLogTests
{
    private const int Chunk = 4096;
    private const int ChunkSize = 65536;

    [Fact]
    public void Ten_thousand_damaged_logs_end_in_records_or_a_refusal()
    {
        byte[] good = EvtxWriter.Write(EventLogReaderTests.Samples(60));
        int used = Chunk + (int)BinaryPrimitives.ReadUInt32LittleEndian(good.AsSpan(Chunk + 48));
        var random = new Random(29);
        long records = 0;
        for (int round = 0; round < 10_000; round++)
        {
            byte[] file = good[..(random.Next(8) == 0 ? random.Next(good.Length) : good.Length)];
            for (int k = 1 + random.Next(12); k > 0 && file.Length > 0; k--)
            {
                int at = random.Next(Math.Min(file.Length, used));
                switch (random.Next(4))
                {
                    case 0:
                        file[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        file[at] = (byte)(random.Next(2) * 255);
                        break;
                    case 2:
                        file.AsSpan(at, Math.Min(random.Next(64), file.Length - at)).Clear();
                        break;
                    default:
                        int length = Math.Min(random.Next(200), file.Length - at);
                        file.AsSpan(random.Next(file.Length - length), length).CopyTo(file.AsSpan(at));
                        break;
                }
            }
            records += Read(file);
            if (round % 10 == 0)
            {
                ReadAsLog(file);
            }
        }
        Assert.InRange(records, 10_000 * 20L, 10_000 * 80L);
    }

    [Fact]
    public void Template_definitions_that_contain_themselves_end()
    {
        byte[] file = EvtxWriter.Write(new WrittenEvent("P", 1, DateTimeOffset.UnixEpoch.AddYears(50), ("a", "b")));
        Span<byte> chunk = file.AsSpan(Chunk);
        // The instance begins behind record header and fragment header; the definition behind its ten bytes, with 24 of header and 4 of fragment header.
        const int Instance = 512 + 24 + 4;
        const int Definition = Instance + 10;
        uint identifier = BinaryPrimitives.ReadUInt32LittleEndian(chunk[(Instance + 2)..]);
        int inner = Definition + 24 + 4;
        for (int i = 0; i < 40; i++, inner += 14)
        {
            chunk[inner] = 0x0C;
            chunk[inner + 1] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[(inner + 2)..], identifier);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[(inner + 6)..], Definition);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[(inner + 10)..], 0);
        }
        chunk[inner] = 0;
        EvtxWriter.Seal(chunk);
        var watch = Stopwatch.StartNew();
        var diagnostics = new DiagnosticList();

        Assert.Equal(1, Read(file, diagnostics));

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
        Assert.Contains(Assert.Single(diagnostics.Items).Code, new[] { "evtx.chunk.work", "evtx.record.xml" });
    }

    [Fact]
    public void A_table_of_names_that_leads_in_a_circle_is_not_followed()
    {
        byte[] file = EvtxWriter.Write(EventLogReaderTests.Samples(4));
        Span<byte> chunk = file.AsSpan(Chunk);
        for (int i = 128; i < 512; i += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(chunk[i..], 600);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[600..], 600);
        EvtxWriter.Seal(chunk);
        Assert.InRange(Read(file), 3, 4);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(27u)]
    [InlineData(65536u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    public void A_record_of_an_impossible_size_costs_that_record_only(uint size)
    {
        byte[] file = EvtxWriter.Write(EventLogReaderTests.Samples(9));
        int third = EventLogReaderTests.Offsets(file)[2];
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(third + 4), size);
        EvtxWriter.Seal(file.AsSpan(Chunk));
        var diagnostics = new DiagnosticList();

        Assert.Equal(9, Read(file, diagnostics));

        Assert.Contains(diagnostics.Items, one => one.Code == "evtx.record.size" && one.Offset == third);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(511u)]
    [InlineData(0xFFFFFFFFu)]
    public void The_end_of_the_records_may_be_anything(uint end)
    {
        byte[] file = EvtxWriter.Write(EventLogReaderTests.Samples(9));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Chunk + 48), end);
        Assert.Equal(9, Read(file));
    }

    [Fact]
    public void A_chunk_of_nothing_but_signatures_is_read_in_no_time()
    {
        var file = new byte[Chunk + ChunkSize * 64];
        EvtxWriter.Write(EventLogReaderTests.Samples(2)).AsSpan(0, Chunk + 512).CopyTo(file);
        file[120] = 1;
        for (int chunk = 0; chunk < 64; chunk++)
        {
            Span<byte> bytes = file.AsSpan(Chunk + chunk * ChunkSize, ChunkSize);
            file.AsSpan(Chunk, 512).CopyTo(bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[48..], ChunkSize);
            for (int at = 512; at + 28 <= ChunkSize; at += 28)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], 0x2A2A);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(at + 4)..], 28);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(at + 8)..], (ulong)at);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(at + 16)..], 130_000_000_000_000_000);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(at + 24)..], 28);
            }
        }
        var watch = Stopwatch.StartNew();
        Assert.Equal(64 * 2322, Read(file));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void A_hole_of_any_size_is_passed_over()
    {
        byte[] good = EvtxWriter.Write(EventLogReaderTests.Samples(3));
        var source = new Artifacts.Linux.Logs.HoleySource(1L << 40, (0, good), (Chunk + (ChunkSize * 1000L), good[Chunk..]));
        var reader = new EventLogReader(source, NullDiagnosticSink.Instance);
        int records = 0;
        while (reader.Read())
        {
            records++;
        }
        Assert.Equal(6, records);
    }

    [Fact]
    public void A_read_error_of_the_image_is_not_taken_for_the_end()
    {
        byte[] good = EvtxWriter.Write(EventLogReaderTests.Samples(3));
        var reader = new EventLogReader(new FailingSource(good), NullDiagnosticSink.Instance);
        Assert.Throws<ImageReadException>(() =>
        {
            while (reader.Read())
            {
                Assert.NotNull(reader.Current);
            }
        });
    }

    private static void ReadAsLog(byte[] file)
    {
        try
        {
            Artifacts.Linux.Logs.LogRun.Read(new Forensics.Parsers.Artifacts.Windows.WindowsEventLogParser(), Artifacts.Linux.Logs.LogRun.Input(new MemorySource(file), "/Windows/System32/winevt/Logs/Security.evtx"));
        }
        catch (CorruptDataException e)
        {
            Assert.Equal("evtx.header.corrupt", e.Code);
        }
    }

    private static int Read(byte[] file, DiagnosticList? diagnostics = null)
    {
        int records = 0;
        try
        {
            var reader = new EventLogReader(new MemorySource(file), diagnostics ?? new DiagnosticList());
            while (reader.Read())
            {
                EventRecord record = reader.Current;
                for (int i = 0; i < record.FieldCount; i++)
                {
                    Assert.InRange(record.FieldName(i).Length + record.FieldText(i).Length, 0, 1 << 20);
                }
                Assert.NotNull(record.Provider);
                Assert.InRange(record.Offset, Chunk + 512, file.Length);
                _ = record.TimeCreated.ToString() + record.ActivityId + record.UserSid + record.Channel + record.Computer + record.EventId + record.Level;
                records++;
            }
        }
        catch (CorruptDataException e)
        {
            Assert.Equal("evtx.header.corrupt", e.Code);
        }
        return records;
    }

    private sealed class FailingSource(byte[] good) : IByteSource
    {
        public long Length => good.Length + ChunkSize;

        public int ReadAt(long offset, Span<byte> destination)
        {
            if (offset >= good.Length)
            {
                throw new ImageReadException(offset, "input/output error");
            }
            int count = (int)Math.Min(destination.Length, good.Length - offset);
            good.AsSpan((int)offset, count).CopyTo(destination);
            return count;
        }
    }
}
