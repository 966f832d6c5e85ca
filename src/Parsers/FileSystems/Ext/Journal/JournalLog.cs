using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>Why a journal cannot be used: a stable code and one sentence.</summary>
internal sealed record JournalProblem(string Code, string Sentence, string Expected, string Actual);

/// <summary>
/// A journal whose superblock passed the checks the kernel makes: where its blocks are and what it uses. Block n lies at byte n times the block size of
/// <see cref="Source"/>, for a journal in the volume as for an external one. Immutable.
/// </summary>
internal sealed class JournalLog
{
    /// <summary>JBD2_MIN_JOURNAL_BLOCKS.</summary>
    public const uint SmallestLength = 1024;

    private const uint DefaultFastCommitBlocks = 256;
    private const byte Crc32CType = 4;

    private JournalLog(IByteSource source, int blockSize, JournalSuperblock superblock, bool hasFastCommitArea)
    {
        Source = source;
        BlockSize = blockSize;
        Features = superblock.Features;
        Length = superblock.MaxLength;
        First = superblock.First;
        Start = superblock.Start;
        Sequence = superblock.Sequence;
        ErrorNumber = superblock.ErrorNumber;
        ChecksumSeed = Features.HasBlockChecksums ? Ext.Checksums.Crc32C(Ext.Checksums.Crc32CSeed, superblock.Uuid) : 0;
        Checksums = new JournalChecksums(Features, ChecksumSeed);
        FastCommitBlocks = superblock.FastCommitBlocks == 0 ? DefaultFastCommitBlocks : superblock.FastCommitBlocks;
        End = Features.HasFastCommit ? Length - FastCommitBlocks : Length;
        // A clean journal has lost the flag, but the area is still kept free of transactions.
        HistoryEnd = hasFastCommitArea && FastCommitBlocks < Length - First ? Length - FastCommitBlocks : End;
    }

    /// <summary>The bytes of the journal.</summary>
    public IByteSource Source { get; }

    public int BlockSize { get; }

    public JournalFeatures Features { get; }

    /// <summary>Blocks of the journal, <c>s_maxlen</c>; the highest block is one less.</summary>
    public uint Length { get; }

    /// <summary>First block of the ring of transactions, at least 1.</summary>
    public uint First { get; }

    /// <summary>First block after the ring.</summary>
    public uint End { get; }

    /// <summary>First block after the ring as it was when the file system was mounted last.</summary>
    public uint HistoryEnd { get; }

    /// <summary>Block of the oldest transaction to replay; 0 when there is none.</summary>
    public uint Start { get; }

    /// <summary>Number of the oldest transaction to replay, or of the next one.</summary>
    public uint Sequence { get; }

    /// <summary><c>s_errno</c>, 0 or a negative number.</summary>
    public int ErrorNumber { get; }

    /// <summary>Seed of all checksums of versions 2 and 3; 0 without them.</summary>
    public uint ChecksumSeed { get; }

    public JournalChecksums Checksums { get; }

    /// <summary>Size of the fast-commit area. It ends with the journal and its first block is one after <see cref="End"/>: one block between is not used.</summary>
    public uint FastCommitBlocks { get; }

    /// <summary>The block after another one in the ring.</summary>
    public uint Next(uint block) => Skip(block, 1);

    /// <summary>The block <paramref name="count"/> blocks on. As the kernel does it: the end of the ring is passed once at most.</summary>
    public uint Skip(uint block, int count) => Wrap((ulong)block + (uint)count, End);

    /// <summary>The same in the ring as it was when the file system was mounted last.</summary>
    public uint SkipInHistory(uint block, int count) => Wrap((ulong)block + (uint)count, HistoryEnd);

