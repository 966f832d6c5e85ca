using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages.Dpkg;

/// <summary>
/// Reads the database of dpkg in <c>/var/lib/dpkg</c>: <c>status</c> with the journal <c>updates/</c>, <c>info/*.{list,md5sums}</c> and maintainer scripts, conffiles, diversions,
/// overrides of owner and mode, ucf's configuration files; and <c>status.d</c> of images without dpkg itself (distroless).
/// Specification: dpkg(1), deb-control(5), deb-md5sums(5), dpkg's <c>doc/</c> on the database layout.
/// </summary>
/// <remarks>
/// Limitations: dpkg records neither kind, size, mode nor owner of files; what a path is shows only when it has a digest or another path lies below it. Packages that ship
/// without <c>md5sums</c> have no digests. MD5 does not stand against somebody who prepares both files. Paths excluded at installation (<c>path-exclude</c>) are listed all the same.
/// </remarks>
public sealed class DpkgReader : IPackageReader
{
    private const string Root = "/var/lib/dpkg";
    private const string Info = Root + "/info";
    private const int MaxNames = 2_000_000;

    private static readonly string[] s_scripts = ["preinst", "postinst", "prerm", "postrm", "config", "triggers"];

    /// <inheritdoc/>
    public string Name => "dpkg";

    /// <inheritdoc/>
    public void Read(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(context);
        List<(DpkgStanza Stanza, string File)> stanzas = ReadStatus(files, context);
        string[] standalone = [.. files.List(Root + "/status.d").Take(MaxNames).Order(StringComparer.Ordinal)];
        if (stanzas.Count == 0 && standalone.Length == 0)
        {
            return;
        }
        DpkgSettings.ReadDiversions(files, index, context);
        var names = files.List(Info).Take(MaxNames).ToHashSet(StringComparer.Ordinal);
        ILookup<string, (byte[] Path, byte[] Digest)> registered = DpkgSettings.ReadUcf(files, context);
        HashSet<(string, string)>? automatic = ReadAutomatic(files, context);
        var prefixes = new HashSet<string>(StringComparer.Ordinal);
        foreach ((DpkgStanza stanza, string file) in stanzas)
        {
            string prefix = names.Contains(stanza.Name + ":" + stanza.Architecture + ".list") ? stanza.Name + ":" + stanza.Architecture : stanza.Name;
            bool hasList = names.Contains(prefix + ".list");
            if (stanza.State == PackageState.NotInstalled && !hasList)
            {
                continue;
            }
            prefixes.Add(prefix);
            bool hasDigests = names.Contains(prefix + ".md5sums");
            Package package = Describe(stanza, file) with
            {
                InstalledAt = hasList ? files.Modified(Info + "/" + prefix + ".list") : null,
                IsExplicit = automatic is null ? null : !automatic.Contains((stanza.Name, stanza.Architecture)),
                Scripts = Scripts(names, prefix),
                HasDigests = hasDigests,
            };
            if (!index.Begin(package))
            {
                break;
            }
            if (hasList)
            {
                AddList(index.ReadFile(files, Info + "/" + prefix + ".list").Span, index);
            }
            else if (stanza.State == PackageState.Installed)
            {
                context.Diagnostics.Report(new Diagnostic("dpkg.list.missing", "the file list of an installed package is missing: nothing it installed is known") { Path = Info + "/" + prefix + ".list" });
            }
            if (hasDigests)
            {
                AddDigests(index.ReadFile(files, Info + "/" + prefix + ".md5sums").Span, index, addsPaths: false);
            }
            AddConffiles(stanza.Conffiles.Span, index);
            foreach ((byte[] path, byte[] digest) in registered[stanza.Name])
            {
                AddRegistered(index, path, digest);
            }
        }
        ReadStandalone(files, standalone, index);
        DpkgSettings.ReadStatOverrides(files, index, context);
        AddOrphans(names, prefixes, index);
    }

