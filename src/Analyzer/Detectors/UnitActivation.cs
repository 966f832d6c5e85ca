using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which systemd units of an image would be started, as far as its files say.</summary>
/// <remarks>
/// <b>Limitations:</b> units that generators make at boot, D-Bus names without <c>BusName=</c> and presets are not seen; such a unit counts as dormant.
/// </remarks>
internal sealed class UnitActivation
{
    private static readonly string[] PullingKeys = ["Wants", "Requires", "Requisite", "BindsTo", "Upholds", "OnFailure", "OnSuccess", "Sockets", "Service", "Unit", "PropagatesStopTo"];

    private readonly HashSet<(string Host, string Name)> _pulled = [];
    private readonly Dictionary<(string Host, string Name, bool IsUser), (int Rank, string Path)> _masks = [];
    private readonly Dictionary<(string Host, string Name, bool IsUser), SystemdUnit> _winners = [];
    private readonly EvidenceIndex _evidence;

    public UnitActivation(EvidenceIndex evidence)
    {
        _evidence = evidence;
        foreach (SystemdLink link in evidence.OfType<SystemdLink>())
        {
            string host = evidence.TreeOf(link.Location.Volume);
            if (link.Effect == UnitLinkEffect.Masks)
            {
                Mask((host, link.Name, link.IsUserUnit), link.SearchRank, link.Location.Path);
                continue;
            }
            Pull(host, link.Name);
            Pull(host, PathTraits.Name(link.Target));
        }
        foreach (UdevRule rule in evidence.OfType<UdevRule>())
        {
            // A device that appears pulls them in.
            foreach (string name in rule.DormantBecause is null ? rule.Units : [])
            {
                Pull(evidence.TreeOf(rule.Location.Volume), name);
            }
        }
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            string host = evidence.TreeOf(unit.Location.Volume);
            foreach (UnitSetting setting in unit.Settings)
            {
                if (PullingKeys.Contains(setting.Key, StringComparer.Ordinal))
                {
                    foreach (string name in setting.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    {
                        Pull(host, name);
                    }
                }
            }
            if (unit.IsDropIn)
            {
                continue;
            }
            (string, string, bool) key = (host, unit.Name, unit.IsUserUnit);
            if (unit.IsMasked)
            {
                Mask(key, unit.SearchRank, unit.Location.Path);
            }
            if (unit.SearchRank >= 0 && (!_winners.TryGetValue(key, out SystemdUnit? winner) || unit.SearchRank < winner.SearchRank))
            {
                _winners[key] = unit;
            }
            // A timer, path or socket starts the service of its own name unless it names another.
            if (unit.UnitType is "timer" or "path" or "socket" && unit.Value("Timer", "Unit") is null && unit.Value("Path", "Unit") is null)
            {
                string stem = unit.Name[..^(unit.UnitType.Length + 1)];
                Pull(host, stem + ".service");
                Pull(host, stem + "@.service");
            }
        }
    }

    /// <summary>Why a unit would not be started, as a clause; null when it would.</summary>
    public string? DormantBecause(SystemdUnit unit)
    {
        if (unit.SearchRank < 0)
        {
            return "systemd does not read this directory";
        }
        string host = _evidence.TreeOf(unit.Location.Volume);
        (string, string, bool) key = (host, unit.Name, unit.IsUserUnit);
        if (_masks.TryGetValue(key, out (int Rank, string Path) mask) && mask.Rank <= unit.SearchRank)
        {
            return $"the unit is masked by {mask.Path}";
        }
        if (unit.IsDropIn)
        {
            return null;
        }
        if (_winners.TryGetValue(key, out SystemdUnit? winner) && winner.SearchRank < unit.SearchRank)
        {
            return $"the unit of the same name at {winner.Location.Path} wins";
        }
        // The link that enabled a deleted unit is mostly gone too: that it is not seen says nothing.
        if (_evidence.IsOfDeleted || unit.Value("Service", "BusName") is not null || IsPulled(host, unit.Name))
        {
            return null;
        }
        return "no .wants or .requires link enables it and no timer, socket, path or unit that was seen starts it";
    }

    private bool IsPulled(string host, string name)
    {
        if (_pulled.Contains((host, name)))
        {
            return true;
        }
        int at = name.IndexOf('@');
        int dot = name.LastIndexOf('.');
        return at >= 0 && dot > at && _pulled.Contains((host, name[..(at + 1)] + name[dot..]));
    }

    private void Pull(string host, string name)
    {
        _pulled.Add((host, name));
        int at = name.IndexOf('@');
        int dot = name.LastIndexOf('.');
        if (at >= 0 && dot > at)
        {
            _pulled.Add((host, name[..(at + 1)] + name[dot..]));
        }
    }

    private void Mask((string, string, bool) key, int rank, string path)
    {
        if (!_masks.TryGetValue(key, out (int Rank, string Path) known) || rank < known.Rank)
        {
            _masks[key] = (rank, path);
        }
    }
}
