using System.Globalization;
using Forensics.Analyzer.Risk;

namespace Forensics.Analyzer.Detectors;

/// <summary>Adds up the signs against one file. 100 points and more are critical, 60 high, 40 medium, 20 low.</summary>
/// <param name="Severity">The judgement.</param>
/// <param name="Points">Sum of the signs, after damping.</param>
/// <param name="Signs">The signs, strongest first.</param>
internal sealed record TargetScore(Severity Severity, int Points, IReadOnlyList<TargetSign> Signs)
{
    /// <summary>Weight from which a sign means something on its own.</summary>
    public const int Strong = 40;
    private const int Noticeable = 20;

    /// <summary>The strongest sign.</summary>
    public TargetSign Worst => Signs[0];

    /// <summary>All signs as one clause with the score.</summary>
    public string Why => string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", Signs.Select(sign => sign.Why))} ({Points} points)");

    /// <summary>The judgement; null when the signs together are not worth a word.</summary>
    public static TargetScore? Of(IEnumerable<TargetSign> all, TargetZone zone)
    {
        TargetSign[] signs = [.. all.OrderByDescending(sign => sign.Weight).ThenBy(sign => sign.Suffix, StringComparer.Ordinal)];
        int strong = signs.Where(sign => sign.Weight >= Strong).Sum(sign => sign.Weight);
        int weak = signs.Where(sign => sign.Weight < Strong).Sum(sign => sign.Weight);
        // Static, packed, with an old date and an owner of its own: what vendors unpack into /opt looks like that every day.
        if (strong == 0 && zone == TargetZone.Local)
        {
            weak = Math.Min(weak, Strong - 1);
        }
        int points = strong + weak;
        if (points < Noticeable || signs[0].Weight < Noticeable)
        {
            return null;
        }
        Severity severity = points >= 100 ? Severity.Critical : points >= 60 ? Severity.High : points >= Strong ? Severity.Medium : Severity.Low;
        bool isOneWeakSign = strong == 0 && signs.Count(sign => sign.Weight >= Noticeable) == 1;
        return new(isOneWeakSign ? Severity.Low : severity, points, signs);
    }
}
