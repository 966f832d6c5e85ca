using Forensics.Analyzer.Pipeline;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// A result file that appears whole or not at all: written beside its place under a temporary name, renamed by <see cref="Commit"/>, removed when
/// disposed before that. Devices and pipes below <c>/dev</c> and <c>/proc</c> are written directly.
/// </summary>
/// <remarks>Limitations: a named pipe elsewhere is replaced by a file.</remarks>
internal sealed class OutputFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;
    private readonly string? _temporary;
    private bool _isCommitted;

    private OutputFile(string path, string? temporary)
    {
        _path = path;
        _temporary = temporary;
        _file = temporary is null
            ? new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)
            : new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 << 10);
        Stream = new GuardedOutput(_file, path);
    }

    /// <summary>Where to write; failures are <see cref="OutputException"/>.</summary>
    public Stream Stream { get; }

    /// <summary>
    /// Creates the temporary file, so that a place that cannot be written is known before the work. Throws <see cref="UsageException"/> for such a place and
    /// when the path is the evidence file.
    /// </summary>
    public static OutputFile Create(string path, string evidencePath)
    {
        try
        {
            string target = FinalPath(path);
            if (target == FinalPath(evidencePath))
            {
                throw new UsageException("the output '" + path + "' is the evidence file; choose another name");
            }
            if (Directory.Exists(target))
            {
                throw new UsageException("the output '" + path + "' is a directory");
            }
            bool isDevice = target.StartsWith("/dev/", StringComparison.Ordinal) || target.StartsWith("/proc/", StringComparison.Ordinal);
            string temporary = Path.Combine(Path.GetDirectoryName(target) ?? "", "." + Path.GetFileName(target) + "." + Path.GetRandomFileName());
            return new OutputFile(target, isDevice ? null : temporary);
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
                File.Move(_temporary, _path, overwrite: true);
            }
            _isCommitted = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(exception, _path);
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

    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>The absolute path behind all symbolic links of the file and its directory; a file that does not exist yet keeps its name.</summary>
    internal static string FinalPath(string path)
    {
        string full = Path.GetFullPath(path);
        string? folder = Path.GetDirectoryName(full);
        if (folder is not null && Path.GetDirectoryName(folder) is not null)
        {
            string real = FinalFolder(folder);
            full = Path.Combine(real, Path.GetFileName(full));
        }
        return File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
    }

    private static string FinalFolder(string folder)
    {
        string? parent = Path.GetDirectoryName(folder);
        string path = parent is null ? folder : Path.Combine(FinalFolder(parent), Path.GetFileName(folder));
        return Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }
}
