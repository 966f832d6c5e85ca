using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Hostile directories: hashed ones with a false index (E05) and damaged entries (E06). E04 is in <see cref="DamagedImageTests"/>, E07 in <see cref="LargeDirectoryTests"/>.</summary>
public sealed class HostileDirectoriesTests
{
    [Theory]
    [InlineData("entry leads to the root", 0)]
    [InlineData("entry leads past the directory", 0x00FFFFFF)]
    public void E05_a_false_index_hides_no_name(string damage, int block)
    {
        Assert.NotEmpty(damage);
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O dir_index,^metadata_csum", 32);
        ExtImage.Tool("e2fsck", ["-fyD", image.Path], mostExitCode: 1);
        byte[] data = image.Bytes();
        string[] expected = Names(data, out _);
        int root = ExtPlaces.Blocks(image, "/many")[0] * 1024;
        // dx_root: two entries of 12 bytes, 8 bytes of information, limit and count, then block and hash by turns.
        const int FirstEntry = 32 + 4;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(root + 34));
        Assert.True(count > 2, "the directory is not hashed");
        for (int entry = 0; entry < count; entry++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(root + FirstEntry + entry * 8), block);
        }
        Assert.Equal(expected, Names(data, out DiagnosticList diagnostics));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void E05_a_false_root_of_an_index_hides_no_name()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -b 1024 -O dir_index,^metadata_csum", 32);
        byte[] data = image.Bytes();
        string[] expected = Names(data, out _);
        // A linear directory that claims to be hashed: its first block holds names where the index would be.
        int inode = ExtPlaces.Inode(image, data, "/few");
        data[inode + 0x21] |= 0x10;
        Assert.Equal(expected, Names(data, out DiagnosticList diagnostics));
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("rec_len 0", "ext4.directory.record", true)]
    [InlineData("rec_len 1", "ext4.directory.record", true)]
    [InlineData("rec_len 65535", "ext4.directory.record", true)]
    [InlineData("rec_len 8", "ext4.directory.record", true)]
    [InlineData("name_len 255", "ext4.directory.name", false)]
    [InlineData("name_len 0", "ext4.directory.name", false)]
    [InlineData("inode 2^32-1", "ext4.directory.inode", false)]
    [InlineData("slash", "ext4.directory.name", true)]
    [InlineData("zero", "ext4.directory.name", true)]
    [InlineData("dot", "ext4.directory.dot", false)]
    [InlineData("dot dot", "ext4.directory.dot", false)]
    [InlineData("rec_len and name", "ext4.directory.record", false)]
    public void E06_a_damaged_entry_costs_itself_at_most(string damage, string code, bool isListed)
    {
        const string Victim = "quote'\"";
        foreach (string options in (string[])["-t ext2 -b 1024", "-t ext4 -b 1024 -O ^metadata_csum"])
        {
            using ExtImage image = ExtImage.Make(options, 32);
            byte[] data = image.Bytes();
            string[] before = [.. Names(data, out _).Where(path => !path.StartsWith("/few/" + Victim, StringComparison.Ordinal))];
            int entry = ExtPlaces.Entry(image, data, "/few", Victim);
            int nameLength = data[entry + 6];
            switch (damage)
            {
                case "rec_len 0" or "rec_len 1" or "rec_len 65535" or "rec_len 8":
                    BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(entry + 4), ushort.Parse(damage[8..], CultureInfo.InvariantCulture));
                    break;
                case "name_len 255" or "name_len 0":
                    data[entry + 6] = byte.Parse(damage[9..], CultureInfo.InvariantCulture);
                    break;
                case "inode 2^32-1":
                    BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(entry), uint.MaxValue);
                    break;
                case "slash":
                    "/../etc"u8.CopyTo(data.AsSpan(entry + 8));
                    break;
                case "zero":
                    data[entry + 8 + 2] = 0;
                    break;
                case "dot":
                    data[entry + 6] = 1;
                    data[entry + 8] = (byte)'.';
                    break;
                case "dot dot":
                    data[entry + 6] = 2;
                    data[entry + 8] = data[entry + 9] = (byte)'.';
                    break;
                default:
                    BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(entry + 4), 3);
                    data.AsSpan(entry + 8, nameLength).Clear();
                    break;
            }
            string[] after = Names(data, out DiagnosticList diagnostics);
            Assert.Empty(before.Except(after));
            Assert.Equal(before.Length + (isListed ? 1 : 0), after.Length);
            Diagnostic found = Assert.Single(diagnostics.Items);
            Assert.Equal((code, (long)entry), (found.Code, found.Offset));
            // A name never becomes a path of its own.
            Assert.All(after, path => Assert.DoesNotContain("/..", path.Replace("/..dots", "", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void E06_the_same_fault_a_thousand_times_does_not_flood()
    {
        using ExtImage image = ExtImage.Make("-t ext2 -b 1024", 32);
        byte[] data = image.Bytes();
        foreach (int block in ExtPlaces.Blocks(image, "/many"))
        {
            for (int at = block * 1024; at < (block + 1) * 1024 && BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at + 4)) is var length and >= 12 && length <= 1024; at += length)
            {
                if (data[at + 6] > 2)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(at), uint.MaxValue - 1);
                }
            }
        }
        Names(data, out DiagnosticList diagnostics);
        Assert.Equal(1000, diagnostics.Items.Count(item => item.Code == "ext4.directory.inode"));
        Assert.Single(diagnostics.Items, item => item.Code == "ext4.diagnostics.suppressed");
        Assert.Equal("4294967294", diagnostics.Items.First(item => item.Code == "ext4.directory.inode").Actual);
    }

    private static string[] Names(byte[] data, out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        return [.. ExtWalk.Files(ExtWalk.Open(new MemorySource(data), diagnostics), []).Select(file => file.Path).Order(StringComparer.Ordinal)];
    }
}
