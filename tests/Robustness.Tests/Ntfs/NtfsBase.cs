using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Forensics.Analyzer.Tests;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>
/// The sound volume that the hostile tests damage. It is committed, so that they run without tools; <c>DEADBOX_WRITE_IMAGES=1</c> makes it anew by the recipe below, as root with mkntfs and ntfs-3g.
/// </summary>
internal static class NtfsBase
{
    private static readonly Lazy<byte[]> Loaded = new(Load);

    /// <summary>What every case must still find: its content by digest ...</summary>
    public static byte[] Witness { get; } = Random(11, 20_000);

    /// <summary>... and a program in a stream of another file as a finding.</summary>
    public static byte[] Payload { get; } = [.. "MZ"u8, .. Random(12, 3_000)];

    /// <summary>A text that is stored compressed.</summary>
    public static string Packed { get; } = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"line {i} of a text that packs well\n"));

    public static string Path => Repository.PathOf("tests/Robustness.Tests/Ntfs/images/base.img.gz");

    /// <summary>A copy to be changed.</summary>
    public static byte[] Copy() => [.. Loaded.Value];

    public static byte[] Random(int seed, int length)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    /// <summary>Makes the volume.</summary>
    public static void Make(string path) => NtfsMaker.Make(path, 4, "-c 1024 -s 512 -L base", Fill);

    /// <summary>Files of every way to store content, named by what they are.</summary>
    public static void Fill(string root)
    {
        string At(string name) => System.IO.Path.Combine(root, name);
        File.WriteAllBytes(At("witness.bin"), Witness);
        File.WriteAllText(At("witness.txt"), "witness\n");
        File.WriteAllBytes(At("witness.txt:payload.exe"), Payload);
        File.WriteAllText(At("witness.txt:Zone.Identifier"), "[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.org/w.txt\r\n");
        File.WriteAllText(At("resident.txt"), "short enough for the record\n");
        File.WriteAllBytes(At("plain.bin"), Random(13, 9_000));
        Directory.CreateDirectory(At("dir"));
        for (int i = 0; i < 150; i++)
        {
            File.WriteAllText(At($"dir/entry-{i:d3}-with-a-name-that-takes-room.txt"), $"{i}\n");
        }
        File.WriteAllText(At("dir:of directory"), "a stream of a directory\n");
        File.WriteAllText(At("many.txt"), "many streams\n");
        for (int i = 0; i < 60; i++)
        {
            File.WriteAllText(At($"many.txt:stream-{i:d2}"), $"stream {i}\n");
        }
        Directory.CreateDirectory(At("packed"));
        NtfsMaker.SetAttribute(At("packed"), "system.ntfs_attrib_be", [0, 0, 0x08, 0x00]);
        File.WriteAllText(At("packed/packed.txt"), Packed);
        using (FileStream sparse = File.Create(At("sparse.bin")))
        {
            sparse.Position = 500_000;
            sparse.Write("end"u8);
        }
        File.WriteAllText(At("empty.txt"), "");
        NtfsMaker.Run("ln", [At("witness.bin"), At("hard.bin")]);
        File.WriteAllText(At("symlink.txt"), "");
        NtfsMaker.SetAttribute(At("symlink.txt"), "system.ntfs_reparse_data", Link(0xA000_000C, "witness.txt", 1));
        Directory.CreateDirectory(At("junction"));
        NtfsMaker.SetAttribute(At("junction"), "system.ntfs_reparse_data", Link(0xA000_0003, @"\??\C:\dir", 0));
    }

    /// <summary>REPARSE_DATA_BUFFER of a symbolic link or mount point.</summary>
    public static byte[] Link(uint tag, string target, uint flags)
    {
        byte[] name = Encoding.Unicode.GetBytes(target);
        bool isLink = tag == 0xA000_000C;
        int head = isLink ? 20 : 16;
        byte[] data = new byte[head + (2 * name.Length) + 4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(4), (ushort)(data.Length - 8));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(10), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(12), (ushort)(name.Length + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(14), (ushort)name.Length);
        if (isLink)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(16), flags);
        }
        name.CopyTo(data.AsSpan(head));
        name.CopyTo(data.AsSpan(head + name.Length + 2));
        return data;
    }

    private static byte[] Load()
    {
        if (Environment.GetEnvironmentVariable("DEADBOX_WRITE_IMAGES") == "1")
        {
            string made = System.IO.Path.GetTempFileName();
            Make(made);
            using (var packed = new GZipStream(File.Create(Path), CompressionLevel.SmallestSize))
            {
                packed.Write(File.ReadAllBytes(made));
            }
            File.Delete(made);
        }
        using var content = new MemoryStream();
        using var unpacked = new GZipStream(File.OpenRead(Path), CompressionMode.Decompress);
        unpacked.CopyTo(content);
        return content.ToArray();
    }
}
