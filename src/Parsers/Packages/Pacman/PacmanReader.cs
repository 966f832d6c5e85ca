using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Packages.Pacman;

/// <summary>
/// Reads the database of pacman (Arch Linux and relatives): one folder a package in <c>/var/lib/pacman/local</c> with <c>desc</c>, <c>files</c>, <c>mtree</c> and perhaps
/// <c>install</c>. Specification: alpm-db-desc(5), alpm-db-files(5), ALPM-MTREE(5).
/// </summary>
/// <remarks>
/// Limitations: another <c>DBPath</c> set in <c>pacman.conf</c> is not followed. A configuration file's digest is that of <c>%BACKUP%</c>, which is MD5 of the version last
/// installed, where <c>mtree</c> has none.
/// </remarks>
public sealed class PacmanReader : IPackageReader
{
    private const string Root = "/var/lib/pacman/local";
    private const int MaxPackages = 100_000;

    /// <inheritdoc/>
    public string Name => "pacman";

    /// <inheritdoc/>
    public void Read(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(context);
        foreach (string folder in files.List(Root).Take(MaxPackages).Order(StringComparer.Ordinal))
        {
            string path = PathText.Join(Root, folder);
            ReadOnlySpan<byte> description = index.ReadFile(files, path + "/desc").Span;
            if (description.IsEmpty)
            {
                continue;
            }
            ReadOnlyMemory<byte> list = index.ReadFile(files, path + "/files");
            var names = files.List(path).Take(1000).ToHashSet(StringComparer.Ordinal);
            Package package = Describe(description, path) with
            {
                Scripts = names.Contains("install") ? [new MaintainerScript("install") { Path = path + "/install", Interpreter = "/bin/bash" }] : [],
                HasDigests = names.Contains("mtree"),
            };
            if (package.Name.Length == 0)
            {
                context.Diagnostics.Report(new Diagnostic("pacman.desc.damaged", "the description of a package has no name; the package is lost") { Path = path, LosesContent = true });
                continue;
            }
            if (!index.Begin(package))
            {
                return;
            }
            AddFiles(list.Span, index, isBackup: false);
            if (names.Contains("mtree"))
            {
                MtreeReader.Read(index.ReadPackedFile(files, path + "/mtree").Span, index);
            }
            AddFiles(list.Span, index, isBackup: true);
        }
    }

    private static Package Describe(ReadOnlySpan<byte> text, string path)
    {
        var package = new Package { Manager = "pacman", Name = "", Database = path + "/desc", IsExplicit = true };
        while (HostText.NextLine(ref text, out ReadOnlySpan<byte> section))
        {
            if (section.Length < 3 || section[0] != (byte)'%' || section[^1] != (byte)'%' || !HostText.NextLine(ref text, out ReadOnlySpan<byte> value))
            {
                continue;
            }
            value = value[..Math.Min(value.Length, 4096)];
            string name = HostText.Text(section[1..^1]);
            package = name switch
            {
                "NAME" => package with { Name = HostText.Text(value) },
                "VERSION" => package with { Version = HostText.Text(value) },
                "BASE" => package with { Source = HostText.Text(value) },
                "ARCH" => package with { Architecture = HostText.Text(value) },
                "PACKAGER" => package with { Vendor = HostText.Text(value) },
                "URL" => package with { Origin = HostText.Text(value) },
                "BUILDDATE" when HostText.TryNumber(value, out long built) => package with { BuiltAt = new Timestamp(built, 0) },
                "INSTALLDATE" when HostText.TryNumber(value, out long installed) => package with { InstalledAt = new Timestamp(installed, 0) },
                // 0, also when absent, is explicit; 1 is a dependency.
                "REASON" => package with { IsExplicit = !value.SequenceEqual("1"u8) },
                "VALIDATION" => package with { Signatures = value.SequenceEqual("pgp"u8) ? ["pgp"] : [] },
                _ => package,
            };
        }
        return package.Source.Length == 0 ? package with { Source = package.Name } : package;
    }

    /// <summary>Paths of <c>%FILES%</c>, or path and MD5 of <c>%BACKUP%</c>.</summary>
    private static void AddFiles(ReadOnlySpan<byte> text, PackageIndexBuilder index, bool isBackup)
    {
        Span<byte> digest = stackalloc byte[16];
        bool isWanted = false;
        while (!index.ReachesLimit() && HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.Length > 2 && line[0] == (byte)'%' && line[^1] == (byte)'%')
            {
                isWanted = line.SequenceEqual(isBackup ? "%BACKUP%"u8 : "%FILES%"u8);
                continue;
            }
            if (!isWanted || line.IsEmpty)
            {
                continue;
            }
            if (!isBackup)
            {
                int added = index.Add(line, []);
                if (added >= 0)
                {
                    index.Change(added).Kind = line[^1] == (byte)'/' ? PackageFileKind.Directory : PackageFileKind.Unknown;
                }
                continue;
            }
            int tab = line.LastIndexOf((byte)'\t');
            int row = tab <= 0 ? -1 : index.FindOwn(line[..tab], []);
            if (row >= 0)
            {
                index.Change(row).Flags |= PackageFileFlags.Config;
                if (index.Change(row).Algorithm == DigestAlgorithm.None && HostText.TryHex(line[(tab + 1)..], digest))
                {
                    index.SetDigest(row, DigestAlgorithm.Md5, digest);
                }
            }
        }
    }
}
