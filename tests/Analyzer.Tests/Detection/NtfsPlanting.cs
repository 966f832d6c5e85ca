using System.Globalization;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Writes a planted tree into an NTFS volume through ntfs-3g, which needs the rights to mount.</summary>
internal static class NtfsPlanting
{
    private const int Mib = 1 << 20;

    private static readonly Lazy<string?> s_reason = new(Try);

    /// <summary>Why no NTFS volume can be made here; null when it can.</summary>
    public static string? UnavailableBecause => s_reason.Value;

    /// <summary>How many MiB a tree needs.</summary>
    public static long SizeOf(PlantTree tree) => 6 + (tree.Files.Sum(file => file.Content.Length + 8192L) / Mib);

    /// <summary>Makes the volume file.</summary>
    public static void Write(Machine machine, string volume, long mib, PlantTree tree)
    {
        using (FileStream file = File.Create(volume))
        {
            file.SetLength(mib * Mib);
        }
        Machine.Run("mkntfs", ["-Q", "-F", "-q", "-s", "512", "-c", "4096", volume]);
        string folder = Directory.CreateDirectory(machine.At("ntfs")).FullName;
        Machine.Run("ntfs-3g", [volume, folder, "-o", "streams_interface=windows"]);
        try
        {
            foreach (PlantedFile file in tree.Files.Where(file => !file.IsAbsent).OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                string path = folder + file.Path;
                Directory.CreateDirectory(file.Type == FileType.Directory ? path : Path.GetDirectoryName(path)!);
                if (file.Type == FileType.Regular)
                {
                    File.WriteAllBytes(path, file.Content);
                }
                if (file.Flags != 0)
                {
                    Machine.Run("setfattr", ["-n", "system.ntfs_attrib_be", "-v", string.Create(CultureInfo.InvariantCulture, $"0x{file.Flags:x8}"), path]);
                }
            }
        }
        finally
        {
            Machine.Unmount(folder);
        }
        Directory.Delete(folder);
    }

    private static string? Try()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
        {
            return "NTFS volumes are written through a mount, which takes root and /dev/fuse";
        }
        string[] missing = [.. ((string[])["mkntfs", "ntfs-3g", "setfattr"]).Where(tool => !((string[])["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"]).Any(folder => File.Exists(folder + tool)))];
        return missing.Length == 0 ? null : "these tools are not installed: " + string.Join(' ', missing);
    }
}
