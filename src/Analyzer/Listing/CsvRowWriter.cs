using Forensics.Parsers.FileSystems.Ntfs;

namespace Forensics.Analyzer.Listing;

/// <summary>
/// CSV (RFC 4180, LF line ends) with a header row. Written by hand because this is the hot path of <c>files</c>; fields are in display form, so they hold no control
/// characters, and a link target that a spreadsheet would take for a formula has its first character escaped.
/// </summary>
/// <param name="output">Where it goes.</param>
/// <param name="withDeleted">Adds the columns <c>allocation,certainty,journal_copy,journal_state</c>, which only a listing of deleted files has.</param>
/// <param name="withWindows">Adds the columns <c>dos_attributes,reparse_tag,owner,group,sequence,fn_mtime,fn_ctime,fn_atime,fn_crtime</c>, which only a listing of a Windows file system has.</param>
public sealed class CsvRowWriter(Stream output, bool withDeleted = false, bool withWindows = false) : FileRowWriter(output)
{
    /// <inheritdoc/>
    public override bool ShowsOwners => withWindows;

    /// <inheritdoc/>
    public override void WriteHeader()
    {
        Raw("volume,path,type,size,mode,uid,gid,nlink,inode,mtime,ctime,atime,crtime,flags,target,md5,sha1,sha256"u8);
        if (withDeleted)
        {
            Raw(",allocation,certainty,journal_copy,journal_state"u8);
        }
        if (withWindows)
        {
            Raw(",dos_attributes,reparse_tag,owner,group,sequence,fn_mtime,fn_ctime,fn_atime,fn_crtime"u8);
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
        Byte(TypeLetter(row));
        Byte((byte)',');
        Number(row.Size);
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
            HexNumber(flags);
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
        if (withWindows)
        {
            WriteWindows(row);
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

    private void WriteWindows(in FileRow row)
    {
        Byte((byte)',');
        if (row.File.DosAttributes is { } attributes)
        {
            HexNumber(attributes);
        }
        Byte((byte)',');
        if (row.File.ReparseTag is { } tag)
        {
            HexNumber(tag);
        }
        Byte((byte)',');
        Field(row.Owner.Owner ?? "");
        Byte((byte)',');
        Field(row.Owner.Group ?? "");
        var file = row.File as NtfsFileEntry;
        Byte((byte)',');
        if (file is not null)
        {
            Number((long)file.SequenceNumber);
        }
        Byte((byte)',');
        Time(file?.NameTimes?.Modified);
        Byte((byte)',');
        Time(file?.NameTimes?.Changed);
        Byte((byte)',');
        Time(file?.NameTimes?.Accessed);
        Byte((byte)',');
        Time(file?.NameTimes?.Created);
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
}
