using System.Globalization;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>
/// Names of the segment files: E01 to E99, then EAA to EZZ, FAA ... to ZZZ; in SMART sets the same from s01. Specification: libewf, Expert Witness Compression Format,
/// "Segment file extensions".
/// </summary>
internal static class EwfSegmentNames
{
    private const int Numbered = 99;
    private const int Letters = 26;

    /// <summary>
    /// The name of a segment from that of the first: same base, same case. Null when the first name has no extension of the kind, or the numbers are used up.
    /// </summary>
    /// <param name="first">File name of segment 1.</param>
    /// <param name="number">From 1.</param>
    public static string? Name(string first, int number)
    {
        int dot = first.LastIndexOf('.');
        if (number < 1 || dot < 0 || first.Length - dot != 4 || !char.IsAsciiLetter(first[dot + 1]) || first[dot + 2] != '0' || first[dot + 3] != '1')
        {
            return null;
        }
        char letter = first[dot + 1];
        string stem = first[..(dot + 1)];
        if (number <= Numbered)
        {
            return stem + letter + number.ToString("d2", CultureInfo.InvariantCulture);
        }
        int rest = number - Numbered - 1;
        char a = char.IsAsciiLetterUpper(letter) ? 'A' : 'a';
        int third = rest % Letters;
        int second = rest / Letters % Letters;
        int leading = letter - a + rest / (Letters * Letters);
        return leading < Letters ? stem + (char)(a + leading) + (char)(a + second) + (char)(a + third) : null;
    }

    /// <summary>The name with the letters of its extension in the other case: copies from other systems come as <c>.e02</c>.</summary>
    public static string OtherCase(string name)
    {
        int dot = name.LastIndexOf('.');
        string extension = name[(dot + 1)..];
        return name[..(dot + 1)] + (extension.Any(char.IsAsciiLetterUpper) ? extension.ToLowerInvariant() : extension.ToUpperInvariant());
    }
}
