using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>One attribute of a file put together of its parts: the first that was met with lowest cluster 0, and those that continue it.</summary>
internal sealed class NtfsAttribute : IAttributeVisitor
{
    private readonly uint _type;
    private readonly Func<ReadOnlySpan<byte>, bool> _isName;
    private readonly List<(long LowestVcn, ReadOnlyMemory<byte> Pairs)> _parts = [];
    private ReadOnlyMemory<byte> _name;

    /// <param name="type">Type code.</param>
    /// <param name="isName">Whether a name (UTF-16LE) is the one that is looked for; the first that is decides.</param>
    public NtfsAttribute(uint type, Func<ReadOnlySpan<byte>, bool> isName)
    {
        _type = type;
        _isName = isName;
    }

    /// <summary>There is such an attribute.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Its value when it is resident, else null.</summary>
    public ReadOnlyMemory<byte>? Value { get; private set; }

    /// <summary>Attribute flags.</summary>
    public ushort Flags { get; private set; }

    /// <summary>Clusters of a compression unit as a power of two.</summary>
    public int CompressionUnit { get; private set; }

    /// <summary>Content length in bytes.</summary>
    public long FileSize { get; private set; }

    /// <summary>Bytes up to here were written; what follows is zeros.</summary>
    public long ValidDataLength { get; private set; }

    /// <inheritdoc/>
    public void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record)
    {
        if (attribute.TypeCode != _type)
        {
            return;
        }
        ReadOnlySpan<byte> name = attribute.Name;
        if (IsFound)
        {
            if (!attribute.IsResident && Value is null && attribute.LowestVcn > 0 && name.SequenceEqual(_name.Span))
            {
                AddPart(attribute, record);
            }
            return;
        }
        if (!_isName(name))
        {
            return;
        }
        if (!attribute.IsFirstPart)
        {
            // Parts may come before the first one when the list is not sorted.
            AddPart(attribute, record);
            return;
        }
        IsFound = true;
        _name = name.ToArray();
        Flags = attribute.Flags;
        FileSize = attribute.Length;
        if (attribute.IsResident)
        {
            Value = record.Slice(attribute.Position + attribute.ValueOffset, (int)attribute.ValueLength);
            _parts.Clear();
            return;
        }
        CompressionUnit = attribute.CompressionUnit;
        ValidDataLength = attribute.ValidDataLength;
        AddPart(attribute, record);
    }

    /// <summary>The runs of all parts in order. What is damaged or missing is reported; the runs before and after it are given.</summary>
    public List<DataRun> Runs(NtfsGeometry geometry, ulong number, NtfsDiagnostics diagnostics, int maximumRuns, bool isInUse = true)
    {
        var runs = new List<DataRun>();
        _parts.Sort((a, b) => a.LowestVcn.CompareTo(b.LowestVcn));
        foreach ((long lowestVcn, ReadOnlyMemory<byte> pairs) in _parts)
        {
            long end = runs.Count == 0 ? 0 : runs[^1].End;
            if (lowestVcn != end && isInUse)
            {
                diagnostics.Report("ntfs.content.gap", "the parts of a file's map do not follow each other", "cluster " + Text(end), "cluster " + Text(lowestVcn), -1, number, losesContent: true);
            }
            if (lowestVcn < end)
            {
                continue;
            }
            try
            {
                MappingPairs.Decode(pairs.Span, lowestVcn, geometry.ClusterCount, maximumRuns, runs);
            }
            catch (CorruptDataException exception)
            {
                if (isInUse)
                {
                    diagnostics.Report("ntfs.runlist", "the map of a file is damaged: part of its content is missing", exception, number, losesContent: true);
                }
            }
        }
        return runs;
    }

    private void AddPart(in AttributeView attribute, ReadOnlyMemory<byte> record) =>
        _parts.Add((attribute.LowestVcn, record.Slice(attribute.Position + attribute.MappingPairsOffset, attribute.Pairs.Length)));

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
