namespace Forensics.Analyzer.Risk;

/// <summary>How bad a finding is; higher is worse.</summary>
public enum Severity
{
    /// <summary>Context only.</summary>
    Info,
    /// <summary>Worth knowing; normal on some clean hosts.</summary>
    Low,
    /// <summary>Unusual; needs a look.</summary>
    Medium,
    /// <summary>Probably hostile.</summary>
    High,
    /// <summary>The host is compromised.</summary>
    Critical,
}
