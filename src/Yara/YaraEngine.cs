using Forensics.Yara.Compilation;
using Forensics.Yara.Native;

namespace Forensics.Yara;

/// <summary>
/// A loaded and self-tested libyara. One engine serves the whole process; engines on the same library share its initialisation, and the library is
/// finalised when the last engine, rule set and scanner that uses it has gone.
/// <para>Specification: <see href="https://yara.readthedocs.io/en/stable/capi.html"/>.</para>
/// </summary>
/// <remarks>
/// <b>Limitations</b>: libyara 4.2 to 4.5 on 64-bit processes. YARA-X is not libyara and is not loaded. Rules are taken as source text only: compiled
/// rules are code for libyara's virtual machine and must never come from elsewhere. A fault inside libyara ends the process.
/// Threads that scan need a stack of <see cref="WorkerStackSize"/> bytes, since libyara recurses; compiling brings its own.
/// </remarks>
public sealed class YaraEngine : IDisposable
{
    /// <summary>Stack in bytes that a thread needs which scans (<c>new Thread(work, YaraEngine.WorkerStackSize)</c>): 16 MiB.</summary>
    public const int WorkerStackSize = 16 << 20;

    private readonly LibYara _library;
    private bool _disposed;

    private YaraEngine(LibYara library)
    {
        _library = library;
        Version = library.Layout.Version;
    }

    /// <summary>The libyara version as far as the library tells it by the version of its compiled rules: <c>4.2</c>, <c>4.3</c> or <c>4.4-4.5</c>.</summary>
    public string Version { get; }

    /// <summary>Loads libyara, finds out which memory layout it uses and proves that by a scan.</summary>
    /// <param name="libraryPath">The library file; null searches the names the distributions use.</param>
    /// <exception cref="YaraUnavailableException">No library, a version that is not supported, or a failed self-test.</exception>
    public static YaraEngine Load(string? libraryPath = null) => new(LibYara.Acquire(libraryPath));

    /// <summary>
    /// Compiles rule sources file by file: a bad file is reported in <see cref="YaraCompilation.Messages"/> and the others load. Includes are refused.
    /// </summary>
    /// <remarks>Takes as long as the rules need (thousands of rules: about a second). Not meant to be called from several threads for the same sources.</remarks>
    public YaraCompilation Compile(IEnumerable<YaraSource> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ObjectDisposedException.ThrowIf(_disposed, this);
        YaraSource[] files = [.. sources];
        // Rule files come from anywhere, and libyara recurses over their expressions: the caller's stack may be too small for that.
        Task<YaraCompilation> compilation = new(() => new RuleCompiler(_library).Compile(files));
        Thread worker = new(() => compilation.RunSynchronously(TaskScheduler.Default), WorkerStackSize) { IsBackground = true, Name = "YARA compiler" };
        worker.Start();
        return compilation.GetAwaiter().GetResult();
    }

    /// <summary>Releases this engine. Rule sets and scanners made by it stay usable until they are disposed themselves.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _library.Release();
        }
    }
}
