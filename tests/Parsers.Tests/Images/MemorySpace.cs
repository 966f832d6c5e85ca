using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Temporary space in memory that counts what is written, with an end when asked for.</summary>
internal sealed class MemorySpace(long room = long.MaxValue) : ITemporarySpace
{
    private readonly List<SparseMemory> _files = [];

    /// <summary>Bytes written by all.</summary>
    public long Written => _files.Sum(file => file.Written);

    /// <summary>Files made.</summary>
    public int Files => _files.Count;

    public ITemporaryFile Create(string purpose, long expectedLength)
    {
        var file = new SparseMemory(this, room);
        _files.Add(file);
        return file;
    }

    private sealed class SparseMemory(MemorySpace space, long room) : ITemporaryFile
    {
        private const int ChunkSize = 4096;

        private readonly SortedDictionary<long, byte[]> _chunks = [];
        private readonly Lock _lock = new();

        public long Written { get; private set; }

        public long Length { get; private set; }

        public void SetLength(long length) => Length = length;

        public void Write(long offset, ReadOnlySpan<byte> data)
        {
            lock (_lock)
            {
                Written += data.Length;
                if (space.Written > room)
                {
                    throw new TemporarySpaceException("the test has no more room");
                }
                Length = Math.Max(Length, offset + data.Length);
                while (!data.IsEmpty)
                {
                    int within = (int)(offset % ChunkSize);
                    int count = Math.Min(ChunkSize - within, data.Length);
                    if (!_chunks.TryGetValue(offset / ChunkSize, out byte[]? chunk))
                    {
                        _chunks.Add(offset / ChunkSize, chunk = new byte[ChunkSize]);
                    }
                    data[..count].CopyTo(chunk.AsSpan(within));
                    data = data[count..];
                    offset += count;
                }
            }
        }

        public int ReadAt(long offset, Span<byte> destination)
        {
            lock (_lock)
            {
                int wanted = (int)Math.Max(0, Math.Min(destination.Length, Length - offset));
                int done = 0;
                while (done < wanted)
                {
                    int within = (int)((offset + done) % ChunkSize);
                    int count = Math.Min(ChunkSize - within, wanted - done);
                    Span<byte> part = destination.Slice(done, count);
                    if (_chunks.TryGetValue((offset + done) / ChunkSize, out byte[]? chunk))
                    {
                        chunk.AsSpan(within, count).CopyTo(part);
                    }
                    else
                    {
                        part.Clear();
                    }
                    done += count;
                }
                return done;
            }
        }

        public bool NextData(long offset, out long start, out long length)
        {
            lock (_lock)
            {
                foreach (long chunk in _chunks.Keys)
                {
                    if ((chunk + 1) * ChunkSize > offset && chunk * ChunkSize < Length)
                    {
                        start = Math.Max(offset, chunk * ChunkSize);
                        length = Math.Min(Length, (chunk + 1) * ChunkSize) - start;
                        return true;
                    }
                }
                start = Length;
                length = 0;
                return false;
            }
        }
    }
}

/// <summary>Opens images as the program does, with temporary space in memory and diagnostics kept.</summary>
internal sealed class Opening
{
    public MemorySpace Space { get; init; } = new();

    public DiagnosticList Diagnostics { get; } = new();

    public ScanLimits Limits { get; init; } = ScanLimits.Default;

    public CancellationToken Cancellation { get; init; }

    public ParseContext Context => new(Limits, Diagnostics, Cancellation) { Images = new ImageAccess { Temporary = Space } };

    public bool LostContent => Diagnostics.Items.Any(item => item.LosesContent);

    public DiskImage Open(byte[] image) => ImageProbe.Open(new MemorySource(image), Catalog.Images, Context);

    public DiskImage OpenFile(string path) => ImageProbe.Open(new FileByteSource(path), Catalog.Images, Context);

    public static byte[] All(IByteSource content) => content.ReadArray(0, checked((int)content.Length));
}