    /// <summary>Paragraphs of <c>status</c>, replaced by newer ones from <c>updates/</c>, where dpkg notes changes before it writes the whole file.</summary>
    private static List<(DpkgStanza Stanza, string File)> ReadStatus(IHostFiles files, ParseContext context)
    {
        var stanzas = new List<(DpkgStanza, string)>();
        var places = new Dictionary<(string, string), int>();
        IEnumerable<string> updates = files.List(Root + "/updates").Where(name => name.Length > 0 && name.All(char.IsAsciiDigit)).Take(1000).Order(StringComparer.Ordinal);
        foreach (string file in updates.Select(name => Root + "/updates/" + name).Prepend(Root + "/status"))
        {
            ReadOnlyMemory<byte> text = HostText.Read(files, file, context);
            int offset = 0;
            while (DpkgStanza.Next(text, ref offset) is { } stanza)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                if (places.TryGetValue((stanza.Name, stanza.Architecture), out int place))
                {
                    stanzas[place] = (stanza, file);
                }
                else
                {
                    places.Add((stanza.Name, stanza.Architecture), stanzas.Count);
                    stanzas.Add((stanza, file));
                }
            }
        }
        return stanzas;
    }

    /// <summary>Packages apt installed only because others need them; null when apt keeps no such list.</summary>
    private static HashSet<(string, string)>? ReadAutomatic(IHostFiles files, ParseContext context)
    {
        ReadOnlyMemory<byte> text = HostText.Read(files, "/var/lib/apt/extended_states", context);
        if (text.IsEmpty)
        {
            return null;
        }
        var automatic = new HashSet<(string, string)>();
        int offset = 0;
        while (DpkgStanza.Next(text, ref offset) is { } stanza)
        {
            if (stanza.IsAutoInstalled)
            {
                automatic.Add((stanza.Name, stanza.Architecture));
                // apt notes the native architecture for packages of all architectures.
                automatic.Add((stanza.Name, "all"));
            }
        }
        return automatic;
    }

    private static Package Describe(DpkgStanza stanza, string file) => new()
    {
        Manager = "dpkg",
        Name = stanza.Name,
        Version = stanza.Version,
        Architecture = stanza.Architecture,
        Vendor = stanza.Maintainer,
        Origin = stanza.Origin,
        Source = stanza.Source.Length == 0 ? stanza.Name : stanza.Source,
        State = stanza.State,
        Database = file,
    };

    private static List<MaintainerScript> Scripts(HashSet<string> names, string prefix)
    {
        var scripts = new List<MaintainerScript>();
        foreach (string kind in s_scripts)
        {
            if (names.Contains(prefix + "." + kind))
            {
                scripts.Add(new MaintainerScript(kind) { Path = Info + "/" + prefix + "." + kind });
            }
        }
        return scripts;
    }

    private static void AddList(ReadOnlySpan<byte> text, PackageIndexBuilder index)
    {
        scoped ReadOnlySpan<byte> previous = default;
        int previousRow = -1;
        while (!index.ReachesLimit() && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.IsEmpty)
            {
                continue;
            }
            // A directory is listed before what lies in it.
            if (previousRow >= 0 && line.Length > previous.Length && line[previous.Length] == (byte)'/' && line.StartsWith(previous))
            {
                index.Change(previousRow).Kind = PackageFileKind.Directory;
            }
            previousRow = index.Add(line, []);
            previous = line;
            if (previousRow >= 0 && line.SequenceEqual("/."u8))
            {
                index.Change(previousRow).Kind = PackageFileKind.Directory;
            }
        }
    }

    private static void AddDigests(ReadOnlySpan<byte> text, PackageIndexBuilder index, bool addsPaths)
    {
        Span<byte> digest = stackalloc byte[16];
        while (!index.ReachesLimit() && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            // Digest, two characters, path without its first slash. Paths that are not in the list were taken over by another package; dpkg passes over them too.
            if (line.Length <= 34 || !HostText.TryHex(line[..32], digest))
            {
                continue;
            }
            int row = addsPaths ? index.Add(line[34..], []) : index.FindOwn(line[34..], []);
            if (row >= 0)
            {
                index.SetDigest(row, DigestAlgorithm.Md5, digest);
                index.Change(row).Kind = PackageFileKind.Regular;
            }
        }
    }

    private static void AddConffiles(ReadOnlySpan<byte> text, PackageIndexBuilder index)
    {
        Span<byte> digest = stackalloc byte[16];
        while (!index.ReachesLimit() && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            line = line.Trim(" \t"u8);
            PackageFileFlags flags = PackageFileFlags.Config;
            ReadOnlySpan<byte> last = LastWord(ref line);
            bool isToBeRemoved = false;
            while (last.SequenceEqual("obsolete"u8) || last.SequenceEqual("remove-on-upgrade"u8))
            {
                flags |= last.SequenceEqual("obsolete"u8) ? PackageFileFlags.Obsolete : PackageFileFlags.None;
                isToBeRemoved |= last.SequenceEqual("remove-on-upgrade"u8);
                last = LastWord(ref line);
            }
            if (line.IsEmpty)
            {
                continue;
            }
            // What is to be removed is not shipped; an earlier version of the package may have left it.
            int row = index.FindOwn(line, []);
            row = row < 0 && !isToBeRemoved ? index.Add(line, []) : row;
            if (row < 0)
            {
                continue;
            }
            ref FileRow entry = ref index.Change(row);
            entry.Flags |= flags;
            // "newconffile" stands instead of a digest while the package is not configured.
            if (HostText.TryHex(last, digest))
            {
                entry.Kind = PackageFileKind.Regular;
                index.SetDigest(row, DigestAlgorithm.Md5, digest);
            }
        }
    }

    private static void AddRegistered(PackageIndexBuilder index, byte[] path, byte[] digest)
    {
        if (index.FindOwn(path, []) < 0 && index.Add(path, [], PackageFileFlags.Config | PackageFileFlags.Registered) is >= 0 and int row)
        {
            index.Change(row).Kind = PackageFileKind.Regular;
            index.SetDigest(row, DigestAlgorithm.Md5, digest);
        }
    }

    private static void ReadStandalone(IHostFiles files, string[] names, PackageIndexBuilder index)
    {
        const string Suffix = ".md5sums";
        var all = names.ToHashSet(StringComparer.Ordinal);
        foreach (string name in names.Where(name => !name.EndsWith(Suffix, StringComparison.Ordinal)))
        {
            string file = Root + "/status.d/" + name;
            ReadOnlyMemory<byte> text = index.ReadFile(files, file);
            int offset = 0;
            bool hasDigests = all.Contains(name + Suffix);
            while (DpkgStanza.Next(text, ref offset) is { } stanza)
            {
                if (!index.Begin(Describe(stanza, file) with { HasDigests = hasDigests, InstalledAt = files.Modified(file) }))
                {
                    return;
                }
                if (hasDigests)
                {
                    AddDigests(index.ReadFile(files, file + Suffix).Span, index, addsPaths: true);
                    hasDigests = false;
                }
                AddConffiles(stanza.Conffiles.Span, index);
            }
        }
    }

    private static void AddOrphans(HashSet<string> names, HashSet<string> prefixes, PackageIndexBuilder index)
    {
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            int dot = name.LastIndexOf('.');
            if (dot > 0 && Array.IndexOf(s_scripts, name[(dot + 1)..]) is >= 0 and var kind && !prefixes.Contains(name[..dot]))
            {
                index.AddOrphanScript(new OrphanScript(name[..dot], new MaintainerScript(s_scripts[kind]) { Path = Info + "/" + name }));
            }
        }
    }

    private static ReadOnlySpan<byte> LastWord(ref ReadOnlySpan<byte> line)
    {
        int start = line.LastIndexOf((byte)' ');
        ReadOnlySpan<byte> word = line[(start + 1)..];
        line = start < 0 ? [] : line[..start].TrimEnd(" \t"u8);
        return word;
    }
}
