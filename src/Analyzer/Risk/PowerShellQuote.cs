namespace Forensics.Analyzer.Risk;

/// <summary>Quotes names from evidence for commands in PowerShell: between single quotes nothing but a single quote, straight or curly, has a meaning.</summary>
internal static class PowerShellQuote
{
    /// <summary>A path of the image as Windows writes it, quoted; false when a character of it cannot be typed.</summary>
    public static bool TryPath(string displayPath, out string word) => TryQuote(displayPath, out word, '/');

    /// <summary>Any other text, quoted; false when a character of it cannot be typed.</summary>
    public static bool TryText(string displayText, out string word) => TryQuote(displayText, out word, '\0');

    private static bool TryQuote(string text, out string word, char separator)
    {
        // In display form a backslash begins the hex of what is not printable.
        if (text.Contains('\\', StringComparison.Ordinal) || text.Any(char.IsControl))
        {
            word = "";
            return false;
        }
        var quoted = new System.Text.StringBuilder("'", text.Length + 2);
        foreach (char value in text)
        {
            quoted.Append(value == separator ? '\\' : value);
            if (value is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B')
            {
                quoted.Append(value);
            }
        }
        word = quoted.Append('\'').ToString();
        return true;
    }
}
