using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>Makes NTFS volumes with mkntfs and fills them through ntfs-3g (FUSE), which needs root.</summary>
internal static class NtfsMaker
{
    /// <summary>Whether the tools are there and may be used.</summary>
    public static bool IsAvailable { get; } = Environment.UserName == "root" && File.Exists("/dev/fuse") && Has("mkntfs") && Has("ntfs-3g") && Has("setfattr");

    /// <summary>Skips the running test, saying so, when the tools are absent.</summary>
    public static void Require()
    {
        if (!IsAvailable)
        {
            Assert.Skip("mkntfs, ntfs-3g or setfattr absent, or not root");
        }
    }

    /// <summary>A volume in a file of its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mebibytes">Size of the volume.</param>
    /// <param name="options">Of mkntfs, such as <c>-c 65536</c>.</param>
    /// <param name="fill">Is given the mount point; a name with a colon writes a stream when <paramref name="streams"/> is <c>windows</c>.</param>
    /// <param name="streams">How ntfs-3g shows streams: <c>windows</c>, <c>xattr</c> or <c>none</c>.</param>
    public static void Make(string path, int mebibytes, string options, Action<string> fill, string streams = "windows")
    {
        using (FileStream file = File.Create(path))
        {
            file.SetLength((long)mebibytes << 20);
        }
        Run("mkntfs", ["-F", "-Q", "-q", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), path]);
        Fill(path, fill, streams);
    }

    /// <summary>Mounts a volume, has it filled and unmounts it.</summary>
    public static void Fill(string path, Action<string> fill, string streams = "windows")
    {
        string point = Directory.CreateTempSubdirectory("deadbox-ntfs-").FullName;
        Run("ntfs-3g", ["-o", "compression,streams_interface=" + streams, path, point]);
        try
        {
            fill(point);
        }
        finally
        {
            Run("umount", [point]);
            Directory.Delete(point);
        }
    }

    /// <summary>Sets an extended attribute on the file itself, not on what it leads to.</summary>
    public static void SetAttribute(string path, string name, ReadOnlySpan<byte> value) => Run("setfattr", ["-h", "-n", name, "-v", "0x" + Convert.ToHexString(value), path]);

    /// <summary>Runs a tool and returns its standard output; fails the test when it fails.</summary>
    public static string Run(string tool, IReadOnlyList<string> arguments)
    {
        (int code, string output, string error) = TryRun(tool, arguments);
        Assert.True(code == 0, string.Create(CultureInfo.InvariantCulture, $"{tool} {string.Join(' ', arguments)}: exit {code}: {error}"));
        return output;
    }

    /// <summary>Runs a tool.</summary>
    public static (int Code, string Output, string Error) TryRun(string tool, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = System.Text.Encoding.Latin1 };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException(tool + " did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static bool Has(string tool) => ((string[])["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
