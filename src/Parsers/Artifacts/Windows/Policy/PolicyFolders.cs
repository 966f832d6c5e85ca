namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Where a policy file comes from.</summary>
public enum PolicyOrigin
{
    /// <summary>Local policy of this machine.</summary>
    Local,
    /// <summary>Copy of a policy of the domain that this machine took over.</summary>
    Domain,
    /// <summary>Policy of the domain itself, on a domain controller.</summary>
    Controller,
}

/// <summary>Directories that hold policies: local ones, those per user, copies of the domain's, and SYSVOL of a domain controller.</summary>
internal static class PolicyFolders
{
    private static readonly string[] s_roots =
    [
        "/Windows/{System32,SysWOW64}/GroupPolicy", "/Windows/{System32,SysWOW64}/GroupPolicyUsers/*", "/Windows/{System32,SysWOW64}/GroupPolicy/DataStore/*/sysvol/*/Policies/*",
        "/Windows/SYSVOL/{domain,staging}/Policies/*", "/ProgramData/Microsoft/Group Policy/History/*", "~/AppData/Local/Microsoft/Group Policy/History/*", "~/AppData/Local/GroupPolicy/DataStore/*/sysvol/*/Policies/*",
    ];

    /// <summary>Claims for a file below the part of the machine and that of users; a history has the SID in place of the latter.</summary>
    public static IReadOnlyList<string> Claims(string below) => [.. s_roots.Select(root => root + "/*/" + below)];

    /// <summary>Where a policy file comes from.</summary>
    public static PolicyOrigin OriginOf(string path) =>
        path.StartsWith("/Windows/SYSVOL/", StringComparison.OrdinalIgnoreCase) ? PolicyOrigin.Controller
        : path.Contains("/DataStore/", StringComparison.OrdinalIgnoreCase) || path.Contains("/Group Policy/History/", StringComparison.OrdinalIgnoreCase) ? PolicyOrigin.Domain
        : PolicyOrigin.Local;

    /// <summary>The policy counts for users, not for the machine.</summary>
    public static bool IsOfUsers(string path) => !path.Contains("/Machine/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Account that runs what the policy starts: the system, or whoever logs on, of whom the path may name one.</summary>
    public static string? RunsAs(string path) => IsOfUsers(path) ? WindowsProfiles.OwnerOf(path) ?? WindowsProfiles.SidIn(path) : "SYSTEM";
}
