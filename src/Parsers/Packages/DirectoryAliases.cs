namespace Forensics.Parsers.Packages;

/// <summary>
/// Directories of a host that are links to others, so that one file has two names: merged <c>/usr</c> (<c>/bin</c> is <c>usr/bin</c>, or on newer systems
/// <c>/usr/sbin</c> is <c>bin</c>), <c>/var/run</c>, <c>/etc/init.d</c> of Red Hat, the links of ostree. Package databases use either name.
/// </summary>
/// <remarks>Limitations: only the directories systems are known to link are looked at; others are as the caller's path says.</remarks>
public sealed class DirectoryAliases
{
    private static readonly string[] s_candidates =
    [
        "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32", "/usr/bin", "/usr/sbin", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/tmp",
        "/var/run", "/var/lock", "/var/mail", "/var/spool/mail", "/var/tmp", "/etc/init.d", "/etc/rc0.d", "/etc/rc1.d", "/etc/rc2.d", "/etc/rc3.d", "/etc/rc4.d",
        "/etc/rc5.d", "/etc/rc6.d", "/etc/rc.d/init.d", "/home", "/root", "/opt", "/srv", "/mnt", "/media", "/usr/local", "/var/lib/rpm", "/usr/share/rpm", "/lib/apk",
    ];

    private readonly List<(byte[] From, byte[] To)> _links = [];

    private DirectoryAliases()
    {
    }

    /// <summary>No links at all.</summary>
    public static DirectoryAliases None { get; } = new();

    /// <summary>Link and target of each, as absolute paths in display form.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Links =>
        [.. _links.Select(link => KeyValuePair.Create(PackagePaths.Display(link.From), PackagePaths.Display(link.To)))];

    /// <summary>The links of a host.</summary>
    public static DirectoryAliases Of(IHostFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var aliases = new DirectoryAliases();
        foreach (string candidate in s_candidates)
        {
            // A link to the root or to itself would only make every path longer.
            if (files.ReadLink(candidate) is { Length: > 0 } target && PackagePaths.Resolve(candidate, target) is { Length: > 1 } resolved
                && resolved != candidate && !resolved.StartsWith(candidate + "/", StringComparison.Ordinal))
            {
                aliases._links.Add((PackagePaths.FromDisplay(candidate), PackagePaths.FromDisplay(resolved)));
            }
        }
        return aliases;
    }

    /// <summary>Where a path really lies, as display form.</summary>
    public string Apply(string path)
    {
        byte[] raw = PackagePaths.FromDisplay(path);
        if (raw.Length == 0 || raw.Length > PackagePaths.MaxLength)
        {
            return path;
        }
        Span<byte> buffer = stackalloc byte[PackagePaths.MaxLength];
        raw.CopyTo(buffer);
        int length = Apply(buffer, raw.Length);
        return length == raw.Length && buffer[..length].SequenceEqual(raw) ? path : PackagePaths.Display(buffer[..length]);
    }

    /// <summary>Rewrites the first <paramref name="length"/> bytes of a buffer of <see cref="PackagePaths.MaxLength"/>; returns the new length. A link itself keeps its name.</summary>
    internal int Apply(Span<byte> buffer, int length)
    {
        // Each step may lead into another link; a cycle ends after as many steps as there are links.
        for (int step = 0; step <= _links.Count; step++)
        {
            bool changed = false;
            foreach ((byte[] from, byte[] to) in _links)
            {
                if (length > from.Length && buffer[from.Length] == (byte)'/' && buffer[..from.Length].SequenceEqual(from))
                {
                    int longer = to.Length - from.Length;
                    if (length + longer > PackagePaths.MaxLength)
                    {
                        return length;
                    }
                    buffer[from.Length..length].CopyTo(buffer[to.Length..]);
                    to.CopyTo(buffer);
                    length += longer;
                    changed = true;
                }
            }
            if (!changed)
            {
                break;
            }
        }
        return length;
    }
}
