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
/// Runs jobs on N threads that share nothing but byte sources and compiled rules. While the walk goes on, all threads but the walking one already work on what it offers.
/// Results stay with their job, so that the order of threads never shows.
/// </summary>
internal sealed class ContentWorkers : IDisposable
{
    // Offered in pieces that are sorted by place: the walk meets a directory's files in the order of their names.
    private const int OfferedTogether = 64;

    private readonly ContentPlan _plan;
    private readonly ContentWorker?[] _workers;
    private readonly List<ContentJob> _offer = [];
    private JobRound? _ahead;
    private List<Thread> _aheadThreads = [];

    public ContentWorkers(ContentPlan plan, int threads)
    {
        _plan = plan;
        _workers = new ContentWorker?[threads];
    }

    /// <summary>How many threads there are.</summary>
    public int Threads => _workers.Length;

    /// <summary>Content bytes read by all workers.</summary>
    public long BytesRead => _workers.Sum(worker => worker?.BytesRead ?? 0);

    /// <summary>From here on to <see cref="RunOffered"/> jobs may be offered. With one thread they wait for it.</summary>
    public void BeginOffers()
    {
        _ahead = new JobRound(_plan, JobOrder.OnDisk, NullProgress.Instance);
        _aheadThreads = Start(_ahead, 1, _workers.Length);
    }

    /// <summary>Hands over a job that needs nothing more of the walk. Called by the walking thread only.</summary>
    public void Offer(ContentJob job)
    {
        _offer.Add(job);
        if (_offer.Count >= OfferedTogether)
        {
            _ahead!.Add(Sort(_offer, JobOrder.OnDisk));
            _offer.Clear();
        }
    }

    /// <summary>
    /// Does what was offered and is not done yet, and of <paramref name="jobs"/> those that were not offered, on all threads; returns when the last is done.
    /// </summary>
    public void RunOffered(IEnumerable<ContentJob> jobs, IScanProgress progress)
    {
        JobRound round = _ahead!;
        ContentJob[] rest = [.. _offer, .. jobs.Where(job => !job.IsOffered)];
        _offer.Clear();
        // An archive is read by one thread alone and takes longest: begun last, it would keep the others waiting.
        round.Close(pending => Begin([.. Sort([.. pending, .. rest], JobOrder.OnDisk).OrderByDescending(job => job.IsReadForwardOnly)], progress), progress);
        _aheadThreads.AddRange(Start(round, 0, 1));
        Finish(round, _aheadThreads);
        _ahead = null;
    }

    /// <summary>Does all jobs; returns when the last is done. Rethrows the first unexpected exception of a worker.</summary>
    public void Run(IReadOnlyList<ContentJob> jobs, JobOrder order, IScanProgress progress)
    {
        var round = new JobRound(_plan, order, progress);
        round.Close(_ => Sort(jobs, order), progress);
        Finish(round, Start(round, 0, jobs.Count <= 1 ? 1 : _workers.Length));
    }

    public void Dispose()
    {
        // Only after a failure between the walk and the run are there still threads.
        _ahead?.Close(_ => [], NullProgress.Instance);
        foreach (Thread thread in _aheadThreads)
        {
            thread.Join();
        }
        foreach (ContentWorker? worker in _workers)
        {
            worker?.Dispose();
        }
    }

    private static ContentJob[] Begin(ContentJob[] jobs, IScanProgress progress)
    {
        // Lengths come from the image: their sum saturates.
        long total = 0;
        foreach (ContentJob job in jobs.Where(job => job.IsWanted || job.Claims is not null))
        {
            total = job.Length > long.MaxValue - total ? long.MaxValue : total + job.Length;
        }
        progress.Begin("examine", jobs.Length, total);
        return jobs;
    }

    private List<Thread> Start(JobRound round, int first, int end)
    {
        var threads = new List<Thread>();
        for (int i = first; i < end; i++)
        {
            int number = i;
            // A worker is made on its thread: that waits until the rules are compiled, which the walk need not.
            var thread = new Thread(() => round.Work(() => _workers[number] ??= new ContentWorker(_plan)), JobRound.StackBytes) { IsBackground = true, Name = "content" };
            thread.Start();
            threads.Add(thread);
        }
        return threads;
    }

    private void Finish(JobRound round, List<Thread> threads)
    {
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        threads.Clear();
        round.Failure?.Throw();
        _plan.Cancellation.ThrowIfCancellationRequested();
    }

    private static ContentJob[] Sort(IReadOnlyList<ContentJob> jobs, JobOrder order)
    {
        ContentJob[] sorted = [.. jobs];
        Array.Sort(sorted, (a, b) =>
        {
            int result = order == JobOrder.LargestFirst ? b.Length.CompareTo(a.Length) : 0;
            result = result != 0 ? result : a.VolumeIndex.CompareTo(b.VolumeIndex);
            result = result != 0 ? result : a.PhysicalOffset.CompareTo(b.PhysicalOffset);
            result = result != 0 ? result : a.Entry.MetadataAddress.CompareTo(b.Entry.MetadataAddress);
            return result != 0 ? result : string.CompareOrdinal(a.Stream?.Name, b.Stream?.Name);
        });
        return sorted;
    }
}
