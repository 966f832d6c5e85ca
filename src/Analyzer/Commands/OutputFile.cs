using Forensics.Analyzer.Pipeline;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// A result file that appears whole or not at all: written beside its place under a temporary name, renamed by <see cref="Commit"/>, removed when
/// disposed before that. <c>/dev/null</c>, <c>/dev/fd/N</c> and their like are written directly, other devices refused.
/// </summary>
/// <remarks>Limitations: a named pipe elsewhere is replaced by a file.</remarks>
internal sealed class OutputFile : IDisposable
{
    private const int LinkHops = 40;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private readonly FileStream _file;
    private readonly string? _temporary;
    private bool _isCommitted;

    private OutputFile(string path, string? temporary)
    {
        TargetPath = path;
        _temporary = temporary;
        _file = temporary is null
            ? new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)
            : new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 << 10);
        Stream = new GuardedOutput(_file, path);
    }

    /// <summary>Absolute path of the result, symbolic links resolved.</summary>
    public string TargetPath { get; }

    /// <summary>Where to write; failures are <see cref="OutputException"/>.</summary>
    public Stream Stream { get; }

    /// <summary>
    /// Creates the temporary file, so that a place that cannot be written is known before the work. Throws <see cref="UsageException"/> for such a place and
    /// when the path is an evidence file.
    /// </summary>
    public static OutputFile Create(string path, params IEnumerable<string> evidencePaths)
    {
        try
        {
            string full = Path.GetFullPath(path);
            if (IsStream(full))
            {
                return new OutputFile(full, temporary: null);
            }
            if (!Directory.Exists(Path.GetDirectoryName(full)))
            {
                throw new UsageException("the folder of the output '" + path + "' does not exist");
            }
            string target = FinalPath(path);
            if (evidencePaths.Any(evidence => target == FinalPath(evidence)))
            {
                throw new UsageException("the output '" + path + "' is the evidence file; choose another name");
            }
            if (Directory.Exists(target))
            {
                throw new UsageException("the output '" + path + "' is a directory");
            }
            if (target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal))
            {
                throw new UsageException("the output '" + path + "' is a device");
            }
            string temporary = Path.Combine(Path.GetDirectoryName(target) ?? "", "." + Path.GetFileName(target) + "." + Path.GetRandomFileName());
            return new OutputFile(target, temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (exception is IOException && exception.HResult is NoSpace or QuotaExceeded)
            {
                throw new OutputException(exception, path);
            }
            throw new UsageException("cannot create the output '" + path + "': " + exception.Message);
        }
    }

    /// <summary>Puts the file in its place.</summary>
    public void Commit()
    {
        Stream.Flush();
        try
        {
            if (_temporary is not null)
            {
                _file.Flush(flushToDisk: true);
            }
            _file.Dispose();
            if (_temporary is not null)
            {
                File.Move(_temporary, TargetPath, overwrite: true);
            }
            _isCommitted = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(exception, TargetPath);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isCommitted)
        {
            return;
        }
        try
        {
            _file.Dispose();
        }
        catch (IOException exception)
        {
            // The file is thrown away; that its last bytes did not fit does not matter any more.
            System.Diagnostics.Debug.WriteLine(exception.Message);
        }
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    /// <summary>Files that are written in place. Other devices are refused: one may be the evidence.</summary>
    private static bool IsStream(string path) => path is "/dev/null" or "/dev/full" or "/dev/tty" or "/dev/stdout" or "/dev/stderr"
        || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);

    /// <summary>The absolute path behind all symbolic links of the file and its directory; a file that does not exist yet keeps its name.</summary>
    internal static string FinalPath(string path)
    {
        string current = Path.GetFullPath(path);
        for (int hop = 0; hop < LinkHops; hop++)
        {
            string? folder = Path.GetDirectoryName(current);
            if (folder is not null)
            {
                current = Path.Combine(FinalFolder(folder), Path.GetFileName(current));
            }
            if (new FileInfo(current).LinkTarget is null || File.ResolveLinkTarget(current, returnFinalTarget: false) is not FileSystemInfo next)
            {
                return current;
            }
            current = next.FullName;
        }
        throw new IOException("too many symbolic links");
    }

    private static string FinalFolder(string folder)
    {
        string? parent = Path.GetDirectoryName(folder);
        string path = parent is null ? folder : Path.Combine(FinalFolder(parent), Path.GetFileName(folder));
        return new DirectoryInfo(path).LinkTarget is null ? path : Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }
}
