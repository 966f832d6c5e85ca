using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Makes facts of deleted keys and values that had started something: Run keys, services, tasks, and command lines that lost their key.</summary>
/// <remarks>
/// <b>Limitations:</b> older copies of what is still there are left out by path, name and text, and by text alone where the key is not known; other autostart places are not looked for.
/// </remarks>
internal sealed class DeletedRegistryReader
{
    private const int MostEntries = 1000;
    private const int MostValues = 64;
    private const int MaximumText = 4096;
    private const int ShortestCommand = 5;
    private const string Unknown = "?";
    private const string Wow64 = @"Wow6432Node\";
    private const string User = @"Software\";

    private static readonly string[] s_ofService = ["ImagePath", "ServiceDll", "FailureCommand"];
    private static readonly string[] s_interpreters = ["cmd", "powershell", "pwsh", "mshta", "wscript", "cscript", "rundll32", "regsvr32", "msiexec", "certutil", "bitsadmin", "wmic", "forfiles"];

    private static readonly string[] s_task = ["Microsoft", "Windows NT", "CurrentVersion", "Schedule", "TaskCache", "Tasks", "*"];
    private static readonly RunKey[] s_software = [.. Family(AutorunPlaces.Software, ""), .. Family(AutorunPlaces.Software, Wow64)];
    private static readonly RunKey[] s_user = [.. Family(AutorunPlaces.User, ""), .. Family(AutorunPlaces.UserSoftware, User + Wow64)];

    private readonly HiveFacts _facts;
    private readonly string _root;
    private readonly HashSet<(string, string, string)> _said = [];
    private int _left = MostEntries;

    private DeletedRegistryReader(HiveFacts facts, string root)
    {
        _facts = facts;
        _root = root;
    }

    /// <summary>Services of the hive SYSTEM, of every control set.</summary>
    public static void ReadServices(HiveFacts facts)
    {
        var reader = new DeletedRegistryReader(facts, @"HKLM\SYSTEM");
        DeletedRegistryEntries deleted = reader.Find();
        foreach (RegistryKey key in deleted.Keys)
        {
            reader.Service(key);
        }
        RegistryValue[] lost = [.. deleted.Values.Where(value => s_ofService.Contains(value.Name, StringComparer.OrdinalIgnoreCase))];
        HashSet<string> living = lost.Length == 0 ? [] : LivingServices(facts);
        foreach (RegistryValue value in lost)
        {
            reader.Lost(value, DeletedEntryShape.Service, living);
        }
    }

    /// <summary>Run keys and tasks of the hive SOFTWARE.</summary>
    public static void ReadSoftware(HiveFacts facts) => new DeletedRegistryReader(facts, @"HKLM\SOFTWARE").Read(s_software, hasTasks: true);

    /// <summary>Run keys of a user.</summary>
    public static void ReadUser(HiveFacts facts, string root) => new DeletedRegistryReader(facts, root).Read(s_user, hasTasks: false);

    private sealed record RunKey(AutorunKind Kind, string[] Path);

    private static IEnumerable<RunKey> Family(IEnumerable<AutorunPlace> places, string above) => places
        .Where(place => place.Kind is AutorunKind.Run or AutorunKind.RunOnce or AutorunKind.RunOnceEx or AutorunKind.RunServices or AutorunKind.PolicyRun && place.Form == AutorunForm.Command)
        .Select(place => new RunKey(place.Kind, (above + place.Key).Split('\\')));

    private DeletedRegistryEntries Find()
    {
        DeletedRegistryEntries deleted = _facts.Hive.FindDeleted();
        if (!deleted.IsComplete)
        {
            _facts.Report(new Diagnostic("registry.deleted.limit", "more deleted keys or values than are kept; the others are not read"));
        }
        return deleted;
    }

    private void Read(RunKey[] places, bool hasTasks)
    {
        DeletedRegistryEntries deleted = Find();
        foreach (RegistryKey key in deleted.Keys)
        {
            if (Array.Find(places, place => IsAt(key, place.Path)) is { } place)
            {
                foreach (RegistryValue value in key.Values().Take(MostValues))
                {
                    Add(DeletedEntryShape.Run, key, value, TextOf(value), place.Kind);
                }
            }
            else if (hasTasks && IsAt(key, s_task, isNameEnough: true))
            {
                Task(key);
            }
        }
        RegistryValue[] lost = [.. deleted.Values.Where(value => value.Name.Length > 0 && IsCommand(TextOf(value)))];
        HashSet<string> living = lost.Length == 0 ? [] : [.. places.SelectMany(place => HiveFacts.Expand(_facts.Hive.Root, string.Join('\\', place.Path))).SelectMany(key => key.Values()).Select(TextOf).OfType<string>()];
        foreach (RegistryValue value in lost)
        {
            Lost(value, DeletedEntryShape.Command, living);
        }
    }

    // A service by its place; where parents are gone, by the values that only services have.
    private void Service(RegistryKey key)
    {
        string[] path = key.Path.Split('\\');
        int at = Array.FindIndex(path, name => name.Equals("Services", StringComparison.OrdinalIgnoreCase));
        bool isParameters = key.Name.Equals("Parameters", StringComparison.OrdinalIgnoreCase);
        bool isPlace = IsPlaceKnown(key) ? at == 1 && path.Length == (isParameters ? 4 : 3) && path[0].StartsWith("ControlSet", StringComparison.OrdinalIgnoreCase)
            : isParameters ? path.Length <= 4 : path.Length <= 3 && (key.FindValue("Type") is not null || key.FindValue("Start") is not null);
        if (!isPlace)
        {
            return;
        }
        foreach (string name in s_ofService)
        {
            if (key.FindValue(name) is { } value)
            {
                Add(DeletedEntryShape.Service, key, value, TextOf(value), null, isLibrary: name == "ServiceDll");
            }
        }
    }

