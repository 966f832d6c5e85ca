using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What the keywords of all sshd configuration files of a host come to: sshd_config(5) lets the first value win and processes
/// <c>Include</c> in place.
/// </summary>
/// <remarks>
/// Limitations: blocks of <c>Match</c> other than <c>Match all</c> are not evaluated; a bracket expression in an <c>Include</c> pattern
/// matches any one character.
/// </remarks>
public static class SshServerConfig
{
    private const string Directory = "/etc/ssh/";
    private const int DeepestInclude = 16;
    private const int MostGlobs = 256;

    private static readonly string[] RootFiles = ["/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"];

    /// <summary>Keywords whose values add up instead of the first winning.</summary>
    private static readonly HashSet<string> Cumulative = new(StringComparer.OrdinalIgnoreCase)
    {
        "Port", "ListenAddress", "HostKey", "HostCertificate", "AcceptEnv", "AllowUsers", "DenyUsers", "AllowGroups", "DenyGroups",
    };

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ChallengeResponseAuthentication"] = "KbdInteractiveAuthentication",
        ["SkeyAuthentication"] = "KbdInteractiveAuthentication",
        ["DSAAuthentication"] = "PubkeyAuthentication",
        ["HostDSAKey"] = "HostKey",
        ["PubkeyAcceptedKeyTypes"] = "PubkeyAcceptedAlgorithms",
        ["HostbasedAcceptedKeyTypes"] = "HostbasedAcceptedAlgorithms",
    };

    /// <summary>
    /// The options in force for every connection, in the order sshd meets them: of each keyword the first (of a subsystem, the first of its name),
    /// of those that add up all. Empty when the main file is not among the options.
    /// </summary>
    /// <param name="all">The options of all files of one host, in any order.</param>
    public static IReadOnlyList<SshServerOption> Effective(IReadOnlyList<SshServerOption> all)
    {
        SortedDictionary<string, List<SshServerOption>> files = ByFile(all);
        string? root = Array.Find(RootFiles, files.ContainsKey);
        if (root is null)
        {
            return [];
        }
        var result = new List<SshServerOption>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        // A file read a second time cannot add anything, the first value having won.
        var visited = new HashSet<string>(StringComparer.Ordinal) { root };
        var stack = new Stack<IEnumerator<SshServerOption>>();
        stack.Push(files[root].GetEnumerator());
        while (stack.Count > 0)
        {
            if (!stack.Peek().MoveNext())
            {
                stack.Pop();
                continue;
            }
            SshServerOption option = stack.Peek().Current;
            if (!IsGlobal(option))
            {
                continue;
            }
            if (!option.Keyword.Equals("Include", StringComparison.OrdinalIgnoreCase))
            {
                if (Cumulative.Contains(option.Keyword) || seen.Add(KeyOf(option)))
                {
                    result.Add(option);
                }
                continue;
            }
            if (stack.Count <= DeepestInclude)
            {
                stack.Push(Included(option, files, visited).GetEnumerator());
            }
        }
        return result;
    }

    /// <summary>The option in force for a keyword, current or former name; null when none is.</summary>
    public static SshServerOption? Find(IReadOnlyList<SshServerOption> effective, string keyword)
    {
        string name = Aliases.GetValueOrDefault(keyword, keyword);
        foreach (SshServerOption option in effective)
        {
            if (Aliases.GetValueOrDefault(option.Keyword, option.Keyword).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return option;
            }
        }
        return null;
    }

    /// <summary>
    /// Claim globs for every <c>AuthorizedKeysFile</c>, those of <c>Match</c> blocks included: relative to the home becomes <c>~/...</c>,
    /// <c>%h</c> the home, <c>%u</c> and <c>%U</c> any name.
    /// </summary>
    public static IReadOnlyList<string> AuthorizedKeysGlobs(IEnumerable<SshServerOption> options)
    {
        var globs = new SortedSet<string>(StringComparer.Ordinal);
        foreach (SshServerOption option in options)
        {
            if (!option.Keyword.Equals("AuthorizedKeysFile", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            foreach (string argument in option.Arguments)
            {
                if (globs.Count < MostGlobs && !argument.Equals("none", StringComparison.OrdinalIgnoreCase) && KeysGlob(argument) is { } glob)
                {
                    globs.Add(glob);
                }
            }
        }
        return [.. globs];
    }

    /// <summary>Claim globs for every <c>Include</c>, so that files outside the usual directories are parsed as well.</summary>
    public static IReadOnlyList<string> IncludeGlobs(IEnumerable<SshServerOption> options)
    {
        var globs = new SortedSet<string>(StringComparer.Ordinal);
        foreach (SshServerOption option in options)
        {
            if (!option.Keyword.Equals("Include", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            foreach (string argument in option.Arguments)
            {
                if (globs.Count < MostGlobs && Glob(IncludePath(argument)) is { } glob)
                {
                    globs.Add(glob);
                }
            }
        }
        return [.. globs];
    }

    private static SortedDictionary<string, List<SshServerOption>> ByFile(IReadOnlyList<SshServerOption> all)
    {
        var files = new SortedDictionary<string, List<SshServerOption>>(StringComparer.Ordinal);
        foreach (SshServerOption option in all)
        {
            if (!files.TryGetValue(option.Location.Path, out List<SshServerOption>? list))
            {
                files.Add(option.Location.Path, list = []);
            }
            list.Add(option);
        }
        foreach (List<SshServerOption> list in files.Values)
        {
            list.Sort((left, right) => (left.Location.ByteOffset ?? 0).CompareTo(right.Location.ByteOffset ?? 0));
        }
        return files;
    }

    private static bool IsGlobal(SshServerOption option) =>
        option.Match is null || option.Match.AsSpan().Trim(" \t\"").Equals("all", StringComparison.OrdinalIgnoreCase);

    private static string KeyOf(SshServerOption option)
    {
        string keyword = Aliases.GetValueOrDefault(option.Keyword, option.Keyword);
        return keyword.Equals("Subsystem", StringComparison.OrdinalIgnoreCase) && option.Arguments.Count > 0 ? keyword + " " + option.Arguments[0] : keyword;
    }

    private static List<SshServerOption> Included(SshServerOption include, SortedDictionary<string, List<SshServerOption>> files, HashSet<string> visited)
    {
        var options = new List<SshServerOption>();
        foreach (string argument in include.Arguments)
        {
            string pattern = PathText.FromText(IncludePath(argument));
            foreach ((string path, List<SshServerOption> list) in files)
            {
                if (Matches(pattern, path) && visited.Add(path))
                {
                    options.AddRange(list);
                }
            }
        }
        return options;
    }

    private static string IncludePath(string argument) => argument.StartsWith('/') || argument.StartsWith('~') ? argument : Directory + argument;

    /// <summary>glob(3) without braces: <c>*</c> and <c>?</c> do not match a slash nor, at the start of a name, a dot.</summary>
    private static bool Matches(string pattern, string path)
    {
        int p = 0;
        int star = -1;
        int retry = 0;
        for (int i = 0; i < path.Length;)
        {
            char wanted = p < pattern.Length ? pattern[p] : '\0';
            bool hidden = path[i] == '.' && i > 0 && path[i - 1] == '/';
            if (wanted == '*')
            {
                if (hidden)
                {
                    return false;
                }
                star = p++;
                retry = i;
            }
            else if (p < pattern.Length && (wanted == path[i] || (wanted is '?' or '[' && path[i] != '/' && !hidden)))
            {
                p = wanted == '[' && pattern.IndexOf(']', p) is var close and > 0 ? close + 1 : p + 1;
                i++;
            }
            else if (star >= 0 && path[retry] != '/')
            {
                p = star + 1;
                i = ++retry;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }
        return p == pattern.Length;
    }

    private static string? KeysGlob(string argument)
    {
        var path = new StringBuilder();
        for (int i = 0; i < argument.Length; i++)
        {
            if (argument[i] != '%' || i + 1 == argument.Length)
            {
                path.Append(argument[i]);
                continue;
            }
            switch (argument[++i])
            {
                case 'h' when path.Length == 0:
                    path.Append('~');
                    break;
                case 'h' or 'u' or 'U':
                    path.Append('*');
                    break;
                case var other:
                    path.Append(other);
                    break;
            }
        }
        string text = path.ToString();
        return Glob(text.StartsWith('/') || (argument.StartsWith("%h", StringComparison.Ordinal) && text.StartsWith("~/", StringComparison.Ordinal)) ? text : "~/" + text);
    }

    // The text comes from the image. It may widen a claim within one directory level at most: a wildcard for every sign that globs know,
    // never "**", never a way up.
    private static string? Glob(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
                continue;
            }
            if (part.Length == 0 || part == ".")
            {
                continue;
            }
            var name = new StringBuilder();
            for (int i = 0; i < part.Length; i++)
            {
                char safe = part[i] is '*' or '?' or '[' or ']' or '{' or '}' or ',' ? '*' : part[i];
                if (part[i] == '[' && part.IndexOf(']', i) is var close and > 0)
                {
                    i = close;
                }
                if (safe != '*' || name.Length == 0 || name[^1] != '*')
                {
                    name.Append(safe);
                }
            }
            parts.Add(name.ToString());
        }
        if (parts.Count == 0)
        {
            return null;
        }
        bool home = path.StartsWith("~/", StringComparison.Ordinal) && parts[0] == "~";
        string joined = string.Join('/', parts);
        return PathText.FromText(home ? joined : "/" + joined);
    }
}
