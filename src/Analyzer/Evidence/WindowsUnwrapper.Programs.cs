namespace Forensics.Analyzer.Evidence;

/// <summary>Programs that run what their arguments say.</summary>
internal sealed partial class WindowsUnwrapper
{
    private static readonly string[] s_interpreters = ["python", "pythonw", "py", "perl", "ruby", "node", "php", "java", "javaw", "lua", "autohotkey", "autoit3", "tclsh", "bash", "sh"];
    private static readonly string[] s_loaders = ["installutil", "regasm", "regsvcs", "msbuild", "odbcconf", "control", "ieexec", "hh", "cmstp", "infdefaultinstall", "presentationhost", "mavinject", "certoc", "tracker", "xwizard", "dnscmd"];

    /// <summary>One program and its arguments.</summary>
    private void Process(string text)
    {
        text = text.Trim();
        if (text.Length == 0)
        {
            return;
        }
        string program;
        string rest;
        if (text[0] is '"' or '\'' && text.IndexOf(text[0], 1) is > 0 and int close)
        {
            (program, rest) = (text[1..close], text[(close + 1)..].Trim());
        }
        else
        {
            int end = files.EndOfProgram(text);
            (program, rest) = (text[..end], text[end..].Trim());
        }
        string name = WindowsPlaces.Name(program.Replace('\\', '/')).ToLowerInvariant();
        string plain = name.EndsWith(".exe", StringComparison.Ordinal) || name.EndsWith(".com", StringComparison.Ordinal) ? name[..^4] : name;
        string suffix = WindowsNames.Suffix(name);
        if (WindowsNames.IsScript(name))
        {
            files.AddProgram(program, "interprets", InterpreterOf(suffix));
        }
        else
        {
            files.AddProgram(program);
        }
        List<string> words = WindowsCommandLine.Words(rest);
        if (!Special(plain, words, rest))
        {
            foreach (string word in words.Take(16))
            {
                files.AddIfPresent(word, "uses");
            }
        }
    }

