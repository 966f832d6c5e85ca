using System.Buffers;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>Streams the entries of a directory block by block in logical order; a hashed directory is read as the linear one it also is.</summary>
internal sealed class DirectoryReader(IByteSource volume, ExtLayout layout, ExtDiagnostics diagnostics, ParseContext context)
{
    private const int LargestRead = 64 << 10;

    /// <summary>Entries of a directory whose content lies in blocks.</summary>
    public IEnumerable<DirectoryEntry> ReadBlocks(ExtFileEntry directory, ContentRun[] runs)
    {
        var parser = new DirectoryBlockParser(layout, diagnostics, directory);
        int blockSize = layout.BlockSize;
        long longestRun = 0;
        foreach (ContentRun run in runs)
        {
            longestRun = Math.Max(longestRun, run.Length);
        }
        int readSize = (int)Math.Clamp(longestRun, blockSize, LargestRead);
        // A sound directory cannot be larger than the volume, a hostile one may map the same block again and again.
        long bytesLeft = Math.Min(context.Limits.DirectoryBytes, layout.BlockCount * blockSize);
        int entriesLeft = context.Limits.DirectoryEntries;
        long expected = 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(readSize);
        RawDirectoryEntry[] entries = ArrayPool<RawDirectoryEntry>.Shared.Rent(blockSize / DirectoryBlockParser.SmallestRecord + 1);
        try
        {
            foreach (ContentRun run in runs)
            {
                ReportHole(directory, expected, run.Logical);
                expected = run.End;
                for (long position = 0; position < run.Length;)
                {
                    context.Cancellation.ThrowIfCancellationRequested();
                    int wanted = (int)Math.Min(readSize, run.Length - position);
                    long offset = run.Physical + position;
                    int count = Read(directory, offset, buffer.AsSpan(0, wanted));
                    position += wanted;
                    bytesLeft -= wanted;
                    for (int at = 0; at + blockSize <= count; at += blockSize)
                    {
                        ReadOnlyMemory<byte> block = buffer.AsMemory(at, blockSize);
                        parser.VerifyChecksum(block.Span, offset + at);
                        int found = parser.Parse(block.Span, offset + at, entries);
                        if (found == 0)
                        {
                            continue;
                        }
                        byte[] names = CopyNames(block.Span, entries.AsSpan(0, found));
                        int name = 0;
                        for (int i = 0; i < found; i++)
                        {
                            RawDirectoryEntry entry = entries[i];
                            yield return new DirectoryEntry(names.AsMemory(name, entry.NameLength), entry.Inode, entry.Type);
                            name += entry.NameLength;
                        }
                        entriesLeft -= found;
                    }
                    if (bytesLeft <= 0 || entriesLeft <= 0)
                    {
                        if (position < run.Length || run.End != runs[^1].End)
                        {
                            ReportLimit(directory);
                        }
                        yield break;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<RawDirectoryEntry>.Shared.Return(entries);
        }
    }

    /// <summary>Entries of a directory inside its inode: 4 bytes of parent and a chain in <c>i_block</c>, a second chain in the attribute.</summary>
    public IEnumerable<DirectoryEntry> ReadInline(ExtFileEntry directory, ReadOnlyMemory<byte> attributePart, long inodeOffset)
    {
        const int ParentSize = 4;
        var parser = new DirectoryBlockParser(layout, diagnostics, directory);
        byte[] area = directory.BlockAreaBytes[ParentSize..].ToArray();
        for (int part = 0; part < 2; part++)
        {
            ReadOnlyMemory<byte> data = part == 0 ? area : attributePart;
            var entries = new RawDirectoryEntry[data.Length / DirectoryBlockParser.SmallestRecord + 1];
            int found = parser.Parse(data.Span, inodeOffset, entries);
            for (int i = 0; i < found; i++)
            {
                RawDirectoryEntry entry = entries[i];
                yield return new DirectoryEntry(data.Slice(entry.NameOffset, entry.NameLength), entry.Inode, entry.Type);
            }
        }
    }

    private static byte[] CopyNames(ReadOnlySpan<byte> block, ReadOnlySpan<RawDirectoryEntry> entries)
    {
        int total = 0;
        foreach (ref readonly RawDirectoryEntry entry in entries)
        {
            total += entry.NameLength;
        }
        byte[] names = new byte[total];
        Span<byte> rest = names;
        foreach (ref readonly RawDirectoryEntry entry in entries)
        {
            block.Slice(entry.NameOffset, entry.NameLength).CopyTo(rest);
            rest = rest[entry.NameLength..];
        }
        return names;
    }

    /// <summary>Reads what can be read; a bad spot in a large read is narrowed down to its blocks.</summary>
    private int Read(ExtFileEntry directory, long offset, Span<byte> destination)
    {
        try
        {
            int count = volume.ReadUpTo(offset, destination);
            if (count < destination.Length)
            {
                Unreadable(directory, offset + count, "the end of the image");
            }
            return count;
        }
        catch (ImageReadException)
        {
            for (int at = 0; at < destination.Length; at += layout.BlockSize)
            {
                Span<byte> block = destination.Slice(at, Math.Min(layout.BlockSize, destination.Length - at));
                try
                {
                    if (volume.ReadUpTo(offset + at, block) == block.Length)
                    {
                        continue;
                    }
                }
                catch (ImageReadException failure)
                {
                    Unreadable(directory, offset + at, failure.Message);
                }
                // An all-zero block holds no valid record: it yields nothing.
                block.Clear();
            }
            return destination.Length;
        }
    }

    private void Unreadable(ExtFileEntry directory, long offset, string why) =>
        diagnostics.Report("ext4.directory.unreadable", "a directory block cannot be read", "a readable block", why, offset, directory.MetadataAddress, losesContent: true);

    private void ReportHole(ExtFileEntry directory, long expected, long actual)
    {
        if (actual > expected)
        {
            diagnostics.Report("ext4.directory.hole", "a directory has a hole", "a block at byte " + Text(expected) + " of the directory", "none before " + Text(actual),
                inode: directory.MetadataAddress);
        }
    }

    private void ReportLimit(ExtFileEntry directory) => diagnostics.Report("ext4.directory.limit", "a directory is larger than is read",
        $"at most {Text(context.Limits.DirectoryBytes)} bytes and {Text(context.Limits.DirectoryEntries)} entries", "more", inode: directory.MetadataAddress, losesContent: true);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
