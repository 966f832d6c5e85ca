using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// The files a library name in <c>ld.so.preload</c> may mean: the tokens <c>$LIB</c>, <c>$PLATFORM</c> and <c>$ORIGIN</c> (with or without braces)
/// have another value on each distribution and processor, see ld.so(8) "Dynamic string tokens".
/// </summary>
internal static class LibraryCandidates
{
    private const int MostCandidates = 256;
    private const int LongestPath = 4096;

    private static readonly string[] Lib =
        ["lib/x86_64-linux-gnu", "lib64", "lib", "lib/aarch64-linux-gnu", "lib/i386-linux-gnu", "lib/arm-linux-gnueabihf", "lib32"];

    private static readonly string[] Platform =
        ["x86_64", "haswell", "xeon_phi", "i686", "i586", "aarch64", "v8l", "v7l", "v6l", "power9", "power10", "z14", "z15"];

    private static readonly string[] Origin = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

    private static readonly string[] DefaultDirectories =
    [
        "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu", "/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/usr/local/lib", "/usr/local/lib64",
    ];

    /// <summary>Absolute candidate paths in display form, the likely ones first, at most 256; a relative path with a slash gives none.</summary>
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> word, ExpansionBudget budget)
    {
        if (word.Length > LongestPath || !budget.Take(Cost(word)))
        {
            return [];
        }
        var names = new List<string> { "" };
        int literal = 0;
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == (byte)'$' && Token(word[(i + 1)..], out int length) is { } values)
            {
                AppendAll(names, word[literal..i]);
                names = Combine(names, values);
                i += length;
                literal = i + 1;
            }
        }
        AppendAll(names, word[literal..]);
        var result = new List<string>();
        foreach (string name in names)
        {
            if (name.StartsWith('/'))
            {
                result.Add(Normalise(name));
            }
            else if (!name.Contains('/') && name.Length > 0)
            {
                foreach (string directory in DefaultDirectories)
                {
                    result.Add(directory + "/" + name);
                }
            }
        }
        return [.. result.Distinct().Take(MostCandidates)];
    }

    private static int Cost(ReadOnlySpan<byte> word)
    {
        int candidates = DefaultDirectories.Length;
        int longest = word.Length;
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == (byte)'$' && Token(word[(i + 1)..], out _) is { } values)
            {
                candidates = Math.Min(candidates * values.Length, MostCandidates);
                longest += values[0].Length;
            }
        }
        return candidates * longest;
    }

    // Components go through the byte form one by one, so that a name of invalid UTF-8 matches the walk's form of it.
    private static void AppendAll(List<string> names, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }
        var text = new StringBuilder();
        while (true)
        {
            int slash = bytes.IndexOf((byte)'/');
            text.Append(PathText.FromBytes(slash < 0 ? bytes : bytes[..slash]));
            if (slash < 0)
            {
                break;
            }
            text.Append('/');
            bytes = bytes[(slash + 1)..];
        }
        string part = text.ToString();
        for (int i = 0; i < names.Count; i++)
        {
            names[i] += part;
        }
    }

    private static List<string> Combine(List<string> names, string[] values)
    {
        var combined = new List<string>();
        foreach (string name in names)
        {
            foreach (string value in values)
            {
                if (combined.Count == MostCandidates)
                {
                    return combined;
                }
                combined.Add(name + value);
            }
        }
        return combined;
    }

    // length counts the characters after the dollar sign.
    private static string[]? Token(ReadOnlySpan<byte> after, out int length)
    {
        bool braces = !after.IsEmpty && after[0] == (byte)'{';
        int start = braces ? 1 : 0;
        int end = start;
        while (end < after.Length && (after[end] is >= (byte)'A' and <= (byte)'Z' || after[end] == (byte)'_'))
        {
            end++;
        }
        length = end;
        if (braces)
        {
            if (end >= after.Length || after[end] != (byte)'}')
            {
                return null;
            }
            length = end + 1;
        }
        ReadOnlySpan<byte> name = after[start..end];
        return name.SequenceEqual("LIB"u8) ? Lib : name.SequenceEqual("PLATFORM"u8) ? Platform : name.SequenceEqual("ORIGIN"u8) ? Origin : null;
    }

    private static string Normalise(string path)
    {
        if (!path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal))
        {
            return path;
        }
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}
