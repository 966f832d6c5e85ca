using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Tells which lines of a text file that the journal changed were there before: an entry of a changed crontab that is as old as the crontab is no news, the one that was
/// added to it is.
/// </summary>
/// <remarks>Limitations: lines are compared as texts, wherever they stand; a line that now stands there twice counts as old.</remarks>
internal sealed class JournalLines : IArtifactSink
{
    private readonly IArtifactSink _next;
    private readonly Dictionary<int, JournalState> _states = [];

    private JournalLines(IArtifactSink next) => _next = next;

    /// <summary>A sink that marks artefacts of single lines before it hands them on; <paramref name="next"/> itself when there is nothing to compare.</summary>
    public static IArtifactSink Before(IArtifactSink next, OpenedVolume volume, ArtifactInput input, string ownPath)
    {
        if (input.Location.JournalState != JournalState.Changed || volume.Difference is not { } difference
            || difference.Counter(ownPath, input.Location.MetadataAddress) is not { Type: FileType.Regular } before)
        {
            return next;
        }
        byte[] content;
        try
        {
            content = difference.Before.OpenContent(before).ReadArray(0, input.Limits.ArtifactBytes);
        }
        catch (ForensicException)
        {
            // Without the older content the file as a whole stays marked.
            return next;
        }
        var known = new HashSet<string>(TextLines.Read(content, input.Limits, skipsEmpty: true).Select(line => line.Text), StringComparer.Ordinal);
        var lines = new JournalLines(next);
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            lines._states.Add(line.Number, known.Contains(line.Text) ? JournalState.Unchanged : JournalState.Added);
        }
        return lines;
    }

    /// <inheritdoc/>
    public void Add(Artifact artifact) =>
        _next.Add(artifact.Location.Line is int line && _states.TryGetValue(line, out JournalState state) ? artifact with { Location = artifact.Location with { JournalState = state } } : artifact);

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic) => _next.Report(diagnostic);
}
