using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Deleted;

/// <summary>
/// Paths of directories by the references that names hold. A directory that was deleted still counts where its record was not given away: deleting raised its sequence number by one. What is above a
/// gap is not known: the path then begins where The Sleuth Kit puts such files. Not thread-safe.
/// </summary>
internal sealed class ParentPaths(MasterFileTable table, AttributeReader attributes, ScanLimits limits)
{
    /// <summary>Where files are shown whose directory is not known.</summary>
    public const string Lost = "/$OrphanFiles";

    private const ulong RootRecord = 5;

    private readonly Dictionary<ulong, string> _known = [];

    /// <summary>The path of the directory a reference leads to.</summary>
    public string Of(ulong reference)
    {
        var below = new List<(ulong Reference, string Name)>();
        var seen = new HashSet<ulong>();
        string path = Lost;
        for (ulong current = reference; ;)
        {
            if ((current & FileRecordView.NumberMask) == RootRecord)
            {
                path = "/";
                break;
            }
            if (_known.TryGetValue(current, out string? known))
            {
                path = known;
                break;
            }
            if (below.Count >= limits.DirectoryDepth || !seen.Add(current) || Step(current) is not { } step)
            {
                break;
            }
            below.Add((current, PathText.FromBytes(step.Name)));
            current = step.Parent;
        }
        for (int i = below.Count - 1; i >= 0; i--)
        {
            path = path.Length > limits.PathLength ? Lost : PathText.Join(path, below[i].Name);
            if (_known.Count < limits.KeptNames)
            {
                _known[below[i].Reference] = path;
            }
        }
        return path;
    }

    /// <summary>Whether a reference still leads to what it led to: the same use of the record, or the record of a directory that was deleted and not used again.</summary>
    public static bool Fits(FileRecordView record, ushort sequence) =>
        record.SequenceNumber == sequence || (!record.IsInUse && record.SequenceNumber == unchecked((ushort)(sequence + 1)));

    private (ulong Parent, byte[] Name)? Step(ulong reference)
    {
        ulong number = reference & FileRecordView.NumberMask;
        if (number >= (ulong)table.RecordCount)
        {
            return null;
        }
        ReadOnlyMemory<byte> record = table.Read(number);
        var view = new FileRecordView(record.Span);
        if (!view.IsFile || !view.IsDirectory || view.BaseFileRecordSegment != 0 || !Fits(view, (ushort)(reference >> 48)))
        {
            return null;
        }
        var names = new List<(ulong Parent, byte[] Name)>();
        attributes.Visit(number, record, new EntryBuilder(names));
        return names.Count == 0 ? null : names[0];
    }
}
