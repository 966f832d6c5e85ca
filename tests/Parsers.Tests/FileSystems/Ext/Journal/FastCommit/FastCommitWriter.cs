using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>Writes a fast-commit area as the kernel does: records do not cross blocks, a PAD fills one, a TAIL ends one.</summary>
/// <param name="blockSize">Bytes in a block.</param>
/// <param name="isOld">Leave the last byte of a block out, as kernels before 6.2.</param>
internal sealed class FastCommitWriter(int blockSize, bool isOld = false)
{
    private readonly List<byte> _area = [];
    private uint _crc;

    private int Left => blockSize - _area.Count % blockSize - (isOld ? 1 : 0);

    public FastCommitWriter Head(uint tid, uint features = 0) => Add(FastCommitTagType.Head, [.. Bytes(features), .. Bytes(tid)]);

    public FastCommitWriter Name(FastCommitTagType type, uint parent, uint inode, string name) => Add(type, [.. Bytes(parent), .. Bytes(inode), .. Encoding.UTF8.GetBytes(name)]);

    public FastCommitWriter AddRange(uint inode, uint logical, int length, long physical, bool isUnwritten = false)
    {
        var value = new byte[AddRangeRecord.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(value, inode);
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(4), logical);
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(8), (ushort)(isUnwritten ? length + 32768 : length));
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(10), (ushort)(physical >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(12), (uint)physical);
        return Add(FastCommitTagType.AddRange, value);
    }

    public FastCommitWriter DelRange(uint inode, uint logical, uint length) => Add(FastCommitTagType.DelRange, [.. Bytes(inode), .. Bytes(logical), .. Bytes(length)]);

    public FastCommitWriter Inode(uint number, ReadOnlySpan<byte> raw) => Add(FastCommitTagType.Inode, [.. Bytes(number), .. raw]);

    public FastCommitWriter Add(FastCommitTagType type, byte[] value)
    {
        if (value.Length + 2 * FastCommitTag.BaseSize > Left)
        {
            Raw(FastCommitTagType.Pad, new byte[Left - FastCommitTag.BaseSize]);
            Fill();
        }
        return Raw(type, value);
    }

    public FastCommitWriter Tail(uint tid, uint crcError = 0)
    {
        if (TailRecord.Size + FastCommitTag.BaseSize > Left)
        {
            Add(FastCommitTagType.Pad, []);
        }
        int length = Left - FastCommitTag.BaseSize;
        byte[] start = [(byte)FastCommitTagType.Tail, 0, (byte)length, (byte)(length >> 8), .. Bytes(tid)];
        _area.AddRange(start);
        _area.AddRange(Bytes(Checksums.Crc32C(_crc, start) ^ crcError));
        _crc = 0;
        Fill();
        return this;
    }

    /// <summary>A record as it is, wherever it fits or not.</summary>
    public FastCommitWriter Raw(FastCommitTagType type, byte[] value, int? claimedLength = null)
    {
        int length = claimedLength ?? value.Length;
        byte[] record = [(byte)type, (byte)((int)type >> 8), (byte)length, (byte)(length >> 8), .. value];
        _crc = Checksums.Crc32C(_crc, record);
        _area.AddRange(record);
        return this;
    }

    public byte[] ToArray()
    {
        Fill();
        return [.. _area];
    }

    private void Fill()
    {
        while (_area.Count % blockSize != 0)
        {
            _area.Add(0);
        }
    }

    private static byte[] Bytes(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
