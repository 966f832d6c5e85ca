namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Knows the paths that matter when tmpfiles.d makes them, and what a text written there would start.</summary>
internal static class TmpfilesTargets
{
    private const int MostCommands = 64;

    private static readonly string[] Scripts =
    [
        "/etc/rc.local", "/etc/rc.d/", "/etc/init.d/", "/etc/local.d/", "/etc/profile", "/etc/profile.d/", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh", "/etc/environment", "/etc/cron.hourly/", "/etc/cron.daily/",
        "/etc/cron.weekly/", "/etc/cron.monthly/", "/etc/update-motd.d/", "/etc/NetworkManager/dispatcher.d/", "/usr/lib/NetworkManager/dispatcher.d/", "/etc/networkd-dispatcher/", "/etc/network/if-", "/etc/udev/rules.d/",
        "/usr/lib/udev/rules.d/", "/etc/systemd/system-generators/", "/usr/lib/systemd/system-generators/", "/usr/lib/systemd/system-sleep/", "/usr/lib/systemd/system-shutdown/", "/etc/xdg/autostart/", "/etc/apt/apt.conf.d/",
        "/etc/modprobe.d/", "/etc/modules-load.d/", "/root/.bashrc", "/root/.profile", "/root/.bash_profile", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/", "/usr/local/sbin/",
    ];

    private static readonly string[] Access = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/pam.d/", "/etc/doas.conf", "/etc/ssh/sshd_config", "/etc/polkit-1/rules.d/"];

    /// <summary>What a path is good for.</summary>
    public static TmpfilesTarget Of(string path)
    {
        if (path.StartsWith("/etc/ld.so", StringComparison.Ordinal))
        {
            return TmpfilesTarget.Loader;
        }
        if (path is "/etc/crontab" || path.StartsWith("/etc/cron.d/", StringComparison.Ordinal) || path.StartsWith("/etc/crontabs/", StringComparison.Ordinal) || (path.StartsWith("/var/spool/cron/", StringComparison.Ordinal)
            && path["/var/spool/cron/".Length..] is not ("" or "crontabs" or "tabs" or "atjobs" or "atspool")))
        {
            return TmpfilesTarget.CronTable;
        }
        if (path.Contains("/.ssh/authorized_keys", StringComparison.Ordinal))
        {
            return TmpfilesTarget.AuthorizedKeys;
        }
        if (UnitSearchPath.Locate(path).Rank >= 0 && !path.StartsWith("/run/", StringComparison.Ordinal))
        {
            return TmpfilesTarget.Unit;
        }
        return StartsWithAny(path, Access) ? TmpfilesTarget.Access : StartsWithAny(path, Scripts) ? TmpfilesTarget.StartupScript : TmpfilesTarget.Other;
    }

    /// <summary>The commands in a text that is written to a path.</summary>
    public static IEnumerable<string> Commands(string path, TmpfilesTarget target, string text)
    {
        IEnumerable<string> commands = target switch
        {
            TmpfilesTarget.CronTable => Cron(path, text),
            TmpfilesTarget.Unit => Unit(text),
            TmpfilesTarget.StartupScript => [text],
            _ => [],
        };
        return commands.Where(command => command.Length > 0).Take(MostCommands);
    }

    private static IEnumerable<string> Cron(string path, string text)
    {
        CronTable table = CronTableRules.TableAt(path);
        foreach (string line in text.Split('\n'))
        {
            CrontabLine parsed = CrontabLine.Parse(line, table != CronTable.User);
            if (parsed.Kind == CrontabLineKind.Job)
            {
                (string command, string? input) = CrontabLine.SplitPercent(parsed.Value);
                yield return input is null ? command : command + "\n" + input;
            }
        }
    }

    private static IEnumerable<string> Unit(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line.StartsWith("Exec", StringComparison.Ordinal))
            {
                yield return line[(equals + 1)..].Trim().TrimStart('-', '@', ':', '+', '!', '|');
            }
        }
    }

    private static bool StartsWithAny(string path, string[] prefixes)
    {
        foreach (string prefix in prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}
