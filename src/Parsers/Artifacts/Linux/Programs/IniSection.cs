using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A <c>key=value</c> line of a group of a desktop-entry or ini file.</summary>
internal readonly record struct IniValue(string Group, string Key, string Value, TextLine Line);

/// <summary>Lines of desktop-entry style files: <c>[Group]</c>, <c>Key=Value</c>, <c>#</c> comments. No continuation, no quotes taken off.</summary>
internal static class IniSection
{
    public static IEnumerable<IniValue> Read(ArtifactFile file)
    {
        string group = "";
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] is '#' or ';')
            {
                continue;
            }
            if (text[0] == '[')
            {
                group = text.TrimStart('[').TrimEnd(']');
                continue;
            }
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                yield return new IniValue(group, text[..equals].Trim(), text[(equals + 1)..].Trim(), line);
            }
        }
    }
}
