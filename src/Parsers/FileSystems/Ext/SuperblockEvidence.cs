using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// What speaks for one copy of the superblock, the heavier the higher: what it leads to counts more than what it says about itself,
/// since a copy left by an earlier file system can be flawless.
/// </summary>
[Flags]
internal enum SuperblockEvidence
{
    None = 0,
    /// <summary>Another copy describes the same geometry.</summary>
    Agreed = 1,
    /// <summary>The number of inodes is that of its groups.</summary>
    CountsAgree = 2,
    /// <summary>It has a checksum and the checksum is right.</summary>
    Checksum = 4,
    /// <summary>Its group descriptors name inode tables inside the volume, apart from each other.</summary>
    Descriptors = 8,
    /// <summary>The checksum of the root inode is right, or there are none.</summary>
    RootChecksum = 16,
    /// <summary>Inode 2 is a directory.</summary>
    Root = 32,
}

/// <summary>Weighs a copy of the superblock by following it, without reporting what is found on the way.</summary>
internal static class SuperblockTrial
{
    /// <summary>What a sound superblock without a checksum has on its own.</summary>
    public const SuperblockEvidence Sound = SuperblockEvidence.Root | SuperblockEvidence.RootChecksum | SuperblockEvidence.Descriptors | SuperblockEvidence.CountsAgree;

    private const int MostGroups = 64;
    private const ulong RootInode = 2;
    private const int DirectoryType = 4;

    /// <summary>Everything but <see cref="SuperblockEvidence.Agreed"/>. The superblock must have passed <see cref="ExtLayout.Problem"/>.</summary>
    public static SuperblockEvidence Weigh(IByteSource volume, Superblock superblock)
    {
        var layout = new ExtLayout(superblock);
        var groups = new GroupDescriptors(volume, layout, new ExtDiagnostics(NullDiagnosticSink.Instance));
        SuperblockEvidence evidence = SuperblockEvidence.None;
        if (superblock.Features.HasReadOnly(ExtFeatures.MetadataChecksums) && superblock.ChecksumMatches)
        {
            evidence |= SuperblockEvidence.Checksum;
        }
        // Divided, not multiplied: a hostile group count must not overflow.
        if (superblock.InodesCount % layout.InodesPerGroup == 0 && superblock.InodesCount / layout.InodesPerGroup == layout.GroupCount)
        {
            evidence |= SuperblockEvidence.CountsAgree;
        }
        if (AreApart(groups, layout))
        {
            evidence |= SuperblockEvidence.Descriptors;
        }
        return evidence | Root(volume, layout, groups);
    }

    private static SuperblockEvidence Root(IByteSource volume, ExtLayout layout, GroupDescriptors groups)
    {
        try
        {
            var root = new InodeView(new InodeTable(volume, layout, groups).Read(RootInode, out _).Span);
            if (root.Mode >> 12 != DirectoryType || root.LinksCount == 0)
            {
                return SuperblockEvidence.None;
            }
            bool verified = !layout.HasMetadataChecksums || root.ChecksumMatches(layout.InodeSeed((uint)RootInode, root.Generation), out _, out _);
            return verified ? SuperblockEvidence.Root | SuperblockEvidence.RootChecksum : SuperblockEvidence.Root;
        }
        catch (ForensicException)
        {
            // Nowhere is the answer: this copy does not lead to the root.
            return SuperblockEvidence.None;
        }
    }

    private static bool AreApart(GroupDescriptors groups, ExtLayout layout)
    {
        var tables = new long[(int)Math.Min(layout.GroupCount, MostGroups)];
        try
        {
            for (int group = 0; group < tables.Length; group++)
            {
                tables[group] = groups.InodeTable(group);
            }
        }
        catch (ForensicException)
        {
            // A descriptor that no copy has right under this geometry.
            return false;
        }
        Array.Sort(tables);
        for (int i = 1; i < tables.Length; i++)
        {
            if (tables[i] - tables[i - 1] < layout.InodeTableBlocks)
            {
                return false;
            }
        }
        return true;
    }
}
