using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>An ext image that mke2fs makes from a prepared tree and debugfs completes. The file is deleted with the object.</summary>
internal sealed class ExtImage : IDisposable
{
    private static readonly Lazy<string> PreparedTree = new(PrepareTree);
    private readonly string _folder = Directory.CreateTempSubdirectory("deadbox-ext-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "image");

    /// <summary>The tree every image is filled with.</summary>
    public static string Tree => PreparedTree.Value;

    /// <summary>Makes an image; free blocks are filled with 0xAA first, so that reading a block that was never written shows.</summary>
    public static ExtImage Make(string options, int mebibytes, bool withTree = true)
    {
        var image = new ExtImage();
        var filler = new byte[1 << 20];
        Array.Fill(filler, (byte)0xAA);
        using (FileStream file = File.Create(image.Path))
        {
            for (int i = 0; i < mebibytes; i++)
            {
                file.Write(filler);
            }
        }
        var arguments = new List<string> { "-q", "-F", "-F", "-E", "nodiscard" };
        arguments.AddRange(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (withTree)
        {
            arguments.AddRange(["-d", Tree]);
        }
        Tool("mke2fs", [.. arguments, image.Path]);
        return image;
    }

    /// <summary>Runs debugfs commands, one process for all; returns its output.</summary>
    public string Debugfs(IEnumerable<string> commands, bool write = false)
    {
        string script = NewFile("script");
        File.WriteAllLines(script, commands);
        return Tool("debugfs", write ? ["-w", "-f", script, Path] : ["-f", script, Path]);
    }

    public string NewFile(string name) => System.IO.Path.Combine(_folder, Guid.NewGuid().ToString("N") + "-" + name);

    public string NewFile(string name, byte[] content)
    {
        string path = NewFile(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Adds what a directory tree cannot carry without root: devices, attributes, flags, odd times, unwritten extents.</summary>
    public void AddSpecialFiles(bool extents)
    {
        string acl = NewFile("acl", AccessList());
        string capability = NewFile("cap", [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        byte[] large = new byte[600];
        new Random(7).NextBytes(large);
        string value = NewFile("value", large);
        Debugfs(
        [
            "mknod cdev c 5 1", "sif cdev mode 020640", "mknod bdev b 300 60000", "sif bdev mode 060600", "mknod pipe p", "sif pipe mode 010644",
            "ea_set f100 user.one 1", "ea_set f100 user.two 22", "ea_set f100 trusted.overlay y", "ea_set f100 security.selinux system_u:object_r:etc_t:s0",
            $"ea_set -f {capability} medium security.capability", $"ea_set -f {acl} medium system.posix_acl_access", $"ea_set -f {acl} nested system.posix_acl_default",
            $"ea_set -f {value} medium user.large", $"ea_set -f {value} link59 user.large", $"ea_set -f {value} f300 user.large", $"ea_set -f {value} f300 user.more",
            "sif f300 mtime @-1000", "sif f300 atime @5000000000", "sif f300 ctime @2147483648", "sif f300 uid 70000", "sif f300 gid 4000000000", "sif f300 mode 0106755",
            $"sif f0 flags 0x{(extents ? 0x80000 : 0) | 0x30:x}",
            "sif unwritten size 200000", "fallocate unwritten 6 40",
        ], write: true);
    }

    public byte[] Bytes() => File.ReadAllBytes(Path);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Runs a tool and returns its standard output; fails the test when it fails.</summary>
    public static string Tool(string tool, string[] arguments, int mostExitCode = 0)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.Latin1 };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        start.Environment["DEBUGFS_PAGER"] = "__none__";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException(tool + " did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode <= mostExitCode, $"{tool} {string.Join(' ', arguments)}: exit {process.ExitCode}: {errors.Result}");
        return output;
    }

    /// <summary>user::rw-, user:1000:r--, group::r--, mask::r--, other::--- in the kernel's form.</summary>
    public static byte[] AccessList()
    {
        (ushort Tag, ushort Permissions, uint Id)[] entries = [(1, 6, uint.MaxValue), (2, 4, 1000), (4, 4, uint.MaxValue), (16, 4, uint.MaxValue), (32, 0, uint.MaxValue)];
        var acl = new byte[4 + entries.Length * 8];
        acl[0] = 2;
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(4 + i * 8), entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(6 + i * 8), entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(acl.AsSpan(8 + i * 8), entries[i].Id);
        }
        return acl;
    }

    private static string PrepareTree()
    {
        string tree = Directory.CreateTempSubdirectory("deadbox-tree-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(tree, recursive: true);
        string In(string name) => System.IO.Path.Combine(tree, name);
        var random = new Random(20261124);
        foreach (int size in (int[])[0, 1, 59, 60, 61, 100, 150, 300, 5000])
        {
            var content = new byte[size];
            random.NextBytes(content);
            File.WriteAllBytes(In("f" + size.ToString(CultureInfo.InvariantCulture)), content);
        }
        WritePieces(In("medium"), random, 100_003, [0]);
        WritePieces(In("unwritten"), random, 20_000, [0]);
        // Reaches single, double and, with 1 KiB blocks, triple indirection; mostly holes.
        WritePieces(In("sparse"), random, 9000, [0, 200_000, 1_500_000, 21_000_000, 70_000_000, 95_000_003]);
        // Alternating data and holes: an extent tree of depth 2 with 1 KiB blocks.
        WritePieces(In("extents"), random, 4096, [.. Enumerable.Range(0, 900).Select(i => i * 8192L)]);
        Directory.CreateDirectory(In("nested/b/c/d/e/f"));
        File.WriteAllText(In("nested/b/c/d/e/f/leaf"), "leaf\n");
        Directory.CreateDirectory(In("empty"));
        Directory.CreateDirectory(In("few"));
        foreach (string name in (string[])["with space", "quote'\"", "back\\slash", "umläut", "日本語", new string('x', 255), ".hidden", "..dots"])
        {
            File.WriteAllText(In("few/" + name), name);
        }
        Directory.CreateDirectory(In("many"));
        File.WriteAllText(In("many/first"), "one inode, many names\n");
        Tool("sh", ["-c", "cd \"$1\" && i=0; while [ $i -lt 1200 ]; do echo first-with-a-fairly-long-name-$i; i=$((i+1)); done | xargs -n 1 ln first", "sh", In("many")]);
        foreach (int length in (int[])[5, 59, 60, 61, 200, 1000])
        {
            File.CreateSymbolicLink(In("link" + length.ToString(CultureInfo.InvariantCulture)), new string('t', length));
        }
        Tool("ln", [In("medium"), In("hard")]);
        Tool("chmod", ["4755", In("f5000")]);
        Tool("chmod", ["1777", In("empty")]);
        return tree;
    }

    private static void WritePieces(string path, Random random, int size, long[] offsets)
    {
        var piece = new byte[size];
        using FileStream file = File.Create(path);
        foreach (long offset in offsets)
        {
            random.NextBytes(piece);
            file.Position = offset;
            file.Write(piece);
        }
    }
}
