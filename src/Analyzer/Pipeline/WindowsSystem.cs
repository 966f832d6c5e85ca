using System.Buffers.Binary;
using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Recognises the system volume of Windows and reads who it is from its files.</summary>
/// <remarks>
/// <b>Limitations:</b> edition, host name, time zone and drive letters stand in the registry and are not read here; the version is that of <c>kernel32.dll</c>, and of systems that share it the name
/// says so.
/// </remarks>
internal static class WindowsSystem
{
    private const int MostHomes = 10_000;
    private const int MostVersionBytes = 4 << 20;
    private const uint FixedFileInfo = 0xFEEF04BD;

    // What only a system volume has; one is enough, because exports leave things out and intruders remove them.
    private static readonly string[] s_marks =
    [
        "/Windows/System32/config/SYSTEM", "/Windows/System32/ntoskrnl.exe", "/Windows/System32/kernel32.dll", "/Windows/System32/config/SOFTWARE", "/Windows/System32/drivers/etc/hosts", "/WINNT/System32/ntoskrnl.exe", "/WINNT/System32/config/SYSTEM",
    ];

    private static readonly string[] s_profileFolders = ["/Users", "/Documents and Settings"];
    private static readonly string[] s_serviceHomes = ["/Windows/ServiceProfiles/LocalService", "/Windows/ServiceProfiles/NetworkService", "/Windows/System32/config/systemprofile", "/Windows/SysWOW64/config/systemprofile"];

    /// <summary>The tree has what only a system volume of Windows has.</summary>
    public static bool IsOn(ImageTree tree) => tree.IsWindows && s_marks.Any(mark => tree.Find(mark, followLast: false) is not null);

    /// <summary>What is known of the system before the walk.</summary>
    public static HostProfile Read(HostTree host)
    {
        ImageTree tree = host.Tree;
        string? version = VersionOf(tree);
        IReadOnlyDictionary<string, string> homes = HomesOf(tree);
        var info = new HostInfo(tree.Volume.Volume.Identity, HostInfo.WindowsId, []) { OsName = NameOf(version), OsVersion = version };
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string home) in homes)
        {
            owners.TryAdd(home, name);
        }
        return new HostProfile(info, [.. homes.Values.Concat(s_serviceHomes.Select(home => tree.Find(home)?.Path).OfType<string>()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], [])
        {
            Tree = tree, Places = host.Places, OwnersOfHomes = owners,
        };
    }

    /// <summary>Profile directories by name, in any case.</summary>
    public static IReadOnlyDictionary<string, string> HomesOf(ImageTree tree)
    {
        var homes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string folder in s_profileFolders)
        {
            foreach (string name in tree.List(folder))
            {
                // "All Users" and "Default User" are junctions; their targets are met at their own place.
                if (homes.Count < MostHomes && tree.Find(folder + "/" + name, followLast: false) is { File.Type: FileType.Directory } found)
                {
                    homes.TryAdd(name, found.Path);
                }
            }
        }
        return homes;
    }

    /// <summary>Version of the program interface, <c>10.0.17763.1</c>; null when it cannot be read.</summary>
    private static string? VersionOf(ImageTree tree)
    {
        try
        {
            if ((tree.Find("/Windows/System32/kernel32.dll") ?? tree.Find("/WINNT/System32/kernel32.dll")) is not { File.Type: FileType.Regular } file)
            {
                return null;
            }
            // VS_FIXEDFILEINFO: signature, structure version, file version high and low word pairs.
            ReadOnlySpan<byte> content = file.FileSystem.OpenContent(file.File).ReadArray(0, MostVersionBytes);
            Span<byte> signature = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(signature, FixedFileInfo);
            int at = content.LastIndexOf(signature);
            if (at < 0 || at > content.Length - 16)
            {
                return null;
            }
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 8)..]);
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 12)..]);
            return string.Create(CultureInfo.InvariantCulture, $"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}");
        }
        catch (ForensicException)
        {
            // Identity is best effort here; the walk meets the same file again and reports the damage.
            return null;
        }
    }

    private static string NameOf(string? version)
    {
        string[] parts = version?.Split('.') ?? [];
        int build = parts.Length > 2 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        return (parts.Length > 1 ? parts[0] + "." + parts[1] : "") switch
        {
            "5.0" => "Windows 2000",
            "5.1" => "Windows XP",
            "5.2" => "Windows Server 2003 or XP x64",
            "6.0" => "Windows Vista or Server 2008",
            "6.1" => "Windows 7 or Server 2008 R2",
            "6.2" => "Windows 8 or Server 2012",
            "6.3" => "Windows 8.1 or Server 2012 R2",
            "10.0" => build switch
            {
                0 => "Windows 10 or later",
                14393 => "Windows 10 1607 or Server 2016",
                17763 => "Windows 10 1809 or Server 2019",
                20348 => "Windows Server 2022",
                26100 => "Windows 11 24H2 or Server 2025",
                < 20348 => string.Create(CultureInfo.InvariantCulture, $"Windows 10 build {build}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"Windows 11 build {build}"),
            },
            _ => "Windows",
        };
    }
}
