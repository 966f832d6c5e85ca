using System.Text.RegularExpressions;

namespace Forensics.Analyzer.Evidence;

/// <summary>Names under which miners and what they bring along are published.</summary>
internal static partial class MinerNames
{
    /// <summary>A program that does nothing but mine.</summary>
    public static bool IsMiner(string name) => Miner().IsMatch(name);

    /// <summary>The driver that miners bring; tools that measure hardware bring it too.</summary>
    public static bool IsDriver(string name) => Driver().IsMatch(name);

    [GeneratedRegex(@"^(?:xmrig|xmr-stak|minerd|cpuminer|cgminer|bfgminer|ethminer|nbminer|lolminer|phoenixminer|teamredminer|gminer|srbminer|nanominer|claymore|ccminer|t-rex-miner)[-_0-9a-z.]*\.exe$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Miner();

    [GeneratedRegex(@"^winring0(?:x64|_1_2_0)?\.sys$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Driver();
}
