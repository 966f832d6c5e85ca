using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Values as people read them, and files that they name as paths in the image.</summary>
internal static class RegistryText
{
    private const int MaximumHex = 256;
    private static readonly string[] s_windows = ["%systemroot%\\", "%windir%\\", "\\systemroot\\"];

    /// <summary>Text of a value whatever its type; of binary data the first bytes in hexadecimal digits. Null when there is no value.</summary>
    public static string? Of(RegistryValue? value) => value is null ? null
        : value.AsText() ?? (value.Type == RegistryValueType.MultipleTexts ? string.Join('\n', value.AsTexts()) : null)
        ?? value.AsNumber()?.ToString(System.Globalization.CultureInfo.InvariantCulture)
        ?? Convert.ToHexString(value.Data().Span is { Length: > MaximumHex } data ? data[..MaximumHex] : value.Data().Span);

    /// <summary>Text of a value below a key; null when absent or no text.</summary>
    public static string? Text(RegistryKey? key, string name) => key?.FindValue(name)?.AsText();

    /// <summary>Number of a value below a key, also when it is text of digits; null when absent.</summary>
    public static long? Number(RegistryKey? key, string name)
    {
        RegistryValue? value = key?.FindValue(name);
        return value?.AsNumber() ?? (long.TryParse(value?.AsText(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out long number) ? number : null);
    }

    /// <summary>
    /// Path in the image, in display form, of a file that Windows names: drive letters, <c>\??\</c>, <c>\SystemRoot\</c>, environment variables of the system, names relative to the
    /// Windows directory; a bare name is one of System32. Null when it cannot be told.
    /// </summary>
    /// <remarks>Drive letters are taken for the system volume's; only C is.</remarks>
    public static string? ImagePath(string? name, string suffix = "")
    {
        string text = (name ?? "").Trim().Trim('"');
        foreach (string prefix in (ReadOnlySpan<string>)["\\??\\", "\\\\?\\", "\\\\.\\"])
        {
            text = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
        }
        foreach (string prefix in s_windows)
        {
            text = text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? "C:\\Windows\\" + text[prefix.Length..] : text;
        }
        foreach ((string variable, string folder) in (ReadOnlySpan<(string, string)>)
        [
            ("%systemdrive%", "C:"), ("%programfiles%", "C:\\Program Files"), ("%programfiles(x86)%", "C:\\Program Files (x86)"), ("%programdata%", "C:\\ProgramData"),
            ("%allusersprofile%", "C:\\ProgramData"), ("%public%", "C:\\Users\\Public"), ("%commonprogramfiles%", "C:\\Program Files\\Common Files"),
        ])
        {
            text = text.StartsWith(variable, StringComparison.OrdinalIgnoreCase) ? folder + text[variable.Length..] : text;
        }
        if (text.StartsWith("system32\\", StringComparison.OrdinalIgnoreCase) || text.StartsWith("syswow64\\", StringComparison.OrdinalIgnoreCase))
        {
            text = "C:\\Windows\\" + text;
        }
        else if (text.Length > 0 && !text.Contains('\\', StringComparison.Ordinal) && !text.Contains('/', StringComparison.Ordinal) && !text.Contains(':', StringComparison.Ordinal))
        {
            text = "C:\\Windows\\System32\\" + text;
        }
        if (text.Length < 4 || text.Contains('%', StringComparison.Ordinal) || !text.StartsWith("C:", StringComparison.OrdinalIgnoreCase) || text[2] is not ('\\' or '/'))
        {
            return null;
        }
        bool isBare = suffix.Length > 0 && text.LastIndexOf('.') <= text.LastIndexOf('\\');
        return PathText.FromText(text[2..].Replace('\\', '/') + (isBare ? suffix : "")) is var path && path.Contains("/../", StringComparison.Ordinal) ? null : path;
    }
}
