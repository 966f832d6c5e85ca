using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Images;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// Says on a terminal how far the reading through of an image has come, for verbs without a progress display: one line that is written over, and gone at the end. Images that open at once
/// never show it.
/// </summary>
internal sealed class OpeningLine(CommandContext context) : IProgress<OpeningProgress>, IDisposable
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last;
    private int _width;

    public void Report(OpeningProgress value)
    {
        if (!context.ErrorIsTerminal || Stopwatch.GetElapsedTime(_start) < s_silence || (_last != 0 && Stopwatch.GetElapsedTime(_last) < s_interval))
        {
            return;
        }
        _last = Stopwatch.GetTimestamp();
        long percent = value.Total > 0 ? (long)(100.0 * value.Done / value.Total) : 0;
        string text = string.Create(CultureInfo.InvariantCulture, $"{Product.Name}: {value.Activity} {percent} %");
        context.Error.Write("\r" + text.PadRight(_width));
        _width = text.Length;
    }

    public void Dispose()
    {
        if (_width > 0)
        {
            context.Error.Write("\r" + new string(' ', _width) + "\r");
        }
    }
}
