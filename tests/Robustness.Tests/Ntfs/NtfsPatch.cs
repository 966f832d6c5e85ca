using System.Buffers.Binary;
using System.Text;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>
/// Changes an NTFS volume in memory as a hostile writer would: records and index records are found by name, their update sequences undone before and redone after a change. Reads only the sound
/// volumes that the tests make, and shares no code with the reader under test.
/// </summary>
internal sealed class NtfsPatch
{
    private const uint FileName = 0x30;
    private const uint Data = 0x80;
    private const uint IndexAllocation = 0xA0;

    private readonly List<(long Vcn, long Lcn, long Count)> _mft;

    public NtfsPatch(byte[] image)
    {
        Image = image;
        SectorSize = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x0B));
        int perCluster = (sbyte)image[0x0D];
        ClusterSize = SectorSize * (perCluster > 0 ? perCluster : 1 << -perCluster);
        RecordSize = SizeOf((sbyte)image[0x40]);
        IndexSize = SizeOf((sbyte)image[0x44]);
        long start = BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(0x30)) * ClusterSize;
        var first = new NtfsRecord(image.AsSpan((int)start, RecordSize).ToArray(), 0);
        Undo(first.Bytes);
        int data = first.Find(Data);
        _mft = [.. Runs(first, data)];
        RecordCount = BinaryPrimitives.ReadInt64LittleEndian(first.Bytes.AsSpan(data + 48)) / RecordSize;
    }

    public byte[] Image { get; }

    public int SectorSize { get; }

    public int ClusterSize { get; }

    public int RecordSize { get; }

    public int IndexSize { get; }

    public long RecordCount { get; }

    /// <summary>Where a record lies in the volume.</summary>
    public int OffsetOf(long number)
    {
        long position = number * RecordSize;
        (long vcn, long lcn, _) = _mft.First(run => position < (run.Vcn + run.Count) * ClusterSize);
        return (int)((lcn * ClusterSize) + position - (vcn * ClusterSize));
    }

    /// <summary>A copy of a record, its update sequence undone.</summary>
    public NtfsRecord Read(long number)
    {
        var record = new NtfsRecord(Image.AsSpan(OffsetOf(number), RecordSize).ToArray(), number);
        if (record.Bytes.AsSpan().StartsWith("FILE"u8))
        {
            Undo(record.Bytes);
        }
        return record;
    }

    /// <summary>The number of the base record that has a name of this spelling.</summary>
    public long Find(string name)
    {
        for (long number = 0; number < RecordCount; number++)
        {
            NtfsRecord record = Read(number);
            if (record.IsInUse && record.Attributes().Any(offset => record.Get32(offset) == FileName && NameIn(record, offset) == name))
            {
                long owner = BinaryPrimitives.ReadInt64LittleEndian(record.Bytes.AsSpan(32)) & 0xFFFF_FFFF_FFFF;
                return owner == 0 ? number : owner;
            }
        }
        throw new InvalidOperationException("no record is called " + name);
    }

    /// <summary>Changes the record of a name.</summary>
    public void Edit(string name, Action<NtfsRecord> change) => Edit(Find(name), change);

    /// <summary>Changes a record, and its mirror when it has one.</summary>
    public void Edit(long number, Action<NtfsRecord> change)
    {
        NtfsRecord record = Read(number);
        change(record);
        Redo(record.Bytes);
        record.Bytes.CopyTo(Image, OffsetOf(number));
        if (number < 4)
        {
            long mirror = BinaryPrimitives.ReadInt64LittleEndian(Image.AsSpan(0x38)) * ClusterSize;
            record.Bytes.CopyTo(Image, (int)mirror + ((int)number * RecordSize));
        }
    }

    /// <summary>Changes an index record of a directory, counted from 0, its update sequence undone meanwhile.</summary>
    public void EditIndex(string directory, int index, Action<byte[]> change)
    {
        NtfsRecord record = Read(Find(directory));
        long position = (long)index * IndexSize;
        (long vcn, long lcn, _) = Runs(record, record.Find(IndexAllocation, "$I30")).First(run => position < (run.Vcn + run.Count) * ClusterSize);
        int offset = (int)((lcn * ClusterSize) + position - (vcn * ClusterSize));
        byte[] block = Image.AsSpan(offset, IndexSize).ToArray();
        Undo(block);
        change(block);
        Redo(block);
        block.CopyTo(Image, offset);
    }

    /// <summary>Where the content of a file lies, run by run in clusters; holes left out.</summary>
    public IReadOnlyList<(long Vcn, long Lcn, long Count)> ContentOf(string name, string stream = "")
    {
        NtfsRecord record = Read(Find(name));
        return [.. Runs(record, record.Find(Data, stream))];
    }

    private int SizeOf(sbyte value) => value > 0 ? value * ClusterSize : 1 << -value;

    private static string NameIn(NtfsRecord record, int offset)
    {
        int value = record.ValueOf(offset);
        return Encoding.Unicode.GetString(record.Bytes, value + 66, record.Bytes[value + 64] * 2);
    }

    private static IEnumerable<(long Vcn, long Lcn, long Count)> Runs(NtfsRecord record, int attribute)
    {
        int position = attribute + record.Get16(attribute + 32);
        long vcn = 0;
        long lcn = 0;
        while (record.Bytes[position] != 0)
        {
            int lengthBytes = record.Bytes[position] & 15;
            int distanceBytes = record.Bytes[position] >> 4;
            long count = Number(record.Bytes.AsSpan(position + 1, lengthBytes));
            if (distanceBytes > 0)
            {
                lcn += Number(record.Bytes.AsSpan(position + 1 + lengthBytes, distanceBytes));
                yield return (vcn, lcn, count);
            }
            vcn += count;
            position += 1 + lengthBytes + distanceBytes;
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes)
    {
        long value = (sbyte)bytes[^1];
        for (int i = bytes.Length - 2; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }
        return value;
    }

    private static bool HasSequence(ReadOnlySpan<byte> record, out int array, out int count)
    {
        array = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        count = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        return count == (record.Length / 512) + 1 && array + (count * 2) <= 510;
    }

    private static void Undo(Span<byte> record)
    {
        if (!HasSequence(record, out int array, out int count))
        {
            return;
        }
        for (int i = 1; i < count; i++)
        {
            record.Slice(array + (i * 2), 2).CopyTo(record[((i * 512) - 2)..]);
        }
    }

    /// <summary>Leaves a record alone whose own update sequence array was made unusable: that is then the damage.</summary>
    private static void Redo(Span<byte> record)
    {
        if (!HasSequence(record, out int array, out int count))
        {
            return;
        }
        ushort number = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(record[array..]) % 0xFFFE + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(record[array..], number);
        for (int i = 1; i < count; i++)
        {
            record.Slice((i * 512) - 2, 2).CopyTo(record[(array + (i * 2))..]);
            BinaryPrimitives.WriteUInt16LittleEndian(record[((i * 512) - 2)..], number);
        }
    }
}
