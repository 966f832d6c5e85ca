using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext;

/// <content>What replaying the journal did.</content>
public sealed partial class ExtFileSystem : IJournaledFileSystem
{
    /// <inheritdoc cref="IJournaledFileSystem.BeforeReplay"/>
    public ExtFileSystem? BeforeReplay { get; }

    /// <inheritdoc/>
    IFileSystem? IJournaledFileSystem.BeforeReplay => BeforeReplay;

    /// <inheritdoc/>
    /// <remarks>Limitations: a block holds several inodes; that of a neighbour may be the one that changed.</remarks>
    public bool IsTouchedByReplay(FileEntry entry)
    {
        ExtFileEntry own = Own(entry);
        if (own.FastCommit is not null)
        {
            return true;
        }
        if (_overlay is null)
        {
            return false;
        }
        _inodes.Read(own.MetadataAddress, out long offset);
        return _overlay.IsReplaced(offset, _layout.InodeSize) || IsAttributeBlockReplaced(own) || IsContentReplaced(own);
    }

    /// <inheritdoc/>
    public bool IsChangedByReplay(FileEntry entry, FileEntry before)
    {
        ExtFileEntry own = Own(entry);
        ExtFileEntry other = Own(before);
        if (BeforeReplay is null)
        {
            return false;
        }
        ReadOnlySpan<byte> after = (own.OwnInode ?? _inodes.Read(own.MetadataAddress, out _)).Span;
        ReadOnlySpan<byte> earlier = (other.OwnInode ?? BeforeReplay._inodes.Read(other.MetadataAddress, out _)).Span;
        if (!InodeView.SameButAccess(after, earlier) || own.FastCommit is { Ranges: not null } or { Names: not null })
        {
            return true;
        }
        return _overlay is not null && (IsAttributeBlockReplaced(own) && !HasSameAttributeBlock(own) || (own.Type != FileType.Directory && IsContentReplaced(own)));
    }

    private bool IsAttributeBlockReplaced(ExtFileEntry entry) =>
        entry.AttributeBlock != 0 && entry.AttributeBlock < (ulong)_layout.BlockCount && _overlay!.IsReplaced((long)entry.AttributeBlock * _layout.BlockSize, _layout.BlockSize);

    private bool HasSameAttributeBlock(ExtFileEntry entry)
    {
        long offset = (long)entry.AttributeBlock * _layout.BlockSize;
        return _volume.ReadArray(offset, _layout.BlockSize).AsSpan().SequenceEqual(BeforeReplay!._volume.ReadArray(offset, _layout.BlockSize));
    }

    private bool IsContentReplaced(ExtFileEntry own)
    {
        if (own.Type is not (FileType.Regular or FileType.Directory or FileType.SymbolicLink) || own.HasRawFlag(ExtInodeFlags.InlineData) || own.IsFastLink(_layout))
        {
            return false;
        }
        var watched = new WatchedVolume(_overlay!);
        foreach (ContentRun run in Map(own, own.Size, out _, watched))
        {
            if (_overlay!.IsReplaced(run.Physical, run.Length))
            {
                return true;
            }
        }
        return watched.HasReadReplaced;
    }
}
