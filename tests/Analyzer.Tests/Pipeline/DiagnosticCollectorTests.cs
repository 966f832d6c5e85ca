using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

public sealed class DiagnosticCollectorTests
{
    [Fact]
    public void What_is_kept_does_not_depend_on_the_order_of_arrival()
    {
        int[] forward = [.. Enumerable.Range(0, 1000)];
        int[] backward = [.. forward.Reverse()];
        Assert.Equal(Collect(forward), Collect(backward));
        Assert.Equal(DiagnosticCollector.MaximumPerCode + 1, Collect(forward).Count);
    }

    [Fact]
    public void A_scope_adds_volume_and_path_only_where_they_are_missing()
    {
        var collector = new DiagnosticCollector();
        collector.For("gpt1@1", "/a").Report(new Diagnostic("x", "m") { Path = "/b" });
        Diagnostic only = Assert.Single(collector.ToList());
        Assert.Equal(("gpt1@1", "/b"), (only.Volume, only.Path));
    }

    private static IReadOnlyList<Diagnostic> Collect(int[] offsets)
    {
        var collector = new DiagnosticCollector();
        foreach (int offset in offsets)
        {
            collector.Report(new Diagnostic("code", "message") { Offset = offset });
        }
        return collector.ToList();
    }
}
