using System.Text;
using CsvHelper;

namespace Forensics.Analyzer.Signatures;

/// <summary>Which columns of a hash list mean what, recognised from the beginning of the file.</summary>
internal sealed class HashListLayout
{
    public required char Separator { get; init; }
    public required int[] DigestColumns { get; init; }
    public int[] NameColumns { get; init; } = [];
    public int? SourceColumn { get; init; }
    public bool TakesRestOfLine { get; init; }
    private string[] HeaderNames { get; init; } = [];

    /// <summary>Whether a record is the header line itself.</summary>
    public bool IsHeader(CsvReader record) => HeaderNames.Length > 0 && record.FieldCount == HeaderNames.Length
        && Normalise(record.GetString(0)) == HeaderNames[0] && Normalise(record.GetString(record.FieldCount - 1)) == HeaderNames[^1];

    public static HashListLayout Detect(ReadOnlySpan<byte> sample)
    {
        string text = Encoding.Latin1.GetString(sample.StartsWith("\uFEFF"u8) ? sample[3..] : sample);
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length == 0)
            {
                continue;
            }
            if (FromHeader(line.TrimStart('#', ' ')) is HashListLayout byHeader)
            {
                return byHeader;
            }
            if (line[0] != '#' && FromRow(line) is HashListLayout byRow)
            {
                return byRow;
            }
        }
        return Plain(',');
    }

    private static HashListLayout Plain(char separator) => new() { Separator = separator, DigestColumns = [0], NameColumns = [1], SourceColumn = 2 };

    private static HashListLayout? FromHeader(string line)
    {
        char separator = line.Contains(',') ? ',' : line.Contains(';') ? ';' : '\t';
        string[] names = [.. line.Split(separator).Select(Normalise)];
        if (names.Length < 2 && names[0] is not ("hash" or "md5" or "sha1" or "sha256"))
        {
            return null;
        }
        int[] digests = Columns(names, "sha256", "sha256_hash", "sha-256", "md5", "md5_hash", "sha1", "sha1_hash", "sha-1", "hash", "file_hash", "digest", "indicator");
        if (digests.Length == 0 || names.Any(name => HashHex.IsDigest(Encoding.UTF8.GetBytes(name))))
        {
            return null;
        }
        // "data" is the digest column where "indicator_type" names its kind.
        int source = Array.FindIndex(names, name => name is "source" or "list" or "reporter");
        return new HashListLayout
        {
            Separator = separator,
            DigestColumns = digests,
            NameColumns = [.. Columns(names, "signature", "threat", "family", "malware", "name"), .. Columns(names, "file_name", "filename", "comment", "note", "description")],
            SourceColumn = source < 0 || names[source] == "reporter" ? null : source,
            HeaderNames = names,
        };
    }

    private static HashListLayout? FromRow(string line)
    {
        string first = line.TrimStart('"', ' ');
        int end = first.AsSpan().IndexOfAnyExcept("0123456789abcdefABCDEF");
        string digits = end < 0 ? first : first[..end];
        if (HashHex.IsDigest(Encoding.ASCII.GetBytes(digits)))
        {
            char next = end < 0 ? ',' : first[end..].TrimStart('"') is { Length: > 0 } rest ? rest[0] : ',';
            return next switch
            {
                ';' => new HashListLayout { Separator = ';', DigestColumns = [0], TakesRestOfLine = true },
                ':' => new HashListLayout { Separator = ':', DigestColumns = [0], NameColumns = [2] },
                ' ' when !line.Contains(',') => new HashListLayout { Separator = ' ', DigestColumns = [0], TakesRestOfLine = true },
                '\t' => new HashListLayout { Separator = '\t', DigestColumns = [0], TakesRestOfLine = true },
                _ => Plain(','),
            };
        }
        // A MalwareBazaar export whose comment header was cut off: time, SHA-256, MD5, SHA-1, reporter, file name, ..., signature.
        string[] fields = line.Split(',');
        return fields.Length >= 9 && IsLength(fields[1], 64) && IsLength(fields[2], 32) && IsLength(fields[3], 40)
            ? new HashListLayout { Separator = ',', DigestColumns = [1, 2, 3], NameColumns = [8, 5] }
            : null;
    }

    private static bool IsLength(string field, int digits)
    {
        string value = Normalise(field);
        return value.Length == digits && HashHex.IsDigest(Encoding.UTF8.GetBytes(value));
    }

    private static int[] Columns(string[] names, params string[] wanted) =>
        [.. Enumerable.Range(0, names.Length).Where(column => wanted.Contains(names[column], StringComparer.Ordinal))];

    private static string Normalise(string name) => name.Trim(' ', '\t', '\r', '"').ToLowerInvariant();
}
