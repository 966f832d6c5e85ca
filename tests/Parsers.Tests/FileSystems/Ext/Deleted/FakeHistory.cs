using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>Older copies of blocks as a test wants them.</summary>
internal sealed class FakeHistory : IBlockHistory
{
    private readonly List<(BlockCopy Copy, byte[] Content)> _copies = [];

    public IReadOnlyList<long> Blocks => [.. _copies.Select(copy => copy.Copy.Block).Distinct().Order()];

    public FakeHistory Add(long block, uint sequence, Timestamp? committed, byte[] content)
    {
        _copies.Add((new BlockCopy(block, sequence, committed, _copies.Count, IsEscaped: false), content));
        return this;
    }

    // Sequence numbers wrap: 5 comes after 0xFFFFFFF0.
    public IReadOnlyList<BlockCopy> CopiesOf(long block) =>
        [.. _copies.Select(copy => copy.Copy).Where(copy => copy.Block == block).OrderByDescending(copy => unchecked((int)(copy.Sequence + 0x1000)))];

    public byte[] Read(BlockCopy copy) => _copies[(int)copy.JournalBlock].Content;

    /// <summary>A volume with this history behind it.</summary>
    public IDeletedFiles Open(byte[] image, IDiagnosticSink? diagnostics = null)
    {
        ParseContext context = ParseContext.Quiet with { Diagnostics = diagnostics ?? NullDiagnosticSink.Instance };
        return new ExtFileSystem(new MemorySource(image), new LocatedSuperblock(image[1024..2048], 1024), new ExtDiagnostics(context.Diagnostics), context, new JournalOutcome(null, NeedsRecovery: false) { History = this });
    }
}
