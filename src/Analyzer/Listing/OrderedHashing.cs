using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Listing;

/// <summary>
/// Digests for a listing without losing its order: one thread walks and fills batches, N threads hash them, and the caller's thread writes them in the order
/// they were filled. The number of batches under way is bounded. Without digests to compute, walking and writing still overlap.
/// </summary>
internal sealed class OrderedHashing : IDisposable
{
    private const int RowsPerBatch = 128;
    private const int BlockBytes = 1 << 20;

    private readonly FileRowWriter _writer;
    private readonly HashKinds _kinds;
    private readonly int _threads;
    private readonly IDiagnosticSink _diagnostics;
    private readonly CancellationTokenSource _stop;
    private readonly BlockingCollection<Batch> _toHash;
    private readonly BlockingCollection<Batch> _toWrite;
    private readonly ConcurrentDictionary<(IFileSystem, ulong, string?), ContentDigests> _hardLinks = new();
    private ExceptionDispatchInfo? _failure;

    public OrderedHashing(FileRowWriter writer, HashKinds kinds, int threads, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        _writer = writer;
        _kinds = kinds;
        _threads = threads;
        _diagnostics = diagnostics;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _toHash = new BlockingCollection<Batch>(threads * 4);
        _toWrite = new BlockingCollection<Batch>(threads * 4);
    }

    /// <summary>Runs the walk and writes every row. Rethrows what a thread threw.</summary>
    public void Run(Action<FileLister.RowAction> walk)
    {
        var threads = new List<Thread> { Start(() => Fill(walk), "walk") };
        for (int i = 0; i < _threads && _kinds != HashKinds.None; i++)
        {
            threads.Add(Start(Hash, "hash"));
        }
        try
        {
            foreach (Batch batch in _toWrite.GetConsumingEnumerable(_stop.Token))
            {
                batch.Done.Wait(_stop.Token);
                foreach (Row row in batch.Rows)
                {
                    _writer.Write(row.File with { Digests = row.Digests });
                }
            }
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            _failure.Throw();
        }
        finally
        {
            _stop.Cancel();
            threads.ForEach(thread => thread.Join());
        }
        _failure?.Throw();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _toHash.Dispose();
        _toWrite.Dispose();
    }

    private Thread Start(Action work, string name)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (OperationCanceledException)
            {
                // Stopped by the caller or by another thread's failure.
                return;
            }
#pragma warning disable CA1031 // Not swallowed: rethrown on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                _stop.Cancel();
            }
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void Fill(Action<FileLister.RowAction> walk)
    {
        var batch = new Batch();
        void Submit()
        {
            _toWrite.Add(batch, _stop.Token);
            if (_kinds == HashKinds.None)
            {
                batch.Done.Set();
            }
            else
            {
                _toHash.Add(batch, _stop.Token);
            }
            batch = new Batch();
        }
        walk((in FileRow row, IFileSystem fileSystem) =>
        {
            batch.Rows.Add(new Row(row, fileSystem));
            if (batch.Rows.Count == RowsPerBatch)
            {
                Submit();
            }
        });
        Submit();
        _toHash.CompleteAdding();
        _toWrite.CompleteAdding();
    }

    private void Hash()
    {
        using var hasher = new ContentHasher(_kinds);
        byte[] block = GC.AllocateUninitializedArray<byte>(BlockBytes);
        foreach (Batch batch in _toHash.GetConsumingEnumerable(_stop.Token))
        {
            foreach (Row row in batch.Rows)
            {
                if (row.File.HasContent)
                {
                    row.Digests = Digest(row, hasher, block);
                }
            }
            batch.Done.Set();
        }
    }

    private ContentDigests Digest(Row row, ContentHasher hasher, byte[] block)
    {
        FileEntry file = row.File.File;
        // An older state shares the number of a file, not its content.
        bool isShared = file.LinkCount > 1 && row.File.Allocation == Allocation.Allocated;
        if (isShared && _hardLinks.TryGetValue((row.FileSystem, file.MetadataAddress, row.File.Stream?.Name), out ContentDigests known))
        {
            return known;
        }
        if (row.File.IsBeyondAllowance)
        {
            _diagnostics.Report(new Diagnostic("hash.too-large", "the files of this volume claim far more content than it stores; this one was not hashed")
            {
                Volume = row.File.Volume, Path = row.File.Path, MetadataAddress = file.MetadataAddress, LosesContent = true,
                Actual = row.File.Size.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
            return default;
        }
        try
        {
            IByteSource content = row.FileSystem.OpenContent(file, row.File.Stream?.Name);
            for (long offset = 0; offset < content.Length;)
            {
                _stop.Token.ThrowIfCancellationRequested();
                int count = content.ReadUpTo(offset, block);
                if (count == 0)
                {
                    break;
                }
                hasher.Append(block.AsSpan(0, count));
                offset += count;
            }
            ContentDigests digests = hasher.Finish();
            if (isShared)
            {
                _hardLinks[(row.FileSystem, file.MetadataAddress, row.File.Stream?.Name)] = digests;
            }
            return digests;
        }
        catch (ForensicException exception)
        {
            hasher.Finish();
            _diagnostics.Report(new Diagnostic(exception.Code, exception.Message)
            {
                Volume = row.File.Volume, Path = row.File.Path, MetadataAddress = file.MetadataAddress, LosesContent = true,
            });
            return default;
        }
    }

    private sealed class Batch
    {
        public List<Row> Rows { get; } = new(RowsPerBatch);
        public ManualResetEventSlim Done { get; } = new();
    }

    private sealed class Row(FileRow file, IFileSystem fileSystem)
    {
        public FileRow File { get; } = file;
        public IFileSystem FileSystem { get; } = fileSystem;
        public ContentDigests Digests { get; set; }
    }
}
