using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>Finds the files that words of a Windows command mean: variables, working directory, search path, suffixes that may be left out, and paths with blanks that nobody quoted.</summary>
internal sealed class WindowsFiles
{
    private const int MostProfiles = 64;
    private const int MostWords = 64;

    private static readonly string[] s_searched = ["/Windows/System32", "/Windows", "/Windows/System32/wbem", "/Windows/System32/WindowsPowerShell/v1.0", "/Windows/System32/OpenSSH", "/Program Files/PowerShell/7", "/Windows/SysWOW64"];
    private static readonly string[] s_suffixes = [".exe", ".com", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".msc"];

    private readonly IPathLookup _lookup;
    private readonly FileCollector _collector;
    private readonly Dictionary<string, string> _variables;
    private readonly string[] _profiles;
    private string? _directory;

    /// <param name="lookup">The image.</param>
    /// <param name="command">Knows the account, the working directory and settings.</param>
    /// <param name="home">Profile directory that the artefact lies in; null when it lies in none.</param>
    /// <param name="homes">Profile directories by account name.</param>
    /// <param name="before">The line before in the same script, whose variables and directory go on; null for a command on its own.</param>
    public WindowsFiles(IPathLookup lookup, StartCommand command, string? home, IReadOnlyDictionary<string, string>? homes, WindowsFiles? before = null)
    {
        _lookup = lookup;
        _collector = new FileCollector(lookup);
        _variables = before?._variables ?? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        _directory = before?._directory;
        string? own = HomeOf(command.User, homes) ?? home;
        _profiles = own is not null ? [own] : homes is null ? [] : [.. homes.Values.Order(StringComparer.Ordinal).Take(MostProfiles)];
        foreach (string setting in command.Environment)
        {
            int equals = setting.IndexOf('=');
            if (equals > 0)
            {
                Set(setting[..equals], setting[(equals + 1)..]);
            }
        }
        ChangeDirectory(command.WorkingDirectory);
    }

    /// <summary>What was found.</summary>
    public IReadOnlyList<StartedFile> Found => _collector.Files;

    /// <summary>There were more files than the limit.</summary>
    public bool IsCut => _collector.IsCut;

    /// <summary>Sets a variable for what follows.</summary>
    public void Set(string name, string value)
    {
        if (_variables.Count < 256 && name.Length is > 0 and < 64 && value.Length < 8192)
        {
            _variables[name.Trim()] = value;
        }
    }

    /// <summary>Goes to another directory; stays unknown when it cannot be told.</summary>
    public void ChangeDirectory(string? directory)
    {
        if (!string.IsNullOrWhiteSpace(directory))
        {
            _directory = Candidates(directory).FirstOrDefault();
        }
    }

    /// <summary>A text with the variables that are known.</summary>
    public string Expand(string text) => WindowsPaths.Expand(text, name => ValueOf(name, _profiles.Length == 1 ? _profiles[0] : null));

    /// <summary>A program that is started: searched for like the system does.</summary>
    public void AddProgram(string word, string relation = "starts", string? interpreter = null)
    {
        if (FindProgram(word) is string path)
        {
            _collector.Add(path, relation, interpreter, StreamOf(word));
        }
        else if (Candidates(word).FirstOrDefault() is string stated)
        {
            _collector.Add(stated, relation, interpreter, StreamOf(word));
        }
    }

    /// <summary>A file that is read as a program or loaded, with a suffix that may be left out.</summary>
    public void AddFile(string word, string relation, string? interpreter = null, string suffix = "")
    {
        string[] candidates = [.. Candidates(word), .. IsBare(word) ? s_searched.Take(2).Select(folder => folder + "/" + word) : []];
        string? found = candidates.Concat(suffix.Length > 0 ? candidates.Select(path => path + suffix) : []).FirstOrDefault(path => Resolve(path) is not null);
        if (found is not null || (candidates.Length > 0 && !IsBare(word)))
        {
            _collector.Add(found ?? candidates[0], relation, interpreter, StreamOf(word));
        }
    }

    /// <summary>An argument, kept when there is such a file.</summary>
    public bool AddIfPresent(string word, string relation, string? interpreter = null)
    {
        if (word.Length < 4 || !word.AsSpan().ContainsAny('\\', '/', '.'))
        {
            return false;
        }
        string? path = Candidates(word).FirstOrDefault(candidate => candidate.LastIndexOf('.') > candidate.LastIndexOf('/') && Resolve(candidate) is not null);
        _collector.AddIfPresent(path, relation, interpreter, StreamOf(word));
        return path is not null;
    }

    /// <summary>
    /// Where the program of a command line ends that does not quote it: every blank may be the end, and the system takes the first candidate that is there. Others that are there too are noted as used.
    /// </summary>
    public int EndOfProgram(string text)
    {
        int first = text.IndexOfAny([' ', '\t']);
        if (first < 0)
        {
            return text.Length;
        }
        if (!Expand(text).AsSpan().ContainsAny('\\', '/'))
        {
            return first;
        }
        int end = -1;
        int at = first;
        for (int words = 0; words < MostWords && at > 0; words++)
        {
            string candidate = text[..at];
            string name = candidate[(candidate.LastIndexOfAny(['\\', '/']) + 1)..];
            if (FindProgram(candidate, needsSuffix: !name.Contains('.')) is string path)
            {
                if (end < 0)
                {
                    end = at;
                }
                else
                {
                    _collector.AddIfPresent(path, "uses");
                }
            }
            at = at >= text.Length ? -1 : text.IndexOfAny([' ', '\t'], at + 1) is var next and >= 0 ? next : text.Length;
        }
        if (end >= 0)
        {
            return end;
        }
        // Nothing is there: what looks like the end of a program's name.
        foreach (string suffix in s_suffixes)
        {
            int found = text.IndexOf(suffix + " ", StringComparison.OrdinalIgnoreCase);
            if (found > 0)
            {
                return found + suffix.Length;
            }
        }
        return s_suffixes.Any(suffix => text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) && !text.Contains(" -", StringComparison.Ordinal) && !text.Contains(" /", StringComparison.Ordinal) ? text.Length : first;
    }

