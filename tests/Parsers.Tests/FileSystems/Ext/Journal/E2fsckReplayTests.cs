using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>
/// Damage put into journals: the volume after replay equals, byte for byte, what <c>e2fsck -E journal_only</c> makes of a copy. Where a checksum fails, replay
/// ends where it ends for e2fsck. Superblocks and the journal itself are left out of the comparison: e2fsck notes there that it was run.
/// </summary>
public sealed class E2fsckReplayTests
{
    private const int MutantsPerBase = 400;
    private const int BlockSize = 1024;

    public static TheoryData<string> Bases() => [.. JournalFixture.Committed];

    [Theory]
    [MemberData(nameof(Bases))]
    public void A_damaged_journal_is_replayed_as_by_e2fsck(string name)
    {
        byte[] original = JournalFixture.Open(name).Image;
        var damage = new JournalDamage(original);
        int replayed = 0;
        for (int seed = 0; seed < MutantsPerBase; seed++)
        {
            byte[] mutant = (byte[])original.Clone();
            damage.Apply(mutant, new Random(seed));
            replayed += Compare(mutant, damage, string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}")) ? 1 : 0;
        }
        Assert.InRange(replayed, MutantsPerBase / 8, MutantsPerBase);
    }

    /// <summary>Whether anything was replayed.</summary>
    private static bool Compare(byte[] mutant, JournalDamage damage, string what)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, mutant);
            string said = ExtImage.Tool("e2fsck", ["-y", "-E", "journal_only", path], mostExitCode: 15);
            // It tried to write a block far outside the volume, after which its own reads fail; or what it replayed made it repair the file system as well.
            if (said.Contains("Error writing block", StringComparison.Ordinal) || said.Contains("Pass 1:", StringComparison.Ordinal))
            {
                return false;
            }
            byte[] repaired = new FileByteSource(path).ReadArray(0, mutant.Length);
            var fileSystem = (ExtFileSystem)ExtWalk.Open(new MemorySource(mutant));
            var ours = new byte[mutant.Length];
            fileSystem.Volume.ReadExactly(0, ours, "volume");
            for (int block = 0; block < ours.Length / BlockSize; block++)
            {
                bool isEqual = ours.AsSpan(block * BlockSize, BlockSize).SequenceEqual(repaired.AsSpan(block * BlockSize, BlockSize));
                if (!(isEqual || block <= 1 || damage.IsJournal(block))) { File.WriteAllBytes("/tmp/jrn.mutant", mutant); File.WriteAllText("/tmp/jrn.said", said); }
                Assert.True(isEqual || block <= 1 || damage.IsJournal(block), $"{what}: block {block} differs; {fileSystem.Facts.Journal}");
            }
            return fileSystem.Facts.Journal?.View == "replayed";
        }
        finally
        {
            File.Delete(path);
        }
    }
}
