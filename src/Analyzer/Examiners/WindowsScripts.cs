using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads the lines of scripts of Windows, so that what they start is followed: batch files line by line, PowerShell, VBScript and JScript as lines of text.</summary>
/// <remarks><b>Limitations:</b> of VBScript and JScript only command lines that stand in one literal are followed; encoded scripts (<c>.vbe</c>, <c>.jse</c>) are searched by YARA only.</remarks>
internal static class WindowsScripts
{
    private const int MaximumBytes = 1 << 20;
    private const int MaximumLines = 10_000;
    private const int LongestLine = 64 << 10;

    /// <summary>It is a script by what starts it or by its name.</summary>
    public static bool IsScript(in ExaminedContent content) =>
        content.Kind is not (ContentKind.Pe or ContentKind.Empty) && (content.RunsWith is "cmd" or "powershell" or "wscript" or "mshta" || WindowsNames.IsScript(NameOf(content)))
        && (content.Kind is ContentKind.Text or ContentKind.Script || EncodedText.IsUtf16(content.Bytes[..Math.Min(64, content.Bytes.Length)]));

    /// <summary>Its lines as commands.</summary>
    public static void Read(in ExaminedContent content, IExaminationSink sink)
    {
        string suffix = WindowsNames.Suffix(NameOf(content));
        string reader = WindowsNames.IsScript(NameOf(content)) ? WindowsUnwrapper.InterpreterOf(suffix) : content.RunsWith!;
        bool isCut = content.Bytes.Length > MaximumBytes;
        string text = EncodedText.Decode(isCut ? content.Bytes[..(MaximumBytes & ~1)] : content.Bytes);
        var commands = new List<StartCommand>();
        string joined = "";
        int first = 0;
        int number = 0;
        bool isComment = false;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            string line = raw.Trim().ToString();
            if (reader == "powershell" && line.StartsWith("<#", StringComparison.Ordinal))
            {
                isComment = true;
            }
            if (isComment)
            {
                isComment = !line.Contains("#>", StringComparison.Ordinal);
                continue;
            }
            if (line.Length == 0 || IsComment(line, reader))
            {
                continue;
            }
            first = joined.Length == 0 ? number : first;
            bool goesOn = joined.Length < LongestLine && ((reader == "cmd" && line.EndsWith('^')) || (reader == "powershell" && line.EndsWith('`')) || (reader is "wscript" && line.EndsWith(" _", StringComparison.Ordinal)));
            joined += goesOn ? line[..^1] : line;
            if (goesOn)
            {
                continue;
            }
            if (commands.Count >= MaximumLines || joined.Length > LongestLine)
            {
                isCut = true;
                joined = joined.Length > LongestLine ? joined[..LongestLine] : joined;
            }
            if (commands.Count < MaximumLines)
            {
                commands.Add(new StartCommand(joined) { ThroughShell = true, Trigger = "script", Line = first });
            }
            joined = "";
        }
        if (joined.Length > 0 && commands.Count < MaximumLines)
        {
            commands.Add(new StartCommand(joined) { ThroughShell = true, Trigger = "script", Line = first });
        }
        if (isCut)
        {
            sink.Report(new Diagnostic("script.truncated", "only the beginning of the script was followed") { LosesContent = true });
        }
        // Lines of VBScript and JScript are searched for command lines as PowerShell's are.
        sink.Add(new ScriptFacts(content.Location) { Interpreter = reader, StartedBy = content.StartedBy!, Commands = commands, RunsWith = reader == "cmd" ? "cmd" : "powershell" });
    }

    /// <summary>A stream has a suffix of its own.</summary>
    private static string NameOf(in ExaminedContent content) => content.Location.Stream ?? content.Location.Path;

    private static bool IsComment(string line, string reader) => reader switch
    {
        "cmd" => line.StartsWith("::", StringComparison.Ordinal) || line.TrimStart('@').StartsWith("rem ", StringComparison.OrdinalIgnoreCase),
        "powershell" => line[0] == '#',
        _ => line[0] == '\'' || line.StartsWith("//", StringComparison.Ordinal),
    };
}
