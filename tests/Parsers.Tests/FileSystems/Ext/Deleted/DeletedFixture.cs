using System.Diagnostics;
using System.IO.Compression;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Deleted;

/// <summary>What was written down of a file before it lost its name; <c>*</c> stands for anything.</summary>
public sealed record ExpectedFile(string Allocation, string Certainty, string Path, string Inode, string Type, string Size, string Modified, string Md5);

/// <summary>A file system with deleted files, copied while it was mounted: a committed one, which <c>fixtures/make.sh</c> made, or one made now, which needs root.</summary>
internal sealed class DeletedFixture
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "FileSystems", "Ext", "Deleted", "fixtures");

    private DeletedFixture(byte[] image, string[] lines)
    {
        Image = image;
        string[][] rows = [.. lines.Select(line => line.Split('\t'))];
        Absent = [.. rows.Where(row => row[0] == "absent").Select(row => row[2])];
        Expected = [.. rows.Where(row => row[0] != "absent").Select(row => new ExpectedFile(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]))];
    }

    public byte[] Image { get; }

    public ExpectedFile[] Expected { get; }

    /// <summary>Paths that must not be listed.</summary>
    public string[] Absent { get; }

    public static IEnumerable<string> Committed => Directory.EnumerateDirectories(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public static DeletedFixture Open(string name)
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(Folder, name, "image.gz")), CompressionMode.Decompress);
        var image = new MemoryStream();
        packed.CopyTo(image);
        return new DeletedFixture(image.ToArray(), File.ReadAllLines(Path.Combine(Folder, name, "expected.tsv")));
    }

    /// <summary>Makes one now; skips the running test when that is not possible here.</summary>
    public static DeletedFixture Make(string name)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/loop-control"))
        {
            Assert.Skip("needs root and loop devices");
        }
        string folder = Directory.CreateTempSubdirectory("deadbox-deleted-").FullName;
        try
        {
            var start = new ProcessStartInfo("sh", [Path.Combine(Folder, "make.sh"), name, folder]) { RedirectStandardError = true };
            start.Environment["PATH"] += ":/usr/sbin:/sbin";
            using Process process = Process.Start(start) ?? throw new InvalidOperationException("sh did not start");
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0 && errors.Contains("cannot find an unused loop device", StringComparison.Ordinal))
            {
                Assert.Skip("no loop device is free");
            }
            Assert.True(process.ExitCode == 0, errors);
            return new DeletedFixture(File.ReadAllBytes(Path.Combine(folder, "image")), File.ReadAllLines(Path.Combine(folder, "expected.tsv")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
