using BenchmarkDotNet.Attributes;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Listing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;
using Forensics.Yara;

namespace Forensics.Benchmarks;

/// <summary>
/// The parts of the hot path. <see cref="List"/> works on the image named by the environment variable <c>DEADBOX_BENCH_IMAGE</c>, or on a committed sample.
/// </summary>
[MemoryDiagnoser]
public class HotPathBenchmarks : IDisposable
{
    private readonly byte[] _content = new byte[16 << 20];
    private readonly ContentHasher _hasher = new(HashKinds.Md5 | HashKinds.Sha256);
    private OpenedImage? _image;
    private YaraEngine? _engine;
    private YaraCompilation? _rules;
    private YaraScanner? _scanner;

    /// <summary>Opens what the benchmarks read.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        new Random(1).NextBytes(_content);
        "\u007fELF"u8.CopyTo(_content);
        string root = FindRoot();
        string path = Environment.GetEnvironmentVariable("DEADBOX_BENCH_IMAGE") ?? Path.Combine(root, "samples", "miner-linux", "miner-linux.qcow2");
        _image = OpenedImage.Open(new ImageSource(path), ScanLimits.Default, NullDiagnosticSink.Instance, CancellationToken.None);
        _engine = YaraEngine.Load();
        _rules = _engine.Compile(Directory.GetFiles(Path.Combine(root, "signatures", "yara"), "*.yar").Order(StringComparer.Ordinal)
            .Select(file => new YaraSource(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file), Path.GetFileName(file))));
        _scanner = _rules.Rules.CreateScanner(TimeSpan.FromSeconds(20));
    }

    /// <summary>Walks the image and writes the CSV listing.</summary>
    [Benchmark]
    public void List()
    {
        using var writer = new CsvRowWriter(Stream.Null);
        new FileLister(_image!, ScanLimits.Default, new DiagnosticCollector(), null, CancellationToken.None).Run(writer, HashKinds.None, 1);
    }

    /// <summary>MD5 and SHA-256 of 16 MiB in one pass.</summary>
    [Benchmark]
    public ContentDigests Hash()
    {
        _hasher.Append(_content);
        return _hasher.Finish();
    }

    /// <summary>The shipped YARA rules over 16 MiB.</summary>
    [Benchmark]
    public YaraScanResult Yara() => _scanner!.Scan(_content, default);

    /// <summary>The shipped YARA rules over 512 bytes: the fixed cost of a file.</summary>
    [Benchmark]
    public YaraScanResult YaraSmall() => _scanner!.Scan(_content.AsSpan(0, 512), default);

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _scanner?.Dispose();
        _rules?.Dispose();
        _engine?.Dispose();
        _image?.Dispose();
        _hasher.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Forensics.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("the solution folder is not above " + AppContext.BaseDirectory);
    }
}
