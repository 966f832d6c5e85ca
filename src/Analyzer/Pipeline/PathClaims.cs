using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Which artefact parsers want which paths. All globs are compiled into one automaton that is advanced once per directory, so a file below a directory that
/// no glob can reach costs nothing. Globs: see <see cref="ArtifactParser.Claims"/>.
/// </summary>
public sealed class PathClaims
{
    private static readonly ArtifactParser[] s_nobody = [];
    // States repeat: below "/" of most trees only the claims on any depth go on. A hostile tree must not fill memory with others.
    private const int MaximumKeptStates = 4096;

    private readonly List<Pattern> _patterns = [];
    private readonly bool _ignoresCase;
    private readonly ConcurrentDictionary<string, Directory> _states = new(StringComparer.Ordinal);

    /// <summary>Compiles the claims; <c>~</c> stands for each of <paramref name="homes"/> (absolute paths in display form).</summary>
    /// <param name="parsers">The parsers.</param>
    /// <param name="homes">Home directories.</param>
    /// <param name="more">Further claims.</param>
    /// <param name="ignoresCase">Names are matched in any case, as Windows does.</param>
    public PathClaims(IEnumerable<ArtifactParser> parsers, IReadOnlyCollection<string> homes, IEnumerable<KeyValuePair<ArtifactParser, string>>? more = null, bool ignoresCase = false)
    {
        _ignoresCase = ignoresCase;
        foreach (ArtifactParser parser in parsers)
        {
            foreach (string claim in parser.Claims)
            {
                Add(parser, claim, homes);
            }
        }
        foreach ((ArtifactParser parser, string claim) in more ?? [])
        {
            Add(parser, claim, homes);
        }
        Root = new Directory([.. Enumerable.Range(0, _patterns.Count).Select(index => new Position(index, 0))], this);
    }

    /// <summary>The claims of a Windows system, or of a volume that such a system would read.</summary>
    public static PathClaims OfWindows(IReadOnlyCollection<string> homes, IEnumerable<KeyValuePair<ArtifactParser, string>>? more = null) =>
        new(Parsers.Catalog.ArtifactParsers.Where(IsOfWindows), homes, more, ignoresCase: true);

    /// <summary>The claims of every other system.</summary>
    public static PathClaims OfLinux(IReadOnlyCollection<string> homes, IEnumerable<KeyValuePair<ArtifactParser, string>>? more = null) =>
        new(Parsers.Catalog.ArtifactParsers.Where(parser => !IsOfWindows(parser)), homes, more);

    private static bool IsOfWindows(ArtifactParser parser) => parser.Name.StartsWith("windows/", StringComparison.Ordinal);

    /// <summary>The state at a file system's root directory.</summary>
    public Directory Root { get; }

    /// <summary>The state inside a directory; null when no claim reaches below it.</summary>
    public Directory? At(string path)
    {
        Directory? directory = Root;
        foreach (string component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            directory = directory?.Enter(component);
        }
        return directory;
    }

    /// <summary>Who claims an absolute path; for single look-ups outside a walk.</summary>
    public IReadOnlyList<ArtifactParser> ClaimantsOf(string path)
    {
        string[] components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Directory? directory = Root;
        for (int i = 0; i < components.Length - 1 && directory is not null; i++)
        {
            directory = directory.Enter(components[i]);
        }
        return directory is null || components.Length == 0 ? s_nobody : directory.ClaimantsOf(components[^1]);
    }

    private Directory StateOf(List<Position> positions)
    {
        positions.Sort(static (left, right) => left.Pattern != right.Pattern ? left.Pattern.CompareTo(right.Pattern) : left.Component.CompareTo(right.Component));
        Position[] distinct = [.. positions.Distinct()];
        string key = new(MemoryMarshal.Cast<Position, char>(distinct));
        if (_states.TryGetValue(key, out Directory? known))
        {
            return known;
        }
        var state = new Directory(distinct, this);
        return _states.Count < MaximumKeptStates ? _states.GetOrAdd(key, state) : state;
    }

    private void Add(ArtifactParser parser, string claim, IReadOnlyCollection<string> homes)
    {
        foreach (string alternative in ExpandBraces(claim))
        {
            if (alternative == "~" || alternative.StartsWith("~/", StringComparison.Ordinal))
            {
                foreach (string home in homes)
                {
                    _patterns.Add(new Pattern(parser, Split(home.TrimEnd('/') + alternative[1..])));
                }
            }
            else
            {
                _patterns.Add(new Pattern(parser, Split(alternative)));
            }
        }
    }

    // Globs have no look-up in any case: both sides are put into one.
    private Component[] Split(string glob) =>
        [.. glob.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(text => new Component(_ignoresCase ? text.ToUpperInvariant() : text, _ignoresCase))];

