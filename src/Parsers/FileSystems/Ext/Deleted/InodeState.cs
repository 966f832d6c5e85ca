using System.Buffers.Binary;
using System.Security.Cryptography;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext.Deleted;

/// <summary>
/// Which file an inode was: numbers are given out again, the pair of generation and birth time is not.
/// </summary>
internal readonly record struct FileIdentity(uint Inode, uint Generation, Timestamp? Created, FileType Type)
{
    public static FileIdentity Of(ExtFileEntry entry) => new((uint)entry.MetadataAddress, entry.Generation, entry.Created, entry.Type);
}

/// <summary>One state of an inode as the journal holds it, from the first copy that shows it to the last.</summary>
/// <param name="Raw">The bytes of the inode.</param>
/// <param name="Entry">Its metadata, content not mapped yet.</param>
/// <param name="First">The oldest copy that shows this state.</param>
/// <param name="Last">The newest one.</param>
internal sealed record InodeState(byte[] Raw, ExtFileEntry Entry, BlockCopy First, BlockCopy Last)
{
    public FileIdentity Identity => FileIdentity.Of(Entry);

    /// <summary>Stands for the bytes that <see cref="IsSame"/> compares.</summary>
    public UInt128 Digest()
    {
        byte[] compared = (byte[])Raw.Clone();
        compared.AsSpan(0x08, 4).Clear();
        compared.AsSpan(0x7C, 2).Clear();
        if (compared.Length >= 0x90)
        {
            compared.AsSpan(0x82, 2).Clear();
            compared.AsSpan(0x8C, 4).Clear();
        }
        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(compared));
    }

    /// <summary>Whether two inodes of one number differ in nothing but the access time (and the checksum that follows it).</summary>
    public static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }
        // i_atime, l_i_checksum_lo; i_checksum_hi, i_atime_extra of larger inodes.
        return one[..0x08].SequenceEqual(other[..0x08])
            && one[0x0C..0x7C].SequenceEqual(other[0x0C..0x7C])
            && one[0x7E..0x80].SequenceEqual(other[0x7E..0x80])
            && (one.Length < 0x90 || (one[0x80..0x82].SequenceEqual(other[0x80..0x82])
                && one[0x84..0x8C].SequenceEqual(other[0x84..0x8C])
                && one[0x90..].SequenceEqual(other[0x90..])));
    }
}

/// <summary>The order of transactions: their numbers are 32 bits and wrap around.</summary>
internal static class Sequence
{
    /// <summary>Whether <paramref name="one"/> is at or before <paramref name="other"/>.</summary>
    public static bool AtOrBefore(uint one, uint other) => unchecked((int)(one - other)) <= 0;
}
