using System.Collections.Frozen;
using System.Text;

namespace Forensics.Analyzer.Evidence;

/// <summary>What the name of a named stream says: who usually makes such streams, and whether Windows would run its content as a script.</summary>
public static class StreamNames
{
    // Windows itself, browsers and mail programs, Office, file servers for Macs, and what synchronises files.
    private static readonly FrozenSet<string> s_ordinary = new[]
    {
        "Zone.Identifier", "SmartScreen", "encryptable", "favicon", "OECustomProperty", "OECustomProperties", "AFP_AfpInfo", "AFP_Resource", "AFP_DeskTop", "AFP_IdIndex", "com.apple.quarantine",
        "WofCompressedData", "ms-properties", "Win32App_1", "Afp_AfpInfo", "SummaryInformation", "\\x05SummaryInformation", "\\x05DocumentSummaryInformation", "DocumentSummaryInformation",
        "\\x05SebiesnrMkudrfcoIaamtykdDa", "SebiesnrMkudrfcoIaamtykdDa", "{4c8cc155-6c1e-11d1-8e41-00c04fb9386d}", "com.dropbox.attributes", "com.dropbox.attrs", "com.dropbox.internal",
        "user.drive.id", "user.drive.md5", "{59828bbb-3f72-4c1b-a420-b51ad66eb5d3}.XPRESS", "BDV", "KAVICHS", "TASKICON_0", "Roxio EMC Stream", "ca-inoculateit", "CA_INOCULATEIT", "DSC", "$DSC",
        "LastModified", "OneDriveItem", "SyncRootManager", "RsDataType", "CachedFullImage", "MBAM.Zone.Identifier", "VersionCache", "WebOfTrust", "EAStorage",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Streams that belong to the file system's own files.
    private static readonly FrozenSet<string> s_ofSystem = new[] { "$J", "$Max", "$SDS", "$Bad", "$Info", "$Config", "$T", "$TxfLog", "$Repair", "$Deleted", "$Verify", "$Corrupt", "$Tops", "$SRAT", "$DATA", "$Txf" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] s_scriptSuffixes = [".ps1", ".psm1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".bat", ".cmd", ".sct", ".py", ".pl", ".php", ".sh", ".asp", ".aspx", ".jsp"];

    private static readonly string[] s_scriptWords =
    [
        "<script", "<job", "<scriptlet", "@echo off", "powershell", "createobject(", "wscript.", "activexobject", "invoke-expression", "iex(", "iex ", "new-object", "frombase64string", "function(", "on error resume next", "cmd /c", "cmd.exe",
    ];

    /// <summary>Windows, a browser, Office, a file server or a synchronising program makes streams of this name. What is in them can still be anything.</summary>
    public static bool IsOrdinary(string name) => s_ordinary.Contains(name) || s_ofSystem.Contains(name) || name.StartsWith("com.apple.", StringComparison.Ordinal) || name.StartsWith("user.", StringComparison.Ordinal);

    /// <summary>A stream that files of the file system itself have.</summary>
    public static bool IsOfFileSystem(string name) => s_ofSystem.Contains(name);

    /// <summary>Whether a stream of text is a script: its name ends like one, or its beginning has words that little else has. Streams have no first line that names an interpreter.</summary>
    public static bool IsScript(string name, ReadOnlySpan<byte> head)
    {
        if (s_scriptSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }
        if (IsOrdinary(name))
        {
            return false;
        }
        string text = head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode.GetString(head) : Encoding.Latin1.GetString(head);
        return s_scriptWords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
