using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Volumes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Forensics.Parsers.Tests;

/// <summary>One line of <c>oracles/INDEX.tsv</c>: a volume, how it was looked at, and the listing that came of it.</summary>
/// <param name="Volume"><c>IMAGE[!MEMBER][@BYTE_OFFSET][!VG-LV]</c>.</param>
/// <param name="View"><c>kernel</c>, <c>replayed</c>, <c>fsck</c>, <c>tsk</c> ...</param>
/// <param name="Listing">Path below <c>oracles/</c>; <c>-</c> when the volume was refused.</param>
/// <param name="Method">Command that made it.</param>
public sealed record SharedOracle(string Volume, string View, string Listing, string Method)
{
    /// <summary>Path of the image below the folder.</summary>
    public string Image => Volume.Split('@')[0].Split('!')[0];

    /// <summary>Name inside an archive; null when the image is no archive.</summary>
    public string? Member => Volume.Split('@')[0].Split('!') is [_, string member] ? member : null;

    /// <summary>Byte offset of the volume in the disk.</summary>
    public long Offset => Volume.Split('@') is [_, string rest] ? long.Parse(rest.Split('!')[0], CultureInfo.InvariantCulture) : 0;

    /// <summary>The volume lies inside a volume manager.</summary>
    public bool IsLogicalVolume => Volume.Split('@') is [_, string rest] && rest.Contains('!', StringComparison.Ordinal);

    /// <summary>Rows of the listing as column name to value.</summary>
    public IEnumerable<Dictionary<string, string>> Rows()
    {
        string[] lines = File.ReadAllLines(SharedImages.Unpack("oracles/" + Listing));
        string[] header = lines[0].Split('\t');
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split('\t');
            yield return header.Select((name, i) => (name, value: i < cells.Length ? cells[i] : "")).ToDictionary(c => c.name, c => c.value, StringComparer.Ordinal);
        }
    }
}

/// <summary>
/// The folder <c>shared/images</c> beside the repository: images and oracles of other projects. It is found by walking up from the test
/// assembly; a test that needs it skips out loud when it is absent. Packed files are unpacked once a process into a temporary folder.
/// </summary>
public static class SharedImages
{
    private static readonly Lazy<string?> Located = new(Locate);
    private static readonly Lazy<string> Temporary = new(MakeTemporary);
    private static readonly Dictionary<string, string> Unpacked = [];
    private static int _number;

    /// <summary>Full path, null when absent.</summary>
    public static string? Folder => Located.Value;

    /// <summary>Full path; skips the running test when absent.</summary>
    public static string Require()
    {
        if (Folder is null)
        {
            Assert.Skip("shared/images absent");
        }
        return Folder;
    }

    /// <summary>All oracles; empty when the folder is absent.</summary>
    public static IReadOnlyList<SharedOracle> Oracles()
    {
        if (Folder is null)
        {
            return [];
        }
        return [.. File.ReadAllLines(Path.Combine(Folder, "oracles", "INDEX.tsv")).Skip(1).Select(line => line.Split('\t')).Select(c => new SharedOracle(c[0], c[1], c[2], c[5]))];
    }

    /// <summary>
    /// A plain file with the content of <paramref name="relative"/> (and <paramref name="member"/> of it when it is an archive): decompressed, and
    /// converted to raw when it is a container (qcow2, VHD, VMDK, VHDX by qemu-img, E01 by ewfexport).
    /// </summary>
    public static string Unpack(string relative, string? member = null)
    {
        string key = relative + "!" + member;
        lock (Unpacked)
        {
            if (!Unpacked.TryGetValue(key, out string? path))
            {
                path = UnpackNow(relative, member);
                Unpacked.Add(key, path);
            }
            return path;
        }
    }

