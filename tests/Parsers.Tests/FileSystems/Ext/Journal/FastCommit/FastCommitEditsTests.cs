using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>Changes to maps and names against the plainest model there is: an array with a cell a block, a table with a row a name.</summary>
public sealed class FastCommitEditsTests
{
    private const int BlockSize = 1024;
    private const int Blocks = 60;

    [Fact]
    public void Ranges_end_as_when_they_are_made_one_by_one()
    {
        ExtLayout layout = Layout();
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var model = new long[Blocks];
            ContentRun[] runs = RandomRuns(random, model);
            var edits = new List<RangeEdit>();
            for (int i = random.Next(12); i > 0; i--)
            {
                long logical = random.Next(Blocks);
                long count = 1 + random.Next(Math.Min(20, Blocks - (int)logical));
                long physical = random.Next(3) == 0 ? 0 : 100 + random.Next(1000);
                edits.Add(new RangeEdit(logical, count, physical));
                for (long block = logical; block < logical + count; block++)
                {
                    model[block] = physical == 0 ? 0 : physical + block - logical;
                }
            }
            int size = Blocks * BlockSize - random.Next(3 * BlockSize);
            var builder = new RunBuilder(layout, new ExtDiagnostics(NullDiagnosticSink.Instance), 12, size, long.MaxValue, 1000);
            RangeEdits.Settle(edits).Apply(runs, BlockSize, builder);
            Assert.False(builder.Dropped);
            Assert.Equal(Expected(model, size), builder.ToArray());
        }
    }

    [Fact]
    public void A_million_ranges_are_settled_in_seconds()
    {
        var random = new Random(1);
        var edits = new List<RangeEdit>();
        for (int i = 0; i < FastCommitScan.MostTags; i++)
        {
            edits.Add(new RangeEdit(random.Next(), 1 + random.Next(32768), 1 + random.Next()));
        }
        var clock = System.Diagnostics.Stopwatch.StartNew();
        RangeEdits.Settle(edits);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void A_million_changes_of_names_take_seconds(int names)
    {
        const int BytesAChange = 300;
        var edits = new NameEdits();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < FastCommitScan.MostTags; i++)
        {
            edits.Add(BitConverter.GetBytes(i % names), new NameEdit(12, i / names % 2 == 0));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FastCommitScan.MostTags * BytesAChange);
        Assert.Equal(names == 1 ? 0 : names, edits.Apply([], _ => FileType.Unknown).Count());
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void Names_end_as_when_they_are_changed_one_by_one()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            string[] names = ["a", "b", "c", "a longer name", "é"];
            var model = new Dictionary<string, ulong>(StringComparer.Ordinal);
            var onDisk = new List<DirectoryEntry>();
            foreach (string name in names.Where(_ => random.Next(2) == 0))
            {
                model.Add(name, (ulong)random.Next(11, 14));
                onDisk.Add(new DirectoryEntry(Encoding.UTF8.GetBytes(name), model[name], FileType.Regular));
            }
            var edits = new NameEdits();
            for (int i = random.Next(15); i > 0; i--)
            {
                string name = names[random.Next(names.Length)];
                uint inode = (uint)random.Next(11, 14);
                bool isAdded = random.Next(2) == 0;
                edits.Add(Encoding.UTF8.GetBytes(name), new NameEdit(inode, isAdded));
                if (isAdded)
                {
                    model.TryAdd(name, inode);
                }
                else if (model.GetValueOrDefault(name) == inode)
                {
                    model.Remove(name);
                }
            }
            Dictionary<string, ulong> actual = edits.Apply(onDisk, _ => FileType.Unknown).ToDictionary(e => Encoding.UTF8.GetString(e.Name.Span), e => e.MetadataAddress, StringComparer.Ordinal);
            Assert.Equal(model, actual);
        }
    }

    private static ContentRun[] RandomRuns(Random random, long[] model)
    {
        var runs = new List<ContentRun>();
        for (int block = random.Next(5); block < Blocks; block += random.Next(5))
        {
            int count = Math.Min(1 + random.Next(10), Blocks - block);
            long physical = 2000 + random.Next(1000) * 50;
            runs.Add(new ContentRun(block * BlockSize, count * BlockSize, physical * BlockSize));
            for (int i = 0; i < count; i++)
            {
                model[block + i] = physical + i;
            }
            block += count;
        }
        return [.. runs];
    }

    private static ContentRun[] Expected(long[] model, int size)
    {
        var runs = new List<ContentRun>();
        for (int block = 0; block < Blocks && block * BlockSize < size; block++)
        {
            if (model[block] == 0)
            {
                continue;
            }
            long start = block * BlockSize;
            long length = Math.Min(BlockSize, size - start);
            long position = model[block] * BlockSize;
            if (runs.Count > 0 && runs[^1].End == start && runs[^1].Physical + runs[^1].Length == position)
            {
                runs[^1] = runs[^1] with { Length = runs[^1].Length + length };
            }
            else
            {
                runs.Add(new ContentRun(start, length, position));
            }
        }
        return [.. runs];
    }

    /// <summary>A volume of a million blocks of 1 KiB.</summary>
    private static ExtLayout Layout()
    {
        var superblock = new byte[Superblock.Size];
        void Write(int offset, uint value) => System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(superblock.AsSpan(offset), value);
        Write(0x00, 1000);
        Write(0x04, 1_000_000);
        Write(0x14, 1);
        Write(0x20, 8192);
        Write(0x28, 16);
        return new ExtLayout(new Superblock(superblock));
    }
}
