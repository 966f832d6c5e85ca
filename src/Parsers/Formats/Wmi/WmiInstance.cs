using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.Wmi;

/// <summary>How the values of a class of permanent event subscriptions lie in an instance: the same since Windows XP.</summary>
/// <param name="Name">Class.</param>
/// <param name="PropertyCount">Properties, those of base classes included: two bits of state each.</param>
/// <param name="ValuesSize">Bytes of the table of values.</param>
/// <param name="Texts">Properties that are texts or references, with their offset in the table.</param>
public sealed record WmiClassLayout(string Name, int PropertyCount, int ValuesSize, IReadOnlyDictionary<string, int> Texts)
{
    /// <summary>__EventFilter.</summary>
    public static WmiClassLayout EventFilter { get; } = new("__EventFilter", 6, 24, new Dictionary<string, int> { ["Name"] = 0, ["QueryLanguage"] = 8, ["Query"] = 12, ["EventNamespace"] = 16 });
    /// <summary>__FilterToConsumerBinding.</summary>
    public static WmiClassLayout Binding { get; } = new("__FilterToConsumerBinding", 7, 22, new Dictionary<string, int> { ["Filter"] = 0, ["Consumer"] = 4 });
    /// <summary>CommandLineEventConsumer.</summary>
    public static WmiClassLayout CommandLine { get; } = new("CommandLineEventConsumer", 27, 92, new Dictionary<string, int>
    {
        ["MachineName"] = 0, ["Name"] = 12, ["ExecutablePath"] = 16, ["CommandLineTemplate"] = 20, ["WorkingDirectory"] = 38,
    });
    /// <summary>ActiveScriptEventConsumer.</summary>
    public static WmiClassLayout ActiveScript { get; } = new("ActiveScriptEventConsumer", 8, 32, new Dictionary<string, int>
    {
        ["MachineName"] = 0, ["Name"] = 12, ["ScriptingEngine"] = 16, ["ScriptText"] = 20, ["ScriptFilename"] = 24,
    });

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WmiClassLayout> All { get; } = [EventFilter, Binding, CommandLine, ActiveScript];

    /// <summary>The hash by which the repository knows the name of a class or namespace.</summary>
    public static string Hash(string name, bool isOldForm)
    {
        byte[] text = Encoding.Unicode.GetBytes(name.ToUpperInvariant());
#pragma warning disable CA5351 // MD5 is what the format of Windows XP names things by; nothing is protected by it.
        return Convert.ToHexString(isOldForm ? MD5.HashData(text) : SHA256.HashData(text));
#pragma warning restore CA5351
    }
}

/// <summary>An instance of one of the classes of permanent event subscriptions.</summary>
/// <param name="Layout">Its class.</param>
/// <param name="Values">Texts by the name of the property; what is not set is not in it.</param>
/// <param name="Written">When it was written.</param>
/// <remarks>Limitations: numbers and identifiers of creators are passed over; values that a class sets by default are not filled in.</remarks>
public sealed record WmiInstance(WmiClassLayout Layout, IReadOnlyDictionary<string, string> Values, Timestamp? Written)
{
    private const int MaximumText = 1 << 20;
    private const byte InUtf16 = 1;

    /// <summary>Reads an instance, its hash included; null when the bytes are none of that class.</summary>
    public static WmiInstance? TryParse(ReadOnlySpan<byte> bytes, WmiClassLayout layout, bool isOldForm)
    {
        var view = new FieldView(bytes, "wmi.instance");
        int hash = isOldForm ? 64 : 128;
        int states = hash + 25;
        int table = states + (layout.PropertyCount * 2 + 7) / 8;
        long qualifiers = table + layout.ValuesSize;
        if (!view.Has(0, qualifiers + 4))
        {
            return null;
        }
        long dynamic = qualifiers + view.U32(qualifiers);
        if (!view.Has(dynamic, 5) || view.U32(qualifiers) < 4)
        {
            return null;
        }
        long dataSize = dynamic + 1;
        if (view.U8(dynamic) == 2)
        {
            // Properties of this instance alone: each with its size.
            uint count = view.Has(dataSize, 4) ? view.U32(dataSize) : uint.MaxValue;
            dataSize += 4;
            for (uint i = 0; i < count && view.Has(dataSize, 4); i++)
            {
                dataSize += Math.Max(view.U32(dataSize), 4);
            }
        }
        if (!view.Has(dataSize, 4))
        {
            return null;
        }
        FieldView data = view.View(dataSize + 4, view.U32(dataSize) & 0x3FFFFFFF);
        if (Text(data, view.U32(hash + 20)) is not { } name || !name.Equals(layout.Name, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string property, int offset) in layout.Texts)
        {
            uint reference = view.U32(table + offset);
            if (reference != 0 && Text(data, reference) is { } text)
            {
                values[property] = text;
            }
        }
        return new WmiInstance(layout, values, view.FileTime(hash));
    }

    /// <summary>Characters of its values.</summary>
    public long Length => Values.Values.Sum(value => (long)value.Length);

    /// <summary>A value; null when it is not set.</summary>
    public string? Value(string property) => Values.GetValueOrDefault(property);

    /// <summary>A text: a byte that says how it is stored, the characters, a zero.</summary>
    private static string? Text(FieldView data, uint reference) => !data.Has(reference, 2) ? null
        : data.U8(reference) == InUtf16 ? data.Utf16(reference + 1L, MaximumText) : Encoding.Latin1.GetString(Zero(data.Slice(reference + 1L, MaximumText)));

    private static ReadOnlySpan<byte> Zero(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is var end and >= 0 ? text[..end] : text;
}
