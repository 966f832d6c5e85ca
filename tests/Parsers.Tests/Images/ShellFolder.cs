using System.Buffers.Binary;
using System.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Runs shell commands in a folder of its own that is gone after the test.</summary>
internal sealed class ShellFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Root => _folder.Root;

    public string File(string name) => _folder.File(name);

    public string Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(name))!);
        return _folder.Write(name, content);
    }

    /// <summary>What a command writes to its output; a failure fails the test.</summary>
    public byte[] Run(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", "set -o pipefail; " + command]) { RedirectStandardOutput = true, WorkingDirectory = Root };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, command);
        return output.ToArray();
    }

    /// <summary>A disk with a partition table and holes: what images in archives look like.</summary>
    public static byte[] Disk(int size, int seed)
    {
        byte[] disk = TestDisk.Mixed(size, seed);
        disk.AsSpan(0, 512).Clear();
        disk.AsSpan(size / 4, size / 4).Clear();
        disk[446 + 4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 8), 64);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 12), (uint)(size / 512 - 64));
        disk[510] = 0x55;
        disk[511] = 0xAA;
        return disk;
    }

    public void Dispose() => _folder.Dispose();
}
