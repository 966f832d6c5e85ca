using System.Runtime.ExceptionServices;
using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>In which order jobs run.</summary>
internal enum JobOrder
{
    /// <summary>As they lie on the medium: for many files.</summary>
    OnDisk,
    /// <summary>The largest first: for few files, so that no thread is left alone with the last one.</summary>
    LargestFirst,
}

/// <summary>
/// Runs jobs on N threads that share nothing but byte sources and compiled rules. Ordinary jobs are pulled in small batches; a large content is set aside until its
/// memory is free, and meanwhile the thread goes on with ordinary ones. Results stay with their job, so that the order of threads never shows.
/// </summary>
internal sealed class ContentWorkers : IDisposable
{
    private const int Batch = 8;
    // libyara's regular expressions and deep trees want more than the default stack.
    private const int StackBytes = YaraEngine.WorkerStackSize;

    private readonly ContentPlan _plan;
    private readonly ContentWorker[] _workers;

    public ContentWorkers(ContentPlan plan, int threads)
    {
        _plan = plan;
        _workers = new ContentWorker[threads];
        for (int i = 0; i < threads; i++)
        {
            _workers[i] = new ContentWorker(plan);
        }
    }

    /// <summary>Content bytes read by all workers.</summary>
    public long BytesRead => _workers.Sum(worker => worker.BytesRead);

    /// <summary>Does all jobs; returns when the last is done. Rethrows the first unexpected exception of a worker.</summary>
    public void Run(IReadOnlyList<ContentJob> jobs, JobOrder order, IScanProgress progress)
    {
        var round = new Round(_plan, Sort(jobs, order), order, progress);
        var threads = new List<Thread>();
        foreach (ContentWorker worker in jobs.Count <= 1 ? _workers.Take(1) : _workers)
        {
            var thread = new Thread(() => round.Work(worker), StackBytes) { IsBackground = true, Name = "content" };
            thread.Start();
            threads.Add(thread);
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        round.Failure?.Throw();
        _plan.Cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        foreach (ContentWorker worker in _workers)
        {
            worker.Dispose();
        }
    }

    private static ContentJob[] Sort(IReadOnlyList<ContentJob> jobs, JobOrder order)
    {
        ContentJob[] sorted = [.. jobs];
        Array.Sort(sorted, (a, b) =>
        {
            int result = order == JobOrder.LargestFirst ? b.Entry.Size.CompareTo(a.Entry.Size) : 0;
            result = result != 0 ? result : a.VolumeIndex.CompareTo(b.VolumeIndex);
            result = result != 0 ? result : a.PhysicalOffset.CompareTo(b.PhysicalOffset);
            return result != 0 ? result : a.Entry.MetadataAddress.CompareTo(b.Entry.MetadataAddress);
        });
        return sorted;
    }

    /// <summary>One run over a list of jobs; what its threads share.</summary>
    private sealed class Round(ContentPlan plan, ContentJob[] jobs, JobOrder order, IScanProgress progress)
    {
        private readonly int _batch = order == JobOrder.OnDisk ? Batch : 1;
        // A handful of started programs is soon done: there time counts more than memory.
        private readonly int _together = order == JobOrder.OnDisk ? ContentBuffers.TogetherBytes : ContentBuffers.MaximumBytes;

        private readonly Queue<ContentJob> _large = new();
        private readonly object _gate = new();
        private int _next;
        private int _ordinaryWorkers;

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Work(ContentWorker worker)
        {
            try
            {
                long reported = worker.BytesRead;
                while (Failure is null && !plan.Cancellation.IsCancellationRequested && Step(worker, out int done))
                {
                    progress.Advance(done, worker.BytesRead - reported);
                    reported = worker.BytesRead;
                }
            }
            catch (OperationCanceledException) when (plan.Cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Not swallowed: a worker thread's exception is rethrown on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                lock (_gate)
                {
                    Failure ??= ExceptionDispatchInfo.Capture(exception);
                    Monitor.PulseAll(_gate);
                }
            }
        }

        /// <summary>Does one large job or one batch of ordinary ones; false when nothing is left.</summary>
        private bool Step(ContentWorker worker, out int done)
        {
            done = 1;
            if (TryTakeLarge(out ContentJob? large, out ScanBuffer? memory))
            {
                try
                {
                    worker.DoLarge(large!, memory!);
                }
                finally
                {
                    plan.Buffers.Return(memory!);
                    lock (_gate)
                    {
                        Monitor.PulseAll(_gate);
                    }
                }
                return true;
            }
            int start;
            int end;
            lock (_gate)
            {
                start = _next;
                end = Math.Min(start + _batch, jobs.Length);
                if (start == end)
                {
                    return WaitForLarge(out done);
                }
                _next = end;
                _ordinaryWorkers++;
            }
            try
            {
                for (int i = start; i < end; i++)
                {
                    if (!worker.TryDo(jobs[i]))
                    {
                        lock (_gate)
                        {
                            _large.Enqueue(jobs[i]);
                        }
                    }
                }
            }
            finally
            {
                lock (_gate)
                {
                    _ordinaryWorkers--;
                    Monitor.PulseAll(_gate);
                }
            }
            done = end - start;
            return true;
        }

        /// <summary>No ordinary job is left: waits while large ones are queued without memory, or may still be found by others.</summary>
        private bool WaitForLarge(out int done)
        {
            done = 0;
            if (_large.Count == 0 && _ordinaryWorkers == 0)
            {
                return false;
            }
            Monitor.Wait(_gate, TimeSpan.FromMilliseconds(200));
            return true;
        }

        private bool TryTakeLarge(out ContentJob? job, out ScanBuffer? memory)
        {
            memory = null;
            lock (_gate)
            {
                if (!_large.TryPeek(out job) || (memory = plan.Buffers.TryRent(job.LargeLength, _together)) is null)
                {
                    return false;
                }
                _large.Dequeue();
                return true;
            }
        }
    }
}
