using System.Buffers.Binary;
using System.Numerics;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>xxHash of 32 bits with seed 0, the checksum of LZ4 frames. Specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md</summary>
internal sealed class XxHash32
{
    private const uint Prime1 = 0x9E3779B1;
    private const uint Prime2 = 0x85EBCA77;
    private const uint Prime3 = 0xC2B2AE3D;
    private const uint Prime4 = 0x27D4EB2F;
    private const uint Prime5 = 0x165667B1;
    private const int StripeSize = 16;

    private readonly byte[] _rest = new byte[StripeSize];
    private int _restLength;
    private ulong _total;
    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;

    public XxHash32() => Reset();

    /// <summary>The hash of some bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash32();
        hash.Append(bytes);
        return hash.Value();
    }

    /// <summary>Begins again.</summary>
    public void Reset()
    {
        unchecked
        {
            (_a, _b, _c, _d) = (Prime1 + Prime2, Prime2, 0, 0 - Prime1);
        }
        _restLength = 0;
        _total = 0;
    }

    /// <summary>Takes more bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _total += (uint)bytes.Length;
        if (_restLength > 0)
        {
            int count = Math.Min(StripeSize - _restLength, bytes.Length);
            bytes[..count].CopyTo(_rest.AsSpan(_restLength));
            _restLength += count;
            bytes = bytes[count..];
            if (_restLength < StripeSize)
            {
                return;
            }
            Stripe(_rest);
            _restLength = 0;
        }
        for (; bytes.Length >= StripeSize; bytes = bytes[StripeSize..])
        {
            Stripe(bytes);
        }
        bytes.CopyTo(_rest);
        _restLength = bytes.Length;
    }

    /// <summary>The hash of what was taken.</summary>
    public uint Value()
    {
        unchecked
        {
            uint hash = _total >= StripeSize
                ? BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7) + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18)
                : Prime5;
            hash += (uint)_total;
            ReadOnlySpan<byte> rest = _rest.AsSpan(0, _restLength);
            for (; rest.Length >= 4; rest = rest[4..])
            {
                hash = BitOperations.RotateLeft(hash + BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3, 17) * Prime4;
            }
            foreach (byte value in rest)
            {
                hash = BitOperations.RotateLeft(hash + value * Prime5, 11) * Prime1;
            }
            hash = (hash ^ hash >> 15) * Prime2;
            hash = (hash ^ hash >> 13) * Prime3;
            return hash ^ hash >> 16;
        }
    }

    private static uint Round(uint lane, ReadOnlySpan<byte> bytes) => unchecked(BitOperations.RotateLeft(lane + BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime2, 13) * Prime1);

    private void Stripe(ReadOnlySpan<byte> bytes)
    {
        _a = Round(_a, bytes);
        _b = Round(_b, bytes[4..]);
        _c = Round(_c, bytes[8..]);
        _d = Round(_d, bytes[12..]);
    }
}
