using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Receives the attributes of a file.</summary>
internal interface IAttributeVisitor
{
    /// <summary>One attribute record. The view lives for the call only; the record may be kept.</summary>
    void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record);
}

/// <summary>Shows all attributes of a file: those in its base record, and those in the records its attribute list leads to. Every record is read once, so lists that lead back end. Thread-safe.</summary>
internal sealed class AttributeReader(MasterFileTable table, IByteSource volume, NtfsGeometry geometry, NtfsDiagnostics diagnostics)
{
    /// <summary>Visits the attributes of a base record, then those of the further records in list order. Damage is reported.</summary>
    /// <param name="number">Number of the base record.</param>
    /// <param name="record">The base record.</param>
    /// <param name="visitor">Receives them.</param>
    public void Visit<TVisitor>(ulong number, ReadOnlyMemory<byte> record, TVisitor visitor) where TVisitor : IAttributeVisitor
    {
        List<AttributeListEntry>? list = null;
        VisitRecord(number, record, visitor, ref list, isBase: true);
        if (list is null)
        {
            return;
        }
        var view = new FileRecordView(record.Span);
        ulong reference = view.ReferenceOf(number);
        var seen = new HashSet<ulong> { number };
        foreach (AttributeListEntry entry in list)
        {
            if (!seen.Add(entry.Record))
            {
                continue;
            }
            ReadOnlyMemory<byte>? further = Further(entry, number, reference, view.IsInUse);
            if (further is { } found)
            {
                VisitRecord(number, found, visitor, ref list, isBase: false);
            }
        }
    }

    private void VisitRecord<TVisitor>(ulong number, ReadOnlyMemory<byte> record, TVisitor visitor, ref List<AttributeListEntry>? list, bool isBase) where TVisitor : IAttributeVisitor
    {
        var view = new FileRecordView(record.Span);
        AttributeEnumerator attributes = view.GetEnumerator();
        while (attributes.MoveNext())
        {
            AttributeView attribute = attributes.Current;
            if (attribute.TypeCode != AttributeType.AttributeList)
            {
                visitor.Visit(attribute, record);
            }
            else if (isBase && list is null)
            {
                list = AttributeList.Read(attribute, number, volume, geometry, diagnostics);
            }
        }
        if (attributes.IsDamaged && view.IsInUse)
        {
            diagnostics.Report("ntfs.attribute", "a record holds an attribute that cannot be, or does not end", "attributes that lie inside the record, and an end mark", "another", -1, number, losesContent: true);
        }
    }

    /// <summary>A record that continues another; null, and reported, when it does not. Those of a deleted file may belong to another by now, which is no damage.</summary>
    private ReadOnlyMemory<byte>? Further(AttributeListEntry entry, ulong number, ulong reference, bool isInUse)
    {
        string actual;
        try
        {
            ReadOnlyMemory<byte> record = table.Read(entry.Record);
            var view = new FileRecordView(record.Span);
            // Deleting a file raises the sequence number of its base record but not what refers to it.
            bool continues = view.IsFile && (view.BaseFileRecordSegment & FileRecordView.NumberMask) == number && view.BaseFileRecordSegment != 0
                && (isInUse ? view.BaseFileRecordSegment == reference && view.IsInUse : !view.IsInUse);
            if (continues)
            {
                return record;
            }
            actual = !view.IsFile ? "no record" : "record " + (view.BaseFileRecordSegment & FileRecordView.NumberMask).ToString(CultureInfo.InvariantCulture);
        }
        catch (CorruptDataException exception)
        {
            actual = exception.Actual;
        }
        if (isInUse)
        {
            diagnostics.Report("ntfs.attribute_list.record", "an attribute list leads to a record that does not continue its file: part of the file is missing",
                "record " + number.ToString(CultureInfo.InvariantCulture) + " as the base of record " + entry.Record.ToString(CultureInfo.InvariantCulture), actual, -1, number, losesContent: true);
        }
        return null;
    }
}
