using System.Text;
using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Evidence;

/// <summary>PowerShell: its parameters, encoded commands, and what the text of a command or script starts.</summary>
internal sealed partial class WindowsUnwrapper
{
    private const int MostMatches = 256;

    // Options that take a value, by the shortest prefix that PowerShell takes for them.
    private static readonly (string Name, int Shortest)[] s_withValue =
    [
        ("executionpolicy", 2), ("ep", 2), ("windowstyle", 1), ("version", 1), ("psconsolefile", 3), ("inputformat", 1), ("outputformat", 1), ("configurationname", 6), ("workingdirectory", 2), ("wd", 2), ("custompipename", 3), ("settingsfile", 3), ("ex", 2),
    ];

    private void PowerShell(List<string> words, string rest)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word.Length < 2 || word[0] is not ('-' or '/' or '\u2013' or '\u2014' or '\u2015'))
            {
                // Windows PowerShell takes what is no option for a command, PowerShell 7 for a file.
                bool isFile = word.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
                if (isFile)
                {
                    files.AddFile(word.TrimStart('&', ' '), "interprets", "powershell");
                }
                Enqueue(string.Join(' ', words.Skip(i)), WindowsReader.PowerShell);
                return;
            }
            string option = word[1..].ToLowerInvariant().TrimEnd(':');
            string? next = i + 1 < words.Count ? words[i + 1] : null;
            if (option is "ec" || (option.Length > 0 && "encodedcommand".StartsWith(option, StringComparison.Ordinal)))
            {
                if (next is not null && Decode(next) is string code)
                {
                    Enqueue(code, WindowsReader.PowerShell);
                }
                i++;
            }
            else if (option.Length > 0 && "encodedarguments".StartsWith(option, StringComparison.Ordinal))
            {
                i++;
            }
            else if (option.Length > 0 && "file".StartsWith(option, StringComparison.Ordinal))
            {
                if (next is not null)
                {
                    files.AddFile(next, "interprets", "powershell", ".ps1");
                }
                return;
            }
            else if (option.Length > 0 && "command".StartsWith(option, StringComparison.Ordinal))
            {
                Enqueue(string.Join(' ', words.Skip(i + 1)), WindowsReader.PowerShell);
                return;
            }
            else if (s_withValue.Any(known => option.Length >= known.Shortest && known.Name.StartsWith(option, StringComparison.Ordinal)))
            {
                i++;
            }
        }
        if (words.Count == 0 && rest.Length > 0)
        {
            Enqueue(rest, WindowsReader.PowerShell);
        }
    }

    /// <summary>Program text of PowerShell: what it decodes, starts and names.</summary>
    private void Script(string text)
    {
        foreach (Match literal in Encoded().Matches(text).Take(16))
        {
            if (Decode(literal.Value) is string code)
            {
                Enqueue(code, WindowsReader.PowerShell);
            }
        }
        foreach (string statement in Statements(text).Take(MostMatches))
        {
            Statement(statement);
        }
        foreach (Match path in NamedFile().Matches(text).Take(MostMatches))
        {
            string file = path.Value.Trim('\'', '"', ' ');
            string suffix = WindowsNames.Suffix(file.Replace('\\', '/'));
            files.AddIfPresent(file, WindowsNames.IsScript(file) ? "interprets" : suffix.Equals(".dll", StringComparison.OrdinalIgnoreCase) ? "loads" : "starts", WindowsNames.IsScript(file) ? InterpreterOf(suffix) : null);
        }
    }

    private void Statement(string statement)
    {
        statement = statement.Trim(' ', '\t', '(', '{', '}', '&', '.').Trim();
        if (Assignment().Match(statement) is { Success: true } assignment)
        {
            statement = statement[assignment.Length..];
        }
        if (StartProcess().Match(statement) is { Success: true } start)
        {
            string rest = statement[start.Length..];
            string? program = null;
            var arguments = new List<string>();
            List<string> words = WindowsCommandLine.Words(rest.Replace('\'', '"'));
            for (int i = 0; i < words.Count; i++)
            {
                string option = words[i].ToLowerInvariant();
                if (option.StartsWith('-'))
                {
                    bool isProgram = option is "-filepath" or "-path";
                    bool isArguments = option.Length > 1 && "-argumentlist".StartsWith(option, StringComparison.Ordinal) || option == "-args";
                    bool hasValue = !(option is "-wait" or "-passthru" or "-nonewwindow" or "-loaduserprofile" or "-usenewenvironment");
                    if (isArguments)
                    {
                        arguments.AddRange(words.Skip(i + 1).TakeWhile(word => !word.StartsWith('-') || word.Length > 3).Select(word => word.TrimEnd(',')));
                    }
                    program = isProgram && i + 1 < words.Count ? words[i + 1] : program;
                    i += hasValue ? 1 : 0;
                }
                else
                {
                    program ??= words[i];
                }
            }
            if (program is not null)
            {
                Enqueue((program.Contains(' ') ? "\"" + program + "\"" : program) + (arguments.Count == 0 ? "" : " " + string.Join(' ', arguments)), WindowsReader.Process);
            }
            return;
        }
        if (NativeProgram().IsMatch(statement))
        {
            Enqueue(statement, WindowsReader.Process);
        }
    }

    /// <summary>Statements: ends of lines, semicolons and pipes outside quotes split them.</summary>
    private static IEnumerable<string> Statements(string text)
    {
        int start = 0;
        char quote = '\0';
        for (int i = 0; i <= text.Length; i++)
        {
            char value = i < text.Length ? text[i] : '\n';
            if (quote != '\0' && i < text.Length)
            {
                quote = value == quote ? '\0' : quote;
            }
            else if (value is '\'' or '"')
            {
                quote = value;
            }
            else if (value is ';' or '\n' or '\r' or '|')
            {
                if (i > start)
                {
                    yield return text[start..i];
                }
                start = i + 1;
            }
        }
    }

    /// <summary>Text of base64: UTF-16LE as <c>-EncodedCommand</c> wants it, else whatever text comes out, unpacked when it is compressed.</summary>
    private static string? Decode(string base64)
    {
        byte[]? bytes = PayloadDecoder.Base64(Encoding.ASCII.GetBytes(base64));
        if (bytes is null || bytes.Length < 4)
        {
            return null;
        }
        int zeros = 0;
        for (int i = 1; i < bytes.Length; i += 2)
        {
            zeros += bytes[i] == 0 ? 1 : 0;
        }
        return zeros * 4 > bytes.Length ? Encoding.Unicode.GetString(bytes).TrimStart('\uFEFF') : PayloadDecoder.AsText(bytes);
    }

    [GeneratedRegex(@"[A-Za-z0-9+/]{60,}={0,2}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Encoded();

    [GeneratedRegex("""(?:[A-Za-z]:|\$\{?env:[A-Za-z_()0-9]{1,40}\}?|%[A-Za-z_()0-9]{1,40}%)[\\/][^"'|;<>*?\r\n,]{1,300}?\.(?:exe|dll|ps1|psm1|bat|cmd|vbs|vbe|js|jse|hta|scr|com|msi|sct|wsf)""", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"^(?:start-process|saps|start|invoke-item|ii)\s+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex StartProcess();

    [GeneratedRegex(@"^\$[A-Za-z_][A-Za-z_0-9]{0,60}\s*=\s*", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    [GeneratedRegex("""^["']?(?:[A-Za-z]:\\[^"']{1,200}\\)?(?:powershell|pwsh|cmd|rundll32|regsvr32|mshta|wscript|cscript|msiexec|wmic|schtasks|forfiles|certutil|bitsadmin|sc|python[0-9.]*|java)(?:\.exe)?["']?\s""", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NativeProgram();
}
