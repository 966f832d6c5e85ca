using Forensics.Parsers;

namespace Forensics.Analyzer.Pipeline;

/// <summary>What is opened and how: the choices every verb offers.</summary>
/// <param name="Path">The image file.</param>
public sealed record ImageSource(string Path)
{
    /// <summary>Which state of a journaled file system is shown.</summary>
    public JournalView Journal { get; init; } = JournalView.Replay;

    /// <summary>Image files of external journals; a volume takes the one it asks for.</summary>
    public IReadOnlyList<string> ExternalJournals { get; init; } = [];
}