    private string? FindProgram(string word, bool needsSuffix = false)
    {
        word = word.Trim().Trim('"');
        if (word.Length == 0)
        {
            return null;
        }
        bool hasSuffix = WindowsNames.Suffix(word.Replace('\\', '/')).Length is >= 2 and <= 5;
        IEnumerable<string> places = IsBare(word)
            ? (_directory is null ? [] : new[] { _directory + "/" + word }).Concat(s_searched.Select(folder => folder + "/" + word)) : Candidates(word);
        foreach (string place in places)
        {
            if (hasSuffix && !needsSuffix && Resolve(place) is not null)
            {
                return place;
            }
            foreach (string suffix in s_suffixes)
            {
                if (Resolve(place + suffix) is not null)
                {
                    return place + suffix;
                }
            }
        }
        return null;
    }

    /// <summary>Absolute paths of the image that a word may state: one, or one for each profile when the account is not known.</summary>
    private IEnumerable<string> Candidates(string word)
    {
        word = word.Trim().Trim('"', '\'');
        if (word.Length == 0)
        {
            yield break;
        }
        string plain = WindowsPaths.Expand(word, name => ValueOf(name, null));
        IEnumerable<string> texts = plain.AsSpan().ContainsAny('%', '$') || plain.StartsWith('~') ? _profiles.Select(profile => WindowsPaths.Expand(word.StartsWith('~') ? "%USERPROFILE%" + word[1..] : word, name => ValueOf(name, profile))) : [plain];
        foreach (string text in texts)
        {
            if (text.Contains('%') || text.Contains("://", StringComparison.Ordinal))
            {
                continue;
            }
            bool isAbsolute = text[0] is '\\' or '/' || (text.Length > 1 && text[1] == ':');
            if (WindowsPaths.ToImage(isAbsolute ? text : _directory is null ? "" : "C:" + _directory.Replace('/', '\\') + "\\" + text, out _) is string path)
            {
                yield return path;
            }
        }
    }

    /// <summary>The named stream that a word states behind a path; null when it states none.</summary>
    private string? StreamOf(string word)
    {
        string text = Expand(word.Trim().Trim('"', '\''));
        bool isAbsolute = text.Length > 2 && (text[0] is '\\' or '/' || text[1] == ':');
        return text.IndexOf(':', Math.Min(2, text.Length)) < 0 || text.Contains("://", StringComparison.Ordinal) ? null
            : WindowsPaths.ToImage(isAbsolute ? text : @"C:\" + text, out string? stream) is null ? null : stream;
    }

    private ResolvedPath? Resolve(string path) => _lookup.Resolve(PathText.FromText(path));

    private string? ValueOf(string name, string? profile)
    {
        if (_variables.GetValueOrDefault(name) is string set)
        {
            return set;
        }
        if (WindowsPaths.MachineVariable(name) is string value)
        {
            return value;
        }
        if (name.Equals("CD", StringComparison.OrdinalIgnoreCase) && _directory is not null)
        {
            return "C:" + _directory.Replace('/', '\\');
        }
        string? home = profile is null ? null : "C:" + profile.Replace('/', '\\');
        return home is null ? null : name.ToUpperInvariant() switch
        {
            "USERPROFILE" or "HOME" => home,
            "HOMEPATH" => home[2..],
            "APPDATA" => home + @"\AppData\Roaming",
            "LOCALAPPDATA" => home + @"\AppData\Local",
            "TEMP" or "TMP" => profile!.StartsWith("/Windows/", StringComparison.OrdinalIgnoreCase) ? @"C:\Windows\Temp" : home + @"\AppData\Local\Temp",
            "USERNAME" => WindowsPlaces.Name(profile!),
            _ => null,
        };
    }

    private static bool IsBare(string word) => !word.AsSpan().ContainsAny("\\/:%$");

    private static string? HomeOf(string? user, IReadOnlyDictionary<string, string>? homes)
    {
        string name = user is null ? "" : user[(user.LastIndexOf('\\') + 1)..].Trim();
        return name.ToUpperInvariant() switch
        {
            "S-1-5-18" or "SYSTEM" or "LOCALSYSTEM" => "/Windows/System32/config/systemprofile",
            "S-1-5-19" or "LOCAL SERVICE" or "LOCALSERVICE" => "/Windows/ServiceProfiles/LocalService",
            "S-1-5-20" or "NETWORK SERVICE" or "NETWORKSERVICE" => "/Windows/ServiceProfiles/NetworkService",
            _ => name.Length == 0 ? null : homes?.GetValueOrDefault(name),
        };
    }
}
