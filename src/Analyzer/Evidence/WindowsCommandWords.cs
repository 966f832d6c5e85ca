namespace Forensics.Analyzer.Evidence;

/// <summary>The first word of a command line of Windows.</summary>
public static class WindowsCommandWords
{
    /// <summary>The program as written, without quotes.</summary>
    public static string Program(string command)
    {
        string text = command.Trim();
        if (text.StartsWith('"') && text.IndexOf('"', 1) is > 0 and int close)
        {
            return text[1..close];
        }
        int end = text.IndexOfAny([' ', '\t']);
        return end < 0 ? text : text[..end];
    }
}
