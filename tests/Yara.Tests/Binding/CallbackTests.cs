using Forensics.Yara.Compilation;
using Forensics.Yara.Native;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Tests.Binding;

public sealed class CallbackTests
{
    [Fact]
    public void An_exception_in_a_callback_stops_the_scan_and_is_kept()
    {
        LibYara library = LibYara.Acquire(null);
        try
        {
            using NativeCompiler compiler = new(library, library.Layout);
            Assert.True(compiler.Add(Library.Source("rule x { condition: true }")));
            using RulesHandle rules = compiler.GetRules();
            // A collector without a catalogue meets a null reference as soon as a rule matches.
            MatchCollector broken = new(null!);
            using ScannerHandle scanner = ScannerHandle.Create(rules, broken, 10);

            Assert.Equal(YaraError.CallbackError, scanner.Scan("content"u8));
            Assert.IsType<NullReferenceException>(broken.Failure?.SourceException);
        }
        finally
        {
            library.Release();
        }
    }

    [Theory]
    [InlineData(18, false)]
    [InlineData(19, true)]
    [InlineData(20, true)]
    [InlineData(21, false)]
    [InlineData(22, true)]
    [InlineData(0, false)]
    public void An_unknown_pair_of_format_version_and_export_has_no_layout(byte version, bool hasAddBytes)
    {
        Assert.Null(YaraLayout.For(version, hasAddBytes));
    }

    [Fact]
    public void A_scanner_refuses_a_second_thread_meanwhile()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source("rule x { condition: for all i in (1..filesize) : (for all j in (1..filesize) : (i + j > 0)) }"));
        using YaraScanner scanner = compilation.Rules.CreateScanner(TimeSpan.FromSeconds(2));
        using ManualResetEventSlim started = new();
        YaraScanResult? first = null;
        Thread thread = new(
            () =>
            {
                started.Set();
                first = scanner.Scan(new byte[1 << 20], default);
            },
            YaraEngine.WorkerStackSize);
        thread.Start();
        started.Wait(TestContext.Current.CancellationToken);
        Thread.Sleep(500);

        Assert.Throws<InvalidOperationException>(() => scanner.Scan("x"u8, default));
        thread.Join();
        Assert.Equal(YaraScanOutcome.TimedOut, first?.Outcome);
    }
}