    /// <summary>A volume of an image as a byte source.</summary>
    public static IByteSource OpenVolume(SharedOracle oracle)
    {
        var disk = new FileByteSource(Unpack(oracle.Image, oracle.Member));
        if (oracle.IsLogicalVolume)
        {
            string device = "/dev/mapper/" + oracle.Volume.Split('@')[1].Split('!')[1];
            return VolumeAssembly.Resolve(VolumeProbe.Open(disk, ParseContext.Quiet).Volumes, Catalog.VolumeAssemblers, ParseContext.Quiet).Single(volume => volume.DeviceNames.Contains(device)).Content;
        }
        return new Slice(disk, oracle.Offset, disk.Length);
    }

    /// <summary>Runs a Debian tool with its output going to a file or nowhere. A failure fails the test.</summary>
    public static void Run(string tool, string[] arguments, string? output = null)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException(tool + " did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using (Stream target = output is null ? Stream.Null : File.Create(output))
        {
            process.StandardOutput.BaseStream.CopyTo(target);
        }
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: exit {process.ExitCode}: {errors.Result}");
    }

    private static string UnpackNow(string relative, string? member)
    {
        string source = Path.Combine(Require(), relative);
        string target = Path.Combine(Temporary.Value, NextNumber() + "-" + Path.GetFileName(relative));
        string inner = Decompress(source, target, member);
        string raw = inner + ".raw";
        switch (Path.GetExtension(inner).ToLowerInvariant())
        {
            case ".qcow2" or ".vmdk" or ".vhdx" or ".vhd":
                string format = Path.GetExtension(inner).Equals(".vhd", StringComparison.OrdinalIgnoreCase) ? "vpc" : Path.GetExtension(inner)[1..].ToLowerInvariant();
                Run("qemu-img", ["convert", "-f", format, "-O", "raw", inner, raw]);
                return raw;
            case ".e01":
                if (relative.Contains(".split.", StringComparison.Ordinal))
                {
                    File.Copy(Unpack(relative.Replace(".E01", ".E02", StringComparison.Ordinal)), Path.ChangeExtension(inner, ".E02"));
                }
                string prefix = Path.Combine(Temporary.Value, NextNumber() + "-ewf");
                Run("ewfexport", ["-u", "-q", "-f", "raw", "-t", prefix, inner]);
                return prefix + ".raw";
            default:
                return inner;
        }
    }

    /// <summary>
    /// A file of the folder with only its compression taken off: what a user would hand to the program. Archives give one <paramref name="member"/>.
    /// </summary>
    public static string Decompress(string relative, string? member = null)
    {
        string target = Path.Combine(Temporary.Value, NextNumber() + "-" + Path.GetFileName(relative));
        return Decompress(Path.Combine(Require(), relative), target, member);
    }

    private static string Decompress(string source, string target, string? member)
    {
        string inner = source;
        switch (Path.GetExtension(source))
        {
            case ".zst":
                Run("zstd", ["-dcq", source], inner = target[..^4]);
                break;
            case ".gz":
                Run("gzip", ["-dc", source], inner = target[..^3]);
                break;
            case ".bz2":
                Run("bzip2", ["-dc", source], inner = target[..^4]);
                break;
            case ".xz":
                Run("xz", ["-dc", source], inner = target[..^3]);
                break;
            case ".tgz":
                // Extracted, not piped: members are sparse files of up to 80 GiB.
                Directory.CreateDirectory(target);
                Run("tar", ["-xzf", source, "--no-same-owner", "-C", target, Assert.IsType<string>(member)]);
                inner = Path.Combine(target, Assert.IsType<string>(member));
                break;
        }
        return inner;
    }

    private static string NextNumber() => (_number++).ToString(CultureInfo.InvariantCulture);

    private static string? Locate()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "images");
            if (File.Exists(Path.Combine(candidate, "MANIFEST.tsv")))
            {
                return candidate;
            }
        }
        return null;
    }

    private static string MakeTemporary()
    {
        string folder = Directory.CreateTempSubdirectory("deadbox-shared-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}

/// <summary>A plain file read by position.</summary>
public sealed class FileByteSource(string path) : IByteSource, IDisposable
{
    private readonly SafeFileHandle _handle = File.OpenHandle(path);

    /// <inheritdoc/>
    public long Length { get; } = new FileInfo(path).Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination) => RandomAccess.Read(_handle, destination, offset);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
