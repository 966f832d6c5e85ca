using System.Globalization;
using System.Text;
using CsvHelper;

namespace Forensics.Analyzer.Signatures;

/// <summary>
/// Reads a list of known-bad digests. The algorithm follows from the length of the hex text. Formats, recognised from the first lines of the file:
/// one digest a line; <c>digest  name</c> as <c>md5sum</c> prints it; <c>digest;comment</c> (LOKI); <c>digest:size:name</c> (ClamAV);
/// <c>digest[,name[,source]]</c>; CSV with a header naming <c>md5</c>, <c>sha1</c>, <c>sha256</c> or <c>hash</c> columns; and the MalwareBazaar full export,
/// whose header is a comment and whose fields are quoted, padded and <c>n/a</c> when empty. Lines that begin with <c>#</c> are comments.
/// </summary>
/// <remarks>
/// The digests of the empty file are never bad, whatever a list says. <b>Limitations:</b> other columns that look like digests (imphash) are not imported.
/// </remarks>
/// <seealso href="https://bazaar.abuse.ch/export/"/>
public static class HashList
{
    private const int SampleBytes = 16 << 10;
    private const int MaxRecordBytes = 1 << 20;
    private const int MaxNameLength = 200;

    internal static void Read(Stream stream, string source, HashStore store, List<string> problems)
    {
        byte[] sample = new byte[SampleBytes];
        int sampled = stream.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        int lines = Math.Max(1, sample.AsSpan(0, sampled).Count((byte)'\n'));
        store.Expect(sampled < sample.Length ? lines : stream.Length / Math.Max(32, sampled / lines) * 17 / 16);
        HashListLayout layout = HashListLayout.Detect(sample.AsSpan(0, sampled));
        var state = new ReadState(source, layout, store);
        var options = new CsvReaderOptions
        {
            HasHeader = false,
            Separator = layout.Separator,
            Mode = layout.Separator == ',' ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            CommentPrefix = '#',
            DetectSeparatorHint = false,
            TrimWhitespace = true,
            AllowLineBreaksInQuotes = false,
            SkipEmptyLines = true,
            MaxRecordSize = MaxRecordBytes,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
        };
        try
        {
            using CsvReader reader = CsvReader.Create(stream, options, true);
            while (reader.Read())
            {
                state.Take(reader);
            }
        }
        catch (CsvFormatException error)
        {
            throw new SignatureException($"{source}: not a hash list ({error.Message})", error);
        }
        catch (IOException error)
        {
            throw new SignatureException($"{source}: cannot be read ({error.Message})", error);
        }
        state.Summarise(problems);
    }

    /// <summary>Counts and context while one list is read.</summary>
    private sealed class ReadState(string source, HashListLayout layout, HashStore store)
    {
        private readonly Dictionary<string, int> _namedLabels = new(StringComparer.Ordinal);
        private readonly int _plainLabel = store.Label(source, null);
        private long _bad;
        private long _firstBadLine;
        private long _empty;
        private long _taken;

        public void Take(CsvReader reader)
        {
            Span<byte> digest = stackalloc byte[HashHex.MaxDigestBytes];
            bool any = false;
            int label = -1;
            foreach (int column in layout.DigestColumns)
            {
                if (column >= reader.FieldCount || !HashHex.TryDecode(Unquote(reader.GetSpan(column)), digest, out int length))
                {
                    continue;
                }
                any = true;
                if (HashHex.IsEmptyFile(digest[..length]))
                {
                    _empty++;
                    continue;
                }
                label = label < 0 ? LabelOf(reader) : label;
                store.Add(digest[..length], label);
                _taken++;
            }
            if (!any && !layout.IsHeader(reader))
            {
                _firstBadLine = _bad++ == 0 ? reader.LineNumber : _firstBadLine;
            }
        }

        public void Summarise(List<string> problems)
        {
            if (_bad > 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{source}: {_bad} line{(_bad == 1 ? "" : "s")} without an MD5, SHA-1 or SHA-256 digest, the first is line {_firstBadLine}"));
            }
            if (_empty > 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{source}: {_empty} digest{(_empty == 1 ? "" : "s")} of the empty file not taken"));
            }
            if (_taken == 0)
            {
                problems.Add($"{source}: no digest in it");
            }
        }

        private int LabelOf(CsvReader reader)
        {
            string? name = layout.TakesRestOfLine ? Clean(RestOfLine(reader)) : FirstName(reader);
            string? origin = layout.SourceColumn is int column && column < reader.FieldCount ? Clean(Unquote(reader.GetSpan(column))) : null;
            if (name is null && origin is null)
            {
                return _plainLabel;
            }
            string key = name + "\n" + origin;
            if (!_namedLabels.TryGetValue(key, out int label))
            {
                label = store.Label(origin is null ? source : source + ": " + origin, name);
                if (_namedLabels.Count < 1 << 16)
                {
                    _namedLabels.Add(key, label);
                }
            }
            return label;
        }

        private string? FirstName(CsvReader reader)
        {
            foreach (int column in layout.NameColumns)
            {
                if (column < reader.FieldCount && Clean(Unquote(reader.GetSpan(column))) is string name)
                {
                    return name;
                }
            }
            return null;
        }

        private static ReadOnlySpan<byte> RestOfLine(CsvReader reader)
        {
            ReadOnlySpan<byte> record = reader.RawRecord.TrimStart(" \t"u8);
            int end = record.IndexOfAny(" \t;:"u8);
            return end < 0 ? [] : record[end..].TrimStart(" \t;:*"u8);
        }

        // A padded quoted field ( "a", "b" ) may reach us with its quotes when blanks stand before them.
        private static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> field)
        {
            field = field.Trim(" \t"u8);
            return field.Length >= 2 && field[0] == (byte)'"' && field[^1] == (byte)'"' ? field[1..^1].Trim(" \t"u8) : field;
        }

        private static string? Clean(ReadOnlySpan<byte> field)
        {
            field = field.Trim(" \t\r"u8);
            if (field.IsEmpty || field.SequenceEqual("n/a"u8))
            {
                return null;
            }
            string text = Encoding.UTF8.GetString(field);
            return text.Length > MaxNameLength ? text[..MaxNameLength] : text;
        }
    }
}
