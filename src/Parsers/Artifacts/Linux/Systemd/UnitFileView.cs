namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What a service sees of the file system: <c>RootDirectory=</c>, and <c>BindPaths=</c> that put another file in place of the program that the unit names. See systemd.exec(5), "Paths" and "Sandboxing".
/// </summary>
/// <remarks>Limitations: <c>RootImage=</c> and <c>TemporaryFileSystem=</c> are not followed; settings of drop-ins do not reach the commands of another file.</remarks>
internal sealed class UnitFileView
{
    private const int MostBinds = 256;

    private readonly List<(string Source, string Destination)> _binds = [];
    private readonly string? _root;

    public UnitFileView(List<UnitSetting> settings, string section, UnitSpecifiers specifiers)
    {
        foreach (UnitSetting setting in settings)
        {
            if (setting.Section != section)
            {
                continue;
            }
            switch (setting.Key)
            {
                case "RootDirectory":
                    string root = specifiers.Expand(setting.Value.TrimStart('-', '+'), out _).TrimEnd('/');
                    _root = root.StartsWith('/') ? root : null;
                    break;
                case "ExecSearchPath":
                    SearchPath = setting.Value.Length == 0 ? null : SearchPath is null ? specifiers.Expand(setting.Value, out _) : SearchPath + ":" + specifiers.Expand(setting.Value, out _);
                    break;
                case "BindPaths" or "BindReadOnlyPaths" when setting.Value.Length == 0:
                    _binds.Clear();
                    break;
                case "BindPaths" or "BindReadOnlyPaths":
                    Bind(setting.Value, specifiers);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Where a program without a path is searched; null for systemd's own path.</summary>
    public string? SearchPath { get; }

    /// <summary>Paths mean something else to the service than to the host.</summary>
    public bool Changes => _root is not null || _binds.Count > 0;

    /// <summary>The path on the host of what the service sees at a path.</summary>
    public string Map(string path)
    {
        if (path.Length == 0 || path[0] != '/')
        {
            return path;
        }
        (string Source, string Destination)? best = null;
        foreach ((string Source, string Destination) bind in _binds)
        {
            bool isBelow = path == bind.Destination || (path.StartsWith(bind.Destination, StringComparison.Ordinal) && path[bind.Destination.Length] == '/');
            if (isBelow && (best is null || bind.Destination.Length >= best.Value.Destination.Length))
            {
                best = bind;
            }
        }
        return best is { } found ? found.Source + path[found.Destination.Length..] : _root + path;
    }

    private void Bind(string value, UnitSpecifiers specifiers)
    {
        var words = new UnitWords(value);
        while (_binds.Count < MostBinds && words.TryNext(out string word))
        {
            string[] parts = specifiers.Expand(word, out _).TrimStart('-').Split(':');
            if (parts[0].StartsWith('/'))
            {
                _binds.Add((parts[0].TrimEnd('/'), (parts.Length > 1 && parts[1].StartsWith('/') ? parts[1] : parts[0]).TrimEnd('/')));
            }
        }
    }
}
