using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Collects the runs of one inode in logical order: merges neighbours, cuts at the file's size, drops what cannot be.</summary>
internal sealed class RunBuilder
{
    private readonly ExtLayout _layout;
    private readonly ExtDiagnostics _diagnostics;
    private readonly long _size;
    private readonly long _imageLength;
    private readonly int _mostRuns;
    private readonly ulong _inode;
    private ContentRun[] _runs = [];
    private int _count;

    /// <param name="layout">Geometry.</param>
    /// <param name="diagnostics">Where dropped runs are reported.</param>
    /// <param name="inode">Inode number.</param>
    /// <param name="size">Bytes that matter; what lies past them (preallocation, verity tree) is left out.</param>
    /// <param name="imageLength">Bytes of the volume that are really there.</param>
    /// <param name="mostRuns">Limit of runs.</param>
    public RunBuilder(ExtLayout layout, ExtDiagnostics diagnostics, ulong inode, long size, long imageLength, int mostRuns)
    {
        _layout = layout;
        _diagnostics = diagnostics;
        _inode = inode;
        _size = size;
        _imageLength = imageLength;
        _mostRuns = mostRuns;
        // Rounded up without overflow: a size near 2^63 is legal in a sparse file.
        LogicalBlocks = size / layout.BlockSize + (size % layout.BlockSize == 0 ? 0 : 1);
    }

    /// <summary>Blocks that the size covers; nothing at or past it is of interest.</summary>
    public long LogicalBlocks { get; }

    /// <summary>First logical block that no accepted run covers yet.</summary>
    public long NextBlock { get; private set; }

    /// <summary>Whether something was dropped as impossible.</summary>
    public bool Dropped { get; private set; }

    /// <summary>Whether a node below the root names nothing: what truncation leaves behind, never part of a file in use.</summary>
    public bool HasEmptyNode { get; private set; }

    /// <summary>Notes a node below the root that names nothing.</summary>
    public void NoteEmptyNode() => HasEmptyNode = true;

    public ContentRun[] ToArray()
    {
        if (_count != _runs.Length)
        {
            Array.Resize(ref _runs, _count);
        }
        return _runs;
    }

    /// <summary>Adds initialised blocks. Throws <c>LimitExceededException</c> past the limit of runs.</summary>
    public void Add(long logical, long count, long physical, string structure)
    {
        if (logical >= LogicalBlocks)
        {
            return;
        }
        if (!_layout.ContainsBlocks(physical, count))
        {
            Drop(structure + ".range", "a run of blocks lies outside the volume", $"blocks inside 1 to {Text(_layout.BlockCount - 1)}", $"{Text(count)} from {Text(physical)}", physical);
            return;
        }
        if (logical < NextBlock)
        {
            Drop(structure + ".overlap", "a run covers blocks of the file that an earlier run has", "logical block " + Text(NextBlock) + " or later", Text(logical), physical);
            return;
        }
        NextBlock = logical + count;
        long start = logical * _layout.BlockSize;
        long length = NextBlock > LogicalBlocks ? _size - start : Math.Min(count * _layout.BlockSize, _size - start);
        long position = physical * _layout.BlockSize;
        if (position > _imageLength - length)
        {
            _diagnostics.Report("ext4.content.truncated", "content lies past the end of the image", "an image of " + Text(position + length) + " bytes or more",
                Text(_imageLength), inode: _inode, losesContent: true);
        }
        if (_count > 0)
        {
            ref ContentRun last = ref _runs[_count - 1];
            if (last.End == start && last.Physical + last.Length == position)
            {
                last = last with { Length = last.Length + length };
                return;
            }
        }
        if (_count >= _mostRuns)
        {
            throw new LimitExceededException("content_runs", _count);
        }
        if (_count == _runs.Length)
        {
            Array.Resize(ref _runs, _count == 0 ? 1 : Math.Min(_mostRuns, _count * 2));
        }
        _runs[_count++] = new ContentRun(start, length, position);
    }

    /// <summary>Blocks that are allocated but never written: a hole to the reader, but taken.</summary>
    public void Skip(long logical, long count, string structure)
    {
        if (logical < NextBlock)
        {
            Drop(structure + ".overlap", "an unwritten run covers blocks of the file that an earlier run has", "logical block " + Text(NextBlock) + " or later", Text(logical), 0);
            return;
        }
        NextBlock = logical + count;
    }

    /// <summary>Reports a part of the map that cannot be used.</summary>
    public void Drop(string code, string message, string expected, string actual, long block)
    {
        Dropped = true;
        bool inside = block > 0 && block < _layout.BlockCount;
        _diagnostics.Report(code, message, expected, actual, inside ? block * _layout.BlockSize : -1, _inode, losesContent: true);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
