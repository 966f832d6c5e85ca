using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which systemd units of an image would be started, as far as its files say.</summary>
/// <remarks>
/// <b>Limitations:</b> units that generators make at boot, D-Bus names without <c>BusName=</c> and presets are not seen; such a unit counts as dormant. Conditions are not evaluated.
/// </remarks>
internal sealed class UnitActivation
{
    private readonly Dictionary<(string Host, string Name, bool IsUser), (int Rank, string Path)> _masks = [];
    private readonly Dictionary<(string Host, string Name, bool IsUser), SystemdUnit> _winners = [];
    private readonly HashSet<string> _hostsWithVendorUnits = new(StringComparer.Ordinal);
    private readonly EvidenceIndex _evidence;
    private readonly UnitGraph _graph;
    private readonly DropInMerge _dropIns;

    public UnitActivation(EvidenceIndex evidence)
    {
        _evidence = evidence;
        _graph = new UnitGraph(evidence);
        _dropIns = new DropInMerge(evidence);
        foreach (SystemdLink link in evidence.OfType<SystemdLink>())
        {
            if (link.Effect == UnitLinkEffect.Masks)
            {
                Mask((evidence.TreeOf(link.Location.Volume), link.Name, link.IsUserUnit), link.SearchRank, link.Location.Path);
            }
        }
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            if (unit.IsDropIn)
            {
                continue;
            }
            string host = evidence.TreeOf(unit.Location.Volume);
            (string, string, bool) key = (host, unit.Name, unit.IsUserUnit);
            if (unit.IsMasked)
            {
                Mask(key, unit.SearchRank, unit.Location.Path);
            }
            if (unit.SearchRank >= 0 && (!_winners.TryGetValue(key, out SystemdUnit? winner) || unit.SearchRank < winner.SearchRank))
            {
                _winners[key] = unit;
            }
            if (PathTraits.StartsWithAny(unit.Location.Path, VendorDirectories))
            {
                _hostsWithVendorUnits.Add(host);
            }
        }
    }

    /// <summary>Where packages put units.</summary>
    public static string[] VendorDirectories { get; } = ["/usr/lib/systemd/", "/lib/systemd/"];

    /// <summary>The unit of a name that systemd would take; null when there is none.</summary>
    public SystemdUnit? Find(string host, string name, bool isUser) =>
        _winners.GetValueOrDefault((host, _graph.Resolve(host, name), isUser)) ?? (UnitGraph.Template(name) is { } template ? _winners.GetValueOrDefault((host, template, isUser)) : null);

    /// <summary>The timer, path or socket that alone starts a unit; null when something else does.</summary>
    public SystemdUnit? TriggerOf(SystemdUnit unit) => unit.IsDropIn ? null : _graph.TriggerOf(_evidence.TreeOf(unit.Location.Volume), unit.Name);

    /// <summary>Why a unit, or one of its commands, would not be started, as a clause; null when it would.</summary>
    public string? DormantBecause(SystemdUnit unit, StartCommand? command = null)
    {
        if (unit.SearchRank < 0)
        {
            return "systemd does not read this directory";
        }
        string host = _evidence.TreeOf(unit.Location.Volume);
        (string, string, bool) key = (host, unit.Name, unit.IsUserUnit);
        if (_masks.TryGetValue(key, out (int Rank, string Path) mask) && (mask.Rank <= unit.SearchRank || unit.IsDropIn))
        {
            return $"the unit is masked by {mask.Path}";
        }
        if (unit.IsDropIn)
        {
            return _evidence.IsOfDeleted ? null : _dropIns.Overridden(unit) ?? _dropIns.Replaced(unit, command) ?? DropIn(unit, host);
        }
        if (_winners.TryGetValue(key, out SystemdUnit? winner) && winner.SearchRank < unit.SearchRank)
        {
            return $"the unit of the same name at {winner.Location.Path} wins";
        }
        // The link that enabled a deleted unit is mostly gone too: that it is not seen says nothing.
        if (_evidence.IsOfDeleted)
        {
            return null;
        }
        return _dropIns.Replaced(unit, command)
            ?? (_graph.IsReached(host, unit.Name) ? null : "no .wants or .requires link enables it and no timer, socket, path or unit that is started itself leads to it");
    }

    /// <summary>A drop-in is as alive as the unit it changes; one of a type or prefix always is.</summary>
    private string? DropIn(SystemdUnit dropIn, string host)
    {
        string name = dropIn.Name;
        int dot = name.LastIndexOf('.');
        if (dot <= 0 || name[dot - 1] == '-')
        {
            return null;
        }
        if (Find(host, name, dropIn.IsUserUnit) is { } unit)
        {
            return unit.UnitType is "service" or "timer" or "socket" or "path" && !_graph.IsReached(host, unit.Name) && !_graph.IsReached(host, name)
                ? "the unit it changes is not enabled and nothing that is started itself leads to it" : null;
        }
        return !dropIn.IsUserUnit && _hostsWithVendorUnits.Contains(host) ? "there is no unit of this name" : null;
    }

    private void Mask((string, string, bool) key, int rank, string path)
    {
        if (!_masks.TryGetValue(key, out (int Rank, string Path) known) || rank < known.Rank)
        {
            _masks[key] = (rank, path);
        }
    }
}
