using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Forensics.Analyzer.Signatures;

/// <summary>A digest as a fixed-size key whose natural order is the order of its bytes.</summary>
internal interface IDigest<TSelf> : IComparable<TSelf>, IEquatable<TSelf> where TSelf : struct, IDigest<TSelf>
{
    static abstract int Size { get; }
    static abstract string Algorithm { get; }
    static abstract TSelf Read(ReadOnlySpan<byte> digest);
    uint Prefix { get; }
}

/// <summary>16 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Md5Digest(ulong High, ulong Low) : IDigest<Md5Digest>
{
    public static int Size => 16;
    public static string Algorithm => "md5";
    public uint Prefix => (uint)(High >> 32);

    public static Md5Digest Read(ReadOnlySpan<byte> digest) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(digest), BinaryPrimitives.ReadUInt64BigEndian(digest[8..]));

    public int CompareTo(Md5Digest other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);
}

/// <summary>20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Sha1Digest(ulong High, ulong Middle, uint Low) : IDigest<Sha1Digest>
{
    public static int Size => 20;
    public static string Algorithm => "sha1";
    public uint Prefix => (uint)(High >> 32);

    public static Sha1Digest Read(ReadOnlySpan<byte> digest) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(digest), BinaryPrimitives.ReadUInt64BigEndian(digest[8..]), BinaryPrimitives.ReadUInt32BigEndian(digest[16..]));

    public int CompareTo(Sha1Digest other) =>
        High != other.High ? High.CompareTo(other.High) : Middle != other.Middle ? Middle.CompareTo(other.Middle) : Low.CompareTo(other.Low);
}

/// <summary>32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Sha256Digest(UInt128 High, UInt128 Low) : IDigest<Sha256Digest>
{
    public static int Size => 32;
    public static string Algorithm => "sha256";
    public uint Prefix => (uint)(High >> 96);

    public static Sha256Digest Read(ReadOnlySpan<byte> digest) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));

    public int CompareTo(Sha256Digest other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);
}
