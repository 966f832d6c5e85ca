using System.Buffers;

namespace Forensics.Analyzer.Listing;

/// <summary>
/// CSV (RFC 4180, LF line ends) with a header row. Written by hand because this is the hot path of <c>files</c>; fields are in display form, so they hold no control
/// characters, and a link target that a spreadsheet would take for a formula has its first character escaped.
/// </summary>
/// <param name="output">Where it goes.</param>
/// <param name="withDeleted">Adds the columns <c>allocation,certainty,journal_copy,journal_state</c>, which only a listing of deleted files has.</param>
public sealed class CsvRowWriter(Stream output, bool withDeleted = false) : FileRowWriter(output)
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    /// <inheritdoc/>
    public override void WriteHeader()
    {
        Raw("volume,path,type,size,mode,uid,gid,nlink,inode,mtime,ctime,atime,crtime,flags,target,md5,sha1,sha256"u8);
        if (withDeleted)
        {
            Raw(",allocation,certainty,journal_copy,journal_state"u8);
        }
        Byte((byte)'\n');
    }

    /// <inheritdoc/>
    public override void Write(in FileRow row)
    {
        Forensics.Parsers.FileEntry file = row.File;
        Examiners.ContentDigests digests = row.Digests;
        Text(row.Volume);
        Byte((byte)',');
        Field(row.Path);
        Byte((byte)',');
        Byte(TypeLetter(file.Type));
        Byte((byte)',');
        Number(file.Size);
        Byte((byte)',');
        Mode(file.Permissions);
        Byte((byte)',');
        Number((long)file.UserId);
        Byte((byte)',');
        Number((long)file.GroupId);
        Byte((byte)',');
        Number((long)file.LinkCount);
        Byte((byte)',');
        Number(file.MetadataAddress);
        Byte((byte)',');
        Time(file.Modified);
        Byte((byte)',');
        Time(file.Changed);
        Byte((byte)',');
        Time(file.Accessed);
        Byte((byte)',');
        Time(file.Created);
        Byte((byte)',');
        if (row.Flags is { } flags)
        {
            Raw("0x"u8);
            System.Buffers.Text.Utf8Formatter.TryFormat(flags, Room(8), out int written, new StandardFormat('x'));
            Advance(written);
        }
        Byte((byte)',');
        if (row.Target is { } target)
        {
            Target(target);
        }
        Byte((byte)',');
        if (digests.HasMd5)
        {
            Hex(digests.Md5);
        }
        Byte((byte)',');
        if (digests.HasSha1)
        {
            Hex(digests.Sha1);
        }
        Byte((byte)',');
        if (digests.HasSha256)
        {
            Hex(digests.Sha256);
        }
        if (withDeleted)
        {
            WriteDeleted(row);
        }
        Byte((byte)'\n');
    }

    private void WriteDeleted(in FileRow row)
    {
        Byte((byte)',');
        Raw(AllocationName(row.Allocation));
        Byte((byte)',');
        if (row.Deleted is { } deleted)
        {
            Raw(CertaintyName(deleted.Certainty));
        }
        Byte((byte)',');
        if (row.Deleted?.JournalCopy is { } copy)
        {
            Number((long)copy);
        }
        Byte((byte)',');
        Raw(JournalStateName(row.JournalState));
    }

    private void Target(string target)
    {
        if (target.Length > 0 && target[0] is '=' or '+' or '-' or '@' or '\uFF1D' or ' ')
        {
            string escaped = string.Concat(System.Text.Encoding.UTF8.GetBytes([target[0]]).Select(value => "\\x" + value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
            Field(escaped + target[1..]);
            return;
        }
        Field(target);
    }

    private void Field(string text)
    {
        if (text.AsSpan().IndexOfAny(s_quoted) < 0)
        {
            Text(text);
            return;
        }
        Byte((byte)'"');
        Text(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        Byte((byte)'"');
    }
}
