using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>
/// Makes devices of the logical volumes of a group, each once, those it is built on first. A volume that needs itself, directly or through others, is a failed one; so is
/// each that needs a failed one, unless redundancy makes up for it.
/// </summary>
internal sealed class LvmGraph
{
    private const int MaxDepth = 64;

    private readonly VolumeGroupText _group;
    private readonly LvmSegmentBuilder _builder;
    private readonly ParseContext _context;
    private readonly Dictionary<string, LvmDevice> _devices = new(StringComparer.Ordinal);

    public LvmGraph(VolumeGroupText group, IReadOnlyDictionary<string, LvmPhysicalVolume> physical, ParseContext context)
    {
        _group = group;
        _context = context;
        _builder = new LvmSegmentBuilder(group, physical, _devices, context);
    }

    /// <summary>The device of a logical volume of the group.</summary>
    public LvmDevice Device(string name)
    {
        if (_devices.TryGetValue(name, out LvmDevice? known))
        {
            return known;
        }
        // Depth first with a stack of our own: the text decides how deep it goes.
        var path = new Stack<Node>();
        var onPath = new HashSet<string>(StringComparer.Ordinal) { name };
        path.Push(Open(name));
        while (path.TryPeek(out Node? node))
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            if (node.Failure is null && node.Next < node.Needs.Count)
            {
                string need = node.Needs[node.Next++];
                if (_devices.ContainsKey(need))
                {
                    continue;
                }
                if (!onPath.Add(need))
                {
                    // Both this volume and the one it leads back to fail when they are built.
                    _devices[need] = LvmDevice.Failed("", 0, "the volume is built on itself (" + VolumeGroupText.Display(need) + ")");
                    continue;
                }
                if (path.Count >= MaxDepth)
                {
                    _devices[need] = LvmDevice.Failed("", 0, "logical volumes are nested deeper than 64");
                    continue;
                }
                path.Push(Open(need));
                continue;
            }
            path.Pop();
            onPath.Remove(node.Name);
            LvmDevice built = node.Failure is null ? Build(node) : LvmDevice.Failed("", 0, node.Failure);
            // A volume found to be built on itself stays so.
            _devices[node.Name] = _devices.TryGetValue(node.Name, out LvmDevice? looped) ? built with { Source = null, Pool = null, Cache = null, Failure = looped.Failure } : built;
        }
        return _devices[name];
    }

    private Node Open(string name)
    {
        if (!_group.LogicalVolumes.TryGetValue(name, out LogicalVolumeText? volume))
        {
            return new Node(name, [], [], "there is no volume " + VolumeGroupText.Display(name));
        }
        try
        {
            IReadOnlyList<LvmSegment> segments = volume.Segments(_group.ExtentSize);
            var needs = new List<string>();
            foreach (LvmSegment segment in segments)
            {
                _builder.AddNeeds(segment, needs);
            }
            return new Node(name, segments, needs, null);
        }
        catch (ForensicException exception)
        {
            return new Node(name, [], [], exception.Message);
        }
    }

    private LvmDevice Build(Node node)
    {
        long length = node.Segments[^1].Start + node.Segments[^1].Length;
        string kind = LvmSegmentBuilder.Kind(node.Segments[0]);
        try
        {
            return _builder.Build(node.Name, kind, node.Segments, length);
        }
        catch (ForensicException exception)
        {
            return LvmDevice.Failed(kind, length, exception is UnsupportedFeatureException unsupported ? unsupported.Feature + " is not supported" : exception.Message);
        }
    }

    private sealed class Node(string name, IReadOnlyList<LvmSegment> segments, List<string> needs, string? failure)
    {
        public string Name { get; } = name;
        public IReadOnlyList<LvmSegment> Segments { get; } = segments;
        public List<string> Needs { get; } = needs;
        public string? Failure { get; } = failure;
        public int Next { get; set; }
    }
}
