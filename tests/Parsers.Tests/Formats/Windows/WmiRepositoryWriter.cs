using System.Globalization;
using Forensics.Parsers.Formats.Wmi;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Makes a small WMI repository: objects in pages, an index of one or two levels, and mapping files. After the descriptions that <see cref="WmiRepository"/> names.</summary>
internal sealed class WmiRepositoryWriter(bool isOldForm = false)
{
    private readonly List<(string Key, byte[] Object)> _objects = [];
    private readonly List<byte[]> _deleted = [];

    /// <summary>A filter.</summary>
    public WmiRepositoryWriter Filter(string name, string query, string space = @"root\subscription") =>
        Add(space, WmiClassLayout.EventFilter, new() { ["Name"] = name, ["Query"] = query, ["QueryLanguage"] = "WQL", ["EventNamespace"] = @"root\cimv2" });

    /// <summary>A consumer that runs a command.</summary>
    public WmiRepositoryWriter Command(string name, string? template, string? program = null, string space = @"root\subscription") =>
        Add(space, WmiClassLayout.CommandLine, Values(("Name", name), ("CommandLineTemplate", template), ("ExecutablePath", program)));

    /// <summary>The consumer of commands that Windows 7 brings.</summary>
    public WmiRepositoryWriter Bench() => Add(@"root\subscription", WmiClassLayout.CommandLine, new() { ["Name"] = "BVTConsumer", ["CommandLineTemplate"] = "cscript KernCap.vbs", ["WorkingDirectory"] = @"C:\\tools\\kernrate" });

    /// <summary>A consumer that runs a script.</summary>
    public WmiRepositoryWriter Script(string name, string engine, string? text, string? file = null, string space = @"root\subscription") =>
        Add(space, WmiClassLayout.ActiveScript, Values(("Name", name), ("ScriptingEngine", engine), ("ScriptText", text), ("ScriptFilename", file)));

    /// <summary>Binds a filter to a consumer.</summary>
    public WmiRepositoryWriter Bind(string filter, string consumerClass, string consumer, string space = @"root\subscription") =>
        Add(space, WmiClassLayout.Binding, new() { ["Filter"] = $"__EventFilter.Name=\"{filter}\"", ["Consumer"] = $"{consumerClass}.Name=\"{consumer}\"" });

    /// <summary>What the index no longer leads to.</summary>
    public WmiRepositoryWriter Delete()
    {
        _deleted.AddRange(_objects.Select(one => one.Object));
        _objects.Clear();
        return this;
    }

