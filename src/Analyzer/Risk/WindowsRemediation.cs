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

    /// <summary>Takes the attributes off a file and deletes it; of a program of Windows itself, brings the original back; of a named stream (<c>PATH:STREAM</c>), leaves its file.</summary>
    public static IReadOnlyList<string> RemoveFile(string path) =>
        // No name of Windows has a colon in it.
        path.LastIndexOf(':') is var colon && colon > path.LastIndexOf('/') ? RemoveStream(path[..colon], path[(colon + 1)..])
        : !TryQuote(path, out string word) ? [Unnameable]
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

    /// <summary>Deletes the keys of a task that the task scheduler does not list; only the system may, and only its next start forgets it.</summary>
    /// <param name="path">Name with folders; empty when it has none.</param>
    /// <param name="id">Identifier with braces; null when it has none.</param>
    /// <param name="lists">Lists of the cache that name it.</param>
    public static IReadOnlyList<string> DeleteHiddenTask(string path, string? id, IReadOnlyList<string> lists)
    {
        const string Cache = @"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\";
        string[] keys = [.. path.Length > 0 ? [Cache + "Tree" + path] : Array.Empty<string>(), .. id is null ? [] : lists.Prepend("Tasks").Select(list => Cache + list + "\\" + id)];
        var commands = new List<string> { "In a prompt of the system account (psexec -s cmd), then restart the host, as the service Schedule keeps what it has read:" };
        foreach (string key in keys)
        {
            commands.Add(TryQuoteText(key, out string word) ? "reg delete " + word + " /f" : "Delete a key of the task in the registry; its name cannot be typed in cmd.exe");
        }
        return commands;
    }

    /// <summary>Switches a local account off and deletes it.</summary>
    public static IReadOnlyList<string> DeleteAccount(string name) =>
        TryQuoteText(name, out string word) ? ["net user " + word + " /active:no", "net user " + word + " /delete"] : ["Delete the account in the computer management; its name cannot be typed in cmd.exe"];

    /// <summary>Switches a built-in account off, and takes it out of groups.</summary>
    public static IReadOnlyList<string> DisableAccount(string name, IReadOnlyList<string> groups) =>
        TryQuoteText(name, out string word) ? ["net user " + word + " /active:no", .. groups.Select(group => "net localgroup \"" + group + "\" " + word + " /delete")] : ["Switch the account off in the computer management; its name cannot be typed in cmd.exe"];

    /// <summary>Deletes what there is of an account in the hive SAM; only the system may.</summary>
    public static IReadOnlyList<string> DeleteAccountKeys(long rid, string name, bool hasRecord, bool isListed)
    {
        const string Users = @"HKLM\SAM\SAM\Domains\Account\Users\";
        var commands = new List<string> { "In a prompt of the system account (psexec -s cmd), then restart the host:" };
        if (hasRecord)
        {
            commands.Add(string.Create(CultureInfo.InvariantCulture, $"reg delete \"{Users}{rid:X8}\" /f"));
        }
        if (isListed)
        {
            commands.Add(TryQuoteText(Users + "Names\\" + name, out string word) ? "reg delete " + word + " /f" : "Delete the name in the registry; it cannot be typed in cmd.exe");
        }
        return commands;
    }

    /// <summary>Stops a service and deletes it.</summary>
    public static IReadOnlyList<string> DeleteService(string name) =>
        TryQuoteText(name, out string word) ? ["sc stop " + word, "sc delete " + word] : ["Delete the key of the service in the registry; its name cannot be typed in cmd.exe"];

    /// <summary>Deletes a value of the registry; the default one when it has no name.</summary>
    public static IReadOnlyList<string> DeleteValue(string key, string value) => OfValue(key, value, out string words) ? ["reg delete " + words + " /f"] : [UntypedValue];

    /// <summary>Sets a value of the registry to a text.</summary>
    public static IReadOnlyList<string> SetValue(string key, string value, string data) =>
        OfValue(key, value, out string words) && (data.Length == 0 || TryQuoteText(data, out _)) ? ["reg add " + words + " /t REG_SZ /d \"" + data + "\" /f"] : [UntypedValue];

    /// <summary>Sets a value of the registry to a text with variables, as services need for their libraries.</summary>
    public static IReadOnlyList<string> SetExpandable(string key, string value, string data) =>
        OfValue(key, value, out string words) && TryQuoteText(data, out string text) ? ["reg add " + words + " /t REG_EXPAND_SZ /d " + text + " /f"] : [UntypedValue];

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

    /// <summary>Takes an exclusion of Microsoft Defender back.</summary>
    /// <param name="kind"><c>Path</c>, <c>Process</c>, <c>Extension</c>, <c>IpAddress</c>.</param>
    /// <param name="value">What is excluded.</param>
    public static IReadOnlyList<string> RemoveExclusion(string kind, string value) =>
        // Between these quotes only letters, digits and a few signs mean themselves to cmd.exe and to PowerShell alike.
        value.Length is > 0 and < 1000 && value.Replace("*", "", StringComparison.Ordinal).AsSpan().IndexOfAnyExcept(s_plain) < 0 ? [$"powershell -Command \"Remove-MpPreference -Exclusion{kind} '{value}'\""]
        : ["Take the exclusion back in Windows Security (Remove-MpPreference); its name cannot be typed in cmd.exe"];

    /// <summary>Deletes a rule of the firewall by the identifier that the registry keeps it under.</summary>
    public static IReadOnlyList<string> DeleteFirewallRule(string id) => id.Length > 0 && id.AsSpan().IndexOfAnyExcept(s_plain) < 0
        ? [$"powershell -Command \"Remove-NetFirewallRule -Name '{id}'\""] : ["Delete the rule in Windows Defender Firewall (wf.msc); its name cannot be typed in cmd.exe"];

    /// <summary>Deletes a forwarding of connections.</summary>
    /// <param name="family"><c>v4tov4</c> ...</param>
    /// <param name="listens"><c>address/port</c>.</param>
    public static IReadOnlyList<string> DeletePortProxy(string family, string listens)
    {
        string[] parts = listens.Split('/');
        return parts.Length == 2 && parts.Append(family).All(part => part.Length > 0 && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or ':' or '*' or '-'))
            ? [$"netsh interface portproxy delete {family} listenport={parts[1]} listenaddress={parts[0]}"] : ["Delete the forwarding: netsh interface portproxy show all, then delete it"];
    }

    /// <summary>Deletes a certificate by its thumbprint.</summary>
    /// <param name="store">Name of the store: <c>Root</c>.</param>
    /// <param name="thumbprint">SHA-1 in hexadecimal digits.</param>
    /// <param name="isOfUser">It is in the store of the user who runs the command.</param>
    public static IReadOnlyList<string> DeleteCertificate(string store, string thumbprint, bool isOfUser) => thumbprint.Length > 0 && thumbprint.All(char.IsAsciiHexDigit) && store.Length > 0 && store.All(char.IsAsciiLetterOrDigit)
        ? [(isOfUser ? "certutil -user -delstore " : "certutil -delstore ") + store + " " + thumbprint] : ["Delete the certificate in certlm.msc; the name of its key is none"];
    /// <summary>Takes an agent out of Exchange's transport, in the Exchange Management Shell.</summary>
    public static IReadOnlyList<string> RemoveTransportAgent(string name) => IsPlain(name)
        ? [$"Uninstall-TransportAgent -Identity '{name}' -Confirm:$false   # in the Exchange Management Shell", "Restart-Service MSExchangeTransport"] : ["Uninstall the transport agent in the Exchange Management Shell; its name cannot be typed"];

    /// <summary>Takes a native module out of IIS.</summary>
    public static IReadOnlyList<string> RemoveWebModule(string name) => IsPlain(name)
        ? [$"%windir%\\system32\\inetsrv\\appcmd uninstall module \"{name}\"", "iisreset"] : ["Remove the module from globalModules in IIS Manager; its name cannot be typed", "iisreset"];

    private static bool IsPlain(string name) => name.Length is > 0 and < 256 && name.AsSpan().IndexOfAnyExcept(s_plain) < 0;

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
