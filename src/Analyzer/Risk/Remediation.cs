using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

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

    /// <summary>Cleans the place that starts something.</summary>
    /// <param name="source">The artefact.</param>
    /// <param name="line">Line of the command, when it stands in a table.</param>
    public static IReadOnlyList<string> CleanPlace(Artifact source, int? line)
    {
        string path = source.Location.Path;
        return source switch
        {
            CronJob { Table: CronTable.User, User: string user } => UserCrontab(path, user, line),
            CronJob { Table: CronTable.SystemDirectory } => [.. RemoveLine(path, line), RemoveWhenHostile(path)],
            StartupScript { Place: StartupPlace.CronParts } or ScriptFacts => RemoveFile(path),
            StartupScript { Place: StartupPlace.InitScript } => [.. ServiceScript(source.Location.Name), .. RemoveFile(path)],
            SystemdUnit { IsDropIn: true } => [.. RemoveFile(path), "systemctl daemon-reload"],
            SystemdUnit unit => [.. DisableUnit(unit), .. RemoveFile(path), "systemctl daemon-reload"],
            RunlevelLink or SystemdLink => RemoveFile(path),
            PreloadedLibrary => EmptyPreload(path),
            _ => RemoveLine(path, line),
        };
    }

    /// <summary>Empties a preload file.</summary>
    public static IReadOnlyList<string> EmptyPreload(string path) =>
        ShellQuote.TryPath(path, out string word) ? ["chattr -ia " + word, ": > " + word] : [Unnameable];

    private const string Unnameable = "The name cannot be typed in a shell; remove the file by its inode number (find -inum ... -delete)";

    private static IReadOnlyList<string> UserCrontab(string path, string user, int? line)
    {
        if (!ShellQuote.TryText(user, out string word) || user.StartsWith('-'))
        {
            return RemoveLine(path, line);
        }
        string which = line is int number ? string.Create(CultureInfo.InvariantCulture, $"   # delete line {number}") : "";
        return [.. Unlock(path), $"crontab -u {word} -e{which}"];
    }

    private static string RemoveWhenHostile(string path) => ShellQuote.TryPath(path, out string word) ? $"rm {word}   # when nothing else of use is in it" : Unnameable;

    private static IReadOnlyList<string> ServiceScript(string displayName) =>
        ShellQuote.TryPath("/" + displayName, out string word) && !word.StartsWith('\'') && !word.StartsWith('$')
            ? [$"update-rc.d -f {word[1..]} remove   # or: chkconfig --del {word[1..]}"] : [];

    private static IReadOnlyList<string> DisableUnit(SystemdUnit unit)
    {
        if (!ShellQuote.TryText(unit.Name, out string word))
        {
            return [];
        }
        return [(unit.IsUserUnit ? "systemctl --global disable -- " : "systemctl disable --now -- ") + word];
    }
}
