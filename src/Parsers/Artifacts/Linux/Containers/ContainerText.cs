using System.Text.Json;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reading the JSON that container engines write: bounded, tolerant of what is missing, of another kind, or repeated.</summary>
internal static class ContainerText
{
    private const int MaxItems = 256;
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The document. Null, and a diagnostic, when it is no JSON or nested deeper than 64.</summary>
    public static JsonDocument? Parse(ArtifactInput input, IArtifactSink sink, string code)
    {
        ReadOnlyMemory<byte> content = input.Content.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? input.Content[3..] : input.Content;
        try
        {
            return JsonDocument.Parse(content, s_options);
        }
        catch (JsonException exception)
        {
            sink.Report(new Diagnostic(code + ".json", "the file is not the JSON that a container engine writes")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true, Actual = $"line {exception.LineNumber + 1}",
            });
            return null;
        }
    }

    /// <summary>A member; default when there is none.</summary>
    public static JsonElement Member(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return default;
            }
        }
        return element;
    }

    /// <summary>A text; null when it is something else.</summary>
    public static string? AsText(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>A flag; false when it is something else.</summary>
    public static bool IsTrue(this JsonElement element) => element.ValueKind == JsonValueKind.True;

    /// <summary>The members of a list; none when it is something else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Take(MaxItems) : [];

    /// <summary>The texts of a list, or a single text.</summary>
    public static IReadOnlyList<string> AsTexts(this JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? [element.GetString()!] : [.. element.Items().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    /// <summary>Words as a shell would need them to see the same words again.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(word => word.Length > 0 && word.All(IsPlain) ? word : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));

    /// <summary>The component of a path at an index from its end.</summary>
    public static string FromEnd(string path, int index)
    {
        string[] components = path.Split('/');
        return components.Length > index ? components[^(index + 1)] : "";
    }

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "_-./:=,@%+".Contains(letter, StringComparison.Ordinal) || letter > 127;
}
