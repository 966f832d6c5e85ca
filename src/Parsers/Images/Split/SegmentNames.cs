using System.Globalization;

namespace Forensics.Parsers.Images.Split;

/// <summary>
/// The names of the segments of a split image, derived from that of one: a number after the last dot that counts from 0 or 1 (<c>disk.000</c>, <c>disk.raw.01</c>), or
/// letters as split(1) makes them (<c>disk.raw.aa</c>, <c>xaa</c>).
/// </summary>
internal sealed class SegmentNames
{
    private const int MinSuffix = 2;
    private const int MaxSuffix = 5;

    private readonly string _stem;
    private readonly char _first;
    private readonly int _width;
    private readonly long _number;

    private SegmentNames(string stem, char first, int width, long number)
    {
        _stem = stem;
        _first = first;
        _width = width;
        _number = number;
    }

    /// <summary>Whether the name is that of a first segment; for a number also when it counts from 1.</summary>
    public bool IsFirst => _number == 0 || (_first == '0' && _number == 1);

    private int Radix => _first == '0' ? 10 : 26;

    /// <summary>The parts of a file name; null when it has no such suffix.</summary>
    public static SegmentNames? Parse(string fileName)
    {
        int digits = Trailing(fileName, '0', 10);
        if (digits is >= MinSuffix and <= MaxSuffix && fileName.Length > digits + 1 && fileName[^(digits + 1)] == '.')
        {
            return new SegmentNames(fileName[..^digits], '0', digits, Number(fileName.AsSpan(fileName.Length - digits), '0', 10));
        }
        int letters = Trailing(fileName, 'a', 26);
        string stem = fileName[..^letters];
        if (stem.Length > 1 && stem[^1] is '.' or '_' or '-' && letters is >= MinSuffix and <= MaxSuffix)
        {
            return new SegmentNames(stem, 'a', letters, Number(fileName.AsSpan(stem.Length), 'a', 26));
        }
        // split(1) without a prefix: xaa, xab ...
        return fileName.Length == 3 && letters == 3 && fileName[0] == 'x'
            ? new SegmentNames("x", 'a', 2, Number(fileName.AsSpan(1), 'a', 26))
            : null;
    }

    /// <summary>The names a first segment may have, when this is a later one.</summary>
    public IEnumerable<string> CandidatesForFirst()
    {
        if (_number > 0)
        {
            yield return Name(0, _width);
        }
        if (_first == '0' && _number > 1)
        {
            yield return Name(1, _width);
        }
    }

    /// <summary>
    /// The names that the segment <paramref name="count"/> places after this one may have: split(1) makes its suffixes longer before they run out, so that they stay in order
    /// (<c>yz</c>, <c>zaaa</c>; <c>89</c>, <c>9000</c>), other programs use them up.
    /// </summary>
    public IEnumerable<string> After(int count)
    {
        long number = _number + count;
        if (number < Capacity(_width))
        {
            yield return Name(number, _width);
        }
        if (_first == '0' && number >= Capacity(_width))
        {
            // .999 is followed by .1000.
            yield return _stem + number.ToString(CultureInfo.InvariantCulture);
        }
        // Each round of split(1) leaves the last first letter free and goes on behind it with one more: "z" and "aaa" to "yzz".
        string prefix = "";
        int width = _width;
        for (long round = 0; prefix.Length < MaxSuffix; number -= round, prefix += (char)(_first + Radix - 1), width++)
        {
            round = (Radix - 1) * Capacity(width - 1);
            if (number >= round)
            {
                continue;
            }
            if (prefix.Length > 0)
            {
                yield return Name(number, width, prefix);
            }
            yield break;
        }
    }

    private static int Trailing(string text, char first, int radix)
    {
        int count = 0;
        while (count < text.Length && text[^(count + 1)] >= first && text[^(count + 1)] < first + radix)
        {
            count++;
        }
        return count;
    }

    private static long Number(ReadOnlySpan<char> text, char first, int radix)
    {
        long number = 0;
        foreach (char digit in text)
        {
            number = number * radix + (digit - first);
        }
        return number;
    }

    private long Capacity(int width) => (long)Math.Pow(Radix, width);

    private string Name(long number, int width, string prefix = "")
    {
        Span<char> suffix = stackalloc char[width];
        for (int i = width - 1; i >= 0; i--)
        {
            suffix[i] = (char)(_first + number % Radix);
            number /= Radix;
        }
        return _stem + prefix + suffix.ToString();
    }
}
