using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What an exclusion of Microsoft Defender gives up, by the registry or by a log: the one home of that judgement.</summary>
internal static class DefenderExclusions
{
    private static readonly HashSet<string> s_programTypes = new(StringComparer.OrdinalIgnoreCase) { "exe", "dll", "ps1", "bat", "cmd", "vbs", "js", "sys", "scr", "com", "hta", "*" };
    private static readonly HashSet<string> s_interpreters = new(StringComparer.OrdinalIgnoreCase)
    {
        "powershell.exe", "pwsh.exe", "cmd.exe", "wscript.exe", "cscript.exe", "mshta.exe", "rundll32.exe", "regsvr32.exe", "explorer.exe", "svchost.exe", "certutil.exe", "regasm.exe", "msbuild.exe", "installutil.exe",
    };

    private static readonly string[] s_whole = ["/Windows", "/Windows/System32", "/Windows/SysWOW64", "/Users", "/ProgramData", "/Program Files", "/Program Files (x86)"];

    // Files that vendors ask for by name: databases, logs, disks of virtual machines, policies.
    private static readonly HashSet<string> s_dataTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "edb", "sdb", "log", "jrs", "chk", "xml", "csv", "pol", "mdf", "ldf", "ndf", "bak", "trn", "vhd", "vhdx", "avhd", "avhdx", "vmcx", "vmrs", "vsv", "iso", "txt", "dat", "db", "dit", "pat", "que", "dia", "wsb", "config", "chm", "lzx", "ci", "dir",
    };

    // [Exchange] "Running Windows antivirus software on Exchange servers"; [ConfigMgr] "Recommended antivirus exclusions"; IIS.
    private static readonly string[] s_servers = ["/Windows/Temp/OICE_", "/Windows/Temp/ExchangeSetup", "/Windows/Temp/BootImages", "/inetpub/logs", "/inetpub/temp", "/Windows/security/database", "/Windows/security/logs"];

    /// <summary>Takes a whole disk, what anybody may write to, or what runs programs of others out of sight.</summary>
    /// <param name="kind"><c>Paths</c>, <c>Processes</c>, <c>Extensions</c> ...</param>
    /// <param name="value">What is excluded.</param>
    public static bool IsDangerous(string kind, string value) => kind.ToUpperInvariant() switch
    {
        "EXTENSIONS" => s_programTypes.Contains(value.TrimStart('.')),
        "PROCESSES" => IsInterpreter(value) || IsOpenPlace(value),
        "IPADDRESSES" => false,
        _ => IsInterpreter(value) || IsOpenPlace(value),
    };

    /// <summary>It lies where a user may write without being asked.</summary>
    public static bool IsOfUser(string value) => WindowsLogEvents.ImagePath(value) is { } path && WindowsPlaces.IsUserWritable(path);

    /// <summary>An exclusion of those who build programs; they exclude <c>msbuild.exe</c> too.</summary>
    public static bool IsOfDevelopers(string value) => ((string[])["devenv.exe", "dotnet.exe", "node.exe", "rider64.exe", "idea64.exe", "Visual Studio", "JetBrains", @"\source\repos", ".nuget"]).Any(word => value.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>PowerShell by its full path, the worker of IIS or its folder: Microsoft asked for them on Exchange servers until 2023.</summary>
    public static bool WasAskedForByExchange(string value) =>
        value.EndsWith(@"\WindowsPowerShell\v1.0\powershell.exe", StringComparison.OrdinalIgnoreCase) || value.EndsWith(@"\inetsrv\w3wp.exe", StringComparison.OrdinalIgnoreCase) || value.TrimEnd('\\').EndsWith(@"\inetsrv", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file is out of sight by an exclusion of a path or a process. Wildcards within the path count as any text.</summary>
    public static bool Covers(string kind, string value, string path)
    {
        bool isProcess = kind.Equals("Processes", StringComparison.OrdinalIgnoreCase);
        if (!isProcess && !kind.Equals("Paths", StringComparison.OrdinalIgnoreCase) && !kind.Equals("TemporaryPaths", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        if (isProcess && !value.Contains('\\', StringComparison.Ordinal))
        {
            return WindowsPlaces.Name(path).Equals(value, StringComparison.OrdinalIgnoreCase);
        }
        string trimmed = value.TrimEnd('\\', '*');
        return trimmed.Length > 3 && WindowsLogEvents.ImagePath(trimmed) is { } excluded
            && (path.Equals(excluded, StringComparison.OrdinalIgnoreCase) || (!excluded.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) && path.StartsWith(excluded + "/", StringComparison.OrdinalIgnoreCase)));
    }

    // A program of a vendor that has the name of one of Windows by chance is none; neither is one of a build tool below its own folder.
    private static bool IsInterpreter(string value) => s_interpreters.Contains(WindowsPlaces.Name(value.Replace('\\', '/')))
        && !(WindowsLogEvents.ImagePath(value) is { } path && value.Contains('\\', StringComparison.Ordinal) && (path.StartsWith("/Program Files/", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/Program Files (x86)/", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A whole disk, Windows or a profile, or a place where anybody may put programs.</summary>
    private static bool IsOpenPlace(string value)
    {
        string trimmed = value.TrimEnd('\\', '*');
        if (trimmed.Length <= 2 || WindowsLogEvents.ImagePath(trimmed + @"\x") is not { } path)
        {
            // A bare name of a process is none; "C:", "*" and nothing at all are everything.
            return trimmed.Length is 0 || (trimmed.Length == 2 && trimmed[1] == ':');
        }
        string folder = path[..^2];
        int dot = folder.LastIndexOf('.');
        string type = dot > folder.LastIndexOf('/') ? folder[(dot + 1)..] : "";
        bool isData = s_dataTypes.Contains(type);
        bool isProgram = s_programTypes.Contains(type);
        return !isData && !WindowsPlaces.StartsWithAny(folder, s_servers)
            && (s_whole.Contains(folder, StringComparer.OrdinalIgnoreCase) || WindowsPlaces.IsOdd(path) || (isProgram && WindowsPlaces.IsOdd(folder))
                || (folder.StartsWith("/Users/", StringComparison.OrdinalIgnoreCase) && folder.Count(letter => letter == '/') <= (folder.Contains("/AppData/", StringComparison.OrdinalIgnoreCase) ? 4 : 3) && !IsProject(folder)));
    }

    // "C:\Users\alice\repos" is a folder of a developer, "C:\Users\alice\Downloads" is where everything arrives.
    private static bool IsProject(string folder) => ((string[])["/source", "/src", "/repos", "/git", "/projects", "/code", "/dev", "/workspace", "/go", "/.nuget", "/.cargo", "/.gradle", "/.m2", "/node_modules", "/IdeaProjects", "/PycharmProjects"]).Any(name => folder.EndsWith(name, StringComparison.OrdinalIgnoreCase));
}