    /// <summary>Opens a journal, or says why it cannot be used. Throws <c>ImageReadException</c> or <c>CorruptDataException</c> when the superblock cannot be read.</summary>
    /// <param name="source">Its bytes.</param>
    /// <param name="superblockNumber">Block with the superblock.</param>
    /// <param name="layout">The volume it belongs to.</param>
    /// <param name="problem">Why not.</param>
    public static JournalLog? Open(IByteSource source, uint superblockNumber, ExtLayout layout, out JournalProblem? problem)
    {
        byte[] data = source.ReadArray((long)superblockNumber * layout.BlockSize, JournalSuperblock.Size);
        if (data.Length < JournalSuperblock.Size)
        {
            problem = Superblock("no room for a superblock", Text(JournalSuperblock.Size) + " bytes", Text(data.Length));
            return null;
        }
        var superblock = new JournalSuperblock(data);
        problem = Check(superblock, source.Length / layout.BlockSize, layout);
        return problem is null
            ? new JournalLog(source, layout.BlockSize, superblock, layout.Features.HasCompatible(ExtFeatures.FastCommit))
            : null;
    }

    private static JournalProblem? Check(JournalSuperblock superblock, long blocks, ExtLayout layout)
    {
        JournalBlockHeader header = superblock.Header;
        if (!header.HasMagic)
        {
            return Superblock("has no superblock", "the magic number 0xC03B3998", "another");
        }
        if (header.BlockType is not (JournalBlockType.SuperblockV1 or JournalBlockType.SuperblockV2))
        {
            return Superblock("has a superblock of an unknown kind", "version 1 or 2", "block type " + Text((uint)header.BlockType));
        }
        if (superblock.BlockSize != layout.BlockSize)
        {
            return Superblock("has another block size than its file system", Text(layout.BlockSize), Text(superblock.BlockSize));
        }
        JournalFeatures features = superblock.Features;
        if (features.HasUnknown)
        {
            return new JournalProblem("ext4.journal.features", "the journal uses features that are not known", "known features",
                string.Create(CultureInfo.InvariantCulture, $"0x{features.Incompatible:X}, 0x{features.ReadOnlyCompatible:X}"));
        }
        if ((features.HasChecksumV2 && features.HasChecksumV3) || (features.HasBlockChecksums && features.HasTransactionChecksum))
        {
            return Superblock("claims checksums of two versions at once", "one version", "more");
        }
        if (features.HasBlockChecksums && (superblock.ChecksumType != Crc32CType || superblock.Checksum != superblock.ComputeChecksum()))
        {
            return new JournalProblem("ext4.journal.superblock_checksum", "the checksum of the journal's superblock is wrong", Hex(superblock.ComputeChecksum()), Hex(superblock.Checksum));
        }
        if (superblock.MaxLength > blocks)
        {
            return Superblock("claims to be longer than it is", "at most " + Text(blocks) + " blocks", Text(superblock.MaxLength));
        }
        if (superblock.First == 0 || superblock.First >= superblock.MaxLength)
        {
            return Superblock("has an impossible first block", "1 to " + Text((long)superblock.MaxLength - 1), Text(superblock.First));
        }
        uint fastCommits = !features.HasFastCommit ? 0 : superblock.FastCommitBlocks == 0 ? DefaultFastCommitBlocks : superblock.FastCommitBlocks;
        if (header.BlockType == JournalBlockType.SuperblockV2 && (superblock.MaxLength < SmallestLength || superblock.MaxLength - SmallestLength < fastCommits))
        {
            return Superblock("is too short", "at least " + Text(SmallestLength + (long)fastCommits) + " blocks", Text(superblock.MaxLength));
        }
        if (superblock.First >= superblock.MaxLength - fastCommits)
        {
            return Superblock("has no room for transactions", "a first block below " + Text((long)superblock.MaxLength - fastCommits), Text(superblock.First));
        }
        return superblock.UserCount > 1
            ? new JournalProblem("ext4.journal.users", "the journal serves several file systems", "one file system", Text(superblock.UserCount))
            : null;
    }

    // What is still past the end afterwards is outside the journal and cannot be read.
    private uint Wrap(ulong block, uint end) => (uint)Math.Min(uint.MaxValue, block >= end ? block - (end - First) : block);

    private static JournalProblem Superblock(string what, string expected, string actual) => new("ext4.journal.superblock", "the journal " + what, expected, actual);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(uint value) => "0x" + value.ToString("X8", CultureInfo.InvariantCulture);
}
