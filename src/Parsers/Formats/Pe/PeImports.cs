using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>The import table: libraries in order, the functions that tell something, and a digest over all of them.</summary>
internal sealed class PeImports
{
    private const int MostLibraries = 512;
    private const int MostFunctions = 8192;
    private const int Descriptor = 20;
    private const int DelayDescriptor = 32;
    private const int LongestName = 256;

    // pefile gives the numbers of these libraries names; without its tables the digest would be another.
    private static readonly string[] s_numbered = ["ws2_32.dll", "wsock32.dll", "oleaut32.dll"];

    public IReadOnlyList<string> Libraries { get; private init; } = [];
    public IReadOnlyList<string> Telling { get; private init; } = [];
    public string? Hash { get; private init; }

    public static PeImports Read(ReadOnlySpan<byte> content, PeLayout layout)
    {
        var libraries = new List<string>();
        var telling = new SortedSet<string>(StringComparer.Ordinal);
        var all = new StringBuilder();
        int functions = 0;
        bool isHashable = true;
        ReadOnlySpan<byte> table = layout.At(content, layout.Directory(PeDirectory.Import).Address, (MostLibraries + 1) * Descriptor);
        for (; table.Length >= Descriptor && libraries.Count < MostLibraries; table = table[Descriptor..])
        {
            uint nameAt = BinaryPrimitives.ReadUInt32LittleEndian(table[12..]);
            ReadOnlySpan<byte> name = layout.At(content, nameAt, LongestName);
            if (nameAt == 0 || name.IsEmpty)
            {
                break;
            }
            string library = PeText.Latin(name, LongestName);
            libraries.Add(library);
            uint lookup = BinaryPrimitives.ReadUInt32LittleEndian(table);
            uint bound = BinaryPrimitives.ReadUInt32LittleEndian(table[16..]);
            long thunks = lookup != 0 && layout.ToOffset(lookup) >= 0 ? lookup : bound;
            isHashable &= ReadFunctions(content, layout, thunks, library, all, telling, ref functions);
        }
        return new PeImports
        {
            Libraries = libraries, Telling = [.. telling],
            Hash = isHashable && all.Length > 0 && functions < MostFunctions ? Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(all.ToString()))) : null,
        };
    }

    public static List<string> ReadDelayed(ReadOnlySpan<byte> content, PeLayout layout)
    {
        var libraries = new List<string>();
        ReadOnlySpan<byte> table = layout.At(content, layout.Directory(PeDirectory.DelayImport).Address, (MostLibraries + 1) * DelayDescriptor);
        for (; table.Length >= DelayDescriptor && libraries.Count < MostLibraries; table = table[DelayDescriptor..])
        {
            // Attribute 1 says that addresses are relative; others are of compilers before 2003.
            uint nameAt = BinaryPrimitives.ReadUInt32LittleEndian(table[4..]);
            ReadOnlySpan<byte> name = layout.At(content, nameAt, LongestName);
            if ((table[0] & 1) == 0 || name.IsEmpty)
            {
                break;
            }
            libraries.Add(PeText.Latin(name, LongestName));
        }
        return libraries;
    }

    /// <summary>Reads one library's functions; false when the digest cannot be that of pefile.</summary>
    private static bool ReadFunctions(ReadOnlySpan<byte> content, PeLayout layout, long thunks, string library, StringBuilder all, SortedSet<string> telling, ref int functions)
    {
        int size = layout.Is64Bit ? 8 : 4;
        string lower = library.ToLowerInvariant();
        string stem = lower.EndsWith(".dll", StringComparison.Ordinal) || lower.EndsWith(".ocx", StringComparison.Ordinal) || lower.EndsWith(".sys", StringComparison.Ordinal) ? lower[..^4] : lower;
        ReadOnlySpan<byte> table = layout.At(content, thunks, (long)MostFunctions * size);
        bool isHashable = true;
        for (; table.Length >= size && functions < MostFunctions; table = table[size..])
        {
            ulong thunk = layout.Is64Bit ? BinaryPrimitives.ReadUInt64LittleEndian(table) : BinaryPrimitives.ReadUInt32LittleEndian(table);
            if (thunk == 0)
            {
                break;
            }
            string function;
            if (thunk >> (size * 8 - 1) != 0)
            {
                isHashable &= !s_numbered.Contains(lower);
                function = string.Create(CultureInfo.InvariantCulture, $"ord{thunk & 0xFFFF}");
            }
            else
            {
                ReadOnlySpan<byte> entry = layout.At(content, (long)Math.Min(thunk, int.MaxValue), LongestName + 2);
                if (entry.Length <= 2)
                {
                    return false;
                }
                function = PeText.Latin(entry[2..], LongestName);
                if (PeTelling.Imports.TryGetValue(function, out string? known))
                {
                    telling.Add(known);
                }
            }
            functions++;
            all.Append(all.Length == 0 ? "" : ",").Append(stem).Append('.').Append(function.ToLowerInvariant());
        }
        return isHashable;
    }
}

/// <summary>The export table: the library's own name and the functions that tell who loads it.</summary>
internal sealed class PeExports
{
    private const int HeaderSize = 40;
    private const int MostNames = 16_384;
    private const int LongestName = 256;

    public string? Name { get; private init; }
    public long Count { get; private init; }
    public IReadOnlyList<string> Telling { get; private init; } = [];

    public static PeExports Read(ReadOnlySpan<byte> content, PeLayout layout)
    {
        ReadOnlySpan<byte> header = layout.At(content, layout.Directory(PeDirectory.Export).Address, HeaderSize);
        if (header.Length < HeaderSize)
        {
            return new PeExports();
        }
        var telling = new SortedSet<string>(StringComparer.Ordinal);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        ReadOnlySpan<byte> names = layout.At(content, BinaryPrimitives.ReadUInt32LittleEndian(header[32..]), Math.Min(count, MostNames) * 4L);
        for (; names.Length >= 4; names = names[4..])
        {
            ReadOnlySpan<byte> name = layout.At(content, BinaryPrimitives.ReadUInt32LittleEndian(names), LongestName);
            int end = name.IndexOf((byte)0);
            // Most names are not among the few: no string is made of these.
            if (end is > 3 and < 24 && PeTelling.Exports.TryGetValue(PeText.Latin(name[..end], end), out string? known))
            {
                telling.Add(known);
            }
        }
        string own = PeText.Latin(layout.At(content, BinaryPrimitives.ReadUInt32LittleEndian(header[12..]), LongestName), LongestName);
        return new PeExports { Name = own.Length == 0 ? null : own, Count = count, Telling = [.. telling] };
    }
}
