using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Garbage where deleted files are searched: bounded time, only exceptions of the forensic family, and nothing invented.</summary>
public sealed class HostileDeletedTests
{
    private const int Mutants = 60;
    private const double MostSeconds = 10;

    [Theory]
    [InlineData("ext4")]
    [InlineData("ext3")]
    [InlineData("inline")]
    [InlineData("orphan-file")]
    public void Mutants_never_crash_or_hang(string name)
    {
        byte[] original = DeletedFixture.Open(name).Image;
        int[] pieces = [.. Enumerable.Range(0, original.Length / 512).Select(i => i * 512).Where(at => original.AsSpan(at, 512).IndexOfAnyExcept((byte)0) >= 0)];
        for (int seed = 0; seed < Mutants; seed++)
        {
            byte[] mutant = (byte[])original.Clone();
            var random = new Random(seed);
            for (int i = random.Next(1, 60); i > 0; i--)
            {
                int at = pieces[random.Next(pieces.Length)] + random.Next(512);
                if (at is >= 1024 and < 2048 && random.Next(8) != 0)
                {
                    continue;
                }
                mutant[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => byte.MaxValue, _ => (byte)(mutant[at] ^ (1 << random.Next(8))) };
            }
            var clock = Stopwatch.StartNew();
            ReadAll(mutant);
            Assert.True(clock.Elapsed.TotalSeconds < MostSeconds, $"seed {seed} of {name} took {clock.Elapsed}");
        }
    }

    [Fact]
    public void Slack_full_of_garbage_yields_nothing()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 4096", 24);
        byte[] data = image.Bytes();
        int block = int.Parse(image.Debugfs(["blocks /few"]).Split('\n')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 4096;
        int last = block;
        for (int at = block; at < block + 4096; at += BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at + 4)))
        {
            last = at;
        }
        Span<byte> slack = data.AsSpan(last + 8 + ((data[last + 6] + 3) & ~3), block + 4096 - last - 8 - ((data[last + 6] + 3) & ~3));
        Assert.InRange(slack.Length, 2000, 4096);
        for (int seed = 0; seed < 200; seed++)
        {
            new Random(seed).NextBytes(slack);
            Assert.Empty(((IDeletedFiles)ExtWalk.Open(new MemorySource(data))).FindDeleted());
        }
    }

    [Theory]
    [InlineData(0, "the inode is reserved")]
    [InlineData(4, "the record is longer than the block")]
    [InlineData(5, "the name is longer than the record")]
    [InlineData(7, "the type is unknown")]
    [InlineData(9, "the name holds a slash")]
    public void A_remnant_that_lies_in_one_field_is_not_believed(int lie, string why)
    {
        Assert.NotEmpty(why);
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 24);
        image.Debugfs(["rm few/..dots"], write: true);
        byte[] data = image.Bytes();
        Assert.Equal("/few/..dots", Assert.Single(((IDeletedFiles)ExtWalk.Open(new MemorySource(data))).FindDeleted()).Path);
        int name = data.AsSpan().IndexOf("..dots"u8);
        byte[] inode = data[(name - 8)..(name - 4)];
        (int offset, byte value) = lie switch { 0 => (-8, (byte)7), 4 => (-3, (byte)0x70), 5 => (-2, (byte)250), 7 => (-1, (byte)9), _ => (2, (byte)'/') };
        data[name + offset] = value;
        Assert.DoesNotContain(((IDeletedFiles)ExtWalk.Open(new MemorySource(data))).FindDeleted(), file => file.Path is not null);
        Assert.NotEqual(new byte[4], inode);
    }

    [Theory]
    [InlineData("block_bitmap 999999999", "ext4.bitmap.range")]
    [InlineData("block_bitmap 0", "ext4.bitmap.range")]
    public void A_bitmap_outside_the_volume_leaves_content_uncertain(string field, string code)
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 4096 -O ^metadata_csum,^uninit_bg", 24);
        image.Debugfs(["rm f5000"], write: true);
        image.Debugfs(["set_block_group 0 " + field], write: true);
        var diagnostics = new DiagnosticList();
        DeletedFile file = Assert.Single(((IDeletedFiles)ExtWalk.Open(new MemorySource(image.Bytes()), diagnostics)).FindDeleted());
        Assert.Equal(("/f5000", Certainty.PossiblyOverwritten), (file.Path, file.Certainty));
        Assert.Contains(code, diagnostics.Items.Select(d => d.Code));
    }

    [Fact]
    public void A_bitmap_with_a_wrong_checksum_leaves_content_uncertain()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 4096", 24);
        image.Debugfs(["rm f5000"], write: true);
        string header = ExtImage.Tool("dumpe2fs", [image.Path]);
        int bitmap = int.Parse(System.Text.RegularExpressions.Regex.Match(header, @"Block bitmap at (\d+)", System.Text.RegularExpressions.RegexOptions.CultureInvariant).Groups[1].Value, CultureInfo.InvariantCulture);
        byte[] data = image.Bytes();
        data[bitmap * 4096 + 700] ^= 0x10;
        var diagnostics = new DiagnosticList();
        Assert.Equal(Certainty.PossiblyOverwritten, Assert.Single(((IDeletedFiles)ExtWalk.Open(new MemorySource(data), diagnostics)).FindDeleted()).Certainty);
        Assert.Contains("ext4.bitmap.checksum", diagnostics.Items.Select(d => d.Code));
    }

    [Fact]
    public void Limits_are_said()
    {
        byte[] image = DeletedFixture.Open("ext4").Image;
        var diagnostics = new DiagnosticList();
        ParseContext context = ParseContext.Quiet with { Diagnostics = diagnostics, Limits = ScanLimits.Default with { DeletedFiles = 3 } };
        var fileSystem = (IDeletedFiles)new Parsers.FileSystems.Ext.ExtFormat().Open(new MemorySource(image), context);
        Assert.InRange(fileSystem.FindDeleted().Count(), 0, 3);
        Assert.Contains(diagnostics.Items, d => d.Code == "ext4.deleted.limit" && d.LosesContent);
    }

    private static void ReadAll(byte[] mutant)
    {
        try
        {
            IFileSystem fileSystem = ExtWalk.Open(new MemorySource(mutant), new DiagnosticList());
            var deleted = (IDeletedFiles)fileSystem;
            foreach (DeletedFile file in deleted.FindOrphans().Concat(deleted.FindDeleted()))
            {
                Exercise.One(fileSystem, file.File);
                foreach (FileEntry copy in deleted.JournalCopies(file.File.MetadataAddress))
                {
                    Exercise.One(fileSystem, copy);
                    deleted.CertaintyOf(copy);
                }
            }
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
    }
}
