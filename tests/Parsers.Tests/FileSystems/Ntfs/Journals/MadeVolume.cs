using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ntfs;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs.Journals;

/// <summary>An empty volume of mkntfs with the label <c>OLDLABEL</c>, into which a log can be put.</summary>
internal sealed class MadeVolume
{
    private const uint VolumeName = 0x60;
    private static readonly Lazy<byte[]> s_made = new(Make);

    private readonly byte[] _volume = [.. s_made.Value];

    public MadeVolume()
    {
        FileSystem = Assert.IsType<NtfsFileSystem>(new NtfsFormat().Open(Source, ParseContext.Quiet));
        Record = FileSystem.Geometry.MftOffset + (3 * FileSystem.Geometry.RecordSize);
        foreach (AttributeView attribute in new FileRecordView(_volume.AsSpan((int)Record, FileSystem.Geometry.RecordSize)))
        {
            LabelAttribute = attribute.TypeCode == VolumeName ? attribute.Position : LabelAttribute;
        }
        var log = Assert.IsType<RunListSource>(FileSystem.OpenAttribute(2, 0x80, default));
        LogPlace = Assert.Single(log.Runs).Physical;
        LogSize = (int)log.Length;
    }

    public static void Require()
    {
        if (!File.Exists("/usr/sbin/mkntfs") && !File.Exists("/sbin/mkntfs"))
        {
            Assert.Skip("mkntfs is not installed");
        }
    }

    public NtfsFileSystem FileSystem { get; }
    public IByteSource Source => new MemorySource(_volume);
    public int LogSize { get; }
    public long LogPlace { get; }

    /// <summary>Byte offset of the record of $Volume.</summary>
    public long Record { get; }
    /// <summary>Byte offset in it of the attribute with the label.</summary>
    public int LabelAttribute { get; }
    /// <summary>First cluster of the master file table.</summary>
    public long MftLcn => FileSystem.Geometry.MftOffset / FileSystem.Geometry.ClusterSize;

    public void PutLog(byte[] log) => log.CopyTo(_volume, LogPlace);

    /// <summary>Marks the record of $Volume as older than anything in the log, which mkntfs does already.</summary>
    public ulong RecordLsn => BinaryPrimitives.ReadUInt64LittleEndian(_volume.AsSpan((int)Record + 8));

    private static byte[] Make()
    {
        string file = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.OpenWrite(file))
            {
                stream.SetLength(16 << 20);
            }
            SharedImages.Run("mkntfs", ["-F", "-q", "-L", "OLDLABEL", "-s", "512", "-c", "4096", file]);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
