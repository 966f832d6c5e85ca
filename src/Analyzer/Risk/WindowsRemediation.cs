using System.Buffers;
using System.Globalization;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Risk;

/// <summary>What to do about a finding on Windows: commands for an elevated <c>cmd.exe</c> of the restored host. Nothing here is ever run by this program.</summary>
/// <remarks><b>Limitations:</b> names with <c>%</c>, quotes or characters that do not print have no safe form in <c>cmd.exe</c>; a sentence stands in their place.</remarks>
public static class WindowsRemediation
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(@"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _-.:{}()[]#@+,\");

    private const string Unnameable = "The name cannot be typed in cmd.exe; remove the file from another system, by the number of its MFT record";

    private const string UntypedValue = "Edit the value with regedit; its name cannot be typed in cmd.exe";

    /// <summary>Takes the attributes off a file and deletes it; of a program of Windows itself, brings the original back.</summary>
    public static IReadOnlyList<string> RemoveFile(string path) =>
        !TryQuote(path, out string word) ? [Unnameable]
        : Evidence.WindowsPlaces.IsSystem(path) && Evidence.WindowsNames.IsSystemProgram(Evidence.WindowsPlaces.Name(path)) ? ["sfc /scanfile=" + word]
        : ["attrib -r -s -h " + word, "del /f " + word];

    /// <summary>Removes a named stream and leaves its file, in PowerShell.</summary>
    /// <param name="path">The file, display form.</param>
    /// <param name="stream">The stream, display form.</param>
    public static IReadOnlyList<string> RemoveStream(string path, string stream) => PowerShellQuote.TryPath(path, out string word) && PowerShellQuote.TryText(stream, out string name)
        ? [$"Remove-Item -LiteralPath 'C:{word[1..]} -Stream {name}   # in PowerShell"] : ["The name cannot be typed in a shell; copy the file's content elsewhere without its streams and remove the file"];

    /// <summary>Deletes a task of the task scheduler.</summary>
    public static IReadOnlyList<string> DeleteTask(string name) =>
        TryQuoteText(name, out string word) ? ["schtasks /delete /tn " + word + " /f"] : ["Delete the task in the task scheduler; its name cannot be typed in cmd.exe"];

    /// <summary>Stops a service and deletes it.</summary>
    public static IReadOnlyList<string> DeleteService(string name) =>
        TryQuoteText(name, out string word) ? ["sc stop " + word, "sc delete " + word] : ["Delete the key of the service in the registry; its name cannot be typed in cmd.exe"];

    /// <summary>Deletes a value of the registry; the default one when it has no name.</summary>
    public static IReadOnlyList<string> DeleteValue(string key, string value) => OfValue(key, value, out string words) ? ["reg delete " + words + " /f"] : [UntypedValue];

    /// <summary>Sets a value of the registry to a text.</summary>
    public static IReadOnlyList<string> SetValue(string key, string value, string data) =>
        OfValue(key, value, out string words) && (data.Length == 0 || TryQuoteText(data, out _)) ? ["reg add " + words + " /t REG_SZ /d \"" + data + "\" /f"] : [UntypedValue];

    /// <summary>Sets a value of the registry to a number.</summary>
    public static IReadOnlyList<string> SetNumber(string key, string value, long number) =>
        OfValue(key, value, out string words) ? [string.Create(CultureInfo.InvariantCulture, $"reg add {words} /t REG_DWORD /d {number} /f")] : [UntypedValue];

    /// <summary>Commands for a key of a user's hive, which has to be loaded under the name that the key begins with; those for keys of the machine as they are.</summary>
    /// <param name="key">Key that the commands name.</param>
    /// <param name="hive">Path of the hive file in the image.</param>
    /// <param name="commands">The commands.</param>
    public static IReadOnlyList<string> InHive(string key, string hive, IReadOnlyList<string> commands)
    {
        string[] parts = key.Split('\\', 3);
        return parts is not ["HKU", _, _] || !TryQuoteText(parts[0] + "\\" + parts[1], out string root) || !TryQuote(hive, out string file) ? commands
            : ["reg load " + root + " " + file, .. commands, "reg unload " + root];
    }

    /// <summary>Deletes binding, filter and consumer of a WMI subscription, for an elevated PowerShell.</summary>
    /// <param name="space">Namespace; that of subscriptions when it is not known.</param>
    /// <param name="filter">Name of the filter; null when there is none.</param>
    /// <param name="consumerClass">Class of the consumer.</param>
    /// <param name="consumer">Name of the consumer.</param>
    public static IReadOnlyList<string> DeleteSubscription(string? space, string? filter, string consumerClass, string? consumer)
    {
        string[] words = [space?.Contains('\\', StringComparison.Ordinal) == true ? space : @"root\subscription", consumerClass, consumer ?? "", filter ?? ""];
        // Quotes of PowerShell protect nothing when the line is pasted into cmd.exe: only what means nothing to either is typed.
        if (!words.All(word => word.AsSpan().IndexOfAnyExcept(s_plain) < 0) || words[1].Length == 0 || words[1..].Any(word => word.Contains('\\', StringComparison.Ordinal)))
        {
            return ["Delete binding, filter and consumer in wbemtest; their names cannot be typed"];
        }
        var commands = new List<string>
        {
            $"Get-WmiObject -Namespace '{words[0]}' -Class __FilterToConsumerBinding | Where-Object {{ $_.Consumer -like '*{words[1]}.Name=\"{Literal(words[2])}\"' }} | Remove-WmiObject",
            $"Get-WmiObject -Namespace '{words[0]}' -Class '{words[1]}' | Where-Object {{ $_.Name -eq '{words[2]}' }} | Remove-WmiObject",
        };
        if (words[3].Length > 0)
        {
            commands.Add($"Get-WmiObject -Namespace '{words[0]}' -Class __EventFilter | Where-Object {{ $_.Name -eq '{words[3]}' }} | Remove-WmiObject");
        }
        return commands;
    }

    /// <summary>Takes one line out of a text file.</summary>
    public static IReadOnlyList<string> RemoveLine(string path, int? line) => !TryQuote(path, out string word) ? [Unnameable]
        : [line is int number ? string.Create(CultureInfo.InvariantCulture, $"Delete line {number} of {word}") : "Edit the entry out of " + word];

    /// <summary>The path as Windows writes it, for a sentence; a description when it cannot be typed.</summary>
    public static string Word(string path) => TryQuote(path, out string word) ? word : "the file";

    /// <summary>A path of the image as one quoted word of <c>cmd.exe</c>; false when there is no safe form.</summary>
    public static bool TryQuote(string displayPath, out string word)
    {
        word = "";
        if (displayPath.Length < 2 || displayPath[0] != '/' || !PathText.TryToBytes(displayPath, out byte[] bytes) || !System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return false;
        }
        return TryQuoteText("C:" + Encoding.UTF8.GetString(bytes).Replace('/', '\\'), out word);
    }

    private static bool OfValue(string key, string value, out string words)
    {
        words = "";
        string name = "/ve";
        if (!TryQuoteText(key, out string path) || (value.Length > 0 && !TryQuoteText(value, out name)))
        {
            return false;
        }
        words = path + (value.Length > 0 ? " /v " + name : " /ve");
        return true;
    }

    private static bool TryQuoteText(string text, out string word)
    {
        word = "\"" + text + "\"";
        // Within quotes only these mean something to cmd.exe; a backslash before the last quote would keep it open for the program.
        return text.Length is > 0 and < 8000 && !text.AsSpan().ContainsAny("\"%!\r\n\0") && !text.EndsWith('\\') && text.EnumerateRunes().All(PathText.IsPrintable);
    }

    /// <summary>Brackets, which mean something to <c>-like</c>, as any character.</summary>
    private static string Literal(string name) => name.Replace('[', '?').Replace(']', '?');
}
