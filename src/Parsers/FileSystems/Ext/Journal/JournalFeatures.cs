namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>The three feature words of the journal superblock.</summary>
/// <param name="Compatible"><c>s_feature_compat</c>.</param>
/// <param name="Incompatible"><c>s_feature_incompat</c>.</param>
/// <param name="ReadOnlyCompatible"><c>s_feature_ro_compat</c>.</param>
internal readonly record struct JournalFeatures(uint Compatible, uint Incompatible, uint ReadOnlyCompatible)
{
    private const uint Checksum = 0x1;

    private const uint Revoke = 0x1;
    private const uint Bits64 = 0x2;
    private const uint AsynchronousCommit = 0x4;
    private const uint ChecksumV2 = 0x8;
    private const uint ChecksumV3 = 0x10;
    private const uint FastCommit = 0x20;
    private const uint KnownIncompatible = Revoke | Bits64 | AsynchronousCommit | ChecksumV2 | ChecksumV3 | FastCommit;

    /// <summary>The commit block carries a checksum over all blocks of its transaction (version 1).</summary>
    public bool HasTransactionChecksum => (Compatible & Checksum) != 0;

    /// <summary>Block numbers have 64 bits.</summary>
    public bool Has64Bits => (Incompatible & Bits64) != 0;

    /// <summary>A commit block may reach the disk before the blocks it commits.</summary>
    public bool HasAsynchronousCommit => (Incompatible & AsynchronousCommit) != 0;

    public bool HasChecksumV2 => (Incompatible & ChecksumV2) != 0;

    public bool HasChecksumV3 => (Incompatible & ChecksumV3) != 0;

    /// <summary>Every block of the journal, and every block it carries, has a checksum (versions 2 and 3).</summary>
    public bool HasBlockChecksums => (Incompatible & (ChecksumV2 | ChecksumV3)) != 0;

    public bool HasFastCommit => (Incompatible & FastCommit) != 0;

    /// <summary>Bits that must be understood and are not.</summary>
    public bool HasUnknown => (Incompatible & ~KnownIncompatible) != 0 || ReadOnlyCompatible != 0;

    /// <summary>Bytes of a tag in a descriptor block, without a UUID.</summary>
    public int TagSize
    {
        get
        {
            if (HasChecksumV3)
            {
                return 16;
            }
            // The 16-bit checksum took the upper half of the flags; version 2 makes room for it once more, as the kernel always has.
            return 8 + (HasChecksumV2 ? 2 : 0) + (Has64Bits ? 4 : 0);
        }
    }
}
