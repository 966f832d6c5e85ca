using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Tests.Reports;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

public sealed class OutputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-output-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_appears_only_when_committed()
    {
        string path = At("report.json");
        File.WriteAllText(path, "old");
        using (OutputFile abandoned = OutputFile.Create(path, At("image")))
        {
            abandoned.Stream.Write("new"u8);
            abandoned.Stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        }
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
        using (OutputFile kept = OutputFile.Create(path, At("image")))
        {
            kept.Stream.Write("new"u8);
            kept.Commit();
        }
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_evidence_is_refused_under_every_name()
    {
        string image = At("image.raw");
        File.WriteAllText(image, "evidence");
        Directory.CreateDirectory(At("sub"));
        File.CreateSymbolicLink(At("link"), image);
        File.CreateSymbolicLink(At("link2"), At("link"));
        Directory.CreateSymbolicLink(At("folder"), _folder);
        File.CreateSymbolicLink(At("indirect"), "folder/sub/../link2");
        foreach (string name in new[] { "indirect", "image.raw", "link", "link2", "folder/image.raw", "sub/../image.raw", "folder/link" })
        {
            Assert.Throws<UsageException>(() => OutputFile.Create(At(name), image));
            Assert.Throws<UsageException>(() => OutputFile.Create(image, At(name)));
        }
        Assert.Equal("evidence", File.ReadAllText(image));
    }

    [Fact]
    public void A_symbolic_link_keeps_pointing_at_the_result()
    {
        File.CreateSymbolicLink(At("latest"), At("report"));
        using (OutputFile file = OutputFile.Create(At("latest"), At("image")))
        {
            file.Stream.Write("x"u8);
            file.Commit();
        }
        Assert.NotNull(File.ResolveLinkTarget(At("latest"), false));
        Assert.Equal("x", File.ReadAllText(At("report")));
    }

    [Fact]
    public void Null_device_is_written_in_place()
    {
        using (OutputFile file = OutputFile.Create("/dev/null", At("image")))
        {
            file.Stream.Write("x"u8);
            file.Commit();
        }
        Assert.Equal(0, new FileInfo("/dev/null").Length);
        Assert.DoesNotContain(Directory.GetFiles("/dev"), name => name.StartsWith("/dev/.null", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_device_is_an_output_failure()
    {
        using OutputFile file = OutputFile.Create("/dev/full", At("image"));
        OutputException failure = Assert.Throws<OutputException>(() =>
        {
            file.Stream.Write(new byte[100_000]);
            file.Commit();
        });
        Assert.False(failure.IsBrokenPipe);
    }

    [Fact]
    public void Several_formats_are_written_to_their_places()
    {
        using var output = new MemoryStream();
        var context = new CommandContext(output, TextWriter.Null, default);
        using (ReportTargets targets = ReportTargets.Open(context, ["console", "json=" + At("a.json")], null, [At("image")], colours: true, verbose: false))
        {
            Assert.True(targets.ShowsConsole);
            targets.Write(ReportFixture.Ordinary());
        }
        Assert.StartsWith("COMPROMISED", System.Text.Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
        Assert.StartsWith("{", File.ReadAllText(At("a.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_run_leaves_no_file()
    {
        using var cancelled = new CancellationTokenSource();
        var context = new CommandContext(Stream.Null, TextWriter.Null, cancelled.Token);
        using (ReportTargets targets = ReportTargets.Open(context, ["json=" + At("a.json")], null, [At("image")], colours: true, verbose: false))
        {
            cancelled.Cancel();
            Assert.Throws<OperationCanceledException>(() => targets.Write(ReportFixture.Ordinary()));
        }
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private string At(string name) => Path.Combine(_folder, name);
}
