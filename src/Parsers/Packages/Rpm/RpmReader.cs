using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.BerkeleyDb;
using Forensics.Parsers.Formats.RpmNdb;
using Forensics.Parsers.Formats.Sqlite;

namespace Forensics.Parsers.Packages.Rpm;

/// <summary>
/// Reads the database of rpm: SQLite (<c>rpmdb.sqlite</c> with its write-ahead log), ndb (<c>Packages.db</c>) and Berkeley DB (<c>Packages</c>), in <c>/usr/lib/sysimage/rpm</c>,
/// <c>/var/lib/rpm</c> and <c>/usr/share/rpm</c>. All hold the same headers. Where one folder has several, all are read in this order and a package is taken from the first that has it.
/// Specification: rpm's manual, "Database" and "RPM file format".
/// </summary>
/// <remarks>Limitations: databases of rpm before version 4 (3.0 headers in <c>packages.rpm</c>), LMDB and the indexes beside the packages are not read; header signatures are not verified.</remarks>
public sealed class RpmReader : IPackageReader
{
    private static readonly string[] s_directories = ["/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"];

    /// <inheritdoc/>
    public string Name => "rpm";

    /// <inheritdoc/>
    public void Read(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(context);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? first = null;
        foreach (string directory in s_directories)
        {
            // One folder is usually a link to another.
            if (files.ReadLink(directory) is not null)
            {
                continue;
            }
            foreach (string name in (ReadOnlySpan<string>)["rpmdb.sqlite", "Packages.db", "Packages"])
            {
                string path = directory + "/" + name;
                int before = seen.Count;
                ReadDatabase(files, path, seen, index, context);
                if (seen.Count == before)
                {
                    continue;
                }
                if (first is not null)
                {
                    context.Diagnostics.Report(new Diagnostic("rpm.database.several", "there are several databases of rpm; packages only this one has are taken too") { Path = path, Expected = first });
                }
                first ??= path;
            }
        }
    }

    private static void ReadDatabase(IHostFiles files, string path, HashSet<string> seen, PackageIndexBuilder index, ParseContext context)
    {
        try
        {
            if (files.Open(path) is not { } source)
            {
                return;
            }
            IByteSource? log = path.EndsWith(".sqlite", StringComparison.Ordinal) ? files.Open(path + "-wal") : null;
            if (source.Length == 0 && log is null)
            {
                return;
            }
            if (log is null && path.EndsWith(".sqlite", StringComparison.Ordinal) && files.Open(path + "-journal") is { Length: > 512 })
            {
                context.Diagnostics.Report(new Diagnostic("rpm.database.journal", "a transaction of the database was interrupted; it is read with what was already written of it") { Path = path + "-journal" });
            }
            bool hasBadHeader = false;
            foreach (ReadOnlyMemory<byte> blob in Blobs(source, log, context))
            {
                hasBadHeader |= !TryAdd(blob, path, seen, index, context);
            }
            if (hasBadHeader)
            {
                context.Diagnostics.Report(new Diagnostic("rpm.header.unusable", "headers of packages cannot be read; these packages are lost") { Path = path, LosesContent = true });
            }
        }
        catch (ForensicException e)
        {
            HostText.ReportUnreadable(path, e, context);
        }
    }

    private static bool TryAdd(ReadOnlyMemory<byte> blob, string path, HashSet<string> seen, PackageIndexBuilder index, ParseContext context)
    {
        try
        {
            var header = RpmHeader.Parse(blob);
            string identity = Identity(header);
            return identity.Length > 0 && (!seen.Add(identity) || RpmPackage.Add(header, path, index, context));
        }
        catch (CorruptDataException)
        {
            return false;
        }
    }

    /// <summary>What two copies of a database call the same package: several versions of one may be installed (kernels), and keys have the architecture empty.</summary>
    private static string Identity(RpmHeader header)
    {
        string name = HostText.Text(header.String(RpmTag.Name));
        return name.Length == 0 ? "" : name + "\0" + HostText.Text(header.String(RpmTag.Version)) + "\0" + HostText.Text(header.String(RpmTag.Release)) + "\0"
            + HostText.Text(header.String(RpmTag.Arch)) + "\0" + header.Integer(RpmTag.InstallTime);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blobs(IByteSource source, IByteSource? log, ParseContext context)
    {
        byte[] header = source.ReadArray(0, 16);
        if (SqliteDatabase.Matches(header) || log is { Length: > 0 })
        {
            SqliteDatabase database = SqliteDatabase.Open(source, log, context);
            if (database.Tables.FirstOrDefault(table => table.Name == "Packages") is not { } packages)
            {
                throw new UnknownFormatException("an SQLite database without the table Packages");
            }
            // Packages(hnum INTEGER PRIMARY KEY, blob BLOB)
            return database.Rows(packages).Select(row => row.Blob(1)).Where(blob => blob is not null).Select(blob => blob!.Value);
        }
        if (NdbPackages.Matches(header))
        {
            return NdbPackages.Read(source, context).Select(package => package.Blob);
        }
        if (BerkeleyDbFile.Matches(header))
        {
            // Key 0 holds the highest number, not a header.
            return BerkeleyDbFile.Open(source, context).Pairs().Where(pair => pair.Key.Length == 4 && pair.Key.Span.ContainsAnyExcept((byte)0)).Select(pair => pair.Value);
        }
        throw new UnknownFormatException("not a database of rpm");
    }
}
