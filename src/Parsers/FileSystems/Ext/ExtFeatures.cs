using System.Globalization;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>The three 32-bit feature words of the superblock, and their bits by the names dumpe2fs prints.</summary>
/// <param name="Compatible"><c>s_feature_compat</c>: may be ignored.</param>
/// <param name="Incompatible"><c>s_feature_incompat</c>: must all be understood to read.</param>
/// <param name="ReadOnlyCompatible"><c>s_feature_ro_compat</c>: may be ignored by a reader.</param>
internal readonly record struct ExtFeatures(uint Compatible, uint Incompatible, uint ReadOnlyCompatible)
{
    public const uint HasJournal = 0x4;
    public const uint SparseSuper2 = 0x200;
    public const uint FastCommit = 0x400;
    public const uint OrphanFile = 0x1000;

    public const uint Compression = 0x1;
    public const uint FileTypes = 0x2;
    public const uint NeedsRecovery = 0x4;
    public const uint JournalDevice = 0x8;
    public const uint MetaBlockGroups = 0x10;
    public const uint Extents = 0x40;
    public const uint Bits64 = 0x80;
    public const uint MultipleMountProtection = 0x100;
    public const uint FlexibleGroups = 0x200;
    public const uint AttributeInodes = 0x400;
    public const uint DirectoryData = 0x1000;
    public const uint ChecksumSeed = 0x2000;
    public const uint LargeDirectories = 0x4000;
    public const uint InlineData = 0x8000;
    public const uint Encryption = 0x10000;
    public const uint CaseFolding = 0x20000;

    public const uint SparseSuper = 0x1;
    public const uint HugeFile = 0x8;
    public const uint GroupChecksums = 0x10;
    public const uint BigAlloc = 0x200;
    public const uint MetadataChecksums = 0x400;

    /// <summary>Every incompatible bit this reader understands. Compression and Lustre's dirdata are known by name but not read.</summary>
    private const uint ReadableIncompatible = FileTypes | NeedsRecovery | MetaBlockGroups | Extents | Bits64 | MultipleMountProtection | FlexibleGroups
        | AttributeInodes | ChecksumSeed | LargeDirectories | InlineData | Encryption | CaseFolding;

    private const uint Ext3Incompatible = FileTypes | NeedsRecovery | MetaBlockGroups;
    private const uint Ext3ReadOnlyCompatible = 0x7;

    private static readonly string?[] CompatibleNames =
    [
        "dir_prealloc", "imagic_inodes", "has_journal", "ext_attr", "resize_inode", "dir_index", "lazy_bg", null,
        "snapshot_bitmap", "sparse_super2", "fast_commit", "stable_inodes", "orphan_file",
    ];

    private static readonly string?[] IncompatibleNames =
    [
        "compression", "filetype", "needs_recovery", "journal_dev", "meta_bg", null, "extent", "64bit",
        "mmp", "flex_bg", "ea_inode", null, "dirdata", "metadata_csum_seed", "large_dir", "inline_data", "encrypt", "casefold",
    ];

    private static readonly string?[] ReadOnlyCompatibleNames =
    [
        "sparse_super", "large_file", null, "huge_file", "uninit_bg", "dir_nlink", "extra_isize", "snapshot",
        "quota", "bigalloc", "metadata_csum", "replica", "read-only", "project", "shared_blocks", "verity", "orphan_present",
    ];

    public bool HasCompatible(uint bit) => (Compatible & bit) != 0;

    public bool HasIncompatible(uint bit) => (Incompatible & bit) != 0;

    public bool HasReadOnly(uint bit) => (ReadOnlyCompatible & bit) != 0;

    /// <summary>ext2, ext3 or ext4 by the rule of blkid: the oldest driver that may write it.</summary>
    public string Kind
    {
        get
        {
            if ((Incompatible & ~Ext3Incompatible) != 0 || (ReadOnlyCompatible & ~Ext3ReadOnlyCompatible) != 0)
            {
                return "ext4";
            }
            return HasCompatible(HasJournal) ? "ext3" : "ext2";
        }
    }

    /// <summary>All features in the order of dumpe2fs: compatible, incompatible, read-only compatible, each from the lowest bit.</summary>
    public List<string> Names()
    {
        var names = new List<string>();
        AddNames(names, Compatible, CompatibleNames, 'C');
        AddNames(names, Incompatible, IncompatibleNames, 'I');
        AddNames(names, ReadOnlyCompatible, ReadOnlyCompatibleNames, 'R');
        return names;
    }

    /// <summary>Names of the incompatible bits this reader does not understand; empty when it can read the volume.</summary>
    public List<string> UnreadableNames()
    {
        var names = new List<string>();
        AddNames(names, Incompatible & ~ReadableIncompatible, IncompatibleNames, 'I');
        return names;
    }

    private static void AddNames(List<string> names, uint word, string?[] known, char kind)
    {
        for (int bit = 0; bit < 32; bit++)
        {
            if ((word >> bit & 1) != 0)
            {
                names.Add((bit < known.Length ? known[bit] : null) ?? string.Create(CultureInfo.InvariantCulture, $"FEATURE_{kind}{bit}"));
            }
        }
    }
}
