using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Units that pose as one of the distribution: a name that differs from an owned unit's by one sign that eyes pass over, a name of systemd's own family, or the description of an owned unit on
/// another program. Only units that no package owns.
/// </summary>
/// <remarks><b>Limitations:</b> needs the package database; numbered and suffixed copies (<c>nginx2</c>, <c>nginx-site</c>) are how administrators name second instances and do not count.</remarks>
public sealed class UnitImitationDetector : IDetector
{
    private const int ShortestName = 5;
    private const int ShortestDescription = 10;
    private const int MostUnits = 2000;

    private static readonly RuleInfo Imitation = new("L-UNIT.imitates-vendor-unit", "Unit poses as one of the distribution", "evasion", ["T1543.002", "T1036.004"]);

    private static readonly string[] FamilyPrefixes = ["systemd-", "dbus-org.freedesktop.", "dbus-fi.w1."];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Imitation];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var activation = StartChain.Of(evidence).Units;
        foreach (IGrouping<string, SystemdUnit> host in evidence.OfType<SystemdUnit>().Where(unit => unit is { IsDropIn: false, UnitType: "service" or "timer" or "socket" or "path" }).GroupBy(unit => evidence.TreeOf(unit.Location.Volume)))
        {
            SystemdUnit[] owned = [.. host.Where(unit => evidence.File(unit.Location)?.Origin is { IsVendor: true })];
            var names = owned.Select(unit => unit.Name).ToHashSet(StringComparer.Ordinal);
            SystemdUnit[] compared = owned.Length > MostUnits ? owned[..MostUnits] : owned;
            ILookup<string, SystemdUnit> described = owned.Where(unit => unit.Value("Unit", "Description") is { Length: >= ShortestDescription }).ToLookup(unit => unit.Value("Unit", "Description")!, StringComparer.Ordinal);
            foreach (SystemdUnit unit in host.Where(unit => unit is { SearchRank: >= 0, IsMasked: false } && evidence.File(unit.Location)?.Origin is { IsAlien: true }).Take(MostUnits))
            {
                if (names.Contains(unit.Name) || unit.Location.Path.StartsWith("/run/", StringComparison.Ordinal) || Why(unit, compared, described) is not { } why)
                {
                    continue;
                }
                string? dormant = activation.DormantBecause(unit);
                yield return new Finding(Imitation, dormant is null ? Severity.Medium : Severity.Low, unit.Location)
                {
                    Message = why + " No package owns it." + (dormant is null ? "" : $" It would not be started at present: {dormant}; one level lower."),
                    Evidence = Clip.Evidence(unit.Commands.Count > 0 ? unit.Commands[0].Text : unit.Name),
                    Hashes = evidence.HashesOf(unit.Location),
                    Remediation = dormant is null ? Place.CleanUp(unit, null) : [],
                };
            }
        }
    }

    private static string? Why(SystemdUnit unit, SystemdUnit[] owned, ILookup<string, SystemdUnit> described)
    {
        if (PathTraits.StartsWithAny(unit.Name, FamilyPrefixes) && owned.Length > 0 && (unit.Commands.Count > 0 || unit.UnitType != "service"))
        {
            return $"{unit.Name} has a name of systemd's own family.";
        }
        string stem = Stem(unit.Name);
        SystemdUnit? near = stem.Length < ShortestName ? null : owned.FirstOrDefault(other => LooksLike(stem, Stem(other.Name)));
        if (near is not null)
        {
            return $"The name {unit.Name} differs from {near.Name} of the distribution by one sign.";
        }
        SystemdUnit? copied = unit.Value("Unit", "Description") is { Length: >= ShortestDescription } description ? described[description].FirstOrDefault(other => Program(other) != Program(unit)) : null;
        return copied is not null && unit.Commands.Count > 0 && copied.Commands.Count > 0 ? $"The unit has the description of {copied.Name} of the distribution and starts another program." : null;
    }

    /// <summary>One sign replaced, left out, doubled, or two exchanged; not an added digit or suffix.</summary>
    internal static bool LooksLike(string name, string known)
    {
        if (name == known || known.Length < ShortestName || Math.Abs(name.Length - known.Length) > 1)
        {
            return false;
        }
        int start = 0;
        while (start < name.Length && start < known.Length && name[start] == known[start])
        {
            start++;
        }
        int end = 0;
        while (end < name.Length - start && end < known.Length - start && name[^(end + 1)] == known[^(end + 1)])
        {
            end++;
        }
        string left = name[start..^end];
        string right = known[start..^end];
        return (left.Length, right.Length) switch
        {
            // One sign for another: numbers count instances, so two digits say nothing.
            (1, 1) => !(char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0])) && left[0] is not ('-' or '_' or '@') && right[0] is not ('-' or '_' or '@'),
            (2, 2) => left[0] == right[1] && left[1] == right[0],
            // A letter more inside the word, or one missing; one more at the end names a relative.
            (1, 0) => end > 0 && char.IsAsciiLetter(left[0]),
            (0, 1) => end > 0 && char.IsAsciiLetter(right[0]),
            _ => false,
        };
    }

    private static string Stem(string name) => name[..name.LastIndexOf('.')].TrimEnd('@');

    private static string Program(SystemdUnit unit) => unit.Commands.Count == 0 ? "" : PathTraits.Name(unit.Commands[0].Text.Split(' ')[0]);
}
