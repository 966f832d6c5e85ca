namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>The variables that the <c>Environment=</c> settings of one section make, see systemd.exec(5).</summary>
internal sealed class UnitEnvironment
{
    private const int MostAssignments = 10_000;

    /// <summary><c>NAME=value</c> in order, the resets applied.</summary>
    public List<string> Assignments { get; } = [];

    /// <summary>The last value of each name.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the settings of a section.</summary>
    public static UnitEnvironment Read(List<UnitSetting> settings, string section, UnitSpecifiers specifiers)
    {
        var environment = new UnitEnvironment();
        foreach (UnitSetting setting in settings)
        {
            if (setting.Section != section || setting.Key != "Environment")
            {
                continue;
            }
            if (setting.Value.Length == 0)
            {
                environment.Assignments.Clear();
                environment.Values.Clear();
                continue;
            }
            var words = new UnitWords(setting.Value);
            while (environment.Assignments.Count < MostAssignments && words.TryNext(out string word))
            {
                environment.Add(specifiers.Expand(word, out _));
            }
        }
        return environment;
    }

    // What is no assignment of a proper name is dropped by systemd as well.
    private void Add(string assignment)
    {
        int equals = assignment.IndexOf('=');
        if (equals <= 0 || char.IsAsciiDigit(assignment[0]))
        {
            return;
        }
        foreach (char value in assignment.AsSpan(0, equals))
        {
            if (!char.IsAsciiLetterOrDigit(value) && value != '_')
            {
                return;
            }
        }
        Assignments.Add(assignment);
        Values[assignment[..equals]] = assignment[(equals + 1)..];
    }
}
