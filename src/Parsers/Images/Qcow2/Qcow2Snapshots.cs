using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>An entry of the snapshot table.</summary>
/// <param name="Shown">What is told about it.</param>
/// <param name="L1TableOffset">Where its L1 table begins; any value.</param>
/// <param name="L1Size">Entries of its L1 table.</param>
/// <param name="EntryOffset">Where the entry itself lies in the file.</param>
internal sealed record Qcow2Snapshot(ImageSnapshot Shown, ulong L1TableOffset, uint L1Size, long EntryOffset)
{
    /// <summary>Size of the disk as the entry states it; <see cref="ImageSnapshot.VirtualSize"/> is cut to what a number holds.</summary>
    public required ulong DiskSize { get; init; }
}

/// <summary>The table of internal snapshots. The state of a virtual machine saved with a snapshot lies behind the end of its disk and is never read.</summary>
internal static class Qcow2Snapshots
{
    private const int FixedSize = 40;
    private const uint MaxSnapshots = 65536;
    /// <summary>Most names that are kept, in bytes: a table of the greatest number with the longest names would be 8 GiB.</summary>
    private const int MaxNameBytes = 16 << 20;

    /// <summary>Reads the table as far as it makes sense; the rest is a diagnostic. Throws <see cref="CorruptDataException"/> for a number no image can have.</summary>
    public static List<Qcow2Snapshot> Read(in Qcow2Header header, IByteSource file, IDiagnosticSink diagnostics)
    {
        if (header.NbSnapshots > MaxSnapshots)
        {
            throw Qcow2Header.Bad("nb_snapshots", 60, "at most 65536", header.NbSnapshots);
        }
        var found = new List<Qcow2Snapshot>();
        if (header.NbSnapshots == 0)
        {
            return found;
        }
        var table = new BlockCache(file, 4096, 2);
        long position = header.SnapshotsOffset < (ulong)file.Length ? (long)header.SnapshotsOffset : file.Length;
        int nameBytes = 0;
        while (found.Count < header.NbSnapshots && nameBytes <= MaxNameBytes)
        {
            if (ReadEntry(table, position, header.Size, out long next) is not { } snapshot)
            {
                break;
            }
            found.Add(snapshot);
            nameBytes += snapshot.Shown.Name.Length + snapshot.Shown.Id.Length;
            position = next;
        }
        if (found.Count < header.NbSnapshots)
        {
            diagnostics.Report(new Diagnostic("qcow2.snapshots.cut", "the table of internal snapshots ends early; those after its end cannot be listed or opened")
            {
                Offset = position,
                Expected = header.NbSnapshots.ToString(CultureInfo.InvariantCulture) + " snapshots",
                Actual = found.Count.ToString(CultureInfo.InvariantCulture) + " snapshots",
            });
        }
        return found;
    }

    /// <summary>The snapshot with an identifier, else the first with a name. Throws <see cref="UnsupportedFeatureException"/> naming those that exist.</summary>
    public static Qcow2Snapshot Find(List<Qcow2Snapshot> snapshots, string wanted)
    {
        string shown = PathText.FromText(wanted);
        return snapshots.Find(snapshot => snapshot.Shown.Id == wanted) ?? snapshots.Find(snapshot => snapshot.Shown.Name == wanted || snapshot.Shown.Name == shown)
            ?? throw new UnsupportedFeatureException("internal snapshot '" + shown + "', which the image does not have (" + Names(snapshots) + ")");
    }

    private static string Names(List<Qcow2Snapshot> snapshots)
    {
        const int Most = 20;
        if (snapshots.Count == 0)
        {
            return "it has none";
        }
        string names = "it has " + string.Join(", ", snapshots.Take(Most).Select(snapshot => snapshot.Shown.Id + " '" + snapshot.Shown.Name + "'"));
        return snapshots.Count > Most ? names + " and " + (snapshots.Count - Most).ToString(CultureInfo.InvariantCulture) + " more" : names;
    }

    /// <summary>One entry; null when it does not lie in the file whole.</summary>
    private static Qcow2Snapshot? ReadEntry(BlockCache table, long position, ulong diskSize, out long next)
    {
        next = position;
        Span<byte> head = stackalloc byte[FixedSize];
        if (table.ReadUpTo(position, head) < FixedSize)
        {
            return null;
        }
        uint extraSize = UInt32(head, 36);
        long names = position + FixedSize + extraSize;
        int idSize = BinaryPrimitives.ReadUInt16BigEndian(head[12..]);
        int nameSize = BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (names + idSize + nameSize > table.Length)
        {
            return null;
        }
        // Extra data: the 64-bit size of the machine's state, then the size of the disk; later fields are none of the disk's business.
        Span<byte> extra = stackalloc byte[16];
        if (extraSize >= 16 && table.ReadUpTo(position + FixedSize, extra) == 16)
        {
            diskSize = BinaryPrimitives.ReadUInt64BigEndian(extra[8..]);
        }
        byte[] text = table.ReadArray(names, idSize + nameSize);
        next = (names + idSize + nameSize + 7) & ~7L;
        DateTimeOffset? taken = UInt32(head, 16) == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(UInt32(head, 16)).AddTicks(Math.Min(UInt32(head, 20), 999_999_999) / 100);
        var shown = new ImageSnapshot(Text(text.AsSpan(0, idSize)), Text(text.AsSpan(idSize)), taken, (long)Math.Min(diskSize, long.MaxValue));
        return new Qcow2Snapshot(shown, BinaryPrimitives.ReadUInt64BigEndian(head), UInt32(head, 8), position) { DiskSize = diskSize };
    }

    /// <summary>Names are text in which slashes are what they are.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? PathText.FromText(System.Text.Encoding.UTF8.GetString(bytes)) : PathText.FromBytes(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
}
