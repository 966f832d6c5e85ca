using System.Collections.Concurrent;
using System.Globalization;
using Forensics.Yara.Native;

namespace Forensics.Yara.Scanning;

/// <summary>What does not change about a rule.</summary>
internal sealed record RuleInfo(string Rule, string Namespace, IReadOnlyList<string> Tags, IReadOnlyList<KeyValuePair<string, string>> Meta);

/// <summary>Reads rules out of native memory, each only once: thousands of files may match the same rule.</summary>
internal sealed unsafe class RuleCatalog(YaraLayout layout)
{
    /// <summary>No rule has so many; the bound keeps a wrong pointer from becoming an endless walk.</summary>
    private const int MaximumItems = 4096;

    private readonly ConcurrentDictionary<nint, RuleInfo> _rules = new();

    public YaraLayout Layout => layout;

    /// <summary>Name, namespace, tags and metadata of a YR_RULE.</summary>
    public RuleInfo Describe(nint rule) => _rules.TryGetValue(rule, out RuleInfo? info) ? info : _rules.GetOrAdd(rule, Read((byte*)rule));

    private RuleInfo Read(byte* rule)
    {
        byte* ns = *(byte**)(rule + layout.RuleNamespace);
        return new RuleInfo(
            NativeText.Read(*(byte**)(rule + layout.RuleIdentifier)),
            ns == null ? "" : NativeText.Read(*(byte**)ns),
            ReadTags(*(byte**)(rule + layout.RuleTags)),
            ReadMetas(*(byte**)(rule + layout.RuleMetas)));
    }

    /// <summary>Tags follow one another, each with its NUL; an empty one ends them. The step is in bytes: a tag's characters may not be its bytes.</summary>
    private static List<string> ReadTags(byte* tag)
    {
        List<string> tags = [];
        while (tag != null && *tag != 0 && tags.Count < MaximumItems)
        {
            tags.Add(NativeText.Read(tag));
            while (*tag != 0)
            {
                tag++;
            }
            tag++;
        }
        return tags;
    }

    private static List<KeyValuePair<string, string>> ReadMetas(byte* meta)
    {
        List<KeyValuePair<string, string>> metas = [];
        while (meta != null && metas.Count < MaximumItems)
        {
            long number = *(long*)(meta + YaraLayout.MetaInteger);
            string value = *(int*)(meta + YaraLayout.MetaType) switch
            {
                YaraLayout.MetaTypeInteger => number.ToString(CultureInfo.InvariantCulture),
                YaraLayout.MetaTypeBoolean => number != 0 ? "true" : "false",
                _ => NativeText.Read(*(byte**)(meta + YaraLayout.MetaString)),
            };
            metas.Add(new KeyValuePair<string, string>(NativeText.Read(*(byte**)meta), value));
            if ((*(int*)(meta + YaraLayout.MetaFlags) & YaraLayout.MetaIsLast) != 0)
            {
                break;
            }
            meta += YaraLayout.MetaSize;
        }
        return metas;
    }
}
