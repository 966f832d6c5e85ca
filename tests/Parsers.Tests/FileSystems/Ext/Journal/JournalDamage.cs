using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>Puts seeded damage into the part of a journal that is in use: bits, fields of its own blocks, its superblock; sometimes with checksums made right again.</summary>
internal sealed class JournalDamage
{
    private const int BlockSize = 1024;
    private const uint Magic = 0xC03B3998;
    private const ulong JournalInode = 8;
    private readonly long[] _places;
    private readonly bool _hasChecksums;

    public JournalDamage(byte[] image)
    {
        IFileSystem plain = ExtWalk.Open(new MemorySource(image), journal: JournalView.Ignore);
        var content = (RunListSource)plain.OpenContent(plain.Open(JournalInode));
        _places = [.. content.Runs.SelectMany(run => Enumerable.Range(0, (int)(run.Length / BlockSize)).Select(i => run.Physical + i * (long)BlockSize))];
        ReadOnlySpan<byte> superblock = image.AsSpan((int)_places[0], BlockSize);
        _hasChecksums = new JournalSuperblock(superblock).Features.HasBlockChecksums;
        Used = [.. Enumerable.Range(1, _places.Length - 1).Where(i => image.AsSpan((int)_places[i], BlockSize).IndexOfAnyExcept((byte)0) >= 0)];
        Own = [.. Used.Where(i => BinaryPrimitives.ReadUInt32BigEndian(image.AsSpan((int)_places[i])) == Magic)];
    }

    /// <summary>Journal blocks that hold something.</summary>
    public int[] Used { get; }

    /// <summary>Those that are the journal's own.</summary>
    public int[] Own { get; }

    public bool IsJournal(int block) => _places.Contains(block * (long)BlockSize);

    /// <summary>A block of the journal within an image.</summary>
    public Span<byte> Block(byte[] image, int index) => image.AsSpan((int)_places[index], BlockSize);

    public void Apply(byte[] image, Random random)
    {
        for (int changes = 1 + random.Next(3); changes > 0; changes--)
        {
            switch (random.Next(7))
            {
                case 0:
                    Block(image, Pick(Used, random))[random.Next(BlockSize)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    Block(image, Pick(Own, random))[random.Next(64)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    Block(image, Pick(Own, random)).Clear();
                    break;
                case 3:
                    Block(image, Pick(Used, random)).CopyTo(Block(image, Pick(Used, random)));
                    break;
                case 4:
                    // A field of one of the journal's own blocks, with its checksum made right.
                    int own = Pick(Own, random);
                    Span<byte> block = Block(image, own);
                    BinaryPrimitives.WriteInt32BigEndian(block[(random.Next(16) * 4)..], random.Next(4) switch { 0 => 0, 1 => -1, 2 => random.Next(), _ => random.Next(64) });
                    MakeRight(image, own);
                    break;
                case 5:
                    // s_sequence, s_start
                    Span<byte> superblock = Block(image, 0);
                    int field = 0x18 + random.Next(2) * 4;
                    uint value = BinaryPrimitives.ReadUInt32BigEndian(superblock[field..]);
                    BinaryPrimitives.WriteUInt32BigEndian(superblock[field..], random.Next(3) switch { 0 => value + 1, 1 => (uint)random.Next(2000), _ => (uint)random.Next() });
                    MakeRight(image, 0);
                    break;
                default:
                    Block(image, Pick(Own, random))[random.Next(12, BlockSize)] ^= 0x55;
                    break;
            }
        }
    }

    /// <summary>Computes the checksum of one of the journal's own blocks anew.</summary>
    public void MakeRight(byte[] image, int index)
    {
        if (!_hasChecksums)
        {
            return;
        }
        Span<byte> block = Block(image, index);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(block[4..]);
        int field = index == 0 ? 0xFC : type == 2 ? 0x10 : BlockSize - 4;
        BinaryPrimitives.WriteUInt32BigEndian(block[field..], 0);
        uint crc = index == 0 ? uint.MaxValue : Crc32C(uint.MaxValue, Block(image, 0).Slice(0x30, 16));
        BinaryPrimitives.WriteUInt32BigEndian(block[field..], Crc32C(crc, block));
    }

    private static int Pick(int[] from, Random random) => from[random.Next(from.Length)];

    /// <summary>Bit by bit, unlike the product's.</summary>
    private static uint Crc32C(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
            }
        }
        return crc;
    }
}
