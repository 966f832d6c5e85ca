using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What a setting of Office does.</summary>
public enum OfficeTopic
{
    /// <summary>COM add-in, loaded with a program.</summary>
    ComAddin,
    /// <summary>File that Excel opens at every start: workbook, add-in or library.</summary>
    ExcelOpen,
    /// <summary>Page that Outlook shows in place of a folder.</summary>
    HomePage,
    /// <summary>Which macros run without being asked for, and whether they may change others.</summary>
    MacroSecurity,
    /// <summary>Folder whose documents are trusted.</summary>
    TrustedLocation,
}

/// <summary>A setting of Office in the registry that loads something, or on which depends whether macros run.</summary>
/// <remarks><b>Limitations:</b> the class of an add-in is followed to its library within the same hive only.</remarks>
public sealed record OfficeSetting(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "office-setting";
    /// <summary>What it does.</summary>
    public required OfficeTopic Topic { get; init; }
    /// <summary>Key as an administrator writes it.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Name of the value; of an add-in its class's name.</summary>
    public required string Name { get; init; }
    /// <summary>Data as text; of an add-in its manifest or library.</summary>
    public string? Data { get; init; }
    /// <summary>Profile that it belongs to; null for the machine.</summary>
    public string? User { get; init; }
    /// <summary>It was set by policy.</summary>
    public bool IsPolicy { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }
    /// <summary>Why it has no effect, as a clause; null when it has.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>Files of the image that it names.</summary>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("topic", Topic.ToString());
        fields.Text("key", KeyPath);
        fields.Text("name", Name);
        fields.Text("data", Data);
        fields.Text("user", User);
        fields.Flag("isPolicy", IsPolicy);
        fields.Time("lastWritten", LastWritten);
        fields.List("files", NamedFiles);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads the settings of Office below a key <c>Software</c>.</summary>
internal static class OfficeSettingReader
{
    private static readonly string[] s_macroValues = ["VBAWarnings", "AccessVBOM"];

    /// <summary>Reads all.</summary>
    /// <param name="facts">Where facts go.</param>
    /// <param name="software">SOFTWARE of the machine, its part for 32-bit programs, or Software of a user.</param>
    /// <param name="name">What it is called.</param>
    public static void ReadAll(HiveFacts facts, RegistryKey software, string name)
    {
        foreach (RegistryKey key in HiveFacts.Expand(software, @"Microsoft\Office\*\Addins\*"))
        {
            Addin(facts, software, key, name);
        }
        foreach (RegistryKey key in HiveFacts.Expand(software, @"Microsoft\Office\*\Excel\Options"))
        {
            foreach (RegistryValue value in key.Values().Where(value => value.Name.StartsWith("OPEN", StringComparison.OrdinalIgnoreCase) && value.Name.AsSpan(4).IndexOfAnyExceptInRange('0', '9') < 0))
            {
                string text = RegistryText.Of(value) ?? "";
                Add(facts, software, key, value, name, OfficeTopic.ExcelOpen, text, Opened(text, facts.User));
            }
        }
        foreach (string root in (string[])[@"Microsoft\Office", @"Policies\Microsoft\Office"])
        {
            foreach (RegistryKey key in HiveFacts.Expand(software, root + @"\*\Outlook\WebView\*"))
            {
                if (key.FindValue("URL") is { } url && RegistryText.Of(url) is { Length: > 0 } text)
                {
                    Add(facts, software, key, url, name, OfficeTopic.HomePage, text, null);
                }
            }
            foreach (RegistryKey key in HiveFacts.Expand(software, root + @"\*\*\Security"))
            {
                foreach (RegistryValue value in s_macroValues.Select(key.FindValue).OfType<RegistryValue>())
                {
                    Add(facts, software, key, value, name, OfficeTopic.MacroSecurity, RegistryText.Of(value), null);
                }
            }
            foreach (RegistryKey key in HiveFacts.Expand(software, root + @"\*\*\Security\Trusted Locations\*"))
            {
                if (key.FindValue("Path") is { } path)
                {
                    Add(facts, software, key, path, name, OfficeTopic.TrustedLocation, RegistryText.Of(path), null);
                }
            }
        }
    }

    private static void Addin(HiveFacts facts, RegistryKey software, RegistryKey key, string name)
    {
        RegistryKey? classes = software.Find("Classes");
        string? manifest = RegistryText.Text(key, "Manifest");
        string? id = RegistryText.Text(classes?.Find(key.Name + @"\CLSID"), "");
        RegistryKey? server = id is { Length: > 0 and < 64 } && !id.Contains('\\', StringComparison.Ordinal) ? classes?.Find(@"CLSID\" + id + @"\InprocServer32") : null;
        // A managed class is loaded by .NET, which is told where it lies.
        string? library = RegistryText.Text(server, "CodeBase") ?? RegistryText.Text(server, "");
        string? data = manifest ?? library;
        long? behaviour = RegistryText.Number(key, "LoadBehavior");
        facts.Add(new OfficeSetting(facts.At(key))
        {
            Topic = OfficeTopic.ComAddin, KeyPath = KeyPath(software, key, name), Name = key.Name, Data = data, User = facts.User, LastWritten = key.LastWritten,
            DormantBecause = behaviour is { } number && (number & 0x1B) == 0 ? "LoadBehavior does not ask for it" : null,
            NamedFiles = RegistryText.ImagePath(OfUri(data)) is { } path && data is not null ? [path] : [],
        });
    }

    private static void Add(HiveFacts facts, RegistryKey software, RegistryKey key, RegistryValue value, string name, OfficeTopic topic, string? data, string? file)
    {
        if (!string.IsNullOrWhiteSpace(data))
        {
            facts.Add(new OfficeSetting(facts.At(value))
            {
                Topic = topic, KeyPath = KeyPath(software, key, name), Name = value.Name, Data = data, User = facts.User, LastWritten = key.LastWritten,
                IsPolicy = key.Path.Contains(@"Policies\", StringComparison.OrdinalIgnoreCase), NamedFiles = file is null ? [] : [file],
            });
        }
    }

    // /R "C:\x\y.xll": switches, then a file; a bare name is one of the user's add-ins.
    private static string? Opened(string text, string? user)
    {
        string rest = text.Trim();
        while (rest.Length > 2 && rest[0] == '/' && char.IsAsciiLetter(rest[1]) && rest[2] == ' ')
        {
            rest = rest[3..].TrimStart();
        }
        rest = rest.Trim('"');
        return rest.Length == 0 ? null
            : rest.AsSpan().ContainsAny('\\', '/', ':') ? RegistryText.ImagePath(rest)
            : user is null ? null : "/Users/" + user + "/AppData/Roaming/Microsoft/AddIns/" + rest;
    }

    private static string? OfUri(string? text)
    {
        string plain = (text ?? "").Split('|')[0];
        return plain.StartsWith("file:///", StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(plain[8..]).Replace('/', '\\') : plain.Contains("://", StringComparison.Ordinal) ? null : plain;
    }

    private static string KeyPath(RegistryKey software, RegistryKey key, string name) => name + "\\" + (key.Path.Length > software.Path.Length ? key.Path[(software.Path.Length + (software.Path.Length > 0 ? 1 : 0))..] : "");
}
