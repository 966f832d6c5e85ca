namespace Forensics.Analyzer;

/// <summary>Spreads independent pieces of work over as many threads as the user allows.</summary>
internal static class Threads
{
    /// <summary>Calls <paramref name="work"/> for 0 to <paramref name="count"/> - 1, in order on the caller's thread when <paramref name="threads"/> is 1. An exception of a piece is rethrown.</summary>
    public static void For(int count, int threads, Action<int> work)
    {
        if (threads <= 1 || count <= 1)
        {
            for (int i = 0; i < count; i++)
            {
                work(i);
            }
            return;
        }
        int next = -1;
        void Take()
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                work(i);
            }
        }
        var helpers = new Task[Math.Min(threads, count) - 1];
        for (int i = 0; i < helpers.Length; i++)
        {
            helpers[i] = Task.Run(Take);
        }
        try
        {
            Take();
        }
        finally
        {
            Task.WhenAll(helpers).GetAwaiter().GetResult();
        }
    }
}
