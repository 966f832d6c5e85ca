using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>
/// How drop-ins combine: of one file name the directory that ranks first wins, the winners are read sorted by file name behind the unit, and an empty <c>ExecStart=</c> throws away what was read
/// before it. See systemd.unit(5).
/// </summary>
/// <remarks><b>Limitations:</b> drop-ins of a prefix (<c>foo-.service.d</c>) or a type (<c>service.d</c>) do not take away commands here.</remarks>
internal sealed class DropInMerge
{
    private readonly Dictionary<(string Host, string Name, bool IsUser, string File), (int Rank, string Path)> _winners = [];
    private readonly Dictionary<(string Host, string Name, bool IsUser), SystemdUnit> _lastReset = [];
    private readonly EvidenceIndex _evidence;

    public DropInMerge(EvidenceIndex evidence)
    {
        _evidence = evidence;
        List<SystemdUnit> resets = [];
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            if (!unit.IsDropIn || unit.SearchRank < 0)
            {
                continue;
            }
            string host = evidence.TreeOf(unit.Location.Volume);
            Offer((host, unit.Name, unit.IsUserUnit, unit.Location.Name), unit.SearchRank, unit.Location.Path);
            if (unit.Settings.Any(IsReset))
            {
                resets.Add(unit);
            }
        }
        foreach (SystemdLink link in evidence.OfType<SystemdLink>())
        {
            int slash = link.Name.LastIndexOf('/');
            if (link.Effect == UnitLinkEffect.Masks && slash > 2 && link.Name.AsSpan(0, slash).EndsWith(".d"))
            {
                Offer((evidence.TreeOf(link.Location.Volume), link.Name[..(slash - 2)], link.IsUserUnit, link.Location.Name), link.SearchRank, link.Location.Path);
            }
        }
        // The last one in the order of file names decides for all that comes before it.
        foreach (SystemdUnit reset in resets)
        {
            (string, string, bool) key = (evidence.TreeOf(reset.Location.Volume), reset.Name, reset.IsUserUnit);
            if (Overridden(reset) is null && (!_lastReset.TryGetValue(key, out SystemdUnit? last) || string.CompareOrdinal(reset.Location.Name, last.Location.Name) > 0))
            {
                _lastReset[key] = reset;
            }
        }
    }

    /// <summary>Why a drop-in is not read, as a clause; null when it is.</summary>
    public string? Overridden(SystemdUnit dropIn) =>
        _winners.TryGetValue((_evidence.TreeOf(dropIn.Location.Volume), dropIn.Name, dropIn.IsUserUnit, dropIn.Location.Name), out (int Rank, string Path) winner)
        && winner.Rank < dropIn.SearchRank ? $"the drop-in of the same name at {winner.Path} wins" : null;

    /// <summary>Why an <c>ExecStart</c> of a unit or drop-in does not count, as a clause; null when it does.</summary>
    public string? Replaced(SystemdUnit unit, StartCommand? command) =>
        command?.Trigger is "systemd ExecStart" && _lastReset.TryGetValue((_evidence.TreeOf(unit.Location.Volume), unit.Name, unit.IsUserUnit), out SystemdUnit? last)
        && !ReferenceEquals(last, unit) && (!unit.IsDropIn || string.CompareOrdinal(last.Location.Name, unit.Location.Name) > 0)
            ? $"the drop-in {last.Location.Path} takes it out" : null;

    private static bool IsReset(UnitSetting setting) => setting is { Section: "Service", Key: "ExecStart", Value.Length: 0 };

    private void Offer((string, string, bool, string) key, int rank, string path)
    {
        if (!_winners.TryGetValue(key, out (int Rank, string Path) known) || rank < known.Rank)
        {
            _winners[key] = (rank, path);
        }
    }
}
