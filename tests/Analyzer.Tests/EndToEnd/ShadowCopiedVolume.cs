using Forensics.Parsers.Tests.Volumes;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>
/// An NTFS volume made by mkntfs and changed through ntfs-3g, with two shadow copies: what the driver of Windows would have kept is worked out from the difference of the states. Behind the file system
/// lies the room for the stores.
/// </summary>
internal static class ShadowCopiedVolume
{
    public const string Miner = "xmrig --url pool.supportxmr.com:443 --donate-level 0\n";
    private const int FileSystemBytes = 16 << 20;
    private const int StoreBytes = 8 << 20;

    /// <summary>Writes the volume: the first copy has the tool, the second a changed note, the volume of today neither tool nor note.</summary>
    /// <param name="machine">Where.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="number">Tells its copies from those of another volume.</param>
    /// <param name="copies">One copy or both.</param>
    public static string Make(Machine machine, string name, short number = 2, int copies = 2)
    {
        if (!File.Exists("/dev/fuse"))
        {
            Assert.Skip("no /dev/fuse");
        }
        string path = machine.At(name);
        using (FileStream file = File.Create(path))
        {
            file.SetLength(FileSystemBytes + StoreBytes);
        }
        Machine.Run("mkntfs", ["-F", "-Q", "-q", "-s", "512", "-p", "0", path, (FileSystemBytes / 512).ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Change(machine, path, root =>
        {
            Directory.CreateDirectory(Path.Combine(root, "ProgramData"));
            File.WriteAllText(Path.Combine(root, "ProgramData", "svchost.cmd"), Miner);
            File.WriteAllText(Path.Combine(root, "note.txt"), "first\n");
            File.WriteAllBytes(Path.Combine(root, "large.bin"), [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))]);
        });
        var model = new ShadowCopyModel(File.ReadAllBytes(path), FileSystemBytes) { VolumeNumber = number };
        model.Snapshot(new DateTime(2026, 3, 1, 4, 5, 6, DateTimeKind.Utc));
        Apply(model, machine, path, root =>
        {
            File.Delete(Path.Combine(root, "ProgramData", "svchost.cmd"));
            File.WriteAllText(Path.Combine(root, "note.txt"), "second\n");
            File.WriteAllBytes(Path.Combine(root, "large.bin"), [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 11))]);
        });
        if (copies > 1)
        {
            model.Snapshot(new DateTime(2026, 3, 2, 4, 5, 6, DateTimeKind.Utc));
        }
        Apply(model, machine, path, root =>
        {
            File.Delete(Path.Combine(root, "note.txt"));
            Directory.Delete(Path.Combine(root, "ProgramData"));
            for (int i = 0; i < 40; i++)
            {
                File.WriteAllText(Path.Combine(root, "new" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)), new string('n', 3000));
            }
        });
        File.WriteAllBytes(path, model.Finish());
        return path;
    }

    private static void Apply(ShadowCopyModel model, Machine machine, string path, Action<string> change)
    {
        File.WriteAllBytes(path, model.Live);
        Change(machine, path, change);
        byte[] after = File.ReadAllBytes(path);
        for (int at = 0; at < FileSystemBytes; at += 512)
        {
            if (!after.AsSpan(at, 512).SequenceEqual(model.Live.AsSpan(at, 512)))
            {
                model.Write(at, after.AsSpan(at, 512));
            }
        }
    }

    private static void Change(Machine machine, string path, Action<string> change)
    {
        string root = Directory.CreateDirectory(machine.At("mnt")).FullName;
        Machine.Run("ntfs-3g", [path, root]);
        try
        {
            change(root);
        }
        finally
        {
            Machine.Unmount(root);
        }
        // The process that serves the file ends after it was unmounted: it writes last.
        for (int i = 0; i < 100 && Uses(path); i++)
        {
            Thread.Sleep(20);
        }
    }

    private static bool Uses(string path) => Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Any(folder =>
    {
        try
        {
            return File.ReadAllText(folder + "/cmdline").StartsWith("ntfs-3g\0" + path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    });
}
