using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Python plugins of yum and dnf, Perl configuration of needrestart, and the files that switch plugins on. See yum(8), dnf.conf(5), needrestart's ex/needrestart.conf.
/// </summary>
/// <remarks><b>Limitations</b>: Python and Perl are not executed in mind; commands are those that stand as literals in a call, and interfaces those that are named in a line of code.</remarks>
public sealed class PackageManagerPluginParser : ArtifactParser
{
    private static readonly string[] s_python =
    [
        "os.system", "os.popen", "os.exec", "os.spawn", "os.fork", "os.dup2", "os.posix_spawn", "subprocess", "commands.getoutput", "pty.spawn", "socket", "urllib", "http.client", "requests.", "ctypes", "base64", "zlib.decompress", "marshal.loads",
        "exec(", "eval(", "__import__(", "compile(", "bytes.fromhex", "codecs.decode",
    ];

    private static readonly string[] s_perl = ["system(", "system ", "exec(", "exec ", "qx", "`", "open(", "IO::Socket", "use Socket", "eval ", "unpack", "MIME::Base64", "fork"];

    /// <inheritdoc/>
    public override string Name => "linux/package-manager-plugin";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/usr/{lib,share}/yum-plugins/*", "/usr/lib/python{2,3}*/site-packages/{dnf-plugins,yum-plugins}/*", "/usr/lib/python3*/site-packages/dnf-plugins/*/__init__.py", "/usr/lib/python3/dist-packages/dnf-plugins/*",
        "/usr/local/lib/python3*/site-packages/dnf-plugins/*", "/etc/yum/pluginconf.d/*.conf", "/etc/dnf/plugins/*.conf", "/etc/yum.conf", "/etc/dnf/dnf.conf", "/etc/needrestart/needrestart.conf", "/etc/needrestart/conf.d/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        string name = input.Location.Name;
        string manager = path.Contains("needrestart", StringComparison.Ordinal) ? "needrestart" : path.Contains("yum", StringComparison.Ordinal) ? "yum" : "dnf";
        var file = new ArtifactFile(input, sink, "plugin");
        if (path.StartsWith("/etc/", StringComparison.Ordinal) && manager != "needrestart")
        {
            Setting(file, manager, name);
        }
        else if (manager == "needrestart" && name != "needrestart.conf" && !name.EndsWith(".conf", StringComparison.Ordinal))
        {
            return;
        }
        else if (!name.EndsWith(".pyc", StringComparison.Ordinal) && !name.EndsWith(".pyo", StringComparison.Ordinal))
        {
            Plugin(file, manager, path, name);
        }
    }

    private static void Setting(ArtifactFile file, string manager, string name)
    {
        bool isGlobal = name is "yum.conf" or "dnf.conf";
        string section = "";
        bool? enabled = null;
        TextLine at = default;
        foreach (ConfigLine line in ConfigLines.Read(file, semicolonComments: true))
        {
            if (line.Text[0] == '[')
            {
                section = line.Text;
                continue;
            }
            (string key, string value) = ConfigLines.Split(line.Text, "=: \t");
            if (section is "[main]" && key.Equals(isGlobal ? "plugins" : "enabled", StringComparison.OrdinalIgnoreCase))
            {
                string word = value.TrimStart('=', ':', ' ', '\t').Trim();
                enabled = word is "1" || word.Equals("true", StringComparison.OrdinalIgnoreCase) || word.Equals("yes", StringComparison.OrdinalIgnoreCase) || word.Equals("on", StringComparison.OrdinalIgnoreCase);
                at = line.First;
            }
        }
        if (!isGlobal || enabled is not null)
        {
            file.Add(new PluginSetting(at.Number == 0 ? file.Input.Location : file.Input.Location.At(at.Number, at.ByteOffset)) { Manager = manager, Plugin = isGlobal ? "" : name[..^5], IsEnabled = enabled });
        }
    }

    private static void Plugin(ArtifactFile file, string manager, string path, string name)
    {
        ArtifactInput input = file.Input;
        bool isPerl = manager == "needrestart";
        bool isPython = name.EndsWith(".py", StringComparison.Ordinal);
        var interfaces = new SortedSet<string>(StringComparer.Ordinal);
        var commands = new List<StartCommand>();
        bool isBinary = input.Content.Span[..Math.Min(input.Content.Length, 4096)].Contains((byte)0);
        string starter = isPerl ? "perl " : isPython ? "python3 " : "";
        commands.Add(new StartCommand(starter + Quoted(path)) { Trigger = manager + " plugin", User = "root", Line = 1, ByteOffset = 0 });
        if (!isBinary)
        {
            foreach (ConfigLine line in ConfigLines.Read(file))
            {
                foreach (string word in isPerl ? s_perl : s_python)
                {
                    if (line.Text.Contains(word, StringComparison.Ordinal))
                    {
                        interfaces.Add(word.TrimEnd('(', ' ', '.'));
                    }
                }
                foreach (string literal in commands.Count < input.Limits.ArtifactsPerFile ? LiteralCalls.Find(line.Text) : [])
                {
                    commands.Add(new StartCommand(literal) { ThroughShell = true, Trigger = manager + " plugin", User = "root", Line = line.First.Number, ByteOffset = line.First.ByteOffset });
                }
            }
        }
        else
        {
            file.ReportTruncation();
        }
        // Settings in Perl are many and harmless; only those that reach outside are worth an artefact.
        if (isPerl && interfaces.Count == 0)
        {
            return;
        }
        string plugin = name is "__init__.py" ? HookDirectory.Of(path)[(HookDirectory.Of(path).LastIndexOf('/') + 1)..] : isPython ? name[..^3] : name;
        file.Add(new PackageManagerPlugin(input.Location) { Manager = manager, Plugin = plugin, Interfaces = [.. interfaces], IsHelper = !isPython && !isPerl, Commands = commands });
    }

    private static string Quoted(string path) => path.AsSpan().ContainsAny(" '\"\\$;&|<>()*?") ? "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : path;
}
