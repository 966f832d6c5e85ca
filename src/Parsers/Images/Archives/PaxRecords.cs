using System.Buffers.Text;

namespace Forensics.Parsers.Images.Archives;

/// <summary>What an extended header of POSIX.1-2001 (pax) says about the next member, as far as it is of use here: name, size and the sparse formats of GNU tar.</summary>
internal sealed class PaxRecords
{
    private long _sparseOffset = -1;

    /// <summary>The name.</summary>
    public byte[]? Path { get; private set; }

    /// <summary>Size of the data that follow the header.</summary>
    public long? Size { get; private set; }

    /// <summary>Size of a sparse file with its holes.</summary>
    public long? RealSize { get; private set; }

    /// <summary>The stretches of formats 0.0 and 0.1; null when it is neither.</summary>
    public SparseMap? Map { get; private set; }

    /// <summary>Whether the map is at the beginning of the data (format 1.0).</summary>
    public bool HasMapInData { get; private set; }

    /// <summary>Reads records <c>LENGTH KEY=VALUE\n</c>; stops at the first that is none. Throws when a number of a sparse format is none.</summary>
    public static PaxRecords Read(ReadOnlySpan<byte> data, int limit, long headerOffset)
    {
        var records = new PaxRecords();
        while (Utf8Parser.TryParse(data, out int length, out int digits) && digits < data.Length && data[digits] == ' ' && length > digits + 2 && length <= data.Length)
        {
            ReadOnlySpan<byte> record = data[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals > 0)
            {
                records.Take(record[..equals], record[(equals + 1)..], limit, headerOffset);
            }
            data = data[length..];
        }
        return records;
    }

    private void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int limit, long headerOffset)
    {
        if (key.SequenceEqual("path"u8))
        {
            Path ??= value.ToArray();
        }
        else if (key.SequenceEqual("size"u8))
        {
            Size = SparseMap.Decimal(value, headerOffset);
        }
        else if (key.SequenceEqual("GNU.sparse.name"u8))
        {
            // The other name is one that tells programs without this extension apart.
            Path = value.ToArray();
        }
        else if (key.SequenceEqual("GNU.sparse.size"u8) || key.SequenceEqual("GNU.sparse.realsize"u8))
        {
            RealSize = SparseMap.Decimal(value, headerOffset);
        }
        else if (key.SequenceEqual("GNU.sparse.major"u8))
        {
            HasMapInData = SparseMap.Decimal(value, headerOffset) == 1;
        }
        else if (key.SequenceEqual("GNU.sparse.numblocks"u8))
        {
            Map ??= new SparseMap(limit);
        }
        else if (key.SequenceEqual("GNU.sparse.offset"u8))
        {
            _sparseOffset = SparseMap.Decimal(value, headerOffset);
        }
        else if (key.SequenceEqual("GNU.sparse.numbytes"u8) && _sparseOffset >= 0)
        {
            (Map ??= new SparseMap(limit)).Add(_sparseOffset, SparseMap.Decimal(value, headerOffset), headerOffset);
            _sparseOffset = -1;
        }
        else if (key.SequenceEqual("GNU.sparse.map"u8))
        {
            (Map ??= new SparseMap(limit)).AddList(value, headerOffset);
        }
    }
}
