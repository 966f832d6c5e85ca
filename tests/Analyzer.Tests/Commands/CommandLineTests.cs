using System.Text;
using Forensics.Analyzer.Commands;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Tests.Reports;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Analyzer.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-cli-").FullName;
    private readonly string _image;

    public CommandLineTests()
    {
        _image = Path.Combine(_folder, "random.raw");
        var bytes = new byte[8192];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(_image, bytes);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "name a command: scan, info")]
    [InlineData("bogus", "unknown command 'bogus'")]
    [InlineData("scna IMG", "unknown command 'scna'; did you mean 'scan'?")]
    [InlineData("--bogus", "unknown option '--bogus'")]
    [InlineData("scan", "IMAGE is missing")]
    [InlineData("scan --bogus", "unknown option '--bogus'")]
    [InlineData("scan IMG --fial-on high", "unknown option '--fial-on'; did you mean '--fail-on'?")]
    [InlineData("scan IMG --fial-on=high", "unknown option '--fial-on'; did you mean '--fail-on'?")]
    [InlineData("scan --fial-on high IMG", "unknown option '--fial-on'")]
    [InlineData("scan --rules a.yar --no-builtin-rule IMG", "unknown option '--no-builtin-rule'; did you mean '--no-builtin-rules'?")]
    [InlineData("scan --output --quiet2 IMG", "unknown option '--quiet2'")]
    [InlineData("scan IMG DIR/../DIRNAME/random.raw", "is named twice")]
    [InlineData("scan IMG --allow-parent DIR/none", "there is no folder")]
    [InlineData("scan IMG --temp DIR/none", "there is no folder")]
    [InlineData("scan IMG --snapshot daily", "there is no snapshot 'daily'; the image has no internal snapshots")]
    [InlineData("scan IMG --threads", "--threads needs a value")]
    [InlineData("scan IMG --threads 0", "--threads takes a number from 1 to 256, not '0'")]
    [InlineData("scan IMG --threads -1", "--threads takes a number")]
    [InlineData("scan IMG --threads 1.5", "--threads takes a number")]
    [InlineData("scan IMG --threads 99999999999999999999", "--threads takes a number")]
    [InlineData("scan IMG --fail-on terrible", "'terrible' is not a severity")]
    [InlineData("scan IMG --fail-on high --fail-on low", "--fail-on is given more than once")]
    [InlineData("scan IMG --allow-incomplete", "--allow-incomplete needs --fail-on")]
    [InlineData("scan IMG --profile deep", "'deep' is not a profile")]
    [InlineData("scan IMG -q -v", "--quiet and --verbose exclude each other")]
    [InlineData("scan IMG -format json", "unknown option '-format'")]
    [InlineData("scan IMG --format xml", "unknown format 'xml'; known are console, json")]
    [InlineData("scan IMG --format json --format console", "two formats would go to standard output")]
    [InlineData("scan IMG --format json=DIR/a --format console=DIR/a", "two formats would go to")]
    [InlineData("scan IMG --format json=", "names no file")]
    [InlineData("scan IMG --format json=DIR/a --output DIR/b", "every --format names its own file")]
    [InlineData("scan IMG --output IMG", "is the evidence file")]
    [InlineData("scan IMG --output DIR/../DIRNAME/random.raw", "is the evidence file")]
    [InlineData("scan IMG --output DIR", "is a directory")]
    [InlineData("scan IMG --output DIR/none/x", "does not exist")]
    [InlineData("scan IMG --output /dev/zero", "is a device")]
    [InlineData("info", "IMAGE is missing")]
    [InlineData("info IMG --format csv", "unknown format 'csv'")]
    [InlineData("cat IMG", "give either PATH or --inode N")]
    [InlineData("cat IMG --inode x", "--inode takes a number")]
    [InlineData("cat IMG relative", "is not an absolute path")]
    [InlineData(@"cat IMG /a\b", "is not an absolute path")]
    public void A_wrong_command_line_is_one_sentence_and_exit_2(string line, string expected)
    {
        (int code, string output, string error) = Run(line);
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Contains(expected, error.Split('\n')[0], StringComparison.Ordinal);
        Assert.True(error.Split('\n').Length <= 3, error);
        Assert.Equal([_image], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("scan DIR/none.raw", "there is no file")]
    [InlineData("scan DIR", "is a directory")]
    [InlineData("scan -- --looks-like-an-option", "there is no file '--looks-like-an-option'")]
    [InlineData("scan @response", "there is no file '@response'")]
    [InlineData("info DIR/none.raw", "there is no file")]
    [InlineData("cat DIR/none.raw /etc/passwd", "there is no file")]
    public void A_missing_image_is_exit_3(string line, string expected)
    {
        (int code, string output, string error) = Run(line);
        Assert.Equal(3, code);
        Assert.Equal("", output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scan --rules a.yar b.yar DIR/none.raw")]
    [InlineData("scan --rules a.yar DIR/none.raw --threads 2")]
    [InlineData("scan --rules=a.yar --rules b.yar DIR/none.raw -q")]
    [InlineData("scan --hashes h.csv --rules a.yar DIR/none.raw")]
    public void The_image_may_follow_an_option_with_several_values(string line)
    {
        (int code, _, string error) = Run(line);
        Assert.Equal(3, code);
        Assert.Contains("none.raw'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unclear_image_among_option_values_is_not_guessed() => Assert.Equal(2, Run("scan --rules a b --hashes c d").Code);

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("scan --help")]
    [InlineData("info -h")]
    [InlineData("cat --help")]
    public void Help_goes_to_standard_output_and_has_examples(string line)
    {
        (int code, string output, string error) = Run(line);
        Assert.Equal(0, code);
        Assert.Equal("", error);
        Assert.Contains("Usage:\n  deadbox", output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  deadbox ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_is_name_and_number()
    {
        (int code, string output, _) = Run("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"\Adeadbox [0-9]+\.[0-9]+\.[0-9]+\S*\n\z", output);
    }

    [Fact]
    public void Messages_are_escaped()
    {
        (int code, _, string error) = Run(["scan", "/tmp/\x1b[2J\u202Ename\n::error::"]);
        Assert.Equal(3, code);
        ConsoleReportTests.AssertPrintable(error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Random_bytes_are_refused_without_trace_and_the_report_says_that_nothing_was_read()
    {
        (int code, _, string error) = Run("scan IMG --format json=DIR/report.json");
        Assert.Equal(3, code);
        Assert.Contains("no volume of the image could be read", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        using var report = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "report.json")));
        Assert.Equal(0, report.RootElement.GetProperty("coverage").GetProperty("volumesExamined").GetInt32());
    }

    [Fact]
    public void Every_failure_has_its_code()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        CancellationToken running = CancellationToken.None;
        Assert.Equal(2, Fail(new UsageException("x"), running));
        Assert.Equal(3, Fail(new UnknownFormatException("x"), running));
        Assert.Equal(70, Fail(new InvalidOperationException("x"), running));
        Assert.Equal(70, Fail(new OperationCanceledException(), running));
        Assert.Equal(130, Fail(new OperationCanceledException(), cancelled.Token));
        Assert.Equal(75, Fail(new OutputException(new IOException("full", 28), "x"), running));
        Assert.Equal(141, Fail(new OutputException(new IOException("pipe", 32), "x"), running));
    }

    [Fact]
    public void An_internal_error_is_one_line_unless_debugging()
    {
        using var error = new StringWriter();
        var context = new CommandContext(Stream.Null, error, default);
        CommandLine.Guard(context, () => throw new InvalidOperationException("broken"));
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        using var debug = new StringWriter();
        CommandLine.Guard(new CommandContext(Stream.Null, debug, default) { IsDebugging = true }, () => throw new InvalidOperationException("broken"));
        Assert.Contains("CommandLineTests", debug.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, 75)]
    [InlineData(5, 75)]
    [InlineData(32, 141)]
    public void A_failing_standard_output_is_not_a_result(int errno, int expected)
    {
        using var error = new StringWriter();
        Assert.Equal(expected, CommandLine.Run(["--help"], new FailingStream(errno), error, TestContext.Current.CancellationToken));
        Assert.Equal(expected == 141, error.ToString().Length == 0);
    }

    private static int Fail(Exception exception, CancellationToken cancellation) =>
        CommandLine.Guard(new CommandContext(Stream.Null, TextWriter.Null, cancellation), () => throw exception);

    private (int Code, string Output, string Error) Run(string line) => Run([.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => word.Replace("IMG", _image, StringComparison.Ordinal).Replace("DIRNAME", Path.GetFileName(_folder), StringComparison.Ordinal).Replace("DIR", _folder, StringComparison.Ordinal))]);

    private static (int Code, string Output, string Error) Run(string[] args)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int code = CommandLine.Run(args, output, error, TestContext.Current.CancellationToken);
        return (code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    private sealed class FailingStream(int errno) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("failed", errno);
    }
}
