namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Takes a message apart from left to right. Nothing is taken when a step says no.</summary>
internal ref struct ByteScan(ReadOnlySpan<byte> text)
{
    /// <summary>What is left.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    /// <summary>Passes over a literal.</summary>
    public bool Take(ReadOnlySpan<byte> literal)
    {
        if (!Rest.StartsWith(literal))
        {
            return false;
        }
        Rest = Rest[literal.Length..];
        return true;
    }

    /// <summary>Takes what lies before a literal and passes over the literal.</summary>
    public bool Until(ReadOnlySpan<byte> literal, out ReadOnlySpan<byte> value)
    {
        int at = Rest.IndexOf(literal);
        if (at < 0)
        {
            value = default;
            return false;
        }
        value = Rest[..at];
        Rest = Rest[(at + literal.Length)..];
        return true;
    }

    /// <summary>Takes what lies before the last place of a literal and passes over the literal.</summary>
    public bool UntilLast(ReadOnlySpan<byte> literal, out ReadOnlySpan<byte> value)
    {
        int at = Rest.LastIndexOf(literal);
        if (at < 0)
        {
            value = default;
            return false;
        }
        value = Rest[..at];
        Rest = Rest[(at + literal.Length)..];
        return true;
    }

    /// <summary>Takes a word up to a blank or the end, and the blanks after it.</summary>
    public ReadOnlySpan<byte> Word()
    {
        int end = Rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? Rest : Rest[..end];
        Rest = end < 0 ? default : Rest[end..].TrimStart((byte)' ');
        return word;
    }

    /// <summary>Takes decimal digits, at most eighteen.</summary>
    public bool Number(out long value)
    {
        int i = 0;
        value = 0;
        while (i < Rest.Length && i < 18 && Rest[i] is >= (byte)'0' and <= (byte)'9')
        {
            value = value * 10 + (Rest[i] - '0');
            i++;
        }
        Rest = Rest[i..];
        return i > 0;
    }

    /// <summary>A whole text as a number; null when it is none.</summary>
    public static long? NumberOf(ReadOnlySpan<byte> text)
    {
        var scan = new ByteScan(text);
        return scan.Number(out long value) && scan.Rest.IsEmpty ? value : null;
    }

    /// <summary>What lies between two literals anywhere in a text; empty when they are not there.</summary>
    public static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> text, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        int from = text.IndexOf(before);
        if (from < 0)
        {
            return default;
        }
        text = text[(from + before.Length)..];
        int to = text.IndexOf(after);
        return to < 0 ? text : text[..to];
    }
}
