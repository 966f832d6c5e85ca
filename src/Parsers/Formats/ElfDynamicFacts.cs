using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>What the dynamic segment of an ELF file names, decoded as Latin-1 and bounded.</summary>
public sealed record ElfDynamicFacts
{
    private const int MaximumNames = 64;
    private const int MaximumLength = 512;

    /// <summary>Program interpreter (PT_INTERP); null when there is none.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Libraries it needs (DT_NEEDED), in order, at most 64.</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];
    /// <summary>Directories it searches for them first (DT_RPATH, DT_RUNPATH), as stated.</summary>
    public IReadOnlyList<string> SearchPaths { get; init; } = [];

    /// <summary>Reads them; damage leaves out what cannot be read.</summary>
    public static ElfDynamicFacts Read(in ElfFile file)
    {
        var needed = new List<string>();
        var paths = new List<string>();
        if (file.TryReadDynamicStrings(out ReadOnlySpan<byte> strings, out List<(ulong Tag, ulong Value)> entries))
        {
            foreach ((ulong tag, ulong value) in entries)
            {
                if (tag is 1 or 15 or 29 && value < (ulong)strings.Length && needed.Count + paths.Count < MaximumNames)
                {
                    string text = Text(strings[(int)value..]);
                    if (tag == 1)
                    {
                        needed.Add(text);
                    }
                    else
                    {
                        paths.AddRange(text.Split(':', MaximumNames).Where(path => path.Length > 0));
                    }
                }
            }
        }
        ReadOnlySpan<byte> interpreter = file.Interpreter;
        return new() { Interpreter = interpreter.IsEmpty ? null : Text(interpreter), Needed = needed, SearchPaths = paths };
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(bytes[..Math.Min(end < 0 ? bytes.Length : end, MaximumLength)]);
    }
}
