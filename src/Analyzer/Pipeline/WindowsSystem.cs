using System.Buffers.Binary;
using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Recognises the system volume of Windows and reads who it is from its files.</summary>
/// <remarks>
/// Name, product, build and time zone are those of the hives SYSTEM and SOFTWARE, logs applied; without them the version is that of <c>kernel32.dll</c>, and of systems that share it the name says so.
/// <b>Limitations:</b> drive letters are not followed to other volumes; the time zone is named as Windows names it; a hive that cannot be read is passed over here, as the walk reports it.
/// </remarks>
internal static class WindowsSystem
{
    private const int MostHomes = 10_000;
    private const int MostVersionBytes = 4 << 20;
    private const int FirstOfTen = 10240;
    private const int FirstOfEleven = 22000;
    private const int LongestProduct = 256;
    private const uint FixedFileInfo = 0xFEEF04BD;

    // What only a system volume has; one is enough, because exports leave things out and intruders remove them.
    private static readonly string[] s_marks =
    [
        "/Windows/System32/config/SYSTEM", "/Windows/System32/ntoskrnl.exe", "/Windows/System32/kernel32.dll", "/Windows/System32/config/SOFTWARE", "/Windows/System32/drivers/etc/hosts", "/WINNT/System32/ntoskrnl.exe", "/WINNT/System32/config/SYSTEM",
    ];

    private static readonly string[] s_configurations = ["/Windows/System32/config/", "/WINNT/System32/config/"];
    private static readonly string[] s_profileFolders = ["/Users", "/Documents and Settings"];
    private static readonly string[] s_serviceHomes = ["/Windows/ServiceProfiles/LocalService", "/Windows/ServiceProfiles/NetworkService", "/Windows/System32/config/systemprofile", "/Windows/SysWOW64/config/systemprofile"];

    /// <summary>The tree has what only a system volume of Windows has.</summary>
    public static bool IsOn(ImageTree tree) => tree.IsWindows && s_marks.Any(mark => tree.Find(mark, followLast: false) is not null);

    /// <summary>What is known of the system before the walk.</summary>
    public static HostProfile Read(HostTree host, ScanLimits limits)
    {
        ImageTree tree = host.Tree;
        string? version = VersionOf(tree);
        WindowsIdentity? software = Identity(tree, limits, "SOFTWARE", WindowsIdentity.OfSoftware);
        WindowsIdentity? system = Identity(tree, limits, "SYSTEM", WindowsIdentity.OfSystem);
        version = VersionOf(software?.Build, version);
        IReadOnlyDictionary<string, string> homes = HomesOf(tree);
        var info = new HostInfo(tree.Volume.Volume.Identity, HostInfo.WindowsId, [])
        {
            OsName = ProductOf(software, version) ?? NameOf(version), OsVersion = version, HostName = system?.ComputerName, TimeZone = system?.TimeZone,
        };
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string home) in homes)
        {
            owners.TryAdd(home, name);
        }
        return new HostProfile(info, [.. homes.Values.Concat(s_serviceHomes.Select(home => tree.Find(home)?.Path).OfType<string>()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], [])
        {
            Tree = tree, Places = host.Places, OwnersOfHomes = owners, WebRoots = WindowsWebSites.Of(tree, limits),
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

    /// <summary>Reads one hive of the machine through <paramref name="read"/>; null when it is not there or unusable.</summary>
    private static WindowsIdentity? Identity(ImageTree tree, ScanLimits limits, string name, Func<RegistryHive, EvidenceLocation, WindowsIdentity?> read)
    {
        try
        {
            foreach (string folder in s_configurations)
            {
                if (Open(tree, folder + name) is { Length: > 0 } hive)
                {
                    RegistryHive opened = RegistryHive.Open(hive, Open(tree, folder + name + ".LOG1") ?? Open(tree, folder + name + ".LOG"), Open(tree, folder + name + ".LOG2"), new ParseContext(limits, NullDiagnosticSink.Instance, default));
                    return read(opened, new EvidenceLocation("", tree.Volume.Volume.Identity, tree.Volume.Volume.Offset, folder + name, 0));
                }
            }
        }
        catch (ForensicException)
        {
            // Identity is best effort here; the walk meets the same file again and reports the damage.
            return null;
        }
        return null;
    }

    private static IByteSource? Open(ImageTree tree, string path) => tree.Find(path, followLast: false) is { File.Type: FileType.Regular } file ? file.FileSystem.OpenContent(file.File) : null;

    /// <summary>The registry knows the build that updates made; major and minor number are those of the programs.</summary>
    private static string? VersionOf(string? build, string? programs)
    {
        if (build is not { Length: > 0 and < 32 } || !build.All(letter => char.IsAsciiDigit(letter) || letter == '.') || !int.TryParse(build.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return programs;
        }
        string[] parts = programs?.Split('.') ?? [];
        return parts.Length > 1 ? parts[0] + "." + parts[1] + "." + build : number >= FirstOfTen ? "10.0." + build : programs;
    }

    private static string? ProductOf(WindowsIdentity? identity, string? version)
    {
        // Windows 11 still calls itself 10 there.
        bool isEleven = version?.Split('.') is [_, _, var build, ..] && int.TryParse(build, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= FirstOfEleven;
        return identity?.ProductName is not { Length: > 0 and <= LongestProduct } name ? null
            : isEleven && name.StartsWith("Windows 10", StringComparison.Ordinal) ? "Windows 11" + name["Windows 10".Length..] : name;
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
