using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Images;

/// <summary>A small version 3 image made by hand: header in cluster 0, L1 in 1, one L2 in 2, data from 3 on; 4 KiB clusters. Tests then break single fields.</summary>
internal sealed class Qcow2Builder
{
    public const int Cluster = 4096;
    public const int L1 = Cluster;
    public const int L2 = 2 * Cluster;

    private readonly byte[] _bytes;

    /// <summary>A disk of <paramref name="clusters"/> clusters (at most 512), each filled with its number + 1.</summary>
    public Qcow2Builder(int clusters = 8)
    {
        _bytes = new byte[(3 + clusters) * Cluster];
        UInt32(0, 0x514649FB).UInt32(4, 3).UInt32(20, 12).UInt64(24, (ulong)clusters * Cluster).UInt32(36, 1).UInt64(40, L1).UInt32(96, 4).UInt32(100, 112);
        UInt64(L1, L2 | 1UL << 63);
        for (int i = 0; i < clusters; i++)
        {
            UInt64(L2 + i * 8, (ulong)(3 + i) * Cluster | 1UL << 63);
            _bytes.AsSpan((3 + i) * Cluster, Cluster).Fill((byte)(i + 1));
        }
    }

    public Qcow2Builder UInt32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public Qcow2Builder UInt64(int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public Qcow2Builder Bytes(int offset, ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes.AsSpan(offset));
        return this;
    }

    /// <summary>A header extension straight after the header.</summary>
    public Qcow2Builder Extension(uint type, ReadOnlySpan<byte> data) => UInt32(112, type).UInt32(116, (uint)data.Length).Bytes(120, data);

    public byte[] Build() => [.. _bytes];
}
