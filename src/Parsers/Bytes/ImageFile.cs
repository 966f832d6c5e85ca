using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Forensics.Parsers.Bytes;

/// <summary>
/// The image file on the analyst's machine: opened read-only, read at positions, never mapped, never locked, never written.
/// A regular file or a block device. Thread-safe; <see cref="Length"/> is in bytes and fixed at opening.
/// </summary>
/// <remarks>
/// Throws <see cref="UnknownFormatException"/> for what cannot be an image (directory, empty file, FIFO, socket, character device; these are never opened)
/// and <see cref="ImageReadException"/> when the file system fails or the file is cut short while it is read.
/// Limitations: a file that is exchanged for a FIFO between the check and the opening would block; the size of a block device comes from Linux' <c>/sys</c>.
/// </remarks>
public sealed class ImageFile : IByteSource, IDisposable
{
    private const int PieceSize = 4096;

    private readonly SafeFileHandle _handle;
    private readonly bool _isDevice;
    private readonly DateTime _lastWrite;

    private ImageFile(string path, SafeFileHandle handle, long length, bool isDevice)
    {
        Path = path;
        Length = length;
        _handle = handle;
        _isDevice = isDevice;
        _lastWrite = File.GetLastWriteTimeUtc(handle);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>
    /// Told of ranges (offset and length in bytes) that the medium cannot read, which then read as zeros; null to throw instead. Set while the layers of an image are probed, where a bad
    /// sector at the end of a disk must not cost the disk; unset while contents are read, where zeros would be taken for content.
    /// </summary>
    public Action<long, int>? OnUnreadable { get; set; }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Opens an image. See the remarks of the class for what is refused.</summary>
    public static ImageFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string name = "'" + PathText.FromText(path) + "'";
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ImageReadException(0, "the image file " + name + " does not exist");
        }
        try
        {
            return OpenChecked(path, name);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ImageReadException(0, "the image file " + name + " may not be read: permission denied", e);
        }
        catch (IOException e)
        {
            throw new ImageReadException(0, "the image file " + name + " cannot be opened: " + Reason(e), e);
        }
    }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= Length || destination.IsEmpty)
        {
            return 0;
        }
        long left = Length - offset;
        if (destination.Length > left)
        {
            destination = destination[..(int)left];
        }
        int count;
        try
        {
            count = RandomAccess.Read(_handle, destination, offset);
        }
        catch (IOException) when (OnUnreadable is not null)
        {
            ReadAround(offset, destination);
            return destination.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageReadException(offset, string.Create(CultureInfo.InvariantCulture, $"the image file cannot be read at offset {offset}: {Reason(e)}"), e);
        }
        if (count == 0)
        {
            throw new ImageReadException(offset, string.Create(CultureInfo.InvariantCulture,
                $"the image file was cut short while it was read: nothing at offset {offset} of {Length} bytes"));
        }
        return count;
    }

    /// <summary>Reads in pieces of a sector of modern disks, once each; pieces that fail are zeros, and neighbouring ones are told together.</summary>
    private void ReadAround(long offset, Span<byte> destination)
    {
        int badStart = -1;
        for (int done = 0; done < destination.Length;)
        {
            int count = (int)Math.Min(PieceSize - (offset + done) % PieceSize, destination.Length - done);
            bool isBad;
            try
            {
                isBad = RandomAccess.Read(_handle, destination.Slice(done, count), offset + done) < count;
            }
            catch (IOException)
            {
                isBad = true;
            }
            if (isBad)
            {
                destination.Slice(done, count).Clear();
                badStart = badStart < 0 ? done : badStart;
            }
            else if (badStart >= 0)
            {
                OnUnreadable?.Invoke(offset + badStart, done - badStart);
                badStart = -1;
            }
            done += count;
        }
        if (badStart >= 0)
        {
            OnUnreadable?.Invoke(offset + badStart, destination.Length - badStart);
        }
    }

    /// <summary>Whether length or last write time differ from those at opening. A block device is compared by its size alone.</summary>
    public bool HasChanged()
    {
        try
        {
            return _isDevice
                ? BlockDeviceLength(ResolvedPath(Path)) != Length
                : RandomAccess.GetLength(_handle) != Length || File.GetLastWriteTimeUtc(_handle) != _lastWrite;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageReadException(0, "the state of the image file cannot be read: " + Reason(e), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static ImageFile OpenChecked(string path, string name)
    {
        if (Directory.Exists(path))
        {
            throw new UnknownFormatException(name + " is a directory, not an image file");
        }
        string resolved = ResolvedPath(path);
        var info = new FileInfo(resolved);
        if (!info.Exists)
        {
            throw new ImageReadException(0, "the image file " + name + " does not exist");
        }
        // Opening a FIFO would wait for a writer for ever, so what is not plainly a regular file with content is never opened. FIFOs, sockets and
        // devices have length 0; of these only block devices, which the kernel lists, are evidence.
        long deviceLength = info.Length == 0 ? BlockDeviceLength(resolved) : 0;
        if (info.Length == 0 && deviceLength == 0)
        {
            throw new UnknownFormatException(name + " is empty or not a regular file");
        }
        SafeFileHandle handle = File.OpenHandle(resolved, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.None);
        try
        {
            long length = deviceLength > 0 ? deviceLength : RandomAccess.GetLength(handle);
            if (length == 0)
            {
                throw new UnknownFormatException(name + " is empty or not a regular file");
            }
            var file = new ImageFile(path, handle, length, deviceLength > 0);
            handle = null!;
            return file;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    private static string ResolvedPath(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? System.IO.Path.GetFullPath(path);

    /// <summary>Size in bytes of a block device below <c>/dev</c>; 0 when the path is none. The kernel counts in 512-byte units whatever the sector size.</summary>
    private static long BlockDeviceLength(string resolved)
    {
        if (!resolved.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return 0;
        }
        string size = "/sys/class/block/" + System.IO.Path.GetFileName(resolved) + "/size";
        return File.Exists(size) && long.TryParse(File.ReadAllText(size).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long sectors)
            && sectors <= long.MaxValue / 512 ? sectors * 512 : 0;
    }

    /// <summary>What failed, without the path, which .NET quotes raw.</summary>
    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        PathTooLongException => "the path is too long",
        UnauthorizedAccessException => "permission denied",
        _ => string.Create(CultureInfo.InvariantCulture, $"input/output error (0x{e.HResult:x8})"),
    };
}
