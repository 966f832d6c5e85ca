using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>
/// What the Go linker writes into a program about its build: version of Go and module path. <see href="https://pkg.go.dev/debug/buildinfo"/>
/// </summary>
/// <param name="Version">Version of Go: <c>go1.22.3</c>.</param>
/// <param name="Module">Path of the main package or module; null when it was removed.</param>
/// <remarks>Limitations: the form with pointers, of Go before 1.18, yields the module by its text in the content only.</remarks>
public sealed record GoBuildInfo(string Version, string? Module)
{
    private const int HeaderBytes = 32;
    private const int FlagsAt = 15;
    private const int InlineStrings = 2;
    private const int MaximumText = 256;

    // The magic is 0xFF and this text.
    private static ReadOnlySpan<byte> Magic => " Go buildinf:"u8;

    // The end of the mark that stands before the module's lines, and the first of these.
    private static ReadOnlySpan<byte> ModulePath => [0xE6, 0xD6, 0x18, 0xE6, (byte)'p', (byte)'a', (byte)'t', (byte)'h', (byte)'\t'];

    /// <summary>Finds it in the content of a program; null when it is none of Go's.</summary>
    public static GoBuildInfo? Find(ReadOnlySpan<byte> content)
    {
        int found = content.IndexOf(Magic);
        if (found < 1 || content[found - 1] != 0xFF)
        {
            return null;
        }
        ReadOnlySpan<byte> info = content[(found - 1)..];
        string? version = null;
        if (info.Length > HeaderBytes && (info[FlagsAt] & InlineStrings) != 0)
        {
            version = Prefixed(info[HeaderBytes..]);
        }
        int path = content.IndexOf(ModulePath);
        string? module = path < 0 ? null : Line(content[(path + ModulePath.Length)..]);
        return new GoBuildInfo(version ?? "go", module is { Length: > 0 } ? module : null);
    }

    /// <summary>A string behind its length as a variable number; lengths above 127 do not occur in versions.</summary>
    private static string? Prefixed(ReadOnlySpan<byte> bytes) =>
        bytes[0] is > 0 and < 128 && bytes[0] < bytes.Length ? Encoding.Latin1.GetString(bytes.Slice(1, bytes[0])) : null;

    private static string Line(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, MaximumText)];
        int end = bytes.IndexOfAny((byte)'\n', (byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
