using System.Buffers;
using System.Text.Json;
using Forensics.Parsers.FileSystems.Ntfs;

namespace Forensics.Analyzer.Listing;

/// <summary>One JSON object a line, with the names of the CSV columns; what is unknown or was not asked for is left out.</summary>
public sealed class JsonRowWriter : FileRowWriter
{
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly Utf8JsonWriter _json;

    /// <summary>Writes to a stream.</summary>
    public JsonRowWriter(Stream output) : base(output) => _json = new Utf8JsonWriter(_line, new JsonWriterOptions { SkipValidation = true });

    /// <inheritdoc/>
    public override bool ShowsOwners => true;

    /// <inheritdoc/>
    public override void Write(in FileRow row)
    {
        Forensics.Parsers.FileEntry file = row.File;
        Examiners.ContentDigests digests = row.Digests;
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("volume"u8, row.Volume);
        _json.WriteString("path"u8, row.Path);
        Span<byte> letter = [TypeLetter(row)];
        _json.WriteString("type"u8, letter);
        _json.WriteNumber("size"u8, row.Size);
        _json.WriteString("mode"u8, Convert.ToString(file.Permissions, 8).PadLeft(4, '0'));
        _json.WriteNumber("uid"u8, file.UserId);
        _json.WriteNumber("gid"u8, file.GroupId);
        _json.WriteNumber("nlink"u8, file.LinkCount);
        _json.WriteNumber("inode"u8, file.MetadataAddress);
        Time("mtime"u8, file.Modified);
        Time("ctime"u8, file.Changed);
        Time("atime"u8, file.Accessed);
        Time("crtime"u8, file.Created);
        if (row.Flags is { } flags)
        {
            Hex("flags"u8, flags);
        }
        WriteWindows(row);
        if (row.Target is { } target)
        {
            _json.WriteString("target"u8, target);
        }
        if (digests.HasMd5)
        {
            _json.WriteString("md5"u8, Convert.ToHexStringLower(digests.Md5));
        }
        if (digests.HasSha1)
        {
            _json.WriteString("sha1"u8, Convert.ToHexStringLower(digests.Sha1));
        }
        if (digests.HasSha256)
        {
            _json.WriteString("sha256"u8, Convert.ToHexStringLower(digests.Sha256));
        }
        if (row.Deleted is { } deleted)
        {
            _json.WriteString("allocation"u8, AllocationName(row.Allocation));
            _json.WriteString("certainty"u8, CertaintyName(deleted.Certainty));
            if (deleted.JournalCopy is { } copy)
            {
                _json.WriteNumber("journalCopy"u8, copy);
            }
            if (deleted.NameFrom is { } origin)
            {
                _json.WriteString("nameFrom"u8, origin);
            }
            Time("dtime"u8, file.Deleted);
        }
        if (row.JournalState != Forensics.Parsers.JournalState.Unchanged)
        {
            _json.WriteString("journalState"u8, JournalStateName(row.JournalState));
        }
        _json.WriteEndObject();
        _json.Flush();
        ReadOnlySpan<byte> line = _line.WrittenSpan;
        while (line.Length > 0)
        {
            ReadOnlySpan<byte> piece = line.Length > 65536 ? line[..65536] : line;
            Raw(piece);
            line = line[piece.Length..];
        }
        Byte((byte)'\n');
    }

    private void WriteWindows(in FileRow row)
    {
        if (row.File.DosAttributes is { } attributes)
        {
            Hex("dosAttributes"u8, attributes);
        }
        if (row.File.ReparseTag is { } tag)
        {
            Hex("reparseTag"u8, tag);
        }
        if (row.Owner.Owner is { } owner)
        {
            _json.WriteString("owner"u8, owner);
        }
        if (row.Owner.Group is { } group)
        {
            _json.WriteString("group"u8, group);
        }
        if (row.File is NtfsFileEntry file)
        {
            _json.WriteNumber("sequence"u8, file.SequenceNumber);
            if (row.Stream is null && file.NameTimes is { } times)
            {
                Time("nameMtime"u8, times.Modified);
                Time("nameCtime"u8, times.Changed);
                Time("nameAtime"u8, times.Accessed);
                Time("nameCrtime"u8, times.Created);
            }
        }
        if (row.Stream is null && row.File.ContentMissingBecause is { } reason)
        {
            _json.WriteString("contentMissing"u8, reason);
        }
    }

    private void Hex(ReadOnlySpan<byte> name, uint value) => _json.WriteString(name, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"0x{value:x}"));

    private void Time(ReadOnlySpan<byte> name, Forensics.Parsers.Timestamp? time)
    {
        if (time is { } value)
        {
            Span<byte> text = stackalloc byte[Forensics.Parsers.Timestamp.TextLength];
            value.Format(text);
            _json.WriteString(name, text);
        }
    }
}
