using System.Buffers;
using System.Text.Json;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Analyzer.Listing;

/// <summary>Events as CSV (RFC 4180, LF line ends) with a header row.</summary>
public sealed class UsnCsvWriter(Stream output) : UsnRowWriter(output)
{
    /// <inheritdoc/>
    public override void WriteHeader() => Raw("volume,usn,time,path,reasons,inode,sequence,parent,parent_sequence,attributes,source,security_id\n"u8);

    /// <inheritdoc/>
    public override void Write(in UsnRow row)
    {
        UsnRecord record = row.Record;
        Text(row.Volume);
        Byte((byte)',');
        Number(record.Usn);
        Byte((byte)',');
        Time(record.Time);
        Byte((byte)',');
        Field(row.Path);
        Byte((byte)',');
        Text(row.Reasons);
        Byte((byte)',');
        Number(record.FileRecord);
        Byte((byte)',');
        Number((long)record.FileSequence);
        Byte((byte)',');
        Number(record.ParentRecord);
        Byte((byte)',');
        Number((long)record.ParentSequence);
        Byte((byte)',');
        HexNumber(record.Attributes);
        Byte((byte)',');
        HexNumber((uint)record.Sources);
        Byte((byte)',');
        Number((long)record.SecurityId);
        Byte((byte)'\n');
    }
}

/// <summary>One JSON object an event and line, with the names of the CSV columns in camel case.</summary>
public sealed class UsnJsonWriter : UsnRowWriter
{
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly Utf8JsonWriter _json;

    /// <summary>Writes to a stream.</summary>
    public UsnJsonWriter(Stream output) : base(output) => _json = new Utf8JsonWriter(_line, new JsonWriterOptions { SkipValidation = true });

    /// <inheritdoc/>
    public override void Write(in UsnRow row)
    {
        UsnRecord record = row.Record;
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("volume"u8, row.Volume);
        _json.WriteNumber("usn"u8, record.Usn);
        if (record.Time is { } time)
        {
            Span<byte> text = stackalloc byte[Timestamp.TextLength];
            time.Format(text);
            _json.WriteString("time"u8, text);
        }
        _json.WriteString("path"u8, row.Path);
        _json.WriteString("reasons"u8, row.Reasons);
        _json.WriteNumber("inode"u8, record.FileRecord);
        _json.WriteNumber("sequence"u8, record.FileSequence);
        _json.WriteNumber("parent"u8, record.ParentRecord);
        _json.WriteNumber("parentSequence"u8, record.ParentSequence);
        _json.WriteNumber("attributes"u8, record.Attributes);
        _json.WriteNumber("source"u8, (uint)record.Sources);
        _json.WriteNumber("securityId"u8, record.SecurityId);
        _json.WriteEndObject();
        _json.Flush();
        for (ReadOnlySpan<byte> line = _line.WrittenSpan; line.Length > 0; line = line[Math.Min(line.Length, 65536)..])
        {
            Raw(line[..Math.Min(line.Length, 65536)]);
        }
        Byte((byte)'\n');
    }
}

/// <summary>Events for people: time, what happened, and to which file.</summary>
public sealed class UsnTableWriter(Stream output) : UsnRowWriter(output)
{
    private const int ReasonColumns = 32;

    /// <inheritdoc/>
    public override void Write(in UsnRow row)
    {
        if (row.Record.Time is { } time)
        {
            Span<byte> text = stackalloc byte[Timestamp.TextLength];
            time.Format(text);
            // Whole seconds are enough for reading.
            Raw(text[..19]);
            Byte((byte)'Z');
        }
        else
        {
            Raw("no time             "u8);
        }
        Raw("  "u8);
        Text(row.Reasons.PadRight(ReasonColumns));
        Raw("  "u8);
        Text(SafeText.Escape(row.Path));
        Byte((byte)'\n');
    }
}
