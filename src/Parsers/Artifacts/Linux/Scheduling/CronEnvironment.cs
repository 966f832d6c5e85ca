namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>The <c>NAME=value</c> lines above a job. Snapshots are shared between jobs, and bounded for tables made to cost memory.</summary>
internal sealed class CronEnvironment
{
    private const int MaximumVariables = 128;
    private const int MaximumCopies = 500_000;

    private readonly List<string> _settings = [];
    private IReadOnlyList<string> _snapshot = [];
    private bool _isChanged;
    private int _copies;

    /// <summary>Sets a variable; a later setting of the same name replaces the earlier one at its place.</summary>
    public void Set(string name, string value)
    {
        string prefix = name + "=";
        int at = _settings.FindIndex(setting => setting.StartsWith(prefix, StringComparison.Ordinal));
        if (at >= 0)
        {
            _settings[at] = prefix + value;
            _isChanged = true;
        }
        else if (_settings.Count < MaximumVariables)
        {
            _settings.Add(prefix + value);
            _isChanged = true;
        }
    }

    /// <summary>What is in force now.</summary>
    public IReadOnlyList<string> Snapshot()
    {
        if (_isChanged && _copies + _settings.Count <= MaximumCopies)
        {
            _snapshot = [.. _settings];
            _copies += _settings.Count;
            _isChanged = false;
        }
        return _snapshot;
    }
}
