using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>One way through a tar, header by header.</summary>
internal sealed class TarWalk(TarInput input, ParseContext context)
{
    /// <summary>Longest name that is taken.</summary>
    private const int MaxName = 1 << 20;
    /// <summary>Longest pax header that is taken: the sparse map of format 0.1 is in it.</summary>
    private const int MaxPax = 16 << 20;
    private const int FirstPiece = 64 << 10;
    private const int MaxReports = 100;
    private const string Structure = "tar.header";

    private readonly byte[] _block = new byte[TarHeader.Size];
    private long _next;
    private bool _isEnded;
    private int _reports;
    private byte[]? _longName;
    private PaxRecords? _pax;

    /// <summary>The next member; null at the end. What was not read of the member before is passed over.</summary>
    public TarEntry? Next()
    {
        while (!_isEnded)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long start = _next;
            if (!input.SkipTo(start, context.Cancellation))
            {
                End("tar.truncated", "the archive ends inside a member: it is truncated", start);
            }
            else if (input.ReadUpTo(_block) < TarHeader.Size)
            {
                End("tar.end", "the archive ends without its end mark: it may be truncated", start);
            }
            else if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                _isEnded = true;
            }
            else if (!new TarHeader(_block).HasRightChecksum)
            {
                End("tar.header.damaged", "a header of the archive is damaged; what follows is not read", start);
            }
            else if (Header(start) is { } entry)
            {
                return entry;
            }
        }
        return null;
    }

    private void End(string code, string message, long offset)
    {
        _isEnded = true;
        Report(code, message, offset);
    }

    private void Report(string code, string message, long offset)
    {
        if (_reports++ < MaxReports)
        {
            context.Diagnostics.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = true });
        }
    }

    /// <summary>The member that the header is of; null when it was an extension, or a member that cannot be used.</summary>
    private TarEntry? Header(long start)
    {
        var header = new TarHeader(_block);
        byte type = header.TypeFlag;
        long size;
        try
        {
            size = (type is (byte)'x' or (byte)'L' ? null : _pax?.Size) ?? TarHeader.Number(header.SizeField, Structure, start);
            if (size > long.MaxValue - start - 4 * TarHeader.Size)
            {
                throw new CorruptDataException(Structure, start, "a size that can be", size.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (CorruptDataException failure)
        {
            // Where the next header is, nobody knows.
            End("tar.header.damaged", failure.Message + "; what follows is not read", start);
            return null;
        }
        _next = After(start, size);
        switch (type)
        {
            case (byte)'L':
                _longName = Extension(start, size, MaxName)?.AsSpan().TrimEnd((byte)0).ToArray();
                return null;
            case (byte)'x':
                ReadPax(start, size);
                return null;
            case (byte)'K' or (byte)'g' or (byte)'V':
                return null;
            default:
                byte[] name = _pax?.Path ?? _longName ?? (header.Prefix.IsEmpty ? header.Name.ToArray() : [.. header.Prefix, (byte)'/', .. header.Name]);
                PaxRecords? pax = _pax;
                _pax = null;
                _longName = null;
                return Member(start, type, size, name, pax);
        }
    }

    private static long After(long start, long size) => start + TarHeader.Size + (size + TarHeader.Size - 1) / TarHeader.Size * TarHeader.Size;

    private void ReadPax(long start, long size)
    {
        if (Extension(start, size, MaxPax) is not { } data)
        {
            return;
        }
        try
        {
            _pax = PaxRecords.Read(data, context.Limits.ContentRuns, start);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException)
        {
            Report("tar.member.damaged", failure.Message, start);
        }
    }

    /// <summary>The data of an extended header; memory is taken for what is there, not for what is claimed.</summary>
    private byte[]? Extension(long start, long size, int longest)
    {
        if (size > longest)
        {
            Report("tar.extension.too-long", string.Create(CultureInfo.InvariantCulture, $"an extended header claims {size} bytes; it is not read"), start);
            return null;
        }
        byte[] data = new byte[(int)Math.Min(size, FirstPiece)];
        int read = input.ReadUpTo(data);
        if (read == FirstPiece && size > FirstPiece)
        {
            Array.Resize(ref data, (int)size);
            read += input.ReadUpTo(data.AsSpan(FirstPiece));
        }
        return data[..read];
    }

    private TarEntry? Member(long start, byte type, long size, byte[] name, PaxRecords? pax)
    {
        switch (type)
        {
            case (byte)'5' or (byte)'D':
                return new TarEntry(name, ArchiveEntryKind.Directory, 0, [], input);
            case (byte)'1' or (byte)'2':
                // Some writers state the size of the target of a hard link, but nothing follows.
                _next = start + TarHeader.Size;
                return new TarEntry(name, ArchiveEntryKind.Link, 0, [], input);
            case (byte)'3' or (byte)'4' or (byte)'6':
                _next = start + TarHeader.Size;
                return new TarEntry(name, ArchiveEntryKind.Special, 0, [], input);
            case (byte)'M':
                Report("tar.member.unsupported", "the rest of a file that began in another volume of the archive is not read", start);
                return null;
        }
        try
        {
            return type == (byte)'S' ? OldGnuSparse(start, size, name) : Regular(start, size, name, pax);
        }
        catch (ForensicException failure) when (failure is CorruptDataException or LimitExceededException)
        {
            Report("tar.member.damaged", failure.Message + "; the member is not read", start);
            return null;
        }
    }

    private TarEntry Regular(long start, long size, byte[] name, PaxRecords? pax)
    {
        long dataStart = start + TarHeader.Size;
        if (pax is { HasMapInData: true, RealSize: { } length })
        {
            var map = new SparseMap(context.Limits.ContentRuns);
            long mapSize = map.ReadFrom(input, size, start);
            return Sparse(name, map, dataStart + mapSize, size - mapSize, length, start);
        }
        if (pax is { Map: { } stated, RealSize: { } realSize })
        {
            return Sparse(name, stated, dataStart, size, realSize, start);
        }
        ContentRun[] runs = size > 0 ? [new ContentRun(0, size, dataStart)] : [];
        return new TarEntry(name, ArchiveEntryKind.Regular, size, Inside(runs, start), input);
    }

    private TarEntry OldGnuSparse(long start, long size, byte[] name)
    {
        var header = new TarHeader(_block);
        long realSize = TarHeader.Number(header.RealSizeField, Structure, start);
        var map = new SparseMap(context.Limits.ContentRuns);
        map.AddOldGnu(header.SparseEntries, start);
        bool isExtended = header.IsExtended;
        long dataStart = start + TarHeader.Size;
        byte[] extension = new byte[TarHeader.Size];
        while (isExtended)
        {
            if (input.ReadUpTo(extension) < TarHeader.Size)
            {
                throw new CorruptDataException("tar.sparse", start, "a further header of the sparse member", "the end of the archive");
            }
            map.AddOldGnu(extension.AsSpan(0, 21 * 24), start);
            isExtended = extension[504] != 0;
            dataStart += TarHeader.Size;
            // Until the map is known to be right, the data may begin after as many headers as there are.
            _next = dataStart;
            context.Cancellation.ThrowIfCancellationRequested();
        }
        _next = After(dataStart - TarHeader.Size, size);
        return Sparse(name, map, dataStart, size, realSize, start);
    }

    private TarEntry Sparse(byte[] name, SparseMap map, long dataStart, long stored, long length, long start) =>
        new(name, ArchiveEntryKind.Regular, length, Inside(map.Place(dataStart, stored, length, start), start), input);

    /// <summary>In an archive that ends too early, the runs as far as they are there.</summary>
    private ContentRun[] Inside(ContentRun[] runs, long start)
    {
        if (input.Source is not { } source || runs.Length == 0 || runs[^1].Physical <= source.Length - runs[^1].Length)
        {
            return runs;
        }
        Report("tar.truncated", "the archive ends inside this member: it is truncated, and what is missing reads as zeros", start);
        var inside = new List<ContentRun>();
        foreach (ContentRun run in runs)
        {
            if (run.Physical < source.Length)
            {
                inside.Add(run with { Length = Math.Min(run.Length, source.Length - run.Physical) });
            }
        }
        return [.. inside];
    }
}
