using System.Diagnostics;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Commands;

/// <summary>Shows how a long job goes, on standard error: a live line on a terminal, else only messages (and phases when verbose).</summary>
internal sealed class ProgressDisplay(CommandContext context, bool isQuiet, bool isVerbose, bool colours, bool isLive)
{
    /// <summary>Runs the job.</summary>
    public T Run<T>(Func<IScanProgress, T> job) =>
        isLive ? LiveProgress.Run(context, isVerbose, colours, job) : job(new LineProgress(context, isQuiet, isVerbose));

    /// <summary>A log line, or null when it is not wanted.</summary>
    internal static string? LogLine(MessageLevel level, string text, bool isQuiet, bool isVerbose) => level switch
    {
        MessageLevel.Warning => "warning: " + text,
        MessageLevel.Information => isQuiet ? null : text,
        _ => isVerbose ? text : null,
    };

    /// <summary>Lines only.</summary>
    private sealed class LineProgress(CommandContext context, bool isQuiet, bool isVerbose) : IScanProgress
    {
        private readonly Lock _gate = new();
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Begin(string phase, long? totalFiles, long? totalBytes)
        {
            if (isVerbose)
            {
                string totals = (totalFiles is long files ? ", " + Amounts.Count(files, "file") : "") + (totalBytes is long bytes ? ", " + Amounts.Bytes(bytes) : "");
                Write(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_start).TotalSeconds:0.00} s] {phase}{totals}"));
            }
        }

        public void Advance(long files, long bytes)
        {
            // Nothing is shown between the phases.
        }

        public void Message(MessageLevel level, string text)
        {
            if (LogLine(level, text, isQuiet, isVerbose) is string line)
            {
                Write(line);
            }
        }

        private void Write(string line)
        {
            lock (_gate)
            {
                context.Say(line);
            }
        }
    }
}
