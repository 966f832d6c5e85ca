using Forensics.Analyzer.Examiners;
using Forensics.Parsers;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Listing;

/// <summary>One line of <c>files</c>.</summary>
/// <param name="Volume">Volume identity.</param>
/// <param name="Path">Display form.</param>
/// <param name="File">Metadata.</param>
/// <param name="Target">Target of a symbolic link in display form, <c>MAJOR:MINOR</c> of a device; null otherwise.</param>
/// <param name="Digests">Digests; all absent when not asked for or not readable.</param>
public readonly record struct FileRow(string Volume, string Path, FileEntry File, string? Target, ContentDigests Digests)
{
    /// <summary>What is known of it beside its metadata when it has no name any more; null for an ordinary entry.</summary>
    public DeletedFile? Deleted { get; init; }

    /// <summary>What replaying the journal did to it; unchanged also when that was not asked.</summary>
    public JournalState JournalState { get; init; }

    /// <summary>Whether it still belongs to the file system; an entry that the journal removed does not, though it is taken from the volume before replay.</summary>
    public Allocation Allocation => Deleted is not null && File.Allocation == Allocation.Allocated ? Allocation.Deleted : File.Allocation;

    /// <summary>Whether there is content to read: of a deleted file whose content is not known any more there is none.</summary>
    public bool HasContent => File.Type == FileType.Regular && Deleted?.Certainty != Certainty.MetadataOnly;

    /// <summary>The volume claims more content than it may make the program read; this file is not hashed.</summary>
    public bool IsBeyondAllowance { get; init; }

    /// <summary>Inode flags where the kernel can be asked for them: on regular files and directories.</summary>
    public uint? Flags => File.Type is FileType.Regular or FileType.Directory ? File.Flags : null;
}

/// <summary>Writes rows in one format. Not thread-safe.</summary>
public abstract class FileRowWriter(Stream output) : IDisposable
{
    private readonly byte[] _buffer = new byte[256 << 10];
    private int _used;

    /// <summary>What precedes the first row.</summary>
    public virtual void WriteHeader()
    {
    }

    /// <summary>Writes one row.</summary>
    public abstract void Write(in FileRow row);

    /// <summary>Hands everything to the stream.</summary>
    public void Flush()
    {
        output.Write(_buffer, 0, _used);
        _used = 0;
        output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        GC.SuppressFinalize(this);
    }

    /// <summary>Room for at least <paramref name="count"/> more bytes (at most 64 KiB); <see cref="Advance"/> takes what was written.</summary>
    protected Span<byte> Room(int count)
    {
        if (_buffer.Length - _used < count)
        {
            output.Write(_buffer, 0, _used);
            _used = 0;
        }
        return _buffer.AsSpan(_used);
    }

    /// <summary>Bytes written into <see cref="Room"/>.</summary>
    protected void Advance(int count) => _used += count;

    /// <summary>One ASCII byte.</summary>
    protected void Byte(byte value)
    {
        Room(1)[0] = value;
        _used++;
    }

    /// <summary>ASCII bytes.</summary>
    protected void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _used += text.Length;
    }

    /// <summary>Text as UTF-8, in pieces so that any length fits.</summary>
    protected void Text(ReadOnlySpan<char> text)
    {
        while (text.Length > 16384)
        {
            int piece = char.IsHighSurrogate(text[16383]) ? 16383 : 16384;
            Advance(System.Text.Encoding.UTF8.GetBytes(text[..piece], Room(3 * piece)));
            text = text[piece..];
        }
        Advance(System.Text.Encoding.UTF8.GetBytes(text, Room(3 * text.Length)));
    }

    /// <summary>A decimal number.</summary>
    protected void Number(long value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, Room(24), out int written);
        _used += written;
    }

    /// <summary>An unsigned decimal number.</summary>
    protected void Number(ulong value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, Room(24), out int written);
        _used += written;
    }

    /// <summary>A time with nine decimals; nothing when absent.</summary>
    protected void Time(Timestamp? time)
    {
        if (time is { } value)
        {
            value.Format(Room(Timestamp.TextLength));
            _used += Timestamp.TextLength;
        }
    }

    /// <summary>Lower-case hex.</summary>
    protected void Hex(ReadOnlySpan<byte> digest)
    {
        Convert.TryToHexStringLower(digest, Room(2 * digest.Length), out int written);
        _used += written;
    }

    /// <summary>Four octal digits.</summary>
    protected void Mode(int permissions)
    {
        Span<byte> room = Room(4);
        for (int i = 0; i < 4; i++)
        {
            room[i] = (byte)('0' + ((permissions >> (9 - 3 * i)) & 7));
        }
        _used += 4;
    }

    /// <summary><c>orphan</c> or <c>deleted</c>; <c>allocated</c> for what has a name.</summary>
    protected static ReadOnlySpan<byte> AllocationName(Allocation allocation) => allocation switch
    {
        Allocation.Orphan => "orphan"u8,
        Allocation.Deleted => "deleted"u8,
        _ => "allocated"u8,
    };

    /// <summary>The certainty in the words of all reports.</summary>
    protected static ReadOnlySpan<byte> CertaintyName(Certainty certainty) => certainty switch
    {
        Certainty.Intact => "intact"u8,
        Certainty.PossiblyOverwritten => "possibly overwritten"u8,
        _ => "metadata only"u8,
    };

    /// <summary>What the journal did, in the words of all reports; empty when nothing.</summary>
    protected static ReadOnlySpan<byte> JournalStateName(JournalState state) => state switch
    {
        JournalState.Added => "added"u8,
        JournalState.Changed => "changed"u8,
        JournalState.Removed => "removed"u8,
        _ => [],
    };

    /// <summary>The one-letter type: <c>f d l c b p s</c>, <c>-</c> when unknown.</summary>
    protected static byte TypeLetter(FileType type) => type switch
    {
        FileType.Regular => (byte)'f',
        FileType.Directory => (byte)'d',
        FileType.SymbolicLink => (byte)'l',
        FileType.CharacterDevice => (byte)'c',
        FileType.BlockDevice => (byte)'b',
        FileType.Fifo => (byte)'p',
        FileType.Socket => (byte)'s',
        _ => (byte)'-',
    };
}
