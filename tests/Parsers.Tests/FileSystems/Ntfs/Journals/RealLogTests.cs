using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Journals;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>
/// Logs that Windows wrote. The last record of each is named by its restart area; and since they hold everything from the first mount on, the volume can be taken back and replayed: what comes of
/// it must be what Windows had on the disk.
/// </summary>
public sealed class RealLogTests
{
    private const uint FileSignature = 0x454C4946;
    private const uint IndexSignature = 0x58444E49;

    public static TheoryData<string, string?, long, int> Images => new()
    {
        // Records in the log, counted once with a script of its own.
        { "ntfs-samples/ntfs.tgz", "ntfs.raw", 1048576, 1290 },
        { "ntfs-samples/ntfs-lastaccess.raw.gz", null, 65536, 597 },
        { "go-ntfs/tests/ads_with_same_ids/charlie.dd.bz2", null, 0, 2 },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void Every_record_up_to_the_one_that_the_restart_area_names_is_read(string image, string? member, long offset, int count)
    {
        RealLog real = RealLog.Open(image, member, offset);
        LogRestart restart = real.Restart;
        List<LogRecord> records = All(real, restart);

        Assert.Equal(count, records.Count);
        Assert.Equal(restart.CurrentLsn, records[^1].Lsn);
        Assert.Equal(restart.CheckpointLsn, records[^1].Lsn);
        Assert.All(records.Where(record => record.RecordType == LogRecordHeader.ClientRecord), record => Assert.True(new LogClientRecord(record.ClientData.Span).IsUsable));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void A_log_that_was_closed_in_order_is_clean(string image, string? member, long offset, int count)
    {
        RealLog real = RealLog.Open(image, member, offset);
        LogFileReplay replay = LogFileReplay.Open(real.Volume, real.FileSystem.Geometry, new MemorySource(real.Log), ParseContext.Quiet);

        Assert.True(count > 0);
        Assert.Equal(("clean", null, false), (replay.Facts.View, replay.Facts.Problem, replay.IsReplayed));
        Assert.Same(real.Volume, replay.View);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Replay_from_any_checkpoint_leaves_what_is_on_the_disk_already(string image, string? member, long offset, int count)
    {
        RealLog real = RealLog.Open(image, member, offset);
        LogRestart restart = real.Restart;
        List<LogRecord> records = All(real, restart);

        Assert.Equal(count, records.Count);
        foreach (LogRecord checkpoint in records.Where(record => record.RecordType == LogRecordHeader.ClientRestart))
        {
            LogFileReplay replay = LogFileReplay.Open(real.Volume, real.FileSystem.Geometry, new MemorySource(real.WithCheckpoint(checkpoint.Lsn)), ParseContext.Quiet);

            Assert.Null(replay.Facts.Problem);
            Assert.Equal(0, replay.RolledBack);
            AssertSame(real, Places(real, records), real.Volume, replay.View);
        }
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void A_volume_that_was_taken_back_to_the_first_checkpoint_becomes_by_replay_what_Windows_had(string image, string? member, long offset, int count)
    {
        RealLog real = RealLog.Open(image, member, offset);
        byte[] log = real.WithCheckpoint(All(real, real.Restart).First(record => record.RecordType == LogRecordHeader.ClientRestart).Lsn);
        LogRestart restart = LogRestart.Find(new MemorySource(log), out _)!;
        List<LogRecord> records = All(real, restart);
        SortedDictionary<long, int> places = Places(real, records);
        // Content of a small file that grew: the log holds only its length, the bytes were written past it.
        long[] unlogged = [.. records.Where(record => record.RecordType == LogRecordHeader.ClientRecord && GrowsWithoutData(record)).Select(record => PlaceOf(real, record)).Distinct()];
        IByteSource old = TakeBack(real, restart, records, places);

        LogFileReplay replay = LogFileReplay.Open(old, real.FileSystem.Geometry, new MemorySource(log), ParseContext.Quiet);

        Assert.Equal(count, records.Count);
        Assert.Null(replay.Facts.Problem);
        Assert.Equal(count > 2 ? "replayed" : "clean", replay.Facts.View);
        Assert.True(count <= 2 || Differing(places, old, real.Volume) > places.Count / 2, "nearly every structure must have been another before");
        Assert.True(unlogged.Length * 5 < places.Count || count <= 2);
        foreach (long place in unlogged)
        {
            places.Remove(place);
        }
        AssertSame(real, places, real.Volume, replay.View);
    }

    private static bool GrowsWithoutData(LogRecord record)
    {
        var client = new LogClientRecord(record.ClientData.Span);
        return client.RedoOperation == LogOperation.UpdateResidentValue && client.RedoLength > 0 && client.RedoOffset >= record.ClientData.Length;
    }

    private static long PlaceOf(RealLog real, LogRecord record)
    {
        var client = new LogClientRecord(record.ClientData.Span);
        return (client.LcnForPage(0) * real.FileSystem.Geometry.ClusterSize) + (client.ClusterBlockOffset * 512);
    }

    private static List<LogRecord> All(RealLog real, LogRestart restart)
    {
        LogRecords records = real.Records(restart);
        LogRecord? first = null;
        for (long page = restart.FirstPage; page < restart.Length && first is null; page += restart.PageSize)
        {
            for (ulong round = 0; round < 8 && first is null; round++)
            {
                first = records.Read(restart.Lsn(page + restart.DataOffset, round));
            }
        }
        var all = new List<LogRecord>();
        for (LogRecord? record = first; record is not null; record = records.Next(record))
        {
            all.Add(record);
        }
        return all;
    }

    /// <summary>Where the records name file records and index buffers, and how long those are.</summary>
    private static SortedDictionary<long, int> Places(RealLog real, List<LogRecord> records)
    {
        var places = new SortedDictionary<long, int>();
        foreach (LogRecord record in records.Where(record => record.RecordType == LogRecordHeader.ClientRecord))
        {
            var client = new LogClientRecord(record.ClientData.Span);
            LogTarget target = client.RedoOperation.Target() is LogTarget.None ? client.UndoOperation.Target() : client.RedoOperation.Target();
            if (client.LcnsToFollow > 0 && target is LogTarget.FileRecord or LogTarget.IndexBuffer)
            {
                places[PlaceOf(real, record)] =
                    target == LogTarget.FileRecord ? real.FileSystem.Geometry.RecordSize : real.FileSystem.Geometry.IndexRecordSize;
            }
        }
        return places;
    }

    /// <summary>Undoes every record, the newest first, and marks all structures as old.</summary>
    private static IByteSource TakeBack(RealLog real, LogRestart restart, List<LogRecord> records, SortedDictionary<long, int> places)
    {
        LogState state = LogAnalysis.Run(real.Records(restart), restart, out _, CancellationToken.None);
        var store = new PageStore(real.Volume);
        var applier = new LogApplier(store, real.FileSystem.Geometry, state);
        foreach (LogRecord record in Enumerable.Reverse(records).Where(record => record.RecordType == LogRecordHeader.ClientRecord))
        {
            applier.Undo(new LogClientRecord(record.ClientData.Span));
        }
        Assert.Empty(applier.Left);
        Span<byte> lsn = stackalloc byte[8];
        foreach ((long place, _) in places)
        {
            // What only had its repeated times changed keeps a number from before the log.
            store.Read(place + 8, lsn);
            if (BinaryPrimitives.ReadUInt64LittleEndian(lsn) >= records[0].Lsn)
            {
                store.Write(place + 8, new byte[8]);
            }
        }
        return store.Show();
    }

    private static int Differing(SortedDictionary<long, int> places, IByteSource one, IByteSource other) =>
        places.Count(place => !Decoded(one, place.Key, place.Value, keepsLsn: false).AsSpan().SequenceEqual(Decoded(other, place.Key, place.Value, keepsLsn: false)));

    private static void AssertSame(RealLog real, SortedDictionary<long, int> places, IByteSource expected, IByteSource actual)
    {
        foreach ((long place, int length) in places)
        {
            byte[] one = Decoded(expected, place, length, keepsLsn: true);
            byte[] other = Decoded(actual, place, length, keepsLsn: true);
            if (!one.AsSpan().SequenceEqual(other))
            {
                int at = one.AsSpan().CommonPrefixLength(other);
                Assert.Fail($"structure at {place} of {real.FileSystem.Facts.Label}: byte {at} is {other[at]:x2} instead of {one[at]:x2}");
            }
        }
    }

    /// <summary>The bytes in use of a structure, without its fix-ups.</summary>
    private static byte[] Decoded(IByteSource volume, long place, int length, bool keepsLsn)
    {
        byte[] data = volume.ReadArray(place, length);
        uint signature = BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (signature is not (FileSignature or IndexSignature))
        {
            return data;
        }
        Assert.Equal(UpdateSequenceState.Whole, UpdateSequence.Restore(data));
        int used = signature == FileSignature ? (int)BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(0x18)) : 0x18 + (int)BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(0x1C));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(4))), 0);
        if (!keepsLsn)
        {
            data.AsSpan(8, 8).Clear();
        }
        // Behind the update sequence number stand the saved ends of the strides: left-overs of an earlier write once they are put back.
        data.AsSpan(BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(4)) + 2, (BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(6)) - 1) * 2).Clear();
        return data[..used];
    }
}
