using System.Text;
using System.Text.Json;

namespace Forensics.Analyzer.Reports;

/// <summary>How every JSON output of the program is written: indented, <c>\n</c>, ASCII only, optional properties left out, no text lost.</summary>
internal static class JsonText
{
    private const int FlushBytes = 256 << 10;

    /// <summary>Options of all writers. The default encoder escapes everything outside ASCII, so the text is harmless wherever it is shown.</summary>
    public static JsonWriterOptions Options { get; } = new() { Indented = true, IndentSize = 2, NewLine = "\n" };

    /// <summary>
    /// Text as JSON can hold it. A lone surrogate, which no JSON reader gives back, becomes the characters <c>\u{D800}</c>; the writer itself would turn
    /// it into U+FFFD and make different texts equal.
    /// </summary>
    public static string Exact(string text)
    {
        StringBuilder? result = null;
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (char.IsSurrogate(text[i]) && !isPair)
            {
                result ??= new StringBuilder(text, 0, i, text.Length + 16);
                result.Append("\\u{").Append(((int)text[i]).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)).Append('}');
                continue;
            }
            result?.Append(text[i]);
            if (isPair)
            {
                i++;
                result?.Append(text[i]);
            }
        }
        return result?.ToString() ?? text;
    }

    /// <summary>A text property; left out when null.</summary>
    public static void Text(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, Exact(value));
        }
    }

    /// <summary>A number property; left out when null.</summary>
    public static void Number(this Utf8JsonWriter json, string name, long? value)
    {
        if (value is long number)
        {
            json.WriteNumber(name, number);
        }
    }

    /// <summary>An array of texts, also when empty.</summary>
    public static void Texts(this Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(Exact(value));
        }
        json.WriteEndArray();
    }

    /// <summary>An object of counts; a name that comes twice is summed, for JSON readers keep only one.</summary>
    public static void Counts(this Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, long>> counts)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string reason, long count) in counts)
        {
            string key = Exact(reason);
            sums[key] = sums.GetValueOrDefault(key) + count;
        }
        json.WriteStartObject(name);
        foreach ((string reason, long count) in sums)
        {
            json.WriteNumber(reason, count);
        }
        json.WriteEndObject();
    }

    /// <summary>Keeps the writer's buffer small while a long array is written.</summary>
    public static void FlushWhenFull(this Utf8JsonWriter json)
    {
        if (json.BytesPending > FlushBytes)
        {
            json.Flush();
        }
    }
}
