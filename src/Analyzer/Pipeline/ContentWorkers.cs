using System.Runtime.ExceptionServices;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Runs jobs on N threads that share nothing but byte sources and compiled rules. Jobs run in on-disk order, pulled in small batches; results stay with
/// their job, so that the order of threads never shows.
/// </summary>
internal sealed class ContentWorkers : IDisposable
{
    private const int Batch = 8;
    // libyara's regular expressions and deep trees want more than the default stack.
    private const int StackBytes = 16 << 20;

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
    public void Run(IReadOnlyList<ContentJob> jobs, IScanProgress progress)
    {
        int next = 0;
        ExceptionDispatchInfo? failure = null;
        var order = jobs.ToArray();
        Array.Sort(order, static (a, b) =>
        {
            int byVolume = a.VolumeIndex.CompareTo(b.VolumeIndex);
            int byPosition = byVolume != 0 ? byVolume : a.PhysicalOffset.CompareTo(b.PhysicalOffset);
            return byPosition != 0 ? byPosition : a.Entry.MetadataAddress.CompareTo(b.Entry.MetadataAddress);
        });

        void Work(ContentWorker worker)
        {
            try
            {
                long reported = worker.BytesRead;
                while (Volatile.Read(ref failure) is null && !_plan.Cancellation.IsCancellationRequested)
                {
                    int start = Interlocked.Add(ref next, Batch) - Batch;
                    if (start >= order.Length)
                    {
                        return;
                    }
                    int end = Math.Min(start + Batch, order.Length);
                    for (int i = start; i < end; i++)
                    {
                        worker.Do(order[i]);
                    }
                    progress.Advance(end - start, worker.BytesRead - reported);
                    reported = worker.BytesRead;
                }
            }
            catch (OperationCanceledException) when (_plan.Cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Not swallowed: a worker thread's exception is rethrown on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }

        var threads = new List<Thread>();
        foreach (ContentWorker worker in order.Length <= Batch ? _workers.Take(1) : _workers)
        {
            var thread = new Thread(() => Work(worker), StackBytes) { IsBackground = true, Name = "content" };
            thread.Start();
            threads.Add(thread);
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        failure?.Throw();
        _plan.Cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        foreach (ContentWorker worker in _workers)
        {
            worker.Dispose();
        }
    }
}