    private static IEnumerable<string> ExpandBraces(string glob)
    {
        int open = glob.IndexOf('{', StringComparison.Ordinal);
        int close = open < 0 ? -1 : glob.IndexOf('}', open);
        if (close < 0)
        {
            return [glob];
        }
        return glob[(open + 1)..close].Split(',').SelectMany(choice => ExpandBraces(glob[..open] + choice + glob[(close + 1)..]));
    }

    /// <summary>The automaton's state for the entries of one directory.</summary>
    public sealed class Directory
    {
        private readonly Position[] _wild;
        private readonly Position[] _lastWild;
        private readonly FrozenDictionary<string, Position[]> _literal;
        private readonly PathClaims _claims;
        private readonly List<Position> _anyDepth;
        private Directory? _below;

        internal Directory(Position[] positions, PathClaims claims)
        {
            _claims = claims;
            positions = WithSkippedAnyDepth(positions);
            _anyDepth = [.. positions.Where(position => Current(position).IsAnyDepth)];
            _wild = [.. positions.Where(position => !Current(position).IsLiteral)];
            _lastWild = [.. _wild.Where(IsLast)];
            StringComparer comparer = claims._ignoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
            _literal = positions.Where(position => Current(position).IsLiteral).GroupBy(position => Current(position).Text, comparer)
                .ToFrozenDictionary(group => group.Key, group => group.ToArray(), comparer);
        }

        /// <summary>Whether an entry of this directory can be claimed at all; else claims only lead through it.</summary>
        public bool ReachesEntries => _lastWild.Length > 0 || _literal.Values.Any(positions => positions.Any(IsLast));

        /// <summary>Who claims the entry of this name.</summary>
        public IReadOnlyList<ArtifactParser> ClaimantsOf(string name)
        {
            List<ArtifactParser>? found = null;
            if (_literal.TryGetValue(name, out Position[]? literal))
            {
                foreach (Position position in literal)
                {
                    Accept(position, ref found);
                }
            }
            foreach (Position position in _lastWild)
            {
                if (Current(position).Matches(name))
                {
                    Accept(position, ref found);
                }
            }
            return found ?? (IReadOnlyList<ArtifactParser>)s_nobody;
        }

        /// <summary>The state inside a subdirectory; null when no claim reaches below it.</summary>
        public Directory? Enter(string name)
        {
            List<Position>? next = null;
            if (_literal.TryGetValue(name, out Position[]? literal))
            {
                foreach (Position position in literal)
                {
                    Step(position, ref next);
                }
            }
            foreach (Position position in _wild)
            {
                if (Current(position) is { IsAnyDepth: false } component && component.Matches(name))
                {
                    Step(position, ref next);
                }
            }
            if (next is null)
            {
                return _anyDepth.Count == 0 ? null : _below ??= _claims.StateOf([.. _anyDepth]);
            }
            next.AddRange(_anyDepth);
            return _claims.StateOf(next);
        }

        /// <summary>"**" also stands for nothing, so wherever it may stand, what follows it may stand too.</summary>
        private Position[] WithSkippedAnyDepth(Position[] positions)
        {
            var all = new List<Position>(positions);
            for (int i = 0; i < all.Count; i++)
            {
                Position after = all[i] with { Component = all[i].Component + 1 };
                if (Current(all[i]).IsAnyDepth && after.Component < _claims._patterns[after.Pattern].Components.Length && !all.Contains(after))
                {
                    all.Add(after);
                }
            }
            return [.. all];
        }

        private void Step(Position position, ref List<Position>? next)
        {
            if (position.Component + 1 < _claims._patterns[position.Pattern].Components.Length)
            {
                (next ??= []).Add(position with { Component = position.Component + 1 });
            }
        }

        private void Accept(Position position, ref List<ArtifactParser>? found)
        {
            if (!IsLast(position))
            {
                return;
            }
            found ??= [];
            ArtifactParser parser = _claims._patterns[position.Pattern].Parser;
            if (!found.Contains(parser))
            {
                found.Add(parser);
            }
        }

        private bool IsLast(Position position) => position.Component == _claims._patterns[position.Pattern].Components.Length - 1;

        private Component Current(Position position) => _claims._patterns[position.Pattern].Components[position.Component];
    }

    internal readonly record struct Position(int Pattern, int Component);

    internal sealed record Pattern(ArtifactParser Parser, Component[] Components);

    /// <summary>One component of a glob.</summary>
    internal sealed class Component(string text, bool ignoresCase = false)
    {
        public string Text { get; } = text;
        public bool IsAnyDepth { get; } = text == "**";
        public bool IsLiteral { get; } = text.AsSpan().IndexOfAny('*', '?') < 0;

        public bool Matches(string name) => IsAnyDepth
            || (IsLiteral ? name.Equals(Text, ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal) : Glob.Matches(Text, ignoresCase ? name.ToUpperInvariant() : name));
    }
}
