using System.Globalization;
using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Room for decompressed images in a folder of the analyst's machine. A file is sparse, readable by its owner only and, where the system allows it, without a name from the moment it is
/// open, so that nothing is left behind however the program ends; elsewhere the system deletes it when it is closed.
/// </summary>
/// <remarks>
/// Throws <see cref="TemporarySpaceException"/> when the folder cannot be used, or when less than <see cref="Reserve"/> bytes would be left free: asked before a file is begun and
/// again while it is written. Limitations: on file systems without holes (FAT, exFAT) the zeros take room too; on Windows the file is not marked sparse.
/// </remarks>
public sealed class TemporarySpace : ITemporarySpace, IDisposable
{
    /// <summary>Bytes that are always left to others.</summary>
    public const long Reserve = 256L << 20;

    /// <summary>How many bytes may be written before free space is asked for again.</summary>
    private const long CheckInterval = 64L << 20;

    private readonly string _folder;
    private readonly List<TemporaryFile> _files = [];
    private readonly Lock _lock = new();
    private long _sinceCheck;

    /// <param name="folder">Where to put the files; the system's folder for large temporary files when null.</param>
    public TemporarySpace(string? folder) => _folder = folder is null ? DefaultFolder() : Path.GetFullPath(folder);

    /// <summary>The folder in use.</summary>
    public string Folder => _folder;

    /// <inheritdoc/>
    public ITemporaryFile Create(string purpose, long expectedLength)
    {
        RequireFree(purpose, Math.Max(0, expectedLength));
        string path = Path.Combine(_folder, "deadbox-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture) + ".tmp");
        try
        {
            var file = new TemporaryFile(this, purpose, OpenUnnamed(path));
            lock (_lock)
            {
                _files.Add(file);
            }
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TemporarySpaceException("no temporary file can be made in " + Shown() + " for " + purpose + ": " + Reason(e), e);
        }
    }

    /// <summary>Closes, and by that deletes, all files.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _files.ForEach(file => file.Close());
            _files.Clear();
        }
    }

    /// <summary>Called by a file that is about to write; asks for free space every few megabytes.</summary>
    internal void BeforeWrite(string purpose, int count)
    {
        if (Interlocked.Add(ref _sinceCheck, count) >= CheckInterval)
        {
            Interlocked.Exchange(ref _sinceCheck, 0);
            RequireFree(purpose, CheckInterval);
        }
    }

    /// <summary>The failure of a write.</summary>
    internal TemporarySpaceException Failed(string purpose, Exception e) => new(Shown() + " cannot take more of " + purpose + ": " + Reason(e), e);

    private static FileStream OpenUnnamed(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose | FileOptions.RandomAccess : FileOptions.RandomAccess,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        FileStream? stream = new(path, options);
        try
        {
            File.Delete(path);
            FileStream result = stream;
            stream = null;
            return result;
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>The user's choice by TMPDIR; else the folder that survives a restart, since the other one is often memory.</summary>
    private static string DefaultFolder() =>
        !OperatingSystem.IsWindows() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TMPDIR")) && Directory.Exists("/var/tmp") ? "/var/tmp" : Path.GetTempPath();

    private static string Reason(Exception e) => e switch
    {
        DirectoryNotFoundException => "the folder does not exist",
        UnauthorizedAccessException => "permission denied",
        _ when unchecked(e.HResult & 0xFFFF) is 28 or 0x70 => "no space left",
        _ => string.Create(CultureInfo.InvariantCulture, $"input/output error (0x{e.HResult:x8})"),
    };

    private void RequireFree(string purpose, long wanted)
    {
        long free;
        try
        {
            free = new DriveInfo(_folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TemporarySpaceException(Shown() + " cannot be used for " + purpose + ": " + Reason(e), e);
        }
        if (free - Reserve < wanted)
        {
            throw new TemporarySpaceException(string.Create(CultureInfo.InvariantCulture,
                $"{Shown()} has {free} bytes free, too few for {purpose}: at least {wanted} are needed besides a reserve of {Reserve}; --temp names another folder"));
        }
    }

    private string Shown() => "the folder for temporary data '" + PathText.FromText(_folder) + "'";
}
