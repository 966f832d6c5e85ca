using System.Collections.Frozen;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Paths as the traces of programs write them: with devices, volumes and known folders.</summary>
/// <remarks>Source of the folders: https://learn.microsoft.com/windows/win32/shell/knownfolderid. Limitations: folders that a user moved are taken to be where they were.</remarks>
internal static class TracePaths
{
    private const int GuidLength = 38;

    private static readonly FrozenDictionary<string, string> s_folders = new Dictionary<string, string>
    {
        ["{6D809377-6AF0-444B-8957-A3773F02200E}"] = @"C:\Program Files",
        ["{905E63B6-C1BF-494E-B29C-65B732D3D21A}"] = @"C:\Program Files",
        ["{7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E}"] = @"C:\Program Files (x86)",
        ["{F7F1ED05-9F6D-47A2-AAAE-29D317C6F066}"] = @"C:\Program Files\Common Files",
        ["{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}"] = @"C:\Windows\System32",
        ["{D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27}"] = @"C:\Windows\SysWOW64",
        ["{F38BF404-1D43-42F2-9305-67DE0B28FC23}"] = @"C:\Windows",
        ["{FD228CB7-AE11-4AE3-864C-16F3910AB8FE}"] = @"C:\Windows\Fonts",
        ["{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}"] = @"C:\ProgramData",
        ["{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}"] = @"C:\ProgramData\Microsoft\Windows\Start Menu\Programs",
        ["{DFDF76A2-C82A-4D63-906A-5644AC457385}"] = @"C:\Users\Public",
        ["{C4AA340D-F20F-4863-AFEF-F87EF2E6BA25}"] = @"C:\Users\Public\Desktop",
        ["{ED4824AF-DCE4-45A8-81E2-FC7965083634}"] = @"C:\Users\Public\Documents",
        ["{3D644C9B-1FB8-4F30-9B45-F670235F79C0}"] = @"C:\Users\Public\Downloads",
        ["{5E6C858F-0E22-4760-9AFE-EA3317B67173}"] = "~",
        ["{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}"] = @"~\Desktop",
        ["{FDD39AD0-238F-46AF-ADB4-6C85480369C7}"] = @"~\Documents",
        ["{374DE290-123F-4565-9164-39C4925E467B}"] = @"~\Downloads",
        ["{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}"] = @"~\AppData\Roaming",
        ["{F1B32785-6FBA-4FCF-9D55-7B8E7F157091}"] = @"~\AppData\Local",
        ["{A520A1A4-1780-4FF6-BD18-167343C5AF16}"] = @"~\AppData\LocalLow",
        ["{A77F5D77-2E2B-44C3-A6A2-ABA601054A51}"] = @"~\AppData\Roaming\Microsoft\Windows\Start Menu\Programs",
        ["{9E3995AB-1F9C-4F13-B827-48B24B6C7174}"] = @"~\AppData\Roaming\Microsoft\Internet Explorer\Quick Launch\User Pinned",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Directories that no volume but the system's has.
    private static readonly FrozenSet<string> s_ofSystemVolume =
        new[] { "Windows", "WINNT", "Users", "Documents and Settings", "Program Files", "Program Files (x86)", "ProgramData", "PerfLogs" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Known folders by their paths, those of a profile below the profile's directory.</summary>
    /// <param name="path">Path as stored.</param>
    /// <param name="home">Profile directory as a path of the image; null when there is none.</param>
    public static string WithFolders(string path, string? home)
    {
        if (path.Length < GuidLength || path[0] != '{' || !s_folders.TryGetValue(path[..GuidLength], out string? folder))
        {
            return path;
        }
        if (folder[0] == '~')
        {
            if (home is null)
            {
                return path;
            }
            folder = "C:" + home.Replace('/', '\\') + folder[1..];
        }
        return folder + path[GuidLength..];
    }

    /// <summary>The path in the image that a path of a trace names; null when it names none.</summary>
    public static string? ToImage(string path)
    {
        string text = path.StartsWith(@"\??\", StringComparison.Ordinal) ? path[4..] : path;
        string? rest = text.StartsWith(@"\Device\", StringComparison.OrdinalIgnoreCase) ? Behind(text, 8)
            : text.StartsWith(@"\VOLUME{", StringComparison.OrdinalIgnoreCase) ? Behind(text, 1)
            : text.StartsWith(@"SYSVOL\", StringComparison.OrdinalIgnoreCase) ? text[6..] : null;
        if (rest is not null)
        {
            int end = rest.IndexOf('\\', 1);
            text = end > 1 && s_ofSystemVolume.Contains(rest[1..end]) ? "C:" + rest : "";
        }
        // A name alone stands for nothing here.
        return text.Contains('\\', StringComparison.Ordinal) ? RegistryText.ImagePath(text) : null;
    }

    /// <summary>The profile directory that a hive lies in, as a path of the image; null for hives of the machine and of services.</summary>
    public static string? HomeOf(string hivePath)
    {
        string[] parts = hivePath.Split('/');
        return parts.Length > 3 && (parts[1].Equals("Users", StringComparison.OrdinalIgnoreCase) || parts[1].Equals("Documents and Settings", StringComparison.OrdinalIgnoreCase)) ? "/" + parts[1] + "/" + parts[2] : null;
    }

    private static string? Behind(string text, int from) => text.IndexOf('\\', from) is > 0 and var next ? text[next..] : null;
}