    /// <summary>The files by name.</summary>
    public Dictionary<string, byte[]> Files()
    {
        const int page = WmiPageMap.PageSize;
        var objects = new List<byte[]>();
        var keys = new List<string>();
        uint id = 1000;
        // Deleted objects stay in a page that is not in use any more.
        var residue = new ByteWriter().Zeros(16);
        _deleted.ForEach(one => residue.Raw(one));
        objects.Add(residue.To(Math.Max(page, (residue.Length + page - 1) / page * page)).ToArray());
        int residuePages = objects[0].Length / page;
        int physical = residuePages;
        var mapping = new List<uint>();
        foreach ((string key, byte[] bytes) in _objects)
        {
            uint logical = (uint)mapping.Count;
            id++;
            int inFirst = Math.Min(bytes.Length, page - 64);
            ByteWriter written = new ByteWriter().U32(id).U32(64).U32((uint)bytes.Length).U32(0).To(64).Raw(bytes.AsSpan(0, inFirst)).To(page);
            written.Raw(bytes.AsSpan(inFirst));
            written.To((written.Length + page - 1) / page * page);
            objects.Add(written.ToArray());
            for (int i = 0; i < written.Length / page; i++)
            {
                mapping.Add((uint)physical++);
            }
            keys.Add(key + string.Create(CultureInfo.InvariantCulture, $".{logical}.{id}.{bytes.Length}"));
        }
        byte[] index = Index([.. keys.Order(StringComparer.Ordinal)], out uint[] indexMap, out uint root);
        byte[] maps = [.. Map(2, [.. mapping], 0), .. Map(2, indexMap, root)];
        byte[] older = [.. Map(1, [], 0), .. Map(1, [], 0)];
        return new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase)
        {
            ["OBJECTS.DATA"] = [.. objects.SelectMany(one => one)], ["INDEX.BTR"] = index, ["MAPPING1.MAP"] = older, ["MAPPING2.MAP"] = maps, ["MAPPING3.MAP"] = [1, 2, 3],
        };
    }

    private static Dictionary<string, string> Values(params (string Name, string? Value)[] values) => values.Where(value => value.Value is not null).ToDictionary(value => value.Name, value => value.Value!);

    private WmiRepositoryWriter Add(string space, WmiClassLayout layout, Dictionary<string, string> values)
    {
        string key = "NS_" + WmiClassLayout.Hash(space, isOldForm) + "/CI_" + WmiClassLayout.Hash(layout.Name, isOldForm) + "/IL_" + WmiClassLayout.Hash(string.Join(',', values.Values), isOldForm);
        _objects.Add((key, Instance(layout, values)));
        return this;
    }

    private byte[] Instance(WmiClassLayout layout, Dictionary<string, string> values)
    {
        ByteWriter data = new ByteWriter().U8(0).AnsiZ(layout.Name);
        var table = new byte[layout.ValuesSize];
        foreach ((string name, string value) in values)
        {
            BitConverter.GetBytes(data.Length).CopyTo(table, layout.Texts[name]);
            bool isAscii = value.All(char.IsAscii);
            _ = isAscii ? data.U8(0).AnsiZ(value) : data.U8(1).Utf16(value).U16(0);
        }
        ByteWriter block = new ByteWriter().U32(0).U8(0).Zeros((layout.PropertyCount * 2 + 7) / 8).Raw(table).U32(4).U8(1).U32(0x80000000 | (uint)data.Length).Raw(data.ToArray());
        return new ByteWriter().Utf16(WmiClassLayout.Hash(layout.Name, isOldForm)).U64(ByteWriter.Ticks(2026, 6, 7, 8)).U64(0).U32((uint)block.Length + 4).Raw(block.ToArray()).ToArray();
    }

    /// <summary>The lower half of the keys in a page of their own below the root.</summary>
    private byte[] Index(string[] keys, out uint[] map, out uint root)
    {
        int half = keys.Length / 2;
        byte[] administration = new ByteWriter().U32(0xADDD).U32(0).U32(0).U32(1).U32(0).To(WmiPageMap.PageSize).ToArray();
        byte[] top = Page(1, keys[half..], half > 0 ? 2u : 0);
        byte[] below = Page(2, keys[..half], 0);
        // Physical order is not logical order.
        map = [2, 0, 1];
        root = 1;
        return [.. top, .. below, .. administration];
    }

    private static byte[] Page(uint logical, string[] keys, uint leftChild)
    {
        var strings = new List<string>();
        var definitions = new List<int>();
        var starts = new List<int>();
        foreach (string key in keys)
        {
            string[] parts = key.Split('/');
            starts.Add(definitions.Count);
            definitions.Add(parts.Length);
            foreach (string part in parts)
            {
                if (!strings.Contains(part))
                {
                    strings.Add(part);
                }
                definitions.Add(strings.IndexOf(part));
            }
        }
        ByteWriter page = new ByteWriter().U32(0xACCC).U32(logical).U32(0).U32(0).U32((uint)keys.Length).Zeros(keys.Length * 4).U32(leftChild).Zeros(keys.Length * 4);
        starts.ForEach(start => page.U16(start));
        page.U16(definitions.Count);
        definitions.ForEach(value => page.U16(value));
        page.U16(strings.Count);
        int offset = 0;
        foreach (string text in strings)
        {
            page.U16(offset);
            offset += text.Length + 1;
        }
        page.U16(offset);
        strings.ForEach(text => page.AnsiZ(text));
        return page.To(WmiPageMap.PageSize).ToArray();
    }

    private byte[] Map(uint sequence, uint[] pages, uint root)
    {
        ByteWriter map = new ByteWriter().U32(0xABCD).U32(sequence);
        _ = isOldForm ? map : map.U32(1).U32(0);
        map.U32((uint)pages.Length + 1).U32((uint)pages.Length);
        for (int i = 0; i < pages.Length; i++)
        {
            map.U32(pages[i]);
            _ = isOldForm ? map : map.U32(0).U32(0).U32(i == 0 ? root : 0).U32(0).U32(0);
        }
        map.U32(1).U32(7).U32(0xDCBA);
        // The newer form has a word behind its end.
        return (isOldForm ? map : map.U32(0)).ToArray();
    }
}
