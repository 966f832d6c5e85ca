using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer.Tests.Rules;

/// <summary>The signatures that are copied beside the test program.</summary>
internal static class ShippedRules
{
    public static SignatureSet All { get; } = SignatureSet.LoadBuiltIn();
}
