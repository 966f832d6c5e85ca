using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Journals;

/// <summary>What <c>$UsnJrnl:$Max</c> says of the change journal.</summary>
/// <param name="MaximumSize">Bytes the journal may take before its beginning is freed.</param>
/// <param name="AllocationDelta">Bytes by which it grows and is cut.</param>
/// <param name="JournalId">Identifies this journal: the time when it was made, as a FILETIME.</param>
/// <param name="LowestValidUsn">Records below belong to a journal that was deleted.</param>
public sealed record UsnJournalInfo(long MaximumSize, long AllocationDelta, ulong JournalId, long LowestValidUsn)
{
    internal const int Size = 32;

    /// <summary>When the journal was made; null when the identifier is no time.</summary>
    public Timestamp? Created => UsnJournal.Time((long)Math.Min(JournalId, long.MaxValue));

    /// <summary>Reads <c>$Max</c>.</summary>
    /// <exception cref="CorruptDataException">It has less than 32 bytes.</exception>
    public static UsnJournalInfo Read(IByteSource max)
    {
        var data = new byte[Size];
        max.ReadExactly(0, data, "ntfs.usn.max");
        return new UsnJournalInfo(BinaryPrimitives.ReadInt64LittleEndian(data), BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(8)),
            BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(16)), BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(24)));
    }
}

/// <summary>
/// The change journal of NTFS (<c>$Extend/$UsnJrnl:$J</c>): what happened to which file, in order. The attribute is sparse, its beginning long freed: holes are passed over without being read.
/// Source: [MS-FSCC] 2.3.62 and the documentation of USN_RECORD_V2, V3 and V4.
/// </summary>
/// <remarks>
/// Streams: memory is one page and one record whatever the size. May be enumerated more than once, by one thread at a time. A damaged record costs the rest of its page of 4 KiB, since
/// records do not cross pages. Limitations: records of version 4 (range tracking) are counted only; times outside 1601 to 60056 are left out.
/// </remarks>
public sealed class UsnJournal
{
    private const int PageSize = 4096;
    private const int BatchSize = 64 * PageSize;
    private const int MostDiagnostics = 100;

    private readonly IByteSource _journal;
    private readonly ParseContext _context;
    private int _reported;

    /// <param name="journal">Content of <c>$J</c>.</param>
    /// <param name="context">Where damage is reported; cancellation.</param>
    public UsnJournal(IByteSource journal, ParseContext context)
    {
        _journal = journal;
        _context = context;
    }

    /// <summary>Records of version 4 met by the last enumeration.</summary>
    public long ExtentRecords { get; private set; }

    /// <summary>Pages with a damaged record met by the last enumeration.</summary>
    public long DamagedPages { get; private set; }

    /// <summary>All events, the oldest first.</summary>
    /// <exception cref="ImageReadException">The image cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<UsnRecord> Read()
    {
        ExtentRecords = 0;
        DamagedPages = 0;
        _reported = 0;
        var buffer = new byte[BatchSize];
        var found = new List<UsnRecord>();
        long position = 0;
        while (position < _journal.Length && NextData(position, out long start, out long end))
        {
            for (position = start; position < end;)
            {
                _context.Cancellation.ThrowIfCancellationRequested();
                int count = _journal.ReadUpTo(position, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - position)));
                if (count == 0)
                {
                    yield break;
                }
                for (int at = 0; at < count; at += PageSize)
                {
                    found.Clear();
                    ReadPage(buffer.AsSpan(at, Math.Min(PageSize, count - at)), position + at, found);
                    foreach (UsnRecord record in found)
                    {
                        yield return record;
                    }
                }
                position += count;
            }
        }
    }

    /// <summary>A FILETIME; null for 0 and below.</summary>
    internal static Timestamp? Time(long fileTime) => fileTime <= 0 ? null : NtfsTimes.FromFileTime((ulong)fileTime);

    /// <summary>The next stretch that is stored, in whole pages.</summary>
    private bool NextData(long position, out long start, out long end)
    {
        if (!_journal.NextDataOrRest(position, out start, out long length) || length <= 0 || start < position)
        {
            end = start;
            return false;
        }
        start = Math.Max(position, start / PageSize * PageSize);
        end = Math.Min(_journal.Length, start > long.MaxValue - length - PageSize ? long.MaxValue : (start + length + PageSize) / PageSize * PageSize);
        return end > start;
    }

    private void ReadPage(ReadOnlySpan<byte> page, long offset, List<UsnRecord> found)
    {
        int at = 0;
        while (at + UsnRecordView.CommonSize <= page.Length)
        {
            uint length = UsnRecordView.LengthOf(page[at..]);
            if (length == 0)
            {
                // The rest of a page is zeros; what is not there yet is, too.
                if (page[at..].IndexOfAnyExcept((byte)0) is >= 0 and int next)
                {
                    Damaged(offset + at, "a record, or zeros to the end of the page", "other bytes after " + next.ToString(CultureInfo.InvariantCulture) + " zeros");
                }
                return;
            }
            if (length < UsnRecordView.CommonSize || (length & 7) != 0 || length > page.Length - at)
            {
                Damaged(offset + at, "a length that is a multiple of 8 and ends in the page", length.ToString(CultureInfo.InvariantCulture));
                return;
            }
            var view = new UsnRecordView(page.Slice(at, (int)length));
            if (view.IsUsable)
            {
                found.Add(Record(view, offset + at));
            }
            else if (view.IsExtents)
            {
                ExtentRecords++;
            }
            else
            {
                Damaged(offset + at, "version 2, 3 or 4 with its name inside", "version " + view.MajorVersion.ToString(CultureInfo.InvariantCulture));
                return;
            }
            at += (int)length;
        }
    }

    private static UsnRecord Record(in UsnRecordView view, long offset) => new()
    {
        Usn = view.Usn,
        ByteOffset = offset,
        Version = view.MajorVersion,
        Time = Time(view.TimeStamp),
        FileRecord = UsnRecordView.RecordOf(view.FileReferenceNumber),
        FileSequence = UsnRecordView.SequenceOf(view.FileReferenceNumber),
        ParentRecord = UsnRecordView.RecordOf(view.ParentFileReferenceNumber),
        ParentSequence = UsnRecordView.SequenceOf(view.ParentFileReferenceNumber),
        Reasons = (UsnReasons)view.Reason,
        Sources = (UsnSources)view.SourceInfo,
        SecurityId = view.SecurityId,
        Attributes = view.FileAttributes,
        Name = Wtf8.FromUtf16(view.FileName),
    };

    private void Damaged(long offset, string expected, string actual)
    {
        DamagedPages++;
        if (_reported++ < MostDiagnostics)
        {
            _context.Diagnostics.Report(new Diagnostic("ntfs.usn.record", "a record of the change journal is damaged; the rest of its page is left out")
            {
                Offset = offset,
                Expected = expected,
                Actual = actual,
                LosesContent = true,
            });
        }
    }
}
