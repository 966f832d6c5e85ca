using Forensics.Parsers.Images;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Shows the reading through of an image as a phase of the scan of its own.</summary>
internal sealed class OpeningProgressDisplay(IScanProgress progress) : IProgress<OpeningProgress>
{
    private string? _activity;
    private long _total;
    private long _done;

    public void Report(OpeningProgress value)
    {
        if (value.Activity != _activity || value.Total != _total || value.Done < _done)
        {
            (_activity, _total, _done) = (value.Activity, value.Total, 0);
            progress.Begin(value.Activity, null, value.Total);
        }
        progress.Advance(0, value.Done - _done);
        _done = value.Done;
    }
}
