using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes;

/// <summary>
/// Puts together what lies on the volumes of all disks: arrays, volume groups, partitions within those, and what is built on these again, at most eight levels deep.
/// </summary>
/// <remarks>
/// A volume is only ever built on volumes that were there before it, so nothing can be built on itself. Limitations: a partition table is looked for in assembled volumes, not in
/// partitions of a disk.
/// </remarks>
public static class VolumeAssembly
{
    /// <summary>Deepest nesting.</summary>
    public const int MaximumDepth = 8;
    /// <summary>Most volumes that one assembler may make, with their partitions.</summary>
    internal const int MaximumVolumes = 16384;

    /// <summary>
    /// The given volumes, members marked with what they belong to and encrypted ones with the reason why they cannot be read, followed by the volumes that were put together.
    /// Throws only what the sources throw.
    /// </summary>
    /// <param name="volumes">The volumes of all partition tables of all disks.</param>
    /// <param name="assemblers">In the order in which they are asked: arrays before volume groups.</param>
    /// <param name="context">Limits and diagnostics.</param>
    public static IReadOnlyList<Volume> Resolve(IReadOnlyList<Volume> volumes, IReadOnlyList<IVolumeAssembler> assemblers, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        ArgumentNullException.ThrowIfNull(assemblers);
        ArgumentNullException.ThrowIfNull(context);
        var layers = new List<Layer>(assemblers.Count);
        foreach (IVolumeAssembler assembler in assemblers)
        {
            layers.Add(new Layer(assembler));
        }
        // A group may get its last physical volume only after another one was put together, so an assembler whose members became more is run again from the start; what it made
        // before, and said about it, is dropped.
        bool changed = true;
        int round = 0;
        while (changed && round <= MaximumDepth)
        {
            changed = false;
            foreach (Layer layer in layers)
            {
                List<Volume> known = Known(volumes, layers);
                changed |= layer.Run(known, context, isTooDeep: round == MaximumDepth);
            }
            // Arrays are complete before groups are looked for, also those on top of volumes.
            round++;
        }
        var result = new List<Volume>();
        foreach (Volume volume in Known(volumes, layers))
        {
            result.Add(EncryptedVolume.Mark(Marked(volume, layers)));
        }
        foreach (Layer layer in layers)
        {
            layer.Release(context.Diagnostics);
        }
        return result;
    }

    private static List<Volume> Known(IReadOnlyList<Volume> volumes, List<Layer> layers)
    {
        var known = new List<Volume>(volumes);
        foreach (Layer layer in layers)
        {
            known.AddRange(layer.Made);
        }
        return known;
    }

    private static Volume Marked(Volume volume, List<Layer> layers)
    {
        foreach (Layer layer in layers)
        {
            if (layer.Members.TryGetValue(volume, out Volume? marked))
            {
                return marked;
            }
        }
        return volume;
    }

    /// <summary>One assembler, its members so far and what it made of them.</summary>
    private sealed class Layer(IVolumeAssembler assembler)
    {
        private HeldDiagnostics _held = new();
        private HashSet<string> _memberNames = new(StringComparer.Ordinal);

        /// <summary>What was made, each followed by its partitions.</summary>
        public List<Volume> Made { get; private set; } = [];

        /// <summary>Members as they were given, and marked.</summary>
        public Dictionary<Volume, Volume> Members { get; private set; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Runs the assembler if there are members that it did not have; whether that was so.</summary>
        public bool Run(List<Volume> known, ParseContext context, bool isTooDeep)
        {
            var members = new List<Volume>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            for (int i = 0; i < known.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Volume volume = known[i];
                if (volume.MemberOf is null && volume.UnreadableBecause is null && assembler.IsMember(volume))
                {
                    members.Add(volume);
                    // Partitions of two disks may have one name; what was made has a name of its own, whatever object it is.
                    names.Add(volume.Offset >= 0 ? i.ToString(CultureInfo.InvariantCulture) : volume.Name);
                }
            }
            if (names.SetEquals(_memberNames))
            {
                Remember(members);
                return false;
            }
            if (isTooDeep)
            {
                _held.Report(new Diagnostic("volume.depth", string.Create(CultureInfo.InvariantCulture,
                    $"volumes are nested deeper than {MaximumDepth}; {assembler.Kind} members that lie deeper are not put together")) { LosesContent = true });
                Remember(members);
                return false;
            }
            _memberNames = names;
            _held = new HeldDiagnostics();
            ParseContext own = context with { Diagnostics = _held };
            AssembledVolumes made = assembler.Assemble(members, own);
            Made = [];
            var tables = new NestedTables();
            foreach (Volume volume in made.Volumes)
            {
                tables.Add(volume, Made, own);
            }
            Members = new Dictionary<Volume, Volume>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < members.Count && i < made.Members.Count; i++)
            {
                Members[members[i]] = made.Members[i];
            }
            return true;
        }

        public void Release(IDiagnosticSink diagnostics) => _held.Release(diagnostics);

        /// <summary>Members that were made anew meanwhile stay marked.</summary>
        private void Remember(List<Volume> members)
        {
            var byName = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (Volume marked in Members.Values)
            {
                byName.TryAdd(marked.Name, marked.MemberOf);
            }
            foreach (Volume member in members)
            {
                if (!Members.ContainsKey(member) && byName.TryGetValue(member.Name, out string? of))
                {
                    Members[member] = member with { MemberOf = of };
                }
            }
        }
    }

    /// <summary>Keeps diagnostics until it is known whether what they are about stays; then passes them on, and those that come later too.</summary>
    private sealed class HeldDiagnostics : IDiagnosticSink
    {
        private readonly Lock _lock = new();
        private readonly List<Diagnostic> _kept = [];
        private IDiagnosticSink? _target;

        public void Report(Diagnostic diagnostic)
        {
            lock (_lock)
            {
                if (_target is null)
                {
                    _kept.Add(diagnostic);
                    return;
                }
            }
            _target.Report(diagnostic);
        }

        public void Release(IDiagnosticSink target)
        {
            lock (_lock)
            {
                _target = target;
            }
            foreach (Diagnostic diagnostic in _kept)
            {
                target.Report(diagnostic);
            }
        }
    }
}
