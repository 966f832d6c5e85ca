using System.Text;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Looks up the places of <see cref="AutorunPlaces"/> and makes entries of what is there.</summary>
internal static class AutorunReader
{
    private const int MaximumPath = 260;
    private static readonly char[] s_separators = [',', ' ', '\n', '\t', ';'];

    /// <summary>Reads places below a key.</summary>
    /// <param name="facts">Where entries go.</param>
    /// <param name="root">Where the paths begin.</param>
    /// <param name="places">The places.</param>
    /// <param name="name">What the root is called, such as <c>HKLM\SOFTWARE</c>.</param>
    /// <param name="isWow64">The root is that of 32-bit programs.</param>
    public static void Read(HiveFacts facts, RegistryKey root, IReadOnlyList<AutorunPlace> places, string name, bool isWow64 = false)
    {
        foreach (AutorunPlace place in places)
        {
            foreach (RegistryKey key in HiveFacts.Expand(root, place.Key))
            {
                foreach (RegistryValue value in place.Values is ["*"] ? key.Values() : place.Values.Select(key.FindValue).OfType<RegistryValue>())
                {
                    Add(facts, root, place, key, value, name, isWow64);
                }
            }
        }
    }

    private static void Add(HiveFacts facts, RegistryKey root, AutorunPlace place, RegistryKey key, RegistryValue value, string name, bool isWow64)
    {
        // WSAPROTOCOL_INFO is preceded by the library's path in the machine's code page, MAX_PATH bytes.
        string data = value.Name.Equals("PackedCatalogItem", StringComparison.OrdinalIgnoreCase) ? PackedPath(value.Data().Span) : RegistryText.Of(value) ?? "";
        if (data.Length == 0)
        {
            return;
        }
        AutorunForm form = value.Name.Equals("DelegateExecute", StringComparison.OrdinalIgnoreCase) || value.Type is RegistryValueType.DoubleWord || (value.Type is RegistryValueType.Binary && !value.Name.Equals("PackedCatalogItem", StringComparison.OrdinalIgnoreCase)) ? AutorunForm.Setting : place.Form;
        string[] texts = data.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        facts.Add(new AutorunEntry(facts.At(value))
        {
            Mechanism = place.Kind,
            KeyPath = name + "\\" + (key.Path.Length > root.Path.Length ? key.Path[(root.Path.Length + (root.Path.Length > 0 ? 1 : 0))..] : ""),
            ValueName = value.Name,
            Data = data,
            User = facts.User,
            IsWow64 = isWow64 || place.Key.StartsWith("Wow6432Node", StringComparison.OrdinalIgnoreCase),
            LastWritten = key.LastWritten,
            CommandTexts = form switch
            {
                AutorunForm.Command => [.. texts.Select(text => WithParameters(key, value, text))],
                AutorunForm.CommandList => [.. data.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
                _ => [],
            },
            Libraries = form switch
            {
                AutorunForm.Library => texts,
                AutorunForm.LibraryList => [.. Packages(data)],
                _ => [],
            },
            DormantBecause = AutorunDormancy.Of(place, root, key),
        });
    }

    // Scripts of group policy have their arguments in another value, and bare names lie in the directory of the policy.
    private static string WithParameters(RegistryKey key, RegistryValue value, string text)
    {
        if (!value.Name.Equals("Script", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }
        if (key.Parent is { Parent.Name: { } phase } policy && !text.AsSpan().ContainsAny('\\', ':', '%') && !text.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) && RegistryText.Text(policy, "FileSysPath") is { Length: > 2 } folder)
        {
            text = folder.TrimEnd('\\') + @"\Scripts\" + phase + "\\" + text;
        }
        return new TaskAction(TaskActionKind.Exec) { Command = text, Arguments = RegistryText.Text(key, "Parameters") }.CommandLine;
    }

    private static string PackedPath(ReadOnlySpan<byte> item)
    {
        ReadOnlySpan<byte> path = item[..Math.Min(item.Length, MaximumPath)];
        int end = path.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? path : path[..end]);
    }

    // Names of packages may be quoted, and an empty pair of quotes stands for none.
    private static IEnumerable<string> Packages(string data) =>
        (data.Contains('"', StringComparison.Ordinal) || data.Contains('\n', StringComparison.Ordinal) ? data.Split('\n') : data.Split(s_separators))
            .Select(text => text.Trim().Trim('"')).Where(text => text.Length > 0);
}
