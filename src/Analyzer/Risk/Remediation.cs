using System.Globalization;

namespace Forensics.Analyzer.Risk;

/// <summary>
/// What to do about a finding: commands for the restored host, with every name from evidence quoted (<see cref="ShellQuote"/>). Nothing here is ever run by this program.
/// </summary>
public static class Remediation
{
    // Removing one of these breaks the host; when one of them is bad, it was replaced, and its package brings the right one back.
    private static readonly string[] Vital =
    [
        "sh", "bash", "dash", "busybox", "env", "systemd", "init", "sshd", "sudo", "su", "login", "ls", "ps", "cat", "cp", "mv", "rm", "mount", "curl", "wget", "cron", "crond", "perl", "python3",
    ];

    private static readonly string[] VitalPrefixes = ["ld-linux", "ld-musl", "libc.so", "libc-", "libc.musl", "libpthread", "libdl.", "libpam", "pam_unix", "libcrypt.", "libcrypto", "libssl", "libsystemd"];

    /// <summary>Unlocks and removes a file; for a program that the host cannot live without, advises to reinstall its package instead.</summary>
    public static IReadOnlyList<string> RemoveFile(string path)
    {
        if (!ShellQuote.TryPath(path, out string word))
        {
            return [Unnameable];
        }
        string name = path[(path.LastIndexOf('/') + 1)..];
        bool isSystem = Evidence.PathTraits.IsSystemProgram(path) && !path.StartsWith("/usr/local/", StringComparison.Ordinal);
        return isSystem && (Vital.Contains(name) || name.StartsWith("python", StringComparison.Ordinal) || VitalPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            ? ["Reinstall the package that owns " + word + " (dpkg -S, rpm -qf); do not remove the file"]
            : ["chattr -ia " + word, "rm " + word];
    }

    /// <summary>Puts a packaged file back to what its package says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="package">Its package, <c>name version</c>; null when not known.</param>
    public static IReadOnlyList<string> Reinstall(string path, string? package)
    {
        string name = package?.Split(' ')[0] ?? "";
        return ShellQuote.TryPath(path, out string word)
            ? ["chattr -ia " + word, name.Length > 0 && ShellQuote.TryText(name, out string quoted) && !name.StartsWith('-')
                ? $"Reinstall the package {quoted} that owns {word} (apt-get install --reinstall, dnf reinstall, apk fix)" : $"Reinstall the package that owns {word}"]
            : [Unnameable];
    }

    /// <summary>Unlocks and removes a directory with all it holds.</summary>
    public static IReadOnlyList<string> RemoveTree(string path) => ShellQuote.TryPath(path, out string word)
        ? ["Look at what is in " + word + " and keep a copy", "chattr -R -ia " + word, "rm -r " + word] : [Unnameable];

    /// <summary>Takes setuid and setgid off a file.</summary>
    public static IReadOnlyList<string> DropSetId(string path) => ShellQuote.TryPath(path, out string word) ? ["chattr -ia " + word, "chmod u-s,g-s " + word] : [Unnameable];

    /// <summary>Takes the capabilities off a file.</summary>
    public static IReadOnlyList<string> DropCapabilities(string path) => ShellQuote.TryPath(path, out string word) ? ["chattr -ia " + word, "setcap -r " + word] : [Unnameable];

    /// <summary>Gives a file back to root alone.</summary>
    public static IReadOnlyList<string> CloseToOthers(string path) => ShellQuote.TryPath(path, out string word)
        ? [$"chown root:root {word}", $"chmod go-w {word}   # and its directory"] : [Unnameable];

    /// <summary>A path for a sentence; a description when it cannot be typed.</summary>
    public static string Word(string path) => ShellQuote.TryPath(path, out string word) ? word : "the file";

    /// <summary>Unlocks a file.</summary>
    public static IReadOnlyList<string> Unlock(string path) => ShellQuote.TryPath(path, out string word) ? ["chattr -ia " + word] : [Unnameable];

    /// <summary>Unlocks a file and deletes one line of it.</summary>
    public static IReadOnlyList<string> RemoveLine(string path, int? line) => (ShellQuote.TryPath(path, out string word), line) switch
    {
        (false, _) => [Unnameable],
        (true, int number) => ["chattr -ia " + word, string.Create(CultureInfo.InvariantCulture, $"sed -i {number}d {word}")],
        _ => ["chattr -ia " + word, "Edit the entry out of " + word],
    };

    /// <summary>Locks an account's password and ends its sessions.</summary>
    public static IReadOnlyList<string> LockAccount(string name) =>
        ShellQuote.TryText(name, out string word) ? ["passwd -l -- " + word] : ["Edit the account out of /etc/passwd and /etc/shadow"];

    /// <summary>Removes an account.</summary>
    public static IReadOnlyList<string> RemoveAccount(string name) =>
        ShellQuote.TryText(name, out string word) ? ["userdel -f -- " + word] : ["Edit the account out of /etc/passwd and /etc/shadow"];

    /// <summary>Empties a preload file.</summary>
    public static IReadOnlyList<string> EmptyPreload(string path) =>
        ShellQuote.TryPath(path, out string word) ? ["chattr -ia " + word, ": > " + word] : [Unnameable];

    private const string Unnameable = "The name cannot be typed in a shell; remove the file by its inode number (find -inum ... -delete)";

    /// <summary>Unlocks a user's crontab and opens it for editing.</summary>
    public static IReadOnlyList<string> UserCrontab(string path, string user, int? line)
    {
        if (!ShellQuote.TryText(user, out string word) || user.StartsWith('-'))
        {
            return RemoveLine(path, line);
        }
        string which = line is int number ? string.Create(CultureInfo.InvariantCulture, $"   # delete line {number}") : "";
        return [.. Unlock(path), $"crontab -u {word} -e{which}"];
    }

    /// <summary>Removes a file that may hold more than the entry concerned.</summary>
    public static string RemoveWhenHostile(string path) => ShellQuote.TryPath(path, out string word) ? $"rm {word}   # when nothing else of use is in it" : Unnameable;

    /// <summary>Takes an init script out of the runlevels.</summary>
    /// <param name="displayName">Its name, display form.</param>
    public static IReadOnlyList<string> RemoveInitScript(string displayName) =>
        ShellQuote.TryPath("/" + displayName, out string word) && !word.StartsWith('\'') && !word.StartsWith('$')
            ? [$"update-rc.d -f {word[1..]} remove   # or: chkconfig --del {word[1..]}"] : [];

    /// <summary>Takes a service out of OpenRC's runlevels.</summary>
    /// <param name="displayName">Its name, display form.</param>
    public static IReadOnlyList<string> RemoveOpenRcService(string displayName) =>
        ShellQuote.TryPath("/" + displayName, out string word) && !word.StartsWith('\'') && !word.StartsWith('$') ? [$"rc-update del {word[1..]}"] : [];

    /// <summary>Stops a systemd unit and keeps it from starting.</summary>
    public static IReadOnlyList<string> DisableUnit(string name, bool isUserUnit) =>
        ShellQuote.TryText(name, out string word) ? [(isUserUnit ? "systemctl --global disable -- " : "systemctl disable --now -- ") + word] : [];
}
