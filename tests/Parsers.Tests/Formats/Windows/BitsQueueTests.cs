using Forensics.Parsers.Formats.Bits;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Queues of BITS, old and carved.</summary>
public sealed class BitsQueueTests
{
    [Fact]
    public void The_old_file_gives_jobs_with_their_files()
    {
        BitsQueueContent queue = BitsQueue.Parse(BitsQueueWriter.Old("upd", "http://203.0.113.9/a.exe", @"C:\ProgramData\a.exe", @"C:\Windows\System32\cmd.exe", "cmd.exe /c start a.exe"));
        BitsJobRecord job = Assert.Single(queue.Jobs);
        Assert.False(queue.IsCarved);
        Assert.Empty(queue.LooseFiles);
        Assert.Equal((BitsQueueWriter.Id, "upd", "what for", "S-1-5-18", 6u), (job.Id, job.DisplayName, job.Description, job.Owner, job.State));
        Assert.Equal((@"C:\Windows\System32\cmd.exe", "cmd.exe /c start a.exe"), (job.NotifyProgram, job.NotifyParameters));
        Assert.Equal([("http://203.0.113.9/a.exe", @"C:\ProgramData\a.exe"), ("http://203.0.113.9/a.exe2", @"C:\ProgramData\a.exe2")], job.Files.Select(file => (file.RemoteName, file.LocalName)));
    }

    [Fact]
    public void Records_of_the_database_are_carved_and_joined()
    {
        BitsQueueContent queue = BitsQueue.Parse(BitsQueueWriter.Database("upd", "http://203.0.113.9/a.exe", @"C:\a.exe"));
        Assert.True(queue.IsCarved);
        BitsJobRecord job = Assert.Single(queue.Jobs);
        Assert.Null(job.NotifyProgram);
        Assert.Equal("http://203.0.113.9/a.exe", Assert.Single(job.Files).RemoteName);
        Assert.Equal(("2026-01-02T00:00:00.000000000Z", "2026-01-03T00:00:00.000000000Z"), (job.Created.ToString(), job.Modified.ToString()));
        Assert.Empty(queue.LooseFiles);
    }

    [Fact]
    public void A_file_without_its_job_is_kept()
    {
        byte[] database = BitsQueueWriter.Database("upd", "http://203.0.113.9/a.exe", @"C:\a.exe");
        database.AsSpan(4096, 16).Clear();
        BitsQueueContent queue = BitsQueue.Parse(database);
        Assert.Empty(queue.Jobs);
        Assert.Equal("http://203.0.113.9/a.exe", Assert.Single(queue.LooseFiles).RemoteName);
        Assert.Empty(BitsQueue.Parse([]).Jobs);
    }

    [Fact]
    public void Changed_queues_are_read_soon() => Mutations.Run(
        [BitsQueueWriter.Old("upd", "http://a", @"C:\a", "x", "y"), BitsQueueWriter.Database("upd", "http://a", @"C:\a", "x", "y")], 5000, bytes => Assert.InRange(BitsQueue.Parse(bytes).Jobs.Count, 0, 10));
}
