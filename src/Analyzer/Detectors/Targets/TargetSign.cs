namespace Forensics.Analyzer.Detectors;

/// <summary>One thing about a file that speaks against it.</summary>
/// <param name="Suffix">Reason part of a rule id, should this be the strongest sign: <c>target-alien-program</c>.</param>
/// <param name="Weight">Points: 40 and more is a sign of its own, less only counts together with others.</param>
/// <param name="Why">A clause that explains it: <c>no package owns it</c>.</param>
internal sealed record TargetSign(string Suffix, int Weight, string Why);
