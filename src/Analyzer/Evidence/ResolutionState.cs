using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a shell remembers from one line to the next, as far as it decides which file a word means.</summary>
internal sealed class ShellState
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxDirectories = 64;
    private const int MaxVariables = 1024;

    public ShellState(StartCommand command)
    {
        foreach (string setting in command.Environment)
        {
            int equals = setting.IndexOf('=');
            if (equals > 0)
            {
                Set(setting[..equals].Trim(), setting[(equals + 1)..].Trim().Trim('"', '\''));
            }
        }
        if (command.User is "root" or null && !Variables.ContainsKey("HOME"))
        {
            Set("HOME", "/root");
        }
        // cron starts jobs in the home directory, systemd in the root.
        Directory = command.WorkingDirectory is ['/', ..] stated ? Normalise(stated)
            : command.Trigger.StartsWith("systemd", StringComparison.Ordinal) ? "/" : Variables.GetValueOrDefault("HOME");
    }

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Working directory; null when not known.</summary>
    public string? Directory { get; private set; }

    public void Set(string name, string value)
    {
        if (Variables.Count < MaxVariables || Variables.ContainsKey(name))
        {
            Variables[name] = value;
        }
    }

    public void ChangeDirectory(string? target) => Directory = target is null ? Variables.GetValueOrDefault("HOME") : Absolute(target);

    /// <summary>The directories a bare word is searched in.</summary>
    public IEnumerable<string> SearchPath() =>
        (Variables.GetValueOrDefault("PATH") is { Length: > 0 } path && !path.Contains('$') ? path : DefaultPath)
            .Split(':', MaxDirectories + 1).Take(MaxDirectories).Where(directory => directory.StartsWith('/'));

    /// <summary>The absolute path a word states; null when that depends on what is not known.</summary>
    public string? Absolute(string word)
    {
        if (word is "~" || word.StartsWith("~/", StringComparison.Ordinal))
        {
            return Variables.GetValueOrDefault("HOME") is string home ? Normalise(home + word[1..]) : null;
        }
        if (word.StartsWith('/'))
        {
            return Normalise(word);
        }
        return word.Length == 0 || Directory is null ? null : Normalise(Directory + "/" + word);
    }

    private static string? Normalise(string path)
    {
        if (path.Length > 4096 || path.Contains('\0'))
        {
            return null;
        }
        var parts = new List<string>();
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}

/// <summary>Collects the files of one command, each once, bounded.</summary>
internal sealed class FileCollector(IPathLookup lookup)
{
    private const int MaxFiles = 64;
    private const int MaxArguments = 8;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private int _arguments;

    public List<StartedFile> Files { get; } = [];

    /// <summary>A file stated by an absolute path; kept although it is missing.</summary>
    public void Add(string? absolutePath, string relation)
    {
        if (absolutePath is null || absolutePath == "/" || IsDevice(absolutePath) || Files.Count >= MaxFiles)
        {
            return;
        }
        string display = PathText.FromText(absolutePath);
        if (_index.TryGetValue(display, out int known))
        {
            // "starts" says more than "uses".
            if (Files[known].Relation == "uses" && relation != "uses")
            {
                Files[known] = Files[known] with { Relation = relation };
            }
            return;
        }
        _index.Add(display, Files.Count);
        Files.Add(new StartedFile(display, lookup.Resolve(display), relation));
    }

    /// <summary>An argument that may be a file: kept only when it exists.</summary>
    public void AddIfPresent(string? absolutePath, string relation)
    {
        if (absolutePath is null || absolutePath == "/" || _arguments >= MaxArguments || IsDevice(absolutePath))
        {
            return;
        }
        if (lookup.Resolve(PathText.FromText(absolutePath)) is not null)
        {
            _arguments++;
            Add(absolutePath, relation);
        }
    }

    /// <summary>A bare word: the first directory that holds it decides.</summary>
    public void AddFromPath(string name, ShellState state)
    {
        foreach (string directory in state.SearchPath())
        {
            string path = directory.TrimEnd('/') + "/" + name;
            if (lookup.Resolve(PathText.FromText(path)) is not null)
            {
                Add(path, "starts");
                return;
            }
        }
    }

    private static bool IsDevice(string path) =>
        path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal)
        || (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal));
}
