using System.Runtime.ExceptionServices;
using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// One run over a list of jobs that may still grow; what its threads share. Ordinary jobs are pulled in small batches; a large content is set aside until its memory is
/// free, and meanwhile the thread goes on with ordinary ones.
/// </summary>
internal sealed class JobRound(ContentPlan plan, JobOrder order, IScanProgress firstProgress)
{
    /// <summary>libyara's regular expressions and deep trees want more than the default stack.</summary>
    public const int StackBytes = YaraEngine.WorkerStackSize;

    private const int Batch = 8;

    private readonly int _batch = order == JobOrder.OnDisk ? Batch : 1;
    // A handful of started programs is soon done: there time counts more than memory.
    private readonly int _together = order == JobOrder.OnDisk ? ContentBuffers.TogetherBytes : ContentBuffers.MaximumBytes;

    private readonly List<ContentJob> _jobs = [];
    private readonly Queue<ContentJob> _large = new();
    private readonly object _gate = new();
    private volatile IScanProgress _progress = firstProgress;
    private int _next;
    private int _ordinaryWorkers;
    private bool _isClosed;

    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Adds jobs to a list that is not closed.</summary>
    public void Add(ContentJob[] jobs)
    {
        lock (_gate)
        {
            _jobs.AddRange(jobs);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The last jobs: <paramref name="order"/> is given those not yet taken and returns what is to be done from here on.</summary>
    public void Close(Func<IReadOnlyList<ContentJob>, ContentJob[]> order, IScanProgress progress)
    {
        lock (_gate)
        {
            ContentJob[] jobs = order(_jobs[_next..]);
            _jobs.Clear();
            _jobs.AddRange(jobs);
            _next = 0;
            _progress = progress;
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>What a thread does until nothing is left.</summary>
    public void Work(Func<ContentWorker> create)
    {
        try
        {
            ContentWorker worker = create();
            long reported = worker.BytesRead;
            while (Failure is null && !plan.Cancellation.IsCancellationRequested && Step(worker, out int done))
            {
                _progress.Advance(done, worker.BytesRead - reported);
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
        var batch = new ContentJob[_batch];
        lock (_gate)
        {
            done = Math.Min(_batch, _jobs.Count - _next);
            if (done == 0)
            {
                return Wait();
            }
            _jobs.CopyTo(_next, batch, 0, done);
            _next += done;
            _ordinaryWorkers++;
        }
        try
        {
            for (int i = 0; i < done; i++)
            {
                if (!worker.TryDo(batch[i]))
                {
                    lock (_gate)
                    {
                        _large.Enqueue(batch[i]);
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
        return true;
    }

    /// <summary>No ordinary job is there: waits while more may come, while large ones are queued without memory, or may still be found by others.</summary>
    private bool Wait()
    {
        if (_isClosed && _large.Count == 0 && _ordinaryWorkers == 0)
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
