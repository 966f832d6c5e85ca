using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ntfs;
using Forensics.Parsers.FileSystems.Ntfs.Journals;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>A volume that Windows wrote, with the log it left.</summary>
internal sealed class RealLog
{
    private RealLog(IByteSource volume)
    {
        Volume = volume;
        FileSystem = Assert.IsType<NtfsFileSystem>(new NtfsFormat().Open(volume, ParseContext.Quiet with { Journal = JournalView.Ignore }));
        Log = FileSystem.OpenContent(FileSystem.Open(2)).ReadArray(0, 128 << 20);
    }

    public IByteSource Volume { get; }
    public NtfsFileSystem FileSystem { get; }
    public byte[] Log { get; }

    public static RealLog Open(string image, string? member, long offset)
    {
        SharedImages.Require();
        var disk = new FileByteSource(SharedImages.Unpack(image, member));
        return new RealLog(new Slice(disk, offset, disk.Length));
    }

    public LogRestart Restart => LogRestart.Find(new MemorySource(Log), out _)!;

    public LogRecords Records(LogRestart restart) => new(new LogPages(new MemorySource(Log), restart), restart);

    /// <summary>The log with its restart areas saying that another checkpoint was the last one and that the host stopped without closing it.</summary>
    public byte[] WithCheckpoint(ulong lsn)
    {
        byte[] log = [.. Log];
        for (int page = 0; page <= 4096; page += 4096)
        {
            int area = page + BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(page + 0x18));
            int client = area + BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(area + 0x16));
            log[area + 0x0E] = 0;
            BinaryPrimitives.WriteUInt64LittleEndian(log.AsSpan(client + 8), lsn);
        }
        return log;
    }
}
