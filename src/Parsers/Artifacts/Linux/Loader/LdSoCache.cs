using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What <c>/etc/ld.so.cache</c> says: by which path the loader finds a library. Kept are the first entry of each essential library and every entry outside the usual directories.</summary>
public sealed record LibraryCache(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "library-cache";
    /// <summary>Number of entries.</summary>
    public required int EntryCount { get; init; }
    /// <summary>Directories of all entries, in the order in which they come first.</summary>
    public required IReadOnlyList<string> Directories { get; init; }
    /// <summary>Name and path of the entries that are kept, at most 56.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Entries { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [.. Entries.Select(entry => entry.Value)];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Number("entryCount", EntryCount);
        fields.List("directories", Directories);
        fields.List("entries", [.. Entries.Select(entry => entry.Key + " => " + entry.Value)]);
    }
}

/// <summary>Reads <c>/etc/ld.so.cache</c>: the form <c>glibc-ld.so.cache1.1</c>, alone or behind the old <c>ld.so-1.7.0</c> table. See glibc's sysdeps/generic/dl-cache.h.</summary>
/// <remarks><b>Limitations</b>: a cache in the old form alone (glibc before 2.2) and one of the other byte order are not read.</remarks>
public sealed class LdSoCacheParser : ArtifactParser
{
    private const int MostEntries = 200_000;
    private const int Kept = 56;
    private const int MostDirectories = 256;
    private static readonly string[] s_usual = ["/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/", "/lib32/", "/usr/lib32/", "/libx32/", "/usr/libx32/"];

    /// <inheritdoc/>
    public override string Name => "linux/ld-so-cache";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/ld.so.cache"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        new ArtifactFile(input, sink, "linux.ld-so-cache").ReportTruncation();
        int start = 0;
        if (content.StartsWith("ld.so-1.7.0\0"u8) && content.Length >= 16)
        {
            // The old table: 12-byte entries behind a count; the new one begins at the next multiple of eight.
            long end = 16L + (12L * BinaryPrimitives.ReadUInt32LittleEndian(content[12..]));
            start = end > content.Length ? content.Length : (int)((end + 7) & ~7L);
        }
        if (start > content.Length || !content[start..].StartsWith("glibc-ld.so.cache1.1"u8) || content.Length < start + 48)
        {
            if (!content.IsEmpty)
            {
                sink.Report(new Diagnostic("linux.ld-so-cache.form", "no cache of a form that is read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
            }
            return;
        }
        ReadOnlySpan<byte> table = content[start..];
        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(table[20..]);
        int count = (int)Math.Min(Math.Min(stated, MostEntries), (uint)((table.Length - 48) / 24));
        if (count < stated)
        {
            sink.Report(new Diagnostic("linux.ld-so-cache.count", "the cache states more entries than were read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
        }
        var directories = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var essential = new HashSet<string>(EnvironmentVariables.EssentialLibraries, StringComparer.Ordinal);
        var entries = new List<KeyValuePair<string, string>>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.Slice(48 + (24 * i), 24);
            string name = Text(table, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
            string path = Text(table, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
            int slash = path.LastIndexOf('/');
            if (slash <= 0)
            {
                continue;
            }
            if (directories.Count < MostDirectories && known.Add(path[..slash]))
            {
                directories.Add(path[..slash]);
            }
            bool isUsual = Array.Exists(s_usual, directory => path.StartsWith(directory, StringComparison.Ordinal)) && !path.Contains("/.", StringComparison.Ordinal);
            if (entries.Count < Kept && (essential.Remove(name) || !isUsual))
            {
                entries.Add(KeyValuePair.Create(name, path));
            }
        }
        sink.Add(new LibraryCache(input.Location) { EntryCount = count, Directories = directories, Entries = entries });
    }

    private static string Text(ReadOnlySpan<byte> table, uint offset)
    {
        if (offset >= table.Length)
        {
            return "";
        }
        ReadOnlySpan<byte> rest = table[(int)offset..];
        rest = rest[..Math.Min(rest.Length, 4096)];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? "" : TextLines.Decode(rest[..end]);
    }
}
