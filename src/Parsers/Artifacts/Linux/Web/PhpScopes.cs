namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Which variables of a PHP file are the same: those of one function, those of the file, and those that a function shares by <c>global</c>. Closures count as part of what they stand in.</summary>
internal sealed class PhpScopes
{
    private const int MaxShared = 4096;
    private readonly HashSet<string> _shared = new(StringComparer.Ordinal);
    private string _function = "";
    private string? _announced;
    private int _depth;
    private int _functionDepth;

    /// <summary>What a variable is known as here.</summary>
    public string Key(string name) => _function.Length == 0 ? name : KeyIn(_function, name) is { } key && _shared.Contains(key) ? name : KeyIn(_function, name);

    /// <summary>What a variable is known as in a function.</summary>
    public static string KeyIn(string function, string name) => function + "\0" + name;

    /// <summary>The next brace opens the body of a function.</summary>
    public void Announce(string function) => _announced = function;

    /// <summary>The function shares a variable of the file.</summary>
    public void Share(string name)
    {
        if (name.Length > 0 && _function.Length > 0 && _shared.Count < MaxShared)
        {
            _shared.Add(KeyIn(_function, name));
        }
    }

    /// <summary>A brace, or the end of a statement, which takes an announcement back (a method without a body).</summary>
    public void Brace(char mark)
    {
        switch (mark)
        {
            case '{':
                _depth++;
                if (_announced is not null && _function.Length == 0)
                {
                    (_function, _functionDepth) = (_announced, _depth);
                }
                break;
            case '}':
                if (_function.Length > 0 && _depth <= _functionDepth)
                {
                    _function = "";
                }
                _depth--;
                break;
            default:
                break;
        }
        _announced = null;
    }

    /// <summary>Begins again at the head of the file.</summary>
    public void Clear() => (_function, _announced, _depth, _functionDepth) = ("", null, 0, 0);
}