    private bool Special(string name, List<string> words, string rest)
    {
        switch (name)
        {
            case "cmd" or "comspec" or "%comspec%":
                CommandShell(rest);
                return true;
            case "powershell" or "pwsh" or "powershell_ise" or "sqlps":
                PowerShell(words, rest);
                return true;
            case "rundll32":
                RunDll(words, rest);
                return true;
            case "regsvr32":
                foreach (string word in words.Where(word => !word.StartsWith('/') && !word.StartsWith('-')))
                {
                    files.AddFile(word, "loads", suffix: ".dll");
                }
                foreach (string word in words.Where(word => word.StartsWith("/i:", StringComparison.OrdinalIgnoreCase)))
                {
                    files.AddIfPresent(word[3..], "interprets", "scrobj");
                }
                return true;
            case "wscript" or "cscript":
                FirstFile(words.Where(word => !word.StartsWith("//", StringComparison.Ordinal)), "interprets", "wscript");
                return true;
            case "mshta":
                FirstFile(words.Where(word => !word.Contains("://", StringComparison.Ordinal) && !word.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase) && !word.StartsWith("vbscript:", StringComparison.OrdinalIgnoreCase)), "interprets", "mshta");
                return true;
            case "msiexec":
                FirstFile(words.Where(word => !word.StartsWith('/') && !word.StartsWith('-') && !word.Contains('=') && !word.Contains("://", StringComparison.Ordinal)), "interprets", "msiexec");
                return true;
            case "wmic":
                After(words, rest, "create", WindowsReader.Process);
                return true;
            case "schtasks":
                After(words, rest, "/tr", WindowsReader.Process);
                return true;
            case "forfiles" or "waitfor":
                After(words, rest, "/c", WindowsReader.Process);
                return true;
            case "pcalua":
                After(words, rest, "-a", WindowsReader.Process);
                return true;
            case "sc":
                After(words, rest, "binpath=", WindowsReader.Process);
                return true;
            case "conhost" or "explorer" or "nohup" or "timeout" or "hstart" or "nircmd" or "nircmdc" or "runhiddenconsole" or "hidcon":
                string[] own = rest.Split(' ', 8);
                int first = Array.FindIndex(own, word => word.Length > 0 && word[0] is not ('-' or '/'));
                Enqueue(first < 0 ? "" : string.Join(' ', own[first..]), WindowsReader.Process);
                return true;
            default:
                return Reads(name, words);
        }
    }

    private bool Reads(string name, List<string> words)
    {
        string stem = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        if (Array.IndexOf(s_interpreters, stem) >= 0)
        {
            // Of java's jar, python's script and their like the first file that is there.
            if (!words.Take(16).Any(word => files.AddIfPresent(word, "interprets", stem)))
            {
                FirstFile(words.Where(word => !word.StartsWith('-') && WindowsNames.Suffix(word.Replace('\\', '/')) is ".py" or ".pyw" or ".pl" or ".rb" or ".js" or ".php" or ".jar" or ".ahk" or ".a3x" or ".sh"), "interprets", stem);
            }
            return true;
        }
        if (Array.IndexOf(s_loaders, name) >= 0)
        {
            foreach (string word in words.Take(16))
            {
                files.AddIfPresent(word, "loads");
            }
            return true;
        }
        return false;
    }

    /// <summary><c>cmd /d /s /c "..."</c>: the rest of the line is for the shell; a pair of quotes around all of it is not part of it.</summary>
    private void CommandShell(string rest)
    {
        for (int i = 0; i + 1 < rest.Length; i++)
        {
            if (rest[i] == '/' && rest[i + 1] is 'c' or 'C' or 'k' or 'K' or 'r' or 'R')
            {
                string text = rest[(i + 2)..].Trim();
                bool isAround = text.Length > 1 && text[0] == '"' && text[^1] == '"' && (text.AsSpan(1, text.Length - 2).IndexOf('"') >= 0 || text.Contains(' '));
                Enqueue(isAround && !IsOnePath(text) ? text[1..^1] : text, WindowsReader.Cmd);
                return;
            }
        }
    }

    // "C:\Program Files\x.exe" keeps its quotes.
    private static bool IsOnePath(string text) =>
        text.AsSpan(1, text.Length - 2).IndexOf('"') < 0 && WindowsNames.Suffix(text[1..^1].Replace('\\', '/')).Length is >= 3 and <= 5 && !text.AsSpan().ContainsAny("&|<>()^")
        && (text.Length > 2 && (text[2] == ':' || text[1] is '%' or '\\')) && text.IndexOf(':', 3) < 0 && !text.Contains(" /", StringComparison.Ordinal) && !text.Contains(" -", StringComparison.Ordinal);

    private void RunDll(List<string> words, string rest)
    {
        if (words.Count == 0)
        {
            return;
        }
        if (rest.Contains("javascript:", StringComparison.OrdinalIgnoreCase) || rest.Contains("vbscript:", StringComparison.OrdinalIgnoreCase))
        {
            Note(rest);
            return;
        }
        // "C:\a b.dll,Entry": the entry is behind the last comma that follows the suffix.
        int comma = words[0].IndexOf(',');
        files.AddFile(comma > 0 ? words[0][..comma] : words[0], "loads", suffix: ".dll");
        foreach (string word in words.Skip(1).Take(8))
        {
            files.AddIfPresent(word, "uses");
        }
    }

    private void FirstFile(IEnumerable<string> words, string relation, string interpreter)
    {
        if (words.FirstOrDefault(word => !word.StartsWith('/')) is string file)
        {
            files.AddFile(file, relation, interpreter);
        }
    }

    /// <summary>The command that follows a word: the next word alone when it is quoted, else the rest of the line.</summary>
    private void After(List<string> words, string rest, string option, WindowsReader reader)
    {
        int index = words.FindIndex(word => word.Equals(option, StringComparison.OrdinalIgnoreCase));
        if (index >= 0 && index + 1 < words.Count)
        {
            Enqueue(words[index + 1], reader);
        }
        else if (rest.IndexOf(option, StringComparison.OrdinalIgnoreCase) is >= 0 and int at && option.EndsWith('='))
        {
            Enqueue(rest[(at + option.Length)..].Trim().Trim('"'), reader);
        }
    }

    /// <summary>Who reads scripts of a suffix.</summary>
    public static string InterpreterOf(string suffix) => suffix.ToLowerInvariant() switch
    {
        ".bat" or ".cmd" => "cmd",
        ".ps1" or ".psm1" => "powershell",
        ".hta" => "mshta",
        _ => "wscript",
    };
}
