using System.Buffers;
using System.Collections.Frozen;

namespace Forensics.Analyzer.Signatures;

/// <summary>A mining pool named in a text.</summary>
/// <param name="Start">Index of the host in the text.</param>
/// <param name="Length">Length of the host in characters.</param>
/// <param name="Pool">The listed domain it belongs to.</param>
/// <param name="HasPort">A port number follows the host.</param>
public readonly record struct PoolHit(int Start, int Length, string Pool, bool HasPort);

/// <summary>
/// Domains of mining pools. A host matches when it is a listed domain or below one; never as a part of a longer label, so <c>adminer.com</c> is not <c>miner.com</c>.
/// File format: one domain a line, <c>#</c> starts a comment, case does not matter.
/// </summary>
/// <remarks><b>Limitations:</b> internationalised names only in their ASCII form; addresses are not resolved.</remarks>
public sealed class PoolList
{
    private const int MaxHostLength = 253;
    private const int MaxLabels = 8;
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    private readonly FrozenSet<string> _domains;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>A list of the given domains.</summary>
    public PoolList(IEnumerable<string> domains)
    {
        _domains = domains.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _lookup = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>A list without domains.</summary>
    public static PoolList Empty { get; } = new([]);

    /// <summary>Number of domains.</summary>
    public int Count => _domains.Count;

    /// <summary>Reads list files. Throws <see cref="SignatureException"/> for a file that cannot be read or a line that is no domain.</summary>
    public static PoolList Load(IEnumerable<string> files)
    {
        var domains = new List<string>();
        foreach (string file in files)
        {
            string[] lines = SignatureFiles.ReadLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                ReadOnlySpan<char> line = lines[i];
                int comment = line.IndexOf('#');
                line = (comment < 0 ? line : line[..comment]).Trim();
                if (line.IsEmpty)
                {
                    continue;
                }
                if (line.Length > MaxHostLength || line.IndexOf('.') <= 0 || line[^1] == '.' || line.ContainsAnyExcept(HostCharacters) || LabelCount(line) > MaxLabels)
                {
                    throw new SignatureException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}: line {i + 1} is not a domain name"));
                }
                domains.Add(line.ToString().ToLowerInvariant());
            }
        }
        return new PoolList(domains);
    }

    /// <summary>The first pool that a text names. Linear in the length of the text.</summary>
    public bool TryFind(ReadOnlySpan<char> text, out PoolHit hit)
    {
        hit = default;
        if (_domains.Count == 0)
        {
            return false;
        }
        int position = 0;
        while (position < text.Length)
        {
            int dot = text[position..].IndexOf('.');
            if (dot < 0)
            {
                return false;
            }
            dot += position;
            int start = text[position..dot].LastIndexOfAnyExcept(HostCharacters) + 1 + position;
            int length = text[start..].IndexOfAnyExcept(HostCharacters);
            int end = length < 0 ? text.Length : start + length;
            ReadOnlySpan<char> host = text[start..end].TrimEnd('.');
            if (TryMatch(host, out string? pool))
            {
                bool port = end + 1 < text.Length && text[end] == ':' && char.IsAsciiDigit(text[end + 1]);
                hit = new PoolHit(start, host.Length, pool, port);
                return true;
            }
            position = Math.Max(end, dot + 1);
        }
        return false;
    }

    /// <summary>Whether a host is a listed domain or below one.</summary>
    public bool Contains(ReadOnlySpan<char> host) => TryMatch(host, out _);

    private bool TryMatch(ReadOnlySpan<char> host, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? pool)
    {
        // From the right, so that a hostile name of thousands of labels costs only a few look-ups.
        pool = null;
        int cut = host.Length;
        for (int labels = 0; labels < MaxLabels && cut > 0; labels++)
        {
            int dot = host[..cut].LastIndexOf('.');
            ReadOnlySpan<char> suffix = host[(dot + 1)..];
            if (labels > 0 && suffix.Length <= MaxHostLength && _lookup.TryGetValue(suffix, out pool))
            {
                return true;
            }
            cut = dot;
        }
        return false;
    }

    private static int LabelCount(ReadOnlySpan<char> host) => host.Count('.') + 1;
}
