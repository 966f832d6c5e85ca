namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Directories of user profiles.</summary>
internal static class WindowsProfiles
{
    private static readonly string[] s_shared = ["public", "default", "default user", "all users"];

    /// <summary>Name of the profile directory that a path lies in; null when it is none of a single user.</summary>
    public static string? OwnerOf(string path)
    {
        string[] parts = path.Split('/', 4);
        bool isUser = parts.Length == 4 && (parts[1].Equals("Users", StringComparison.OrdinalIgnoreCase) || parts[1].Equals("Documents and Settings", StringComparison.OrdinalIgnoreCase));
        return isUser && Array.IndexOf(s_shared, parts[2].ToLowerInvariant()) < 0 ? parts[2] : null;
    }

    /// <summary>The component of a path that is a SID, as the Recycle Bin has; null when there is none.</summary>
    public static string? SidIn(string path) => path.Split('/').FirstOrDefault(part => part.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase));
}
