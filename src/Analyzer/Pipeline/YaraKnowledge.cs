using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Compiled YARA rules, or why there are none.</summary>
internal sealed class YaraKnowledge : IDisposable
{
    /// <summary>Environment variable that names the libyara to use instead of the system's.</summary>
    private const string LibraryVariable = "DEADBOX_LIBYARA";

    private readonly YaraEngine? _engine;

    private YaraKnowledge(YaraEngine? engine, YaraCompilation? compilation)
    {
        _engine = engine;
        Compilation = compilation;
    }

    /// <summary>The compiled rules; null when YARA does not run.</summary>
    public YaraCompilation? Compilation { get; }

    /// <summary>Rule files in use.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>Sentences for the log: bad files, slow strings, no libyara.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Why YARA makes the scan incomplete.</summary>
    public IReadOnlyList<string> Losses { get; private init; } = [];

    /// <summary>libyara's version.</summary>
    public string? Version => Compilation is null ? null : _engine?.Version;

    /// <summary>Loads and compiles. Throws <see cref="UsageException"/> when a path the user named does not exist or none of the user's files compiles.</summary>
    public static YaraKnowledge Load(ScanOptions options)
    {
        var files = new List<string>();
        string builtin = Path.Combine(AppContext.BaseDirectory, "signatures", "yara");
        if (options.UseBuiltinRules && Directory.Exists(builtin))
        {
            files.AddRange(RuleFiles(builtin));
        }
        int own = files.Count;
        foreach (string path in options.RulePaths)
        {
            if (!File.Exists(path) && !Directory.Exists(path))
            {
                throw new UsageException($"rules not found: {path}");
            }
            files.AddRange(Directory.Exists(path) ? RuleFiles(path) : [path]);
        }
        if (files.Count == 0)
        {
            return new YaraKnowledge(null, null);
        }
        YaraEngine engine;
        try
        {
            engine = YaraEngine.Load(Environment.GetEnvironmentVariable(LibraryVariable));
        }
        catch (YaraUnavailableException exception)
        {
            return new YaraKnowledge(null, null) { Warnings = [exception.Message], Losses = ["YARA rules were not run: " + exception.Message] };
        }
        YaraKnowledge? knowledge = null;
        try
        {
            knowledge = Compile(engine, options, files, own);
            return knowledge;
        }
        finally
        {
            if (knowledge is null)
            {
                engine.Dispose();
            }
        }
    }

    private static YaraKnowledge Compile(YaraEngine engine, ScanOptions options, List<string> files, int own)
    {
        YaraCompilation compilation = engine.Compile(files.Select(Source));
        string[] bad = [.. compilation.Messages.Where(message => message.IsError).Select(message => message.File).Distinct()];
        if (options.RulePaths.Count > 0 && files.Skip(own).All(file => bad.Contains(Path.GetFileName(file))))
        {
            YaraCompileMessage first = compilation.Messages.First(message => message.IsError);
            throw new UsageException($"no rule file given with --rules compiles: {first.File}({first.Line}): {first.Message}");
        }
        return new YaraKnowledge(engine, compilation)
        {
            Files = [.. files.Where(file => !bad.Contains(Path.GetFileName(file)))],
            Warnings = [.. compilation.Messages.Select(message => $"{message.File}({message.Line}): {(message.IsError ? "error" : "warning")}: {message.Message}")],
            Losses = [.. bad.Select(file => "a YARA rule file does not compile: " + file)],
        };
    }

    public void Dispose()
    {
        Compilation?.Dispose();
        _engine?.Dispose();
    }

    private static IEnumerable<string> RuleFiles(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".yar", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yara", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);

    private static YaraSource Source(string file)
    {
        try
        {
            return new YaraSource(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file, System.Text.Encoding.Latin1), Path.GetFileName(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"rules cannot be read: {file}: {exception.Message}");
        }
    }
}
