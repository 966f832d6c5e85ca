using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <content>The two journals: what replaying <c>$LogFile</c> did, and the change journal.</content>
public sealed partial class NtfsFileSystem : IJournaledFileSystem
{
    internal const ulong LogFileRecord = 2;

    private const ulong ExtendRecord = 11;

    private HashSet<ulong>? _touchedFiles;

    /// <inheritdoc cref="IJournaledFileSystem.BeforeReplay"/>
    public NtfsFileSystem? BeforeReplay { get; internal init; }

    /// <inheritdoc/>
    IFileSystem? IJournaledFileSystem.BeforeReplay => BeforeReplay;

    /// <summary>What was done with <c>$LogFile</c>; null when it was not looked at.</summary>
    internal LogFileReplay? Replay { get; init; }

    /// <inheritdoc/>
    public bool IsTouchedByReplay(FileEntry entry) => BeforeReplay is not null && TouchedFiles().Contains(Own(entry).MetadataAddress);

    /// <inheritdoc/>
    /// <remarks>Limitations: a change in a record that continues a file counts as a change of the file, also when it is a directory.</remarks>
    public bool IsChangedByReplay(FileEntry entry, FileEntry before)
    {
        NtfsFileEntry own = Own(entry);
        NtfsFileEntry other = Own(before);
        if (BeforeReplay is null || !IsTouchedByReplay(own))
        {
            return false;
        }
        if (own.Type != FileType.Directory && Replay!.TouchedValues.Contains(own.MetadataAddress))
        {
            return true;
        }
        ReadOnlyMemory<byte> after = _table.ReadFile(own.MetadataAddress);
        ReadOnlyMemory<byte> earlier = BeforeReplay._table.ReadFile(other.MetadataAddress);
        return !Replay!.TouchedRecords.Contains(own.MetadataAddress) || !FileRecordComparison.SameButAccess(after.Span, earlier.Span);
    }

    /// <summary>
    /// The change journal, <c>$Extend/$UsnJrnl:$J</c>; null when the volume has none. <paramref name="info"/> is what <c>$Max</c> says, null when it is missing or too short.
    /// </summary>
    /// <exception cref="CorruptDataException">Its record or its map is damaged.</exception>
    public UsnJournal? OpenChangeJournal(ParseContext context, out UsnJournalInfo? info)
    {
        info = null;
        ulong? number = null;
        foreach (DirectoryEntry child in ReadDirectory(Open(ExtendRecord)))
        {
            if (child.Name.Span.SequenceEqual("$UsnJrnl"u8))
            {
                number = child.MetadataAddress;
                break;
            }
        }
        if (number is null || OpenAttribute(number.Value, AttributeType.Data, "$J"u8) is not { } journal)
        {
            return null;
        }
        if (OpenAttribute(number.Value, AttributeType.Data, "$Max"u8) is { Length: >= UsnJournalInfo.Size } max)
        {
            info = UsnJournalInfo.Read(max);
        }
        return new UsnJournal(journal, context);
    }

    /// <summary>A directory of the live tree by its record and sequence number, for <see cref="UsnPaths.Build"/>; null when the record is free, another file's by now, or damaged.</summary>
    public UsnDirectory? FindDirectory(ulong record, ushort sequence)
    {
        try
        {
            ReadOnlyMemory<byte> data = _table.ReadFile(record);
            var view = new FileRecordView(data.Span);
            if (!view.IsInUse || !view.IsDirectory || view.SequenceNumber != sequence)
            {
                return null;
            }
            var name = new LongName();
            _attributes.Visit(record, data, name);
            return name.Directory;
        }
        catch (CorruptDataException)
        {
            // Whoever walks the tree meets the same record and hears of it.
            return null;
        }
    }

    private HashSet<ulong> TouchedFiles()
    {
        lock (_namesLock)
        {
            if (_touchedFiles is null)
            {
                _touchedFiles = [.. Replay!.TouchedRecords];
                foreach (ulong number in Replay.TouchedRecords)
                {
                    if (number < (ulong)_table.RecordCount && new FileRecordView(_table.Read(number).Span) is { IsFile: true } view && view.BaseFileRecordSegment != 0)
                    {
                        _touchedFiles.Add(view.BaseFileRecordSegment & FileRecordView.NumberMask);
                    }
                }
            }
            return _touchedFiles;
        }
    }

    private sealed class LongName : IAttributeVisitor
    {
        public UsnDirectory? Directory { get; private set; }

        public void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record)
        {
            if (attribute.TypeCode == AttributeType.FileName && Directory is null && new FileNameView(attribute.Value) is { IsSound: true } name && name.Flags != FileNameView.DosNamespace)
            {
                Directory = new UsnDirectory(Wtf8.FromUtf16(name.FileName), name.ParentNumber, name.ParentSequence);
            }
        }
    }
}
