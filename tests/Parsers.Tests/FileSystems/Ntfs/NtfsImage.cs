using System.Diagnostics;
using System.Text;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ntfs;

/// <summary>An NTFS image that mkntfs makes and a shell script fills through ntfs-3g. Deleted with the object.</summary>
internal sealed class NtfsImage : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-ntfs-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "image");

    /// <summary>Makes an image of some MiB; skips the running test where that is not possible.</summary>
    public static NtfsImage Make(string options, long mebibytes)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/dev/fuse") || !HasTool("mkntfs") || !HasTool("ntfs-3g") || !HasTool("setfattr"))
        {
            Assert.Skip("needs root, FUSE, ntfs-3g and attr");
        }
        var image = new NtfsImage();
        using (FileStream file = File.Create(image.Path))
        {
            file.SetLength(mebibytes << 20);
        }
        Shell("mkntfs -q -F -f " + options + " \"$1\" 2>&1", image.Path);
        return image;
    }

    /// <summary>Runs a shell script in the mounted image; gives what it wrote.</summary>
    public byte[] Mounted(string script, string mountOptions = "streams_interface=xattr")
    {
        string mount = System.IO.Path.Combine(_folder, "mount");
        Directory.CreateDirectory(mount);
        // In one shell, so that nothing stays mounted when the script fails.
        return Shell("ntfs-3g -o \"$3\" \"$1\" \"$2\" || exit 9; (set -e; cd \"$2\"\n" + script + "\n); status=$?; umount \"$2\" || umount -l \"$2\"; exit $status", Path, mount, mountOptions);
    }

    public byte[] Bytes() => File.ReadAllBytes(Path);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static bool HasTool(string name) =>
        new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin" }.Any(folder => File.Exists(System.IO.Path.Combine(folder, name)));

    /// <summary>Runs a script; a failure fails the test.</summary>
    public static byte[] Shell(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, "script", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        using var output = new MemoryStream();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {Encoding.UTF8.GetString(output.ToArray())} {errors.Result}");
        return output.ToArray();
    }
}
