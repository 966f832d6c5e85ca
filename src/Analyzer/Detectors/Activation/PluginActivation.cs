using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which plugins of yum and dnf would be loaded, as far as their settings say.</summary>
internal sealed class PluginActivation
{
    private readonly EvidenceIndex _evidence;
    private readonly Dictionary<(string Host, string Manager, string Plugin), bool?> _settings = [];

    public PluginActivation(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (PluginSetting setting in evidence.OfType<PluginSetting>())
        {
            _settings[(evidence.TreeOf(setting.Location.Volume), setting.Manager, setting.Plugin)] = setting.IsEnabled;
        }
    }

    /// <summary>Why a plugin would not be loaded, as a clause; null when it would.</summary>
    public string? DormantBecause(PackageManagerPlugin plugin)
    {
        if (plugin.Manager is not ("yum" or "dnf") || plugin.IsHelper)
        {
            return null;
        }
        string host = _evidence.TreeOf(plugin.Location.Volume);
        bool hasFile = _settings.TryGetValue((host, plugin.Manager, plugin.Plugin), out bool? own);
        // The settings of a deleted plugin are mostly gone too.
        if (_evidence.IsOfDeleted)
        {
            return null;
        }
        return own == false ? "its settings say enabled = 0"
            : _settings.TryGetValue((host, plugin.Manager, ""), out bool? all) && all == false ? plugin.Manager + " loads no plugins (plugins = 0)"
            : plugin.Manager == "yum" && !(hasFile && own == true) ? "yum loads a plugin only when a settings file says enabled = 1" : null;
    }
}
