using Forensics.Parsers;

namespace Forensics.Analyzer.Listing;

/// <summary>
/// The Sleuth Kit's body file 3.x: <c>MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime</c>, times in whole seconds, read by mactime and Plaso.
/// <see href="https://wiki.sleuthkit.org/index.php?title=Body_file"/>
/// </summary>
public sealed class BodyfileRowWriter(Stream output) : FileRowWriter(output)
{
    /// <inheritdoc/>
    public override void Write(in FileRow row)
    {
        FileEntry file = row.File;
        Examiners.ContentDigests digests = row.Digests;
        if (digests.HasMd5)
        {
            Hex(digests.Md5);
        }
        else
        {
            Byte((byte)'0');
        }
        Byte((byte)'|');
        Name(row.Path);
        if (file.Type == FileType.SymbolicLink && row.Stream is null && row.Target is { } target)
        {
            Raw(" -> "u8);
            Name(target);
        }
        if (row.Deleted is not null)
        {
            Raw(" (deleted)"u8);
        }
        Byte((byte)'|');
        Number(file.MetadataAddress);
        Byte((byte)'|');
        // A stream has the letter of what it belongs to.
        byte letter = file.Type == FileType.Regular ? (byte)'r' : TypeLetter(file.Type);
        Byte(letter);
        Byte((byte)'/');
        Byte(letter);
        Permissions(file.Permissions);
        Byte((byte)'|');
        Number((long)file.UserId);
        Byte((byte)'|');
        Number((long)file.GroupId);
        Byte((byte)'|');
        Number(row.Size);
        Byte((byte)'|');
        Number(file.Accessed?.Seconds ?? 0);
        Byte((byte)'|');
        Number(file.Modified?.Seconds ?? 0);
        Byte((byte)'|');
        Number(file.Changed?.Seconds ?? 0);
        Byte((byte)'|');
        Number(file.Created?.Seconds ?? 0);
        Byte((byte)'\n');
    }

    private void Name(string name) => Text(name.Contains('|', StringComparison.Ordinal) ? name.Replace("|", "\\x7c", StringComparison.Ordinal) : name);

    private void Permissions(int mode)
    {
        ReadOnlySpan<byte> letters = "rwxrwxrwx"u8;
        Span<byte> room = Room(9);
        for (int i = 0; i < 9; i++)
        {
            room[i] = (mode & (0x100 >> i)) != 0 ? letters[i] : (byte)'-';
        }
        Special(room, 2, mode & 0x800, (byte)'s', (byte)'S');
        Special(room, 5, mode & 0x400, (byte)'s', (byte)'S');
        Special(room, 8, mode & 0x200, (byte)'t', (byte)'T');
        Advance(9);
    }

    private static void Special(Span<byte> room, int index, int bit, byte executable, byte plain)
    {
        if (bit != 0)
        {
            room[index] = room[index] == (byte)'x' ? executable : plain;
        }
    }
}