    private void Task(RegistryKey key)
    {
        if (key.FindValue("Actions") is not { } value)
        {
            return;
        }
        foreach (CachedTaskAction action in TaskCacheActions.Decode(value.Data().Span).Actions.Where(action => action.Command.Length > 0))
        {
            Add(DeletedEntryShape.Task, key, value, Clip(action.CommandLine), null);
        }
    }

    private void Add(DeletedEntryShape shape, RegistryKey key, RegistryValue value, string? text, AutorunKind? mechanism, bool isLibrary = false)
    {
        bool isKnown = IsPlaceKnown(key);
        // What still stands there makes this an older copy. Tasks have one key each.
        RegistryKey? living = text is not null && isKnown ? _facts.Hive.Find(key.Path) : null;
        if (text is null || (living is not null && (shape == DeletedEntryShape.Task || TextOf(living.FindValue(value.Name)) == text)))
        {
            return;
        }
        Add(value, new DeletedRegistryEntry(_facts.At(value))
        {
            Shape = shape,
            Mechanism = mechanism,
            KeyPath = _root + "\\" + key.Path,
            IsPlaceKnown = isKnown,
            ValueName = value.Name,
            Data = text,
            IsLibrary = isLibrary,
            User = _facts.User,
            LastWritten = key.LastWritten,
        });
    }

    private void Lost(RegistryValue value, DeletedEntryShape shape, HashSet<string> living)
    {
        if (TextOf(value) is not { } text || living.Contains(text))
        {
            return;
        }
        Add(value, new DeletedRegistryEntry(_facts.At(value))
        {
            Shape = shape,
            KeyPath = _root + "\\" + Unknown,
            IsPlaceKnown = false,
            ValueName = value.Name,
            Data = text,
            IsLibrary = shape == DeletedEntryShape.Service && value.Name.Equals("ServiceDll", StringComparison.OrdinalIgnoreCase),
            User = _facts.User,
        });
    }

    private void Add(RegistryValue value, DeletedRegistryEntry entry)
    {
        if (!_said.Add((entry.KeyPath, entry.ValueName, entry.Data)) || _left < 0)
        {
            return;
        }
        if (_left-- == 0)
        {
            _facts.Report(new Diagnostic("registry.deleted.limit", $"more than {MostEntries} deleted entries that had started something; the others are not read") { Offset = value.FileOffset });
            return;
        }
        _facts.Add(entry);
    }

    private static bool IsPlaceKnown(RegistryKey key)
    {
        while (key.Parent is { } parent)
        {
            key = parent;
        }
        return !key.IsDeleted;
    }

    // The whole path; where parents are gone, the end of it, which must hold more than a name that anything may have.
    private static bool IsAt(RegistryKey key, string[] pattern, bool isNameEnough = false)
    {
        string[] path = key.Path.Split('\\');
        bool isKnown = IsPlaceKnown(key);
        int known = isKnown ? path.Length : path.Length - 1;
        if (isKnown ? known != pattern.Length : known > pattern.Length || (known == 1 && pattern[^1] == "*" && !isNameEnough))
        {
            return false;
        }
        for (int i = 1; i <= known; i++)
        {
            if (pattern[^i] != "*" && !pattern[^i].Equals(path[^i], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
        return true;
    }

    private static HashSet<string> LivingServices(HiveFacts facts) =>
    [
        .. facts.Hive.Root.Subkeys().SelectMany(set => set.FindSubkey("Services")?.Subkeys() ?? [])
            .SelectMany(key => new[] { RegistryText.Text(key, "ImagePath"), RegistryText.Text(key, "FailureCommand"), RegistryText.Text(key, "ServiceDll"), RegistryText.Text(key.FindSubkey("Parameters"), "ServiceDll") })
            .OfType<string>().Select(Clip),
    ];

    // The first word is a program by its suffix, or one of those that run what they are given.
    private static bool IsCommand(string? text)
    {
        if (text is null || text.Length < ShortestCommand)
        {
            return false;
        }
        string line = text.TrimStart();
        int end = line.StartsWith('"') ? line.IndexOf('"', 1) : line.Contains(".exe", StringComparison.OrdinalIgnoreCase) ? line.IndexOf(".exe", StringComparison.OrdinalIgnoreCase) + 4 : line.IndexOf(' ', StringComparison.Ordinal);
        string program = (end < 0 ? line : line[..end]).Trim('"');
        string name = program[(program.LastIndexOfAny(['\\', '/']) + 1)..];
        return (name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) && !name.Contains(' ', StringComparison.Ordinal)) || s_interpreters.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    // Data that went to another value are rarely text.
    private static string? TextOf(RegistryValue? value) =>
        value?.AsText() is { Length: > 0 } text && !text.Any(c => char.IsControl(c) || c == '\uFFFD') ? Clip(text) : null;

    private static string Clip(string text) => text.Length <= MaximumText ? text : text[..MaximumText];
}
