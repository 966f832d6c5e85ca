using System.Buffers.Binary;
using Forensics.Parsers.FileSystems.Ext;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>Writes blocks of a journal as the format's specification says, for tests that need what a kernel would not write. CRC-32C by the product's own routine.</summary>
internal sealed class JournalWriter(int blockSize, uint checksumSeed, bool checksumV3)
{
    private const uint Magic = 0xC03B3998;
    private const int HeaderSize = 12;
    private const ushort SameUuid = 2;
    private const ushort LastTag = 8;

    private int TagSize => checksumV3 ? 16 : 8;

    /// <summary>Tags that fit in a descriptor block when only the first carries a UUID.</summary>
    public int MostTags => (blockSize - HeaderSize - 16 - (checksumV3 ? 4 : 0)) / TagSize;

    /// <summary>A descriptor block for contents that follow; <paramref name="isOpenEnded"/> leaves the mark on the last tag out.</summary>
    public byte[] Descriptor(uint sequence, IReadOnlyList<(long Block, byte[] Content)> blocks, bool isOpenEnded = false)
    {
        byte[] block = Header(1, sequence);
        int at = HeaderSize;
        for (int i = 0; i < blocks.Count; i++)
        {
            int flags = (i == 0 ? 0 : SameUuid) | (i == blocks.Count - 1 && !isOpenEnded ? LastTag : 0);
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(at), (uint)blocks[i].Block);
            BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(at + 6), (ushort)flags);
            if (checksumV3)
            {
                BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(at + 8), (uint)(blocks[i].Block >> 32));
                BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(at + 12), Checksums.Crc32C(Checksums.Crc32C(checksumSeed, BinaryPrimitives.ReverseEndianness(sequence)), blocks[i].Content));
            }
            at += TagSize + (i == 0 ? 16 : 0);
        }
        return Sealed(block, blockSize - 4);
    }

    /// <summary>A commit block with a time in seconds.</summary>
    public byte[] Commit(uint sequence, long seconds)
    {
        byte[] block = Header(2, sequence);
        BinaryPrimitives.WriteInt64BigEndian(block.AsSpan(0x30), seconds);
        return Sealed(block, 0x10);
    }

    /// <summary>A revoke block that claims <paramref name="used"/> bytes in use (as many as the records need when null).</summary>
    public byte[] Revoke(uint sequence, IReadOnlyList<uint> revoked, uint? used = null)
    {
        byte[] block = Header(5, sequence);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(HeaderSize), used ?? (uint)(16 + revoked.Count * 4));
        for (int i = 0; i < revoked.Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(16 + i * 4), revoked[i]);
        }
        return Sealed(block, blockSize - 4);
    }

    private byte[] Header(uint type, uint sequence)
    {
        var block = new byte[blockSize];
        BinaryPrimitives.WriteUInt32BigEndian(block, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(4), type);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(8), sequence);
        return block;
    }

    private byte[] Sealed(byte[] block, int field)
    {
        if (checksumV3)
        {
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(field), Checksums.Crc32C(checksumSeed, block));
        }
        return block;
    }
}
