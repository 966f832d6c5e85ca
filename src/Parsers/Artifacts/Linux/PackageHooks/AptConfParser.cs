using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Commands that apt's configuration makes it run: every <c>*Invoke*</c> list, <c>Pre-Install-Pkgs</c>, proxy detection, JSON hooks, its own helpers (<c>Dir::Bin</c>, compressors), and
/// hooks handed on to dpkg. See apt.conf(5) and apt's doc/json-hooks-protocol.md.
/// </summary>
/// <remarks><b>Limitations</b>: <c>#clear</c> is applied within its file, not across files; the order of files is not looked at.</remarks>
public sealed class AptConfParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/apt-conf";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/apt/apt.conf", "/etc/apt/apt.conf.d/*", "/usr/share/apt/apt.conf.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "apt-conf");
        IReadOnlyList<AptSetting> settings = AptConfiguration.Read(file.Lines(), input.Limits.ArtifactsPerFile, out bool isCut);
        if (isCut)
        {
            file.Report("limit", "more settings, or more deeply nested ones, than are read", default, losesContent: true);
        }
        string? refusal = NameRefusal(input.Location);
        Dictionary<string, int> clearedAt = Cleared(settings);
        for (int i = 0; i < settings.Count; i++)
        {
            AptSetting setting = settings[i];
            if (setting.Value.Length == 0 || setting.Statement == AptStatement.Clear)
            {
                continue;
            }
            EvidenceLocation location = input.Location.At(setting.Line, setting.ByteOffset);
            if (setting.Statement == AptStatement.Include)
            {
                if (!file.Add(new HookFile(location)
                {
                    Place = StartupPlace.AptHook, Trigger = "apt #include", Target = RunlevelLinkParser.Absolute("/etc/apt/apt.conf", setting.Value), IsInclude = true, DormantBecause = refusal,
                }))
                {
                    return;
                }
                continue;
            }
            string key = Unscoped(setting.Key);
            if (Command(key, setting.Value) is not { } command)
            {
                continue;
            }
            if (!file.Add(new HookCommand(location)
            {
                Place = StartupPlace.AptHook, Trigger = "apt " + key, Command = command, User = "root", ThroughShell = ThroughShell(key), IsBlock = setting.Value.Contains('\n'),
                DormantBecause = refusal ?? ClearedLater(key, i, clearedAt),
            }))
            {
                return;
            }
        }
    }

    /// <summary>Settings may be meant for one program alone: <c>Binary::apt::DPkg::Post-Invoke</c>.</summary>
    private static string Unscoped(string key)
    {
        if (!key.StartsWith("Binary::", StringComparison.OrdinalIgnoreCase))
        {
            return key;
        }
        int end = key.IndexOf("::", 8, StringComparison.Ordinal);
        return end < 0 ? key : key[(end + 2)..];
    }

    private static string? Command(string key, string value)
    {
        if (key.Contains("Invoke", StringComparison.OrdinalIgnoreCase) || Ends(key, "::Pre-Install-Pkgs") || Ends(key, "Proxy-Auto-Detect") || Ends(key, "ProxyAutoDetect")
            || key.StartsWith("AptCli::Hooks::", StringComparison.OrdinalIgnoreCase) || (key.StartsWith("APT::Compressor::", StringComparison.OrdinalIgnoreCase) && Ends(key, "::Binary")))
        {
            return value;
        }
        // Relative names of Dir::Bin are looked up below other settings; only a whole path says which file it is.
        if (key.StartsWith("Dir::Bin::", StringComparison.OrdinalIgnoreCase))
        {
            return value.StartsWith('/') ? value : null;
        }
        if (key.Equals("DPkg::Options", StringComparison.OrdinalIgnoreCase))
        {
            foreach (string option in (ReadOnlySpan<string>)["--pre-invoke=", "--post-invoke=", "--status-logger="])
            {
                if (value.StartsWith(option, StringComparison.Ordinal))
                {
                    return value[option.Length..];
                }
            }
        }
        return null;
    }

    private static bool ThroughShell(string key) =>
        !(Ends(key, "Proxy-Auto-Detect") || Ends(key, "ProxyAutoDetect") || key.StartsWith("Dir::Bin::", StringComparison.OrdinalIgnoreCase) || key.StartsWith("APT::Compressor::", StringComparison.OrdinalIgnoreCase));

    private static bool Ends(string key, string end) => key.EndsWith(end, StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, int> Cleared(IReadOnlyList<AptSetting> settings)
    {
        var cleared = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < settings.Count; i++)
        {
            if (settings[i].Statement == AptStatement.Clear)
            {
                foreach (string key in settings[i].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    cleared[key.TrimEnd(':')] = i;
                }
            }
        }
        return cleared;
    }

    private static string? ClearedLater(string key, int at, Dictionary<string, int> clearedAt)
    {
        if (clearedAt.Count == 0)
        {
            return null;
        }
        for (string? scope = key; scope is not null;)
        {
            if (clearedAt.TryGetValue(scope, out int where) && where > at)
            {
                return "a later #clear of the same file takes it back";
            }
            int end = scope.LastIndexOf("::", StringComparison.Ordinal);
            scope = end < 0 ? null : scope[..end];
        }
        return null;
    }

    /// <summary>apt takes names without an extension or with <c>.conf</c>, made of letters, digits, <c>-</c>, <c>_</c> and dots.</summary>
    private static string? NameRefusal(EvidenceLocation location)
    {
        string name = location.Name;
        if (!location.Path.Contains("/apt.conf.d/", StringComparison.Ordinal))
        {
            return null;
        }
        if (name.StartsWith('.'))
        {
            return "apt ignores files whose name begins with a dot";
        }
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ':'))
            {
                return "apt ignores files with unusual characters in their name";
            }
        }
        int dot = name.LastIndexOf('.');
        return dot >= 0 && !name[dot..].Equals(".conf", StringComparison.Ordinal) ? "apt ignores files with an extension other than .conf" : null;
    }
}
