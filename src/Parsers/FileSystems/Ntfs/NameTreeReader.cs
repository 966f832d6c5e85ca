using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>
/// Reads all names of a volume in one pass over the master file table, then those of the few files that need more than one record. It reads either the records in use or the others.
/// </summary>
internal sealed class NameTreeReader(MasterFileTable table, AttributeReader attributes, NtfsDiagnostics diagnostics, ParseContext context, bool isInUse = true)
{
    /// <summary>Files without a name; of those not in use only what has some other attribute.</summary>
    public List<ulong> Nameless { get; } = [];

    /// <summary>Directories.</summary>
    public List<ulong> Directories { get; } = [];

    /// <summary>The tree. Throws <see cref="OperationCanceledException"/>.</summary>
    public NameTree Read()
    {
        var builder = new NameTree.Builder(context.Limits.DirectoryEntries);
        var collector = new Collector(builder);
        var further = new List<ulong>();
        table.Pass((number, record) =>
        {
            var view = new FileRecordView(record.Span);
            if (!view.IsFile || view.IsInUse != isInUse || view.BaseFileRecordSegment != 0)
            {
                return;
            }
            if (!collector.TryTakeAll(number, view, record))
            {
                further.Add(number);
                return;
            }
            Note(number, view, collector);
        }, context.Cancellation);
        foreach (ulong number in further)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> record = table.Read(number);
            collector.Begin(number, new FileRecordView(record.Span));
            attributes.Visit(number, record, collector);
            collector.End();
            Note(number, new FileRecordView(record.Span), collector);
        }
        if (builder.Refused > 0)
        {
            diagnostics.Report("ntfs.names.refused", "there are more names than are kept, or names in directories that cannot be", "at most " + Text(context.Limits.DirectoryEntries), Text(builder.Refused) + " more",
                losesContent: true);
        }
        return builder.Build();
    }

    private void Note(ulong number, FileRecordView view, Collector collector)
    {
        if (view.IsDirectory)
        {
            Directories.Add(number);
        }
        if (!collector.HasNames && (isInUse || collector.HasAttributes) && Nameless.Count < context.Limits.DeletedFiles)
        {
            Nameless.Add(number);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Takes the names of one file: all but DOS names, and a DOS name where the file has no other.</summary>
    private sealed class Collector(NameTree.Builder builder) : IAttributeVisitor
    {
        private readonly List<byte[]> _dosNames = [];
        private ulong _number;
        private FileType _hint;
        private int _names;

        /// <summary>The file has a name of any kind.</summary>
        public bool HasNames => _names > 0 || _dosNames.Count > 0;

        /// <summary>Its record is not as it was made.</summary>
        public bool HasAttributes { get; private set; }

        public void Begin(ulong number, FileRecordView record)
        {
            _number = number;
            _hint = record.IsDirectory ? FileType.Directory : FileType.Unknown;
            _names = 0;
            HasAttributes = false;
            _dosNames.Clear();
        }

        public void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record)
        {
            HasAttributes = true;
            if (attribute.TypeCode != AttributeType.FileName || !attribute.IsResident)
            {
                return;
            }
            var name = new FileNameView(attribute.Value);
            if (!name.IsSound)
            {
                return;
            }
            if (name.Flags == FileNameView.DosNamespace)
            {
                // Kept only where no other name came before it: it then comes first, or is the only one.
                if (_names == 0)
                {
                    _dosNames.Add(attribute.Value.ToArray());
                }
                return;
            }
            _names++;
            builder.Add(_number, name, HintOf(name));
        }

        public void End()
        {
            // The system always gives another name with it. Somebody wanted this one not to be seen.
            if (_names == 0)
            {
                foreach (byte[] value in _dosNames)
                {
                    var name = new FileNameView(value);
                    builder.Add(_number, name, HintOf(name));
                }
            }
        }

        /// <summary>False, and nothing taken, when the file has an attribute list.</summary>
        public bool TryTakeAll(ulong number, FileRecordView view, ReadOnlyMemory<byte> record)
        {
            Begin(number, view);
            AttributeEnumerator any = view.GetEnumerator();
            HasAttributes = any.MoveNext();
            foreach (AttributeView attribute in view)
            {
                // Attributes are sorted by type: the list comes before the names, and nothing after the names matters here.
                if (attribute.TypeCode == AttributeType.AttributeList)
                {
                    return false;
                }
                if (attribute.TypeCode > AttributeType.FileName)
                {
                    break;
                }
                Visit(attribute, record);
            }
            End();
            return true;
        }

        private FileType HintOf(FileNameView name)
        {
            const uint ReparseAttribute = 0x400;
            return (name.FileAttributes & ReparseAttribute) != 0 ? FileType.Unknown : _hint;
        }
    }
}
