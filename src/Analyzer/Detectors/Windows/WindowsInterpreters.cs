using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Programs of Windows that run what they are given.</summary>
internal static class WindowsInterpreters
{
    private static readonly string[] s_names =
    [
        "powershell", "pwsh", "cmd", "wscript", "cscript", "mshta", "rundll32", "regsvr32", "certutil", "bitsadmin", "wmic", "msbuild", "installutil", "msiexec", "forfiles", "pcalua", "conhost", "explorer", "hh", "odbcconf", "regasm", "regsvcs",
    ];

    /// <summary>The program of a command is one of them.</summary>
    public static bool Runs(string command)
    {
        string program = WindowsPlaces.Name(WindowsCommandWords.Program(command).Replace('\\', '/'));
        return Array.Exists(s_names, name => program.Equals(name, StringComparison.OrdinalIgnoreCase) || program.Equals(name + ".exe", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>All that a command leads to lies where only administrators may write, and is there; false when it leads to nothing.</summary>
    public static bool LeadsToInstalledOnly(IEnumerable<CommandLink> links)
    {
        StartedFile[] files = [.. links.SelectMany(link => link.Files).Where(file => file.Relation is "starts" or "interprets" or "loads" && !Runs(WindowsPlaces.Name(EvidenceQueries.PathOf(file))))];
        return files.Length > 0 && Array.TrueForAll(files, file => file.Resolved is not null && WindowsPlaces.IsInstalled(EvidenceQueries.PathOf(file)) && !WindowsPlaces.IsUserWritable(EvidenceQueries.PathOf(file)));
    }
}
