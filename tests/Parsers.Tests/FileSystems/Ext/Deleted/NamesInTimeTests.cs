using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>A name seen in the past is tied to the file its inode was then: inode numbers are given out again.</summary>
public sealed class NamesInTimeTests : IDisposable
{
    private const int BlockSize = 1024;
    private const int Born = 1_700_000_000;

    private readonly ExtImage _image;
    private readonly byte[] _now;
    private readonly long _directoryBlock;
    private readonly uint _inode;
    private readonly long _inodeBlock;
    private readonly int _inodeOffset;

    public NamesInTimeTests()
    {
        _image = ExtImage.Make("-t ext4 -b 1024 -N 64 -O ^metadata_csum,^has_journal", 4, withTree: false);
        string content = _image.NewFile("content", "content\n"u8.ToArray());
        _image.Debugfs([$"write {content} name", string.Create(CultureInfo.InvariantCulture, $"sif name crtime @{Born}"), "sif name generation 7"], write: true);
        _now = _image.Bytes();
        _directoryBlock = long.Parse(_image.Debugfs(["blocks /"]).Split('\n')[1].Trim(), CultureInfo.InvariantCulture);
        string place = _image.Debugfs(["imap /name"]);
        Match match = Regex.Match(place, @"Inode (\d+) is part of.*located at block (\d+), offset 0x([0-9a-f]+)", RegexOptions.CultureInvariant | RegexOptions.Singleline);
        Assert.True(match.Success, place);
        _inode = uint.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        _inodeBlock = long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        _inodeOffset = int.Parse(match.Groups[3].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    public void Dispose() => _image.Dispose();

    [Fact]
    public void The_name_it_has_now_is_not_deleted() =>
        Assert.Empty(new FakeHistory().Add(_directoryBlock, 5, new Timestamp(Born + 10, 0), [.. Block(_directoryBlock), ]).Open(_now).FindDeleted());

    [Fact]
    public void An_older_name_of_a_file_that_was_born_before_is_a_rename() =>
        Assert.Empty(new FakeHistory().Add(_directoryBlock, 5, new Timestamp(Born + 10, 0), Renamed("gone")).Open(_now).FindDeleted());

    [Fact]
    public void A_name_older_than_the_birth_of_the_file_is_all_that_is_left_of_another()
    {
        DeletedFile file = Assert.Single(new FakeHistory().Add(_directoryBlock, 5, new Timestamp(Born - 10, 0), Renamed("gone")).Open(_now).FindDeleted());
        Assert.Equal(("/gone", Certainty.MetadataOnly, 0L, (int?)null), (file.Path, file.Certainty, file.File.Size, file.JournalCopy));
        Assert.Equal(_inode, file.File.MetadataAddress);
        Assert.Null(file.File.Modified);
    }

    [Fact]
    public void The_state_of_that_time_is_the_one_that_is_shown()
    {
        FakeHistory history = new FakeHistory()
            .Add(_directoryBlock, 5, new Timestamp(Born - 10, 0), Renamed("gone"))
            .Add(_inodeBlock, 4, new Timestamp(Born - 20, 0), Inode(generation: 3, born: Born - 30, size: 5))
            .Add(_inodeBlock, 3, new Timestamp(Born - 25, 0), Inode(generation: 3, born: Born - 30, size: 4));
        IDeletedFiles deleted = history.Open(_now);
        DeletedFile file = Assert.Single(deleted.FindDeleted());
        Assert.Equal(("/gone", 5L, (int?)0), (file.Path, file.File.Size, file.JournalCopy));
        // Its block belongs to the file that has the inode now.
        Assert.Equal(Certainty.PossiblyOverwritten, file.Certainty);
        Assert.Equal([5L, 4L], deleted.JournalCopies(_inode).Select(copy => copy.Size));
    }

    [Fact]
    public void The_same_name_and_number_twice_are_two_files()
    {
        FakeHistory history = new FakeHistory()
            .Add(_directoryBlock, 5, new Timestamp(Born - 10, 0), Block(_directoryBlock)[..^1].Append((byte)1).ToArray())
            .Add(_inodeBlock, 5, new Timestamp(Born - 10, 0), Inode(generation: 3, born: Born - 30, size: 5));
        DeletedFile file = Assert.Single(history.Open(_now).FindDeleted());
        Assert.Equal(("/name", 5L), (file.Path, file.File.Size));
    }

    [Fact]
    public void Transaction_numbers_wrap_around()
    {
        FakeHistory history = new FakeHistory()
            .Add(_directoryBlock, 0xFFFFFFF8, new Timestamp(Born - 10, 0), Renamed("gone"))
            .Add(_inodeBlock, 0xFFFFFFF0, new Timestamp(Born - 20, 0), Inode(generation: 3, born: Born - 30, size: 5))
            .Add(_inodeBlock, 5, new Timestamp(Born + 1, 0), Block(_inodeBlock));
        Assert.Equal(5L, Assert.Single(history.Open(_now).FindDeleted()).File.Size);
    }

    [Fact]
    public void A_deleted_inode_without_a_name_has_no_path()
    {
        DeletedFile file = Assert.Single(new FakeHistory().Add(_inodeBlock, 4, new Timestamp(Born - 20, 0), Inode(generation: 3, born: Born - 30, size: 5)).Open(_now).FindDeleted());
        Assert.Null(file.Path);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"/$OrphanFiles/inode-{_inode}"), file.DisplayPath);
    }

    [Fact]
    public void A_later_access_alone_is_no_older_state()
    {
        byte[] accessed = Block(_inodeBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(accessed.AsSpan(_inodeOffset + 0x08), 12345);
        Assert.Empty(new FakeHistory().Add(_inodeBlock, 4, null, accessed).Open(_now).JournalCopies(_inode));
    }

    [Fact]
    public void A_copy_that_is_no_block_of_the_directory_is_not_read()
    {
        byte[] foreign = Renamed("gone");
        BinaryPrimitives.WriteUInt32LittleEndian(foreign, 13);
        Assert.DoesNotContain(new FakeHistory().Add(_directoryBlock, 5, new Timestamp(Born - 10, 0), foreign).Open(_now).FindDeleted(), file => file.Path is not null);
    }

    private byte[] Block(long number) => _now[(int)(number * BlockSize)..(int)((number + 1) * BlockSize)];

    /// <summary>The directory with another name of the same length for the inode.</summary>
    private byte[] Renamed(string name)
    {
        byte[] block = Block(_directoryBlock);
        int at = block.AsSpan().IndexOf("name"u8);
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(block, at);
        return block;
    }

    /// <summary>The block of the inode table as it was when another file had the inode.</summary>
    private byte[] Inode(uint generation, int born, uint size)
    {
        byte[] block = Block(_inodeBlock);
        Span<byte> inode = block.AsSpan(_inodeOffset, 256);
        BinaryPrimitives.WriteUInt32LittleEndian(inode[0x64..], generation);
        BinaryPrimitives.WriteInt32LittleEndian(inode[0x90..], born);
        BinaryPrimitives.WriteUInt32LittleEndian(inode[0x04..], size);
        return block;
    }
}
