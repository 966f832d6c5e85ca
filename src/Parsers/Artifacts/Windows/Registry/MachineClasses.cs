using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// The COM classes of the machine with their servers, all in one fact: there are ten thousand of them, and hardly any says something by itself. Those whose server lies where neither Windows nor installers
/// put one are <see cref="AutorunEntry"/> besides. See <see href="https://learn.microsoft.com/windows/win32/com/clsid-key-hklm"/>.
/// </summary>
/// <remarks><b>Limitations:</b> the first 65,536 classes; of a class for 32-bit programs only what the 64-bit list lacks; <c>TreatAs</c> and versions are not followed.</remarks>
public sealed record MachineClasses(EvidenceLocation Location) : Artifact(Location)
{
    private const int MostClasses = 65_536;
    private static readonly string[] s_roots = [@"Classes\CLSID", @"Classes\Wow6432Node\CLSID", @"Wow6432Node\Classes\CLSID"];
    private static readonly string[] s_usual =
    [
        @"%systemroot%\system32\", @"%systemroot%\syswow64\", @"%systemroot%\microsoft.net\", @"%windir%\system32\", @"c:\windows\system32\", @"c:\windows\syswow64\", @"c:\windows\winsxs\", @"c:\windows\microsoft.net\",
        @"c:\windows\systemapps\", @"c:\windows\servicing\", @"c:\program files\", @"c:\program files (x86)\", "%programfiles", "%commonprogramfiles", @"\systemroot\system32\",
    ];

    /// <inheritdoc/>
    public override string Kind => "windows-classes";
    /// <summary>Library or command line by class, as stored.</summary>
    public required IReadOnlyDictionary<Guid, string> Servers { get; init; }

    /// <summary>Path in the image of a class's server; null when the class is not there or its server cannot be told.</summary>
    public string? ServerOf(Guid id) => Servers.GetValueOrDefault(id) is { } text ? RegistryText.ImagePath(Program(text), ".dll") : null;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Number("classes", Servers.Count);

    /// <summary>Path in the image of what a server's text begins with; null when it cannot be told.</summary>
    public static string? PathOf(string server) => RegistryText.ImagePath(Program(server), ".dll");

    internal static void Read(HiveFacts facts)
    {
        var servers = new Dictionary<Guid, string>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        RegistryKey? first = null;
        foreach (string root in s_roots)
        {
            foreach (RegistryKey key in facts.Hive.Find(root)?.Subkeys() ?? [])
            {
                if (servers.Count >= MostClasses)
                {
                    break;
                }
                first ??= key;
                if (!Guid.TryParse(key.Name, out Guid id))
                {
                    continue;
                }
                foreach (RegistryKey server in key.Subkeys())
                {
                    Take(facts, root, key, server, id, servers, texts);
                }
            }
        }
        if (first is not null)
        {
            facts.Add(new MachineClasses(facts.At(first)) { Servers = servers });
        }
    }

    private static void Take(HiveFacts facts, string root, RegistryKey key, RegistryKey server, Guid id, Dictionary<Guid, string> servers, Dictionary<string, string> texts)
    {
        bool isLibrary = server.Name.Equals("InprocServer32", StringComparison.OrdinalIgnoreCase);
        bool isProgram = server.Name.Equals("LocalServer32", StringComparison.OrdinalIgnoreCase);
        bool isScript = server.Name.Equals("ScriptletURL", StringComparison.OrdinalIgnoreCase);
        if (!(isLibrary || isProgram || isScript) || server.FindValue("") is not { } value || RegistryText.Of(value) is not { Length: > 0 } text)
        {
            return;
        }
        if (isLibrary && text.EndsWith("mscoree.dll", StringComparison.OrdinalIgnoreCase) && server.FindValue("CodeBase") is { } code && code.AsText() is { } url && url.StartsWith("file:///", StringComparison.OrdinalIgnoreCase))
        {
            // The runtime loads the assembly from there.
            (value, text) = (code, url["file:///".Length..].Replace('/', '\\'));
        }
        if (!texts.TryGetValue(text, out string? kept))
        {
            texts.Add(text, kept = text);
        }
        if (isLibrary || (isProgram && !servers.ContainsKey(id)))
        {
            servers.TryAdd(id, kept);
        }
        if (isScript || !IsUsual(text))
        {
            facts.Add(new AutorunEntry(facts.At(value))
            {
                Mechanism = AutorunKind.MachineClass,
                KeyPath = @"HKLM\SOFTWARE\" + root + "\\" + key.Name + "\\" + server.Name,
                ValueName = value.Name,
                Data = text,
                IsWow64 = root.Contains("Wow6432Node", StringComparison.Ordinal),
                LastWritten = server.LastWritten,
                CommandTexts = isProgram ? [text] : [],
                Libraries = isLibrary ? [text] : [],
            });
        }
    }

    // A bare name is one of System32, unless it is that of a program that runs what it is given.
    private static bool IsUsual(string text)
    {
        string plain = text.Trim().TrimStart('"');
        return !plain.Contains("powershell", StringComparison.OrdinalIgnoreCase) && !plain.Contains("mshta", StringComparison.OrdinalIgnoreCase) && !plain.Contains("wscript", StringComparison.OrdinalIgnoreCase)
            && (!plain.Contains('\\', StringComparison.Ordinal) || Array.Exists(s_usual, prefix => plain.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
    }

    // Quoted, or up to the end of the program's name, or all of it.
    private static string Program(string text)
    {
        string plain = text.Trim();
        if (plain.StartsWith('"'))
        {
            int close = plain.IndexOf('"', 1);
            return close > 0 ? plain[1..close] : plain[1..];
        }
        int end = plain.IndexOf(".exe ", StringComparison.OrdinalIgnoreCase);
        return end > 0 ? plain[..(end + 4)] : plain;
    }
}
