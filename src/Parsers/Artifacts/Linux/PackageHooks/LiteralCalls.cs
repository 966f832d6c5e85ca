using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Finds commands that stand as literals in calls of Python, Perl and JavaScript: <c>os.system("x")</c>, <c>subprocess.Popen(["x", "y"])</c>, <c>polkit.spawn(["x"])</c>, Perl's <c>system 'x'</c> and backticks.</summary>
internal static class LiteralCalls
{
    private const int MaximumCalls = 32;
    private const int MaximumArguments = 64;
    private const int MaximumLength = 4096;

    private static readonly string[] s_callers =
    [
        "os.system", "os.popen", "os.execv", "os.execl", "os.execlp", "os.execvp", "os.execve", "os.spawnl", "os.spawnv", "os.posix_spawn", "subprocess.Popen", "subprocess.call", "subprocess.run", "subprocess.check_call", "subprocess.check_output",
        "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput", "commands.getstatusoutput", "Popen", "pty.spawn", "polkit.spawn", "system", "exec",
    ];

    /// <summary>The commands of one line, as shell text.</summary>
    public static IReadOnlyList<string> Find(string line)
    {
        List<string>? found = null;
        int calls = 0;
        foreach (string caller in s_callers)
        {
            for (int at = line.IndexOf(caller, StringComparison.Ordinal); at >= 0 && calls < MaximumCalls; at = line.IndexOf(caller, at + caller.Length, StringComparison.Ordinal))
            {
                calls++;
                // The short names are parts of the long ones.
                bool isWhole = at == 0 || !(char.IsAsciiLetterOrDigit(line[at - 1]) || line[at - 1] is '_' or '.');
                int start = at + caller.Length;
                while (start < line.Length && (char.IsAsciiLetterOrDigit(line[start]) && caller.StartsWith("os.", StringComparison.Ordinal)))
                {
                    start++;
                }
                if (isWhole && Arguments(line, start) is { Length: > 0 } command)
                {
                    (found ??= []).Add(command);
                }
            }
        }
        foreach (string quoted in Backticks(line))
        {
            (found ??= []).Add(quoted);
        }
        return found ?? (IReadOnlyList<string>)[];
    }

    /// <summary>The literals up to the end of the call: one is a command line, several are its words.</summary>
    private static string? Arguments(string line, int at)
    {
        var words = new List<string>();
        int depth = 0;
        line = line.Length > at + MaximumLength ? line[..(at + MaximumLength)] : line;
        while (at < line.Length && words.Count < MaximumArguments)
        {
            char c = line[at];
            if (c is '"' or '\'')
            {
                var text = new StringBuilder();
                for (at++; at < line.Length && line[at] != c; at++)
                {
                    at += line[at] == '\\' && at + 1 < line.Length ? 1 : 0;
                    text.Append(line[at]);
                }
                words.Add(text.ToString());
            }
            else if (c is '(' or '[' or '{')
            {
                depth++;
            }
            else if (c is ')' or ']' or '}')
            {
                depth--;
                if (depth <= 0)
                {
                    break;
                }
            }
            else if (depth == 0 && c is not (' ' or '\t' or 'f' or 'r' or 'b' or 'u'))
            {
                break;
            }
            else if (depth > 0 && words.Count > 0 && c == '=')
            {
                // Keyword arguments are no part of the command.
                break;
            }
            at++;
        }
        return words.Count == 0 ? null : words.Count == 1 ? words[0] : string.Join(' ', words.Select(Word));
    }

    private static IEnumerable<string> Backticks(string line)
    {
        int open = line.IndexOf('`', StringComparison.Ordinal);
        while (open >= 0)
        {
            int close = line.IndexOf('`', open + 1);
            if (close < 0)
            {
                yield break;
            }
            if (close > open + 1)
            {
                yield return line[(open + 1)..close];
            }
            open = line.IndexOf('`', close + 1);
        }
    }

    private static string Word(string text) => text.Length > 0 && !text.AsSpan().ContainsAny(" \t\n'\"\\$;&|<>()*?`") ? text : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
