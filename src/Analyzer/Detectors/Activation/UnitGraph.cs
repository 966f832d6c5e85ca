using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Which units pull which in, and which of them can be reached from what systemd starts by itself.</summary>
internal sealed class UnitGraph
{
    private static readonly HashSet<string> PullingKeys = new(StringComparer.Ordinal)
        { "Wants", "Requires", "Requisite", "BindsTo", "Upholds", "OnFailure", "OnSuccess", "Sockets", "Service", "Unit", "PropagatesStopTo" };

    private readonly HashSet<(string Host, string Name)> _reached = [];
    private readonly HashSet<(string Host, string Name)> _linked = [];
    private readonly Dictionary<(string Host, string Name), List<string>> _edges = [];
    private readonly Dictionary<(string Host, string Name), SystemdUnit> _triggers = [];
    private readonly HashSet<(string Host, string Name)> _pulledOtherwise = [];
    private readonly Dictionary<(string Host, string Name), string> _aliases = [];

    public UnitGraph(EvidenceIndex evidence)
    {
        var queue = new Queue<(string Host, string Name)>();
        foreach (SystemdLink link in evidence.OfType<SystemdLink>())
        {
            if (link.Effect == UnitLinkEffect.Masks)
            {
                continue;
            }
            string host = evidence.TreeOf(link.Location.Volume);
            string target = UnitSearchPath.Decode(PathTraits.Name(link.Target));
            if (link.Effect == UnitLinkEffect.Alias && link.Name != target)
            {
                _aliases.TryAdd((host, link.Name), target);
            }
            // systemctl makes the link beside the target's wants too; an alias is a name that D-Bus or a person starts.
            Root(queue, host, link.Name);
            Root(queue, host, target);
        }
        foreach (UdevRule rule in evidence.OfType<UdevRule>())
        {
            // A device that appears pulls them in.
            foreach (string name in rule.DormantBecause is null ? rule.Units : [])
            {
                Root(queue, evidence.TreeOf(rule.Location.Volume), name);
            }
        }
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            string host = evidence.TreeOf(unit.Location.Volume);
            Edges(unit, host);
            if (!unit.IsDropIn && (unit.UnitType is "target" or "slice" || unit.Value("Service", "BusName") is not null || unit.Location.Path.StartsWith("/run/systemd/generator", StringComparison.Ordinal)))
            {
                Reach(queue, (host, unit.Name));
            }
        }
        while (queue.TryDequeue(out (string Host, string Name) at))
        {
            foreach (string name in _edges.GetValueOrDefault(at) ?? [])
            {
                Reach(queue, (at.Host, name));
            }
        }
    }

    /// <summary>Something that systemd starts by itself leads to the unit.</summary>
    public bool IsReached(string host, string name) => _reached.Contains((host, name)) || (Template(name) is { } template && _reached.Contains((host, template)));

    /// <summary>The timer, path or socket that alone leads to a unit; null when the unit is enabled itself, or another unit pulls it in.</summary>
    public SystemdUnit? TriggerOf(string host, string name) =>
        _linked.Contains((host, name)) || _pulledOtherwise.Contains((host, name)) ? null : _triggers.GetValueOrDefault((host, name));

    /// <summary>The unit that a name stands for.</summary>
    public string Resolve(string host, string name) => _aliases.GetValueOrDefault((host, name), name);

    /// <summary>The name of the template that an instance is made from; null when the name is none of an instance.</summary>
    public static string? Template(string name)
    {
        int at = name.IndexOf('@', StringComparison.Ordinal);
        int dot = name.LastIndexOf('.');
        return at >= 0 && dot > at + 1 ? name[..(at + 1)] + name[dot..] : null;
    }

    private void Edges(SystemdUnit unit, string host)
    {
        List<string>? names = null;
        bool isTrigger = unit.UnitType is "timer" or "path" or "socket" or "automount";
        bool namesService = false;
        foreach (UnitSetting setting in unit.Settings)
        {
            if (!PullingKeys.Contains(setting.Key))
            {
                continue;
            }
            bool isActivation = isTrigger && setting.Key is "Unit" or "Service";
            namesService |= isActivation;
            foreach (string name in setting.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                (names ??= []).Add(name);
                Note(host, name, isActivation ? unit : null);
            }
        }
        // A timer, path or socket starts the service of its own name unless it names another.
        if (isTrigger && !unit.IsDropIn && !namesService && unit.Name.Length > unit.UnitType.Length)
        {
            string stem = unit.Name[..^(unit.UnitType.Length + 1)];
            foreach (string name in unit.UnitType == "automount" ? new[] { stem + ".mount" } : [stem + ".service", stem + "@.service"])
            {
                (names ??= []).Add(name);
                Note(host, name, unit);
            }
        }
        if (names is null)
        {
            return;
        }
        if (_edges.TryGetValue((host, unit.Name), out List<string>? known))
        {
            known.AddRange(names);
        }
        else
        {
            _edges.Add((host, unit.Name), names);
        }
    }

    private void Note(string host, string name, SystemdUnit? trigger)
    {
        if (trigger is null)
        {
            _pulledOtherwise.Add((host, name));
        }
        else
        {
            _triggers.TryAdd((host, name), trigger);
            if (Template(name) is { } template)
            {
                _triggers.TryAdd((host, template), trigger);
            }
        }
    }

    private void Root(Queue<(string Host, string Name)> queue, string host, string name)
    {
        _linked.Add((host, name));
        if (Template(name) is { } template)
        {
            _linked.Add((host, template));
        }
        Reach(queue, (host, name));
    }

    private void Reach(Queue<(string Host, string Name)> queue, (string Host, string Name) unit)
    {
        if (_reached.Add(unit))
        {
            queue.Enqueue(unit);
        }
        if (Template(unit.Name) is { } template && _reached.Add((unit.Host, template)))
        {
            queue.Enqueue((unit.Host, template));
        }
        if (_aliases.TryGetValue(unit, out string? target) && _reached.Add((unit.Host, target)))
        {
            queue.Enqueue((unit.Host, target));
        }
    }
}
