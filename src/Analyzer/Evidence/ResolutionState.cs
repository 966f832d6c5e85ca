using Forensics.Parsers;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a shell remembers from one line to the next, as far as it decides which file a word means.</summary>
internal sealed class ShellState
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxDirectories = 64;
    private const int MaxVariables = 1024;
    private const int MaxFunctions = 1024;
    private const int MaxWritten = 64;
    private const int MaxWrittenText = 64 << 10;

    private static readonly Dictionary<string, string> NoHomes = [];

    // Most commands set nothing: they share what is usual, and the first setting makes a copy.
    private static readonly Dictionary<string, string> Usual = new(StringComparer.Ordinal) { ["PATH"] = DefaultPath };
    private static readonly Dictionary<string, string> UsualOfRoot = new(StringComparer.Ordinal) { ["PATH"] = DefaultPath, ["HOME"] = "/root" };
    private static readonly string[] DefaultDirectories = DefaultPath.Split(':');

    private readonly IReadOnlyDictionary<string, string> _homes;
    private Dictionary<string, string> _variables = Usual;
    private HashSet<string>? _functions;
    private Dictionary<string, string>? _written;
    private string? _previousDirectory;

    public ShellState(StartCommand command, IReadOnlyDictionary<string, string>? homes = null)
    {
        _homes = homes ?? NoHomes;
        foreach (string setting in command.Environment)
        {
            int equals = setting.IndexOf('=');
            if (equals > 0)
            {
                Set(setting[..equals].Trim(), setting[(equals + 1)..].Trim().Trim('"', '\''));
            }
        }
        if (!_variables.ContainsKey("HOME") && HomeOf(command.User ?? "root") is string home)
        {
            if (home == "/root" && ReferenceEquals(_variables, Usual))
            {
                _variables = UsualOfRoot;
            }
            else
            {
                Set("HOME", home);
            }
        }
        // cron starts jobs in the home directory, systemd in the root.
        Directory = command.WorkingDirectory is ['/', ..] stated ? Normalise(stated)
            : command.Trigger.StartsWith("systemd", StringComparison.Ordinal) ? "/" : _variables.GetValueOrDefault("HOME");
    }

    /// <summary>The state of a script: it knows its own path, and relative names are looked for beside it.</summary>
    public static ShellState OfScript(StartCommand command, string path, bool isStarted, IReadOnlyDictionary<string, string>? homes)
    {
        var state = new ShellState(command, homes);
        state.Set("0", path);
        state.Set("BASH_SOURCE", path);
        if (isStarted && path.LastIndexOf('/') is >= 0 and int slash)
        {
            state.Directory = slash == 0 ? "/" : path[..slash];
        }
        return state;
    }

    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>Working directory; null when not known.</summary>
    public string? Directory { get; private set; }

    public void Set(string name, string value)
    {
        Own();
        if (_variables.Count < MaxVariables || _variables.ContainsKey(name))
        {
            _variables[name] = value;
        }
    }

    /// <summary>The search path is not the usual one.</summary>
    public bool HasOwnPath => Variables.GetValueOrDefault("PATH") != DefaultPath;

    /// <summary>A function of the script runs its own arguments.</summary>
    public bool ForwardsArguments { get; set; }

    public void ChangeDirectory(string? target)
    {
        string? next = target is null ? Variables.GetValueOrDefault("HOME") : target == "-" ? _previousDirectory : Absolute(target);
        _previousDirectory = Directory;
        Directory = next;
        if (next is null)
        {
            Forget("PWD");
        }
        else
        {
            Set("PWD", next);
        }
    }

    public void ForgetDirectory()
    {
        Directory = null;
        Forget("PWD");
    }

    public void AddFunctions(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            _functions ??= new HashSet<string>(StringComparer.Ordinal);
            if (_functions.Count < MaxFunctions)
            {
                _functions.Add(name);
            }
        }
    }

    public bool IsFunction(string name) => _functions?.Contains(name) == true;

    /// <summary>Text that a command writes into a file.</summary>
    public void Write(string path, string text, bool appends)
    {
        _written ??= new Dictionary<string, string>(StringComparer.Ordinal);
        string before = appends && _written.TryGetValue(path, out string? known) ? known + "\n" : "";
        if ((_written.Count < MaxWritten || _written.ContainsKey(path)) && before.Length + text.Length <= MaxWrittenText)
        {
            _written[path] = before + text;
        }
    }

    /// <summary>What was written into a file before; null when nothing was.</summary>
    public string? WrittenTo(string path) => _written?.GetValueOrDefault(path);

    private void Own()
    {
        if (ReferenceEquals(_variables, Usual) || ReferenceEquals(_variables, UsualOfRoot))
        {
            _variables = new Dictionary<string, string>(_variables, StringComparer.Ordinal);
        }
    }

    private void Forget(string name)
    {
        if (_variables.ContainsKey(name))
        {
            Own();
            _variables.Remove(name);
        }
    }

    private string? HomeOf(string user) => _homes.GetValueOrDefault(user) ?? (user == "root" ? "/root" : null);

    /// <summary>The directories a bare word is searched in.</summary>
    public IEnumerable<string> SearchPath() =>
        !HasOwnPath ? DefaultDirectories : (_variables.GetValueOrDefault("PATH") is { Length: > 0 } path ? path : DefaultPath)
            .Split(':', MaxDirectories + 1).Take(MaxDirectories).Where(directory => directory.StartsWith('/'));

    /// <summary>The absolute path a word states; null when that depends on what is not known.</summary>
    public string? Absolute(string word)
    {
        if (word is "~" || word.StartsWith("~/", StringComparison.Ordinal))
        {
            return Variables.GetValueOrDefault("HOME") is string home ? Normalise(home + word[1..]) : null;
        }
        if (word.StartsWith('~'))
        {
            int slash = word.IndexOf('/');
            return HomeOf(slash < 0 ? word[1..] : word[1..slash]) is string other ? Normalise(other + (slash < 0 ? "" : word[slash..])) : null;
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
    private const int FewFiles = 8;

    private Dictionary<string, int>? _index;
    private int _arguments;

    public List<StartedFile> Files { get; } = [];

    /// <summary>There were more files than the limit.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Where a path leads; null when it does not exist.</summary>
    public string? TargetOf(string absolutePath) => lookup.Resolve(PathText.FromText(absolutePath))?.Path;

    /// <summary>A file stated by an absolute path; kept although it is missing.</summary>
    public void Add(string? absolutePath, string relation, string? interpreter = null, string? stream = null)
    {
        if (absolutePath is null || absolutePath == "/" || IsDevice(absolutePath))
        {
            return;
        }
        if (Files.Count >= MaxFiles)
        {
            IsCut = true;
            return;
        }
        string file = PathText.FromText(absolutePath);
        string display = stream is null ? file : file + ":" + PathText.FromText(stream);
        int known = IndexOf(display);
        if (known >= 0)
        {
            // "starts" says more than "uses".
            if (Files[known].Relation == "uses" && relation != "uses")
            {
                Files[known] = Files[known] with { Relation = relation, Interpreter = interpreter };
            }
            return;
        }
        _index?.Add(display, Files.Count);
        Files.Add(new StartedFile(display, lookup.Resolve(file), relation) { Interpreter = interpreter, Stream = stream });
    }

    /// <summary>A few files are looked through; an index is built when there are more.</summary>
    private int IndexOf(string display)
    {
        if (_index is null && Files.Count >= FewFiles)
        {
            _index = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < Files.Count; i++)
            {
                _index.Add(Files[i].Requested, i);
            }
        }
        return _index is not null ? _index.GetValueOrDefault(display, -1) : Files.FindIndex(file => file.Requested == display);
    }

    /// <summary>An argument that may be a file: kept only when it exists.</summary>
    public void AddIfPresent(string? absolutePath, string relation, string? interpreter = null, string? stream = null)
    {
        if (absolutePath is null || absolutePath == "/" || _arguments >= MaxArguments || IsDevice(absolutePath))
        {
            return;
        }
        if (lookup.Resolve(PathText.FromText(absolutePath)) is not null)
        {
            _arguments++;
            Add(absolutePath, relation, interpreter, stream);
        }
    }

    /// <summary>A bare word: the first directory that holds it decides.</summary>
    /// <param name="name">The word.</param>
    /// <param name="state">Knows the search path.</param>
    /// <param name="root">Root directory that paths count from; empty for the host's.</param>
    /// <param name="onlyOdd">Kept only when it is found elsewhere than in the usual directories.</param>
    public void AddFromPath(string name, ShellState state, string? root = null, bool onlyOdd = false)
    {
        if (name.Length == 0 || name.Contains('/') || name[0] < ' ')
        {
            return;
        }
        foreach (string directory in state.SearchPath())
        {
            string path = root + directory.TrimEnd('/') + "/" + name;
            if (lookup.Resolve(PathText.FromText(path)) is not null)
            {
                if (!onlyOdd || directory.TrimEnd('/') is not ("/bin" or "/sbin" or "/usr/bin" or "/usr/sbin" or "/usr/local/bin" or "/usr/local/sbin"))
                {
                    Add(path, "starts");
                }
                return;
            }
        }
    }

    private static bool IsDevice(string path) =>
        path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal)
        || (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal));
}
