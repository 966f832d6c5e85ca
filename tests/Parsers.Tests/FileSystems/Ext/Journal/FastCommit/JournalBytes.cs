using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.FileSystems.Ext.Journal;
using Forensics.Parsers.FileSystems.Ext.Journal.FastCommit;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>The fast-commit area of an image, to be read and replaced.</summary>
internal sealed class JournalBytes
{
    private readonly FastCommitArea _area;

    public JournalBytes(byte[] image)
    {
        Image = image;
        byte[] superblock = image.AsSpan((int)Superblock.PrimaryOffset, Superblock.Size).ToArray();
        Layout = new ExtLayout(new Superblock(superblock));
        var plain = (ExtFileSystem)ExtWalk.Open(new MemorySource(image), journal: JournalView.Ignore);
        Log = JournalLocator.Find(plain, superblock, Layout, [], out _)!;
        Plan = JournalReplay.Plan(Log, Layout, CancellationToken.None);
        _area = FastCommitArea.Of(Log)!;
    }

    public byte[] Image { get; }

    public ExtLayout Layout { get; }

    public JournalLog Log { get; }

    public ReplayPlan Plan { get; }

    public byte[] ReadArea() => Log.Source.ReadArray(_area.FirstBlock * _area.BlockSize, (int)(_area.BlockCount * _area.BlockSize));

    /// <summary>Replaces the whole area; what <paramref name="content"/> does not fill becomes zero.</summary>
    public void WriteArea(byte[] content)
    {
        Array.Resize(ref content, (int)(_area.BlockCount * _area.BlockSize));
        var source = Assert.IsType<RunListSource>(Log.Source);
        for (int at = 0; at < content.Length; at += _area.BlockSize)
        {
            long offset = _area.FirstBlock * _area.BlockSize + at;
            ContentRun run = source.Runs.Single(r => r.Logical <= offset && offset < r.End);
            content.AsSpan(at, _area.BlockSize).CopyTo(Image.AsSpan((int)(run.Physical + offset - run.Logical)));
        }
    }
}
