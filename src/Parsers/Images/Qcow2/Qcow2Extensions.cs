using System.Buffers.Binary;

namespace Forensics.Parsers.Images.Qcow2;

/// <summary>The header extensions: a list of type, length and data after the header, in the first cluster.</summary>
internal readonly ref struct Qcow2Extensions
{
    private const uint BackingFormatType = 0xE2792ACA;
    private const uint DataFileType = 0x44415441;
    private const uint FeatureNamesType = 0x6803F857;

    private readonly ReadOnlySpan<byte> _area;

    /// <param name="header">The header.</param>
    /// <param name="bytes">The start of the file, with the header.</param>
    public Qcow2Extensions(in Qcow2Header header, ReadOnlySpan<byte> bytes)
    {
        // The area ends with the first cluster or where the name of the backing file begins; what follows is no longer the format's.
        long end = bytes.Length;
        if (header.ClusterBits is >= 9 and <= 21)
        {
            end = Math.Min(end, 1L << (int)header.ClusterBits);
        }
        if (header.BackingFileOffset != 0 && header.BackingFileOffset < (ulong)end)
        {
            end = (long)header.BackingFileOffset;
        }
        _area = header.HeaderLength < end ? bytes[(int)header.HeaderLength..(int)end] : [];
    }

    /// <summary>QEMU's name of the format of the backing file; empty when it is not stated.</summary>
    public ReadOnlySpan<byte> BackingFormat => Find(BackingFormatType);

    /// <summary>Name of the external data file; empty when it is not stated.</summary>
    public ReadOnlySpan<byte> DataFile => Find(DataFileType);

    /// <summary>The name the image gives to an incompatible feature bit, in display form; empty when it gives none.</summary>
    public string FeatureName(int bit)
    {
        for (ReadOnlySpan<byte> table = Find(FeatureNamesType); table.Length >= 48; table = table[48..])
        {
            if (table[0] == 0 && table[1] == bit)
            {
                ReadOnlySpan<byte> name = table[2..48];
                int end = name.IndexOf((byte)0);
                return PathText.FromBytes(end < 0 ? name : name[..end]);
            }
        }
        return "";
    }

    /// <summary>The data of the first extension of a type, cut at the end of the area. Each step moves on by at least 8.</summary>
    private ReadOnlySpan<byte> Find(uint wanted)
    {
        long position = 0;
        while (position + 8 <= _area.Length)
        {
            uint type = BinaryPrimitives.ReadUInt32BigEndian(_area[(int)position..]);
            if (type == 0)
            {
                break;
            }
            long end = position + 8 + BinaryPrimitives.ReadUInt32BigEndian(_area[((int)position + 4)..]);
            if (type == wanted)
            {
                return _area[((int)position + 8)..(int)Math.Min(end, _area.Length)];
            }
            position = (end + 7) & ~7L;
        }
        return [];
    }
}
