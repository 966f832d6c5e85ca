namespace Forensics.Parsers.Packages.Dpkg;

/// <summary>
/// What the administrator and maintainer scripts told dpkg: diversions, overrides of owner and mode, and the configuration files ucf keeps digests of.
/// Specification: dpkg-divert(1), dpkg-statoverride(1), ucf(1).
/// </summary>
internal static class DpkgSettings
{
    private const string Directory = "/var/lib/dpkg";
    private const int MaxEntries = 100_000;

    /// <summary><c>diversions</c>: three lines each, from, to and package, <c>:</c> for the administrator.</summary>
    public static void ReadDiversions(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ReadOnlySpan<byte> text = HostText.Read(files, Directory + "/diversions", context).Span;
        int count = 0;
        while (count++ < MaxEntries && HostText.NextLine(ref text, out ReadOnlySpan<byte> from) && HostText.NextLine(ref text, out ReadOnlySpan<byte> to)
            && HostText.NextLine(ref text, out ReadOnlySpan<byte> by))
        {
            index.AddDiversion(new Diversion(HostText.Path(from), HostText.Path(to), by.SequenceEqual(":"u8) ? null : HostText.Text(by)));
        }
    }

    /// <summary><c>statoverride</c>: user, group, octal mode and path in a line.</summary>
    public static void ReadStatOverrides(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ReadOnlySpan<byte> text = HostText.Read(files, Directory + "/statoverride", context).Span;
        int count = 0;
        while (count++ < MaxEntries && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (HostText.NextWord(ref line, out ReadOnlySpan<byte> user) && HostText.NextWord(ref line, out ReadOnlySpan<byte> group)
                && HostText.NextWord(ref line, out ReadOnlySpan<byte> mode) && HostText.Octal(mode) is >= 0 and <= 0xFFF and int permissions
                && line.TrimStart(" \t"u8) is { Length: > 0 } path)
            {
                index.AddStatOverride(new StatOverride(HostText.Path(path), HostText.Text(user), HostText.Text(group), permissions));
            }
        }
    }

    /// <summary>
    /// Configuration files that maintainer scripts install through ucf: digests from <c>/var/lib/ucf/hashfile</c>, owners from <c>registry</c>. They are added to the
    /// current package when the registry says so.
    /// </summary>
    public static ILookup<string, (byte[] Path, byte[] Digest)> ReadUcf(IHostFiles files, ParseContext context)
    {
        var digests = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        ReadOnlySpan<byte> text = HostText.Read(files, "/var/lib/ucf/hashfile", context).Span;
        while (digests.Count < MaxEntries && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            var digest = new byte[16];
            if (HostText.NextWord(ref line, out ReadOnlySpan<byte> hex) && HostText.TryHex(hex, digest) && HostText.NextWord(ref line, out ReadOnlySpan<byte> path))
            {
                digests[HostText.Path(path)] = digest;
            }
        }
        var owned = new List<(string Package, byte[] Path, byte[] Digest)>();
        text = HostText.Read(files, "/var/lib/ucf/registry", context).Span;
        while (owned.Count < MaxEntries && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (HostText.NextWord(ref line, out ReadOnlySpan<byte> package) && HostText.NextWord(ref line, out ReadOnlySpan<byte> path)
                && digests.TryGetValue(HostText.Path(path), out byte[]? digest))
            {
                owned.Add((HostText.Text(package), path.ToArray(), digest));
            }
        }
        return owned.ToLookup(entry => entry.Package, entry => (entry.Path, entry.Digest), StringComparer.Ordinal);
    }
}
