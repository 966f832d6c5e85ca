using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Plugins of yum and dnf that no package brought and that reach for processes or the network, and programs laid among the plugins.</summary>
/// <remarks><b>Limitations:</b> where files come from is not known without a package database; then only the combination of processes with network or hidden code counts.</remarks>
public sealed class PackagePluginDetector : IDetector
{
    private static readonly RuleInfo Plugin = new("L-YUMDNF.foreign-plugin", "Plugin of no package that starts programs or talks to the network", "persistence", ["T1546.016"]);
    private static readonly RuleInfo Helper = new("L-YUMDNF.program-among-plugins", "Program among the plugins of the package manager", "persistence", ["T1546.016", "T1036.005"]);
    private static readonly RuleInfo Perl = new("L-APT.perl-settings", "Settings that are program code start programs", "persistence", ["T1546.016"]);

    private static readonly HashSet<string> s_processes = new(StringComparer.Ordinal)
    {
        "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "subprocess", "commands.getoutput", "pty.spawn", "ctypes", "system", "exec", "qx", "`", "fork",
    };

    private static readonly HashSet<string> s_network = new(StringComparer.Ordinal) { "socket", "urllib", "http.client", "requests", "IO::Socket", "use Socket", "os.dup2" };
    private static readonly HashSet<string> s_hidden = new(StringComparer.Ordinal) { "base64", "zlib.decompress", "marshal.loads", "bytes.fromhex", "codecs.decode", "eval", "__import__", "MIME::Base64" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Plugin, Helper, Perl];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var activation = new PluginActivation(evidence);
        foreach (PackageManagerPlugin plugin in evidence.OfType<PackageManagerPlugin>())
        {
            FileFacts? file = evidence.File(plugin.Location);
            if (file?.Origin is { IsVendor: true })
            {
                continue;
            }
            string? dormant = activation.DormantBecause(plugin);
            (RuleInfo Rule, Severity Severity, string Message)? found = plugin.IsHelper ? Among(plugin, file) : Reaches(plugin, file?.Origin);
            if (found is { } what)
            {
                yield return new Finding(what.Rule, dormant is null ? what.Severity : what.Severity.Lower(), plugin.Location)
                {
                    Message = what.Message + (dormant is null ? "" : $" It would not be loaded at present: {dormant}; one level lower."),
                    Evidence = Clip.Evidence(string.Join(", ", plugin.Interfaces)),
                    Hashes = file?.Hashes,
                    Remediation = Place.CleanUp(plugin, null),
                };
            }
        }
    }

    private static (RuleInfo, Severity, string)? Among(PackageManagerPlugin plugin, FileFacts? file)
    {
        bool isProgram = file?.IsExecutable == true || file?.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
        return isProgram && !plugin.Location.Name.EndsWith(".so", StringComparison.Ordinal)
            ? (Helper, file?.Origin is null ? Severity.Medium : Severity.High, $"{plugin.Location.Name} is a program among the plugins of {plugin.Manager}, which are Python modules.") : null;
    }

    private static (RuleInfo, Severity, string)? Reaches(PackageManagerPlugin plugin, FileOrigin? origin)
    {
        bool starts = plugin.Interfaces.Any(s_processes.Contains);
        bool connects = plugin.Interfaces.Any(s_network.Contains);
        bool hides = plugin.Interfaces.Any(s_hidden.Contains);
        string why = $"{(plugin.Manager == "needrestart" ? "Settings of needrestart" : $"The plugin {plugin.Plugin} of {plugin.Manager}")} {(origin is null ? "" : origin.IsModified ? "differ from what the package shipped and " : "belong to no package and ")}use {string.Join(", ", plugin.Interfaces)}.";
        if (plugin.Manager == "needrestart")
        {
            return origin is not null && starts ? (Perl, connects || hides ? Severity.High : Severity.Medium, why) : null;
        }
        bool isKnown = origin is not null;
        return starts && (isKnown || connects || hides) ? (Plugin, isKnown ? Severity.High : Severity.Medium, why)
            : isKnown && (connects || hides) ? (Plugin, Severity.Medium, why) : null;
    }
}
