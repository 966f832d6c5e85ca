using System.Runtime.InteropServices;

namespace Forensics.Yara.Native;

/// <summary>Finds the libyara of this system.</summary>
internal static class LibraryLocator
{
    /// <summary>Newest first; the last only to say that the version found is not supported.</summary>
    private static readonly string[] LinuxNames = ["libyara.so.10", "libyara.so.9", "libyara.so", "libyara.so.8"];
    private static readonly string[] MacNames = ["libyara.10.dylib", "libyara.9.dylib", "libyara.dylib", "/opt/homebrew/lib/libyara.dylib", "/usr/local/lib/libyara.dylib"];
    private static readonly string[] WindowsNames = ["libyara.dll", "yara.dll"];

    /// <summary>Opens the library at a path, or the first of the known names.</summary>
    public static nint Open(string? path)
    {
        if (path is not null)
        {
            string full = Path.GetFullPath(path);
            if (!File.Exists(full))
            {
                throw new YaraUnavailableException($"There is no libyara at {full}: {InstallHint()}");
            }
            return NativeLibrary.TryLoad(full, out nint chosen)
                ? chosen
                : throw new YaraUnavailableException($"{full} cannot be loaded as a library of this system: {InstallHint()}");
        }
        foreach (string name in OperatingSystem.IsWindows() ? WindowsNames : OperatingSystem.IsMacOS() ? MacNames : LinuxNames)
        {
            // Never the current directory: the analyst may stand in a folder of evidence.
            const DllImportSearchPath SearchPath = DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories;
            if (NativeLibrary.TryLoad(name, typeof(LibraryLocator).Assembly, SearchPath, out nint handle))
            {
                return handle;
            }
        }
        throw new YaraUnavailableException("libyara was not found: " + InstallHint());
    }

    private static string InstallHint() =>
        OperatingSystem.IsWindows() ? "put libyara.dll (vcpkg install yara) next to the program." :
        OperatingSystem.IsMacOS() ? "install it with 'brew install yara'." :
        "install it with 'apt install libyara9' (Debian 12), 'apt install libyara10' (Debian 13, Ubuntu 24.04), 'dnf install yara' or 'apk add yara'.";
}
