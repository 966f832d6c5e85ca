using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forensics.Analyzer.Commands;

/// <summary>The live display on a terminal: phase, bar, files, bytes, rate, time left. The only user of Spectre.Console, so that nothing else pays for loading it.</summary>
internal sealed class LiveProgress : IScanProgress
{
    private readonly IAnsiConsole _console;
    private readonly ProgressContext _display;
    private readonly bool _isVerbose;
    private readonly Lock _gate = new();
    private ProgressTask? _task;
    private Counters _counters = new(null, null);

    private LiveProgress(IAnsiConsole console, ProgressContext display, bool isVerbose)
    {
        _console = console;
        _display = display;
        _isVerbose = isVerbose;
    }

    /// <summary>Runs the job under the display, which is gone when it ends.</summary>
    public static T Run<T>(CommandContext context, bool isVerbose, bool colours, Func<IScanProgress, T> job)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(context.Error),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        });
        console.Profile.Width = Math.Clamp(context.ErrorWidth - 1, 40, 120);
        return console.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new CountersColumn())
            .Start(display => job(new LiveProgress(console, display, isVerbose)));
    }

    /// <inheritdoc/>
    public void Begin(string phase, long? totalFiles, long? totalBytes)
    {
        lock (_gate)
        {
            _task?.StopTask();
            _counters = new Counters(totalFiles, totalBytes);
            _task = _display.AddTask(Markup.Escape(SafeText.Escape(phase)), autoStart: true, maxValue: 1);
            _task.Tag = _counters;
            _task.IsIndeterminate = totalFiles is null && totalBytes is null;
        }
    }

    /// <inheritdoc/>
    public void Advance(long files, long bytes)
    {
        Counters counters = _counters;
        Interlocked.Add(ref counters.Files, files);
        Interlocked.Add(ref counters.Bytes, bytes);
    }

    /// <inheritdoc/>
    public void Message(MessageLevel level, string text)
    {
        if (ProgressDisplay.LogLine(level, text, isQuiet: false, _isVerbose) is string line)
        {
            lock (_gate)
            {
                _console.Write(new Text(Product.Name + ": " + SafeText.Escape(line) + "\n"));
            }
        }
    }

    /// <summary>Work done in a phase; written by workers, read by the display.</summary>
    private sealed class Counters(long? totalFiles, long? totalBytes)
    {
        public long Files;
        public long Bytes;

        public double Share => totalBytes is > 0 ? (double)Interlocked.Read(ref Bytes) / totalBytes.Value
            : totalFiles is > 0 ? (double)Interlocked.Read(ref Files) / totalFiles.Value : 0;
    }

    /// <summary>Takes the counters over into the bar and writes them beside it, once a frame.</summary>
    private sealed class CountersColumn : ProgressColumn
    {
        private const double LeastShareForEstimate = 0.01;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            if (task.Tag is not Counters counters)
            {
                return Text.Empty;
            }
            double share = Math.Clamp(counters.Share, 0, 1);
            // One is "finished" for the bar, which would hide the phase before it ends.
            task.Value = Math.Min(share, 0.999);
            TimeSpan elapsed = task.ElapsedTime ?? TimeSpan.Zero;
            long bytes = Interlocked.Read(ref counters.Bytes);
            long rate = elapsed.TotalSeconds > 0.1 ? (long)(bytes / elapsed.TotalSeconds) : 0;
            string text = Amounts.Count(Interlocked.Read(ref counters.Files), "file") + "  " + Amounts.Bytes(bytes) + "  " + Amounts.Bytes(rate) + "/s  "
                + (share > LeastShareForEstimate ? Amounts.Clock(elapsed * (1 - share) / share) + " left" : Amounts.Clock(elapsed));
            return new Text(text) { Overflow = Overflow.Ellipsis };
        }
    }
}
