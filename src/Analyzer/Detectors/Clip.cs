namespace Forensics.Analyzer.Detectors;

/// <summary>Keeps evidence text within what a finding may carry.</summary>
internal static class Clip
{
    private const int MaxEvidence = 512;

    /// <summary>The text, cut to 512 characters around the part that matters.</summary>
    public static string Evidence(string text, string? around = null)
    {
        if (text.Length <= MaxEvidence)
        {
            return text;
        }
        int at = string.IsNullOrEmpty(around) ? 0 : Math.Max(0, text.IndexOf(around, StringComparison.Ordinal));
        int start = Math.Clamp(at - 64, 0, text.Length - MaxEvidence);
        int end = start + MaxEvidence;
        // Never through the middle of a surrogate pair.
        start += start > 0 && char.IsLowSurrogate(text[start]) ? 1 : 0;
        end -= char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return text[start..end];
    }
}
