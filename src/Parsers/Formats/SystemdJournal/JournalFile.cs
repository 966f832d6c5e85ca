using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>
/// A file of the systemd journal (<c>*.journal</c>, <c>*.journal~</c>), read as it lies. Specification: https://systemd.io/JOURNAL_FILE_FORMAT/.
/// Entries are read along the chain of entry arrays; where that is broken, or the file is cut short, object by object through the whole file, looking for the next
/// object after each damaged place. Entries behind the last one of the chain, written but not linked when the image was taken, are read too.
/// </summary>
/// <remarks>
/// Times are microseconds since 1970 (realtime) and since the boot (monotonic). Throws <see cref="CorruptDataException"/> when the header is unusable and
/// <see cref="UnsupportedFeatureException"/> for features this reader does not know. For one thread.
/// Limitations: hashes and seals (forward secure sealing) are not checked; a value is read up to the limit given; hash tables are not used.
/// </remarks>
public sealed class JournalFile
{
    private JournalFile(IByteSource source, JournalHeader header, IDiagnosticSink diagnostics)
    {
        Bytes = new JournalPages(source);
        Diagnostics = diagnostics;
        Features = header.IncompatibleFlags;
        FileId = header.FileId;
        MachineId = header.MachineId;
        State = header.State <= 2 ? (JournalFileState)header.State : JournalFileState.Unknown;
        EntryCount = (long)Math.Min(header.EntryCount, long.MaxValue);
        HeaderSize = (long)header.HeaderSize;
        EntryArrayOffset = header.EntryArrayOffset > (ulong)source.Length ? -1 : (long)header.EntryArrayOffset;
        TailObjectOffset = header.TailObjectOffset > (ulong)source.Length ? source.Length : (long)header.TailObjectOffset;
        HeadRealtime = header.HeadEntryRealtime;
        TailRealtime = header.TailEntryRealtime;
    }

    /// <summary>Identity of the file.</summary>
    public UInt128 FileId { get; }

    /// <summary>Identity of the host that wrote it (<c>/etc/machine-id</c>).</summary>
    public UInt128 MachineId { get; }

    /// <summary>How it was left.</summary>
    public JournalFileState State { get; }

    /// <summary>Entries according to the header.</summary>
    public long EntryCount { get; }

    /// <summary>Time of the first entry according to the header, in microseconds since 1970.</summary>
    public ulong HeadRealtime { get; }

    /// <summary>Time of the last entry according to the header, in microseconds since 1970.</summary>
    public ulong TailRealtime { get; }

    /// <summary>Entry arrays and entries have offsets of 32 bits.</summary>
    public bool IsCompact => (Features & JournalFeatures.Compact) != 0;

    /// <summary>Bytes of the file.</summary>
    public long Length => Bytes.Length;

    internal JournalPages Bytes { get; }

    internal IDiagnosticSink Diagnostics { get; }

    internal JournalFeatures Features { get; }

    internal long HeaderSize { get; }

    internal long EntryArrayOffset { get; }

    internal long TailObjectOffset { get; }

    /// <summary>Whether a file begins like a journal.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(JournalHeader.Signature);

    /// <summary>Opens a journal file.</summary>
    public static JournalFile Open(IByteSource source, IDiagnosticSink diagnostics)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(diagnostics);
        Span<byte> bytes = stackalloc byte[JournalHeader.SmallestSize];
        source.ReadExactly(0, bytes, "journal.header");
        var header = new JournalHeader(bytes);
        if (!header.HasSignature)
        {
            throw new CorruptDataException("journal.header", 0, "LPKSHHRH", Convert.ToHexStringLower(bytes[..8]));
        }
        if ((header.IncompatibleFlags & ~JournalFeatures.Known) != 0)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"features 0x{(uint)(header.IncompatibleFlags & ~JournalFeatures.Known):x} of the systemd journal"));
        }
        if (header.HeaderSize < JournalHeader.SmallestSize || header.HeaderSize % 8 != 0 || header.HeaderSize > 1 << 16)
        {
            throw new CorruptDataException("journal.header.size", 88, "208 to 65536, a multiple of 8", header.HeaderSize.ToString(CultureInfo.InvariantCulture));
        }
        var file = new JournalFile(source, header, diagnostics);
        ulong end = unchecked(header.HeaderSize + header.ArenaSize);
        if (end > (ulong)source.Length || end < header.HeaderSize)
        {
            diagnostics.Report(new Diagnostic("journal.truncated", "the journal file is shorter than its header says; entries at its end are missing")
            {
                Offset = source.Length, Expected = end.ToString(CultureInfo.InvariantCulture), Actual = source.Length.ToString(CultureInfo.InvariantCulture), LosesContent = true,
            });
        }
        return file;
    }

    /// <summary>
    /// A reader of the entries from the first to the last. Of each entry only the fields named are looked at; a value longer than <paramref name="longestValue"/> bytes is cut.
    /// </summary>
    public JournalReader ReadEntries(IReadOnlyList<string> fields, int longestValue = 64 << 10, CancellationToken cancellation = default) =>
        new(this, fields, longestValue, cancellation);

    /// <summary>Reads the header of an object and says whether it can be one: type, size and place are in order.</summary>
    internal bool TryObject(long offset, Span<byte> header, out JournalObjectType type, out long size)
    {
        type = JournalObjectType.Unused;
        size = 0;
        if (offset < HeaderSize || offset % 8 != 0 || offset > Length - JournalObjectHeader.Size || Bytes.ReadUpTo(offset, header[..JournalObjectHeader.Size]) < JournalObjectHeader.Size)
        {
            return false;
        }
        var view = new JournalObjectHeader(header);
        int smallest = JournalObjectHeader.SmallestSize(view.Type, IsCompact);
        if (smallest == 0 || !view.ReservedIsZero || view.ObjectSize < (ulong)smallest || view.ObjectSize > (ulong)(Length - offset))
        {
            return false;
        }
        byte flags = view.Flags;
        if (view.Type == JournalObjectType.Data ? flags is not (0 or 1 or 2 or 4) : flags != 0)
        {
            return false;
        }
        type = view.Type;
        size = (long)view.ObjectSize;
        return type != JournalObjectType.Entry || (size - JournalEntryView.ItemsOffset) % (IsCompact ? 4 : 16) == 0;
    }
}
