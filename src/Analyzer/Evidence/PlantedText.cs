namespace Forensics.Analyzer.Evidence;

/// <summary>Text that a script writes into a file which the host reads by itself: the commands in it will run, so they are followed like those of the script.</summary>
internal static class PlantedText
{
    private const int MaxLines = 64;

    /// <summary>Hands on the commands that the text would make the host run, and the libraries it would make every program load.</summary>
    /// <param name="path">Absolute path of the file.</param>
    /// <param name="text">What is written into it.</param>
    /// <param name="command">Takes the text of a command and how many fields stood before it.</param>
    /// <param name="library">Takes an absolute path.</param>
    public static void Follow(string path, string text, Action<string, int> command, Action<string> library)
    {
        if (path.StartsWith("/var/spool/cron/", StringComparison.Ordinal) || path.StartsWith("/etc/crontabs/", StringComparison.Ordinal))
        {
            CronLines(text, 5, command);
        }
        else if (path.StartsWith("/etc/cron.d/", StringComparison.Ordinal) || path == "/etc/crontab")
        {
            CronLines(text, 6, command);
        }
        else if (path.EndsWith(".service", StringComparison.Ordinal) && path.Contains("/systemd/", StringComparison.Ordinal))
        {
            foreach (string line in text.Split('\n', MaxLines + 1).Take(MaxLines))
            {
                int equals = line.IndexOf('=');
                if (equals > 0 && line.AsSpan(0, equals).Trim().StartsWith("Exec", StringComparison.Ordinal))
                {
                    command(line[(equals + 1)..].Trim().TrimStart('@', '-', ':', '+', '!'), 0);
                }
            }
        }
        else if (path is "/etc/rc.local" or "/etc/rc.d/rc.local" or "/etc/profile" or "/etc/bash.bashrc" or "/etc/bashrc" || path.StartsWith("/etc/profile.d/", StringComparison.Ordinal)
            || path.StartsWith("/etc/init.d/", StringComparison.Ordinal) || path.StartsWith("/etc/update-motd.d/", StringComparison.Ordinal)
            || path.EndsWith("/.bashrc", StringComparison.Ordinal) || path.EndsWith("/.profile", StringComparison.Ordinal) || path.EndsWith("/.bash_profile", StringComparison.Ordinal))
        {
            command(text, 0);
        }
        else if (path == "/etc/ld.so.preload")
        {
            foreach (string word in text.Split([' ', '\n', '\t', ':'], MaxLines, StringSplitOptions.RemoveEmptyEntries))
            {
                if (word.StartsWith('/'))
                {
                    library(word.Trim());
                }
            }
        }
    }

    /// <summary>Commands of crontab lines; times that begin with <c>@</c> are one field.</summary>
    public static void CronLines(string text, int fields, Action<string, int> command)
    {
        foreach (string line in text.Split('\n', MaxLines + 1).Take(MaxLines))
        {
            ReadOnlySpan<char> rest = line.AsSpan().Trim();
            if (rest.IsEmpty || rest[0] == '#')
            {
                continue;
            }
            int left = rest[0] == '@' ? fields - 4 : fields;
            if (rest[0] != '@' && rest[0] != '*' && !char.IsAsciiDigit(rest[0]))
            {
                continue;
            }
            for (; left > 0 && !rest.IsEmpty; left--)
            {
                int blank = rest.IndexOfAny(' ', '\t');
                rest = blank < 0 ? [] : rest[blank..].TrimStart();
            }
            if (!rest.IsEmpty)
            {
                command(rest.ToString(), fields);
            }
        }
    }
}
