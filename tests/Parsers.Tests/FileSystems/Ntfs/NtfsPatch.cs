using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ntfs;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>A small NTFS image in memory whose records can be changed; their update sequences are taken off and put on again.</summary>
internal sealed class NtfsPatch
{
    public const int RecordSize = 2048;
    private const string Source = "syzkaller/ntfs/ntfs_10.img.zst";

    // What the image holds: /file0 (a directory), in it file0 and file1 (a link); /file1 with two streams; /file2, also /file3.
    public const ulong Directory = 64;
    public const ulong ResidentFile = 67;
    public const ulong PlainFile = 68;

    private List<DataRun>? _runs;

    public byte[] Image { get; } = File.ReadAllBytes(SharedImages.Unpack(Source));

    /// <summary>A fresh copy; skips the running test when the folder is absent.</summary>
    public static NtfsPatch New()
    {
        SharedImages.Require();
        return new NtfsPatch();
    }

    public int ClusterSize => BinaryPrimitives.ReadUInt16LittleEndian(Image.AsSpan(0x0B)) * Image[0x0D];

    public int MftOffset => (int)BinaryPrimitives.ReadInt64LittleEndian(Image.AsSpan(0x30)) * ClusterSize;

    public int MirrorOffset => (int)BinaryPrimitives.ReadInt64LittleEndian(Image.AsSpan(0x38)) * ClusterSize;

    /// <summary>A record as it lies on the disk; in this image a record is a cluster.</summary>
    public Span<byte> Raw(ulong number)
    {
        _runs ??= MapTable();
        DataRun run = _runs.First(candidate => candidate.End > (long)number);
        return Image.AsSpan((int)(run.Lcn + (long)number - run.Vcn) * ClusterSize, RecordSize);
    }

    private List<DataRun> MapTable()
    {
        byte[] record = Image.AsSpan(MftOffset, RecordSize).ToArray();
        UpdateSequence.Restore(record);
        int at = Find(record, 0x80);
        var runs = new List<DataRun>();
        MappingPairs.Decode(record.AsSpan(at + record[at + 0x20]), 0, Image.Length / ClusterSize, 100, runs);
        return runs;
    }

    /// <summary>A record without its update sequence.</summary>
    public byte[] Read(ulong number)
    {
        byte[] record = Raw(number).ToArray();
        if (UpdateSequence.Restore(record) != UpdateSequenceState.Whole)
        {
            throw new InvalidOperationException("the record is torn");
        }
        return record;
    }

    /// <summary>Writes a record with its update sequence.</summary>
    public void Write(ulong number, ReadOnlySpan<byte> record)
    {
        Span<byte> raw = Raw(number);
        record.CopyTo(raw);
        int array = BinaryPrimitives.ReadUInt16LittleEndian(raw[4..]);
        for (int i = 1; i <= RecordSize / UpdateSequence.Stride; i++)
        {
            Span<byte> end = raw.Slice((i * UpdateSequence.Stride) - 2, 2);
            end.CopyTo(raw[(array + (i * 2))..]);
            raw.Slice(array, 2).CopyTo(end);
        }
    }

    public void Change(ulong number, Action<byte[]> change)
    {
        byte[] record = Read(number);
        change(record);
        Write(number, record);
    }

    /// <summary>Offset of the first attribute of a type.</summary>
    public static int Find(byte[] record, uint type)
    {
        for (int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(0x14)); ; at += BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4)))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)) is uint found && (found == type || found == uint.MaxValue))
            {
                return found == type ? at : throw new InvalidOperationException("no such attribute");
            }
        }
    }

    /// <summary>Puts an attribute in front of the one at an offset.</summary>
    public static void Insert(byte[] record, int at, ReadOnlySpan<byte> attribute)
    {
        int used = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(0x18));
        record.AsSpan(at, used - at).ToArray().CopyTo(record.AsSpan(at + attribute.Length));
        attribute.CopyTo(record.AsSpan(at));
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(0x18), used + attribute.Length);
    }

    /// <summary>A resident attribute without a name.</summary>
    public static byte[] Resident(uint type, ReadOnlySpan<byte> value)
    {
        byte[] attribute = new byte[(0x18 + value.Length + 7) / 8 * 8];
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, type);
        BinaryPrimitives.WriteInt32LittleEndian(attribute.AsSpan(4), attribute.Length);
        attribute[0x0A] = 0x18;
        BinaryPrimitives.WriteInt32LittleEndian(attribute.AsSpan(0x10), value.Length);
        attribute[0x14] = 0x18;
        value.CopyTo(attribute.AsSpan(0x18));
        return attribute;
    }

    /// <summary>A nonresident attribute without a name.</summary>
    public static byte[] Nonresident(uint type, long size, ReadOnlySpan<byte> pairs)
    {
        byte[] attribute = new byte[(0x40 + pairs.Length + 8) / 8 * 8];
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, type);
        BinaryPrimitives.WriteInt32LittleEndian(attribute.AsSpan(4), attribute.Length);
        attribute[0x08] = 1;
        attribute[0x0A] = 0x40;
        attribute[0x20] = 0x40;
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(0x28), size);
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(0x30), size);
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(0x38), size);
        pairs.CopyTo(attribute.AsSpan(0x40));
        return attribute;
    }

    /// <summary>An entry of an attribute list.</summary>
    public static byte[] ListEntry(uint type, long lowestVcn, ulong reference)
    {
        byte[] entry = new byte[0x20];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, type);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), 0x20);
        entry[7] = 0x1A;
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), lowestVcn);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(0x10), reference);
        return entry;
    }

    public ulong ReferenceOf(ulong number) => number | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(Raw(number)[0x10..]) << 48);

    public IFileSystem Open(IDiagnosticSink? diagnostics = null) =>
        new NtfsFormat().Open(new MemorySource(Image), ParseContext.Quiet with { Diagnostics = diagnostics ?? NullDiagnosticSink.Instance });
}
