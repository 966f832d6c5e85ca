using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Forensics.Yara.Tests.Rules;

namespace Forensics.Yara.Tests.Binding;

public sealed class LifetimeTests
{
    private const string ChildVariable = "DEADBOX_TEST_YARA_CHILD";

    private const string Rules = """
        rule one : t { meta: m = "v" strings: $a = "alpha" $b = /be+ta/ condition: any of them }
        rule two { strings: $c = { 67 61 ?? 6D 61 } condition: #c > 1 and filename != "skip" }
        rule big { condition: filesize > 2000 }
        """;

    [Fact]
    public void Four_threads_see_what_one_thread_sees()
    {
        using YaraCompilation compilation = Library.Compile(Library.Source(Rules));
        byte[][] contents = [.. Enumerable.Range(0, 50).Select(Content)];
        using YaraScanner alone = compilation.Rules.CreateScanner(Library.Timeout);
        string expected = Digest(alone, contents);
        string[] actual = new string[4];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(i => new Thread(
            () =>
            {
                using YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
                actual[i] = Digest(scanner, contents);
            },
            YaraEngine.WorkerStackSize))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(actual, digest => Assert.Equal(expected, digest));
    }

    [Fact]
    public void Rules_and_scanners_outlive_engine_and_compilation()
    {
        YaraEngine engine = YaraEngine.Load();
        YaraCompilation compilation = engine.Compile([Library.Source(Rules)]);
        engine.Dispose();
        engine.Dispose();
        YaraScanner scanner = compilation.Rules.CreateScanner(Library.Timeout);
        compilation.Dispose();

        Assert.Equal(["one"], scanner.Scan("alpha"u8, default).Names());
        Assert.Throws<ObjectDisposedException>(() => engine.Compile([]));
        Assert.Throws<ObjectDisposedException>(() => compilation.Rules.CreateScanner(Library.Timeout));
        scanner.Dispose();
        scanner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scanner.Scan("alpha"u8, default));
    }

    [Fact]
    public void Many_engines_and_forgotten_objects_do_no_harm()
    {
        for (int i = 0; i < 200; i++)
        {
            Forget();
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Single(Library.Scan(Rules, "alpha").Matches);
    }

    [Fact]
    public void The_version_is_known()
    {
        Assert.Contains(Library.Engine.Version, (string[])["4.2", "4.3", "4.4-4.5"]);
    }

    [Fact]
    public void An_engine_on_a_given_library_scans_like_the_default_one()
    {
        // A second version of the library, if the one who runs the tests has it: DEADBOX_TEST_LIBYARA=/path/to/libyara.so.10
        string? other = Environment.GetEnvironmentVariable("DEADBOX_TEST_LIBYARA");
        Assert.SkipWhen(other is null, "DEADBOX_TEST_LIBYARA is not set");
        using YaraEngine engine = YaraEngine.Load(other);
        using YaraCompilation theirs = engine.Compile(ShippedRules.Sources);
        using YaraCompilation ours = Library.Engine.Compile(ShippedRules.Sources);
        using YaraScanner one = theirs.Rules.CreateScanner(Library.Timeout);
        using YaraScanner two = ours.Rules.CreateScanner(Library.Timeout);

        Assert.Empty(theirs.Messages);
        foreach (Sample sample in (IEnumerable<Sample>)[.. ShippedRules.Malicious, .. ShippedRules.Benign])
        {
            Assert.Equivalent(two.Scan(sample.Content, default), one.Scan(sample.Content, default), strict: true);
        }
    }

    [Fact]
    public void A_missing_library_says_what_to_install()
    {
        YaraUnavailableException exception = Assert.Throws<YaraUnavailableException>(() => YaraEngine.Load("/nonexistent/libyara.so"));

        Assert.Contains("/nonexistent/libyara.so", exception.Message, StringComparison.Ordinal);
        Assert.Contains("install", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        Assert.Throws<YaraUnavailableException>(() => YaraEngine.Load(typeof(LifetimeTests).Assembly.Location));
    }

    [Fact]
    public void Another_library_is_refused_by_the_function_it_lacks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the C library of Linux as a stranger");
        string stranger = Directory.EnumerateFiles("/usr/lib", "libm.so.6", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).First();

        Assert.Contains("yr_initialize", Assert.Throws<YaraUnavailableException>(() => YaraEngine.Load(stranger)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_null_reference_after_scans_of_two_threads_is_an_exception_and_not_a_hang()
    {
        string executable = Path.ChangeExtension(typeof(LifetimeTests).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null)!;
        Assert.SkipUnless(File.Exists(executable), "the test executable is absent");
        ProcessStartInfo start = new(executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"{typeof(LifetimeTests).FullName}.{nameof(Child_null_reference)}");
        start.Environment[ChildVariable] = "1";
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        if (!child.WaitForExit(60_000))
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail("the process hangs after a null reference");
        }
        Assert.True(child.ExitCode == 0, await output + await errors);
    }

    [Fact]
    public void Child_null_reference()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(ChildVariable) == "1", "runs in a child process of another test");
        Four_threads_see_what_one_thread_sees();
        string? nothing = Environment.GetEnvironmentVariable("DEADBOX_TEST_NEVER_SET");
        Assert.Throws<NullReferenceException>(() => nothing!.Length);
    }

    private static void Forget()
    {
        YaraEngine engine = YaraEngine.Load();
        YaraCompilation compilation = engine.Compile([Library.Source(Rules)]);
        compilation.Rules.CreateScanner(Library.Timeout).Scan("alpha"u8, default);
        engine.Dispose();
    }

    private static byte[] Content(int i) => Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Repeat($"{i} hay alpha beeta ga{(char)('a' + (i % 26))}ma gamma ", i % 7 * 10)) + (i % 3 == 0 ? "beta" : ""));

    private static string Digest(YaraScanner scanner, byte[][] contents)
    {
        StringBuilder text = new();
        for (int i = 0; i < 500; i++)
        {
            YaraScanResult result = scanner.Scan(contents[i % contents.Length], new(i % 2 == 0 ? "skip" : "take", "", "", "", "", ""));
            text.Append(result.Outcome).Append(';');
            foreach (YaraRuleMatch match in result.Matches)
            {
                text.Append(match.Rule).Append('/').AppendJoin(',', match.Meta).Append('/').AppendJoin(',', match.Tags).Append(match.IsTruncated);
                text.AppendJoin(',', match.Strings.Select(hit => $"{hit.Identifier}@{hit.Offset}+{hit.Length}:{Convert.ToHexString(hit.Data)}"));
            }
        }
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
