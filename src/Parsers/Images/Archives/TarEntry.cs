using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A member of a tar. Its runs are places in the archive, in order there and in the file.</summary>
internal sealed class TarEntry(byte[] rawName, ArchiveEntryKind kind, long length, ContentRun[] runs, TarInput input) : ArchiveEntry(rawName, kind, length)
{
    public override IByteSource? Direct => input.Source is not { } source ? null
        : runs.Length == 1 && runs[0].Length == Length ? new Slice(source, runs[0].Physical, Length)
        : new RunListSource(source, runs, Length);

    public override long StoredLength
    {
        get
        {
            long stored = 0;
            foreach (ContentRun run in runs)
            {
                stored += run.Length;
            }
            return stored;
        }
    }

    public override ForwardReader OpenReader() => new Reader(runs, Length, input);

    private sealed class Reader(ContentRun[] runs, long length, TarInput input) : ForwardReader
    {
        private int _run;
        private long _position;

        public override long InputPosition => input.InputPosition;

        public override long InputLength => input.InputLength;

        public override int Read(Span<byte> destination)
        {
            if (_position >= length)
            {
                return 0;
            }
            long hole = Hole();
            if (hole > 0)
            {
                int zeros = (int)Math.Min(hole, destination.Length);
                destination[..zeros].Clear();
                _position += zeros;
                return zeros;
            }
            ContentRun run = runs[_run];
            long at = run.Physical + (_position - run.Logical);
            input.SkipTo(at, CancellationToken.None);
            int wanted = (int)Math.Min(destination.Length, run.End - _position);
            int count = input.ReadUpTo(destination[..wanted]);
            if (count < wanted)
            {
                throw CodecErrors.Truncated("tar.member", input.Position);
            }
            _position += count;
            if (_position == run.End)
            {
                _run++;
            }
            return count;
        }

        public override long SkipHole()
        {
            long hole = Hole();
            _position += hole;
            return hole;
        }

        private long Hole() => Math.Max(0, (_run < runs.Length ? runs[_run].Logical : length) - _position);
    }
}
