using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/inittab</c>: <c>id:runlevels:action:process</c> of System V init, <c>tty::action:process</c> of Busybox. See inittab(5).
/// </summary>
/// <remarks><b>Limitations</b>: under systemd the file is not read at all; that is for whoever knows the service manager to say.</remarks>
public sealed class InittabParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/inittab";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/inittab"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        int count = 0;
        int bad = 0;
        int firstBad = 0;
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            string text = line.Text.TrimStart();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            string[] fields = text.Split(':', 4);
            if (fields.Length < 4 || !IsAction(fields[2].Trim()))
            {
                bad++;
                firstBad = firstBad == 0 ? line.Number : firstBad;
                continue;
            }
            if (++count > input.Limits.ArtifactsPerFile)
            {
                sink.Report(new Diagnostic("inittab.entries.many", "more entries than one file may yield; the rest was left out") { LosesContent = true });
                break;
            }
            sink.Add(new InittabEntry(input.Location.At(line.Number, line.ByteOffset))
            {
                Identifier = fields[0],
                Runlevels = fields[1].Trim(),
                Action = fields[2].Trim(),
                // A leading + only keeps init from writing utmp records.
                Process = fields[3].Trim().TrimStart('+'),
            });
        }
        if (bad > 0)
        {
            sink.Report(new Diagnostic("inittab.line.bad", string.Create(CultureInfo.InvariantCulture, $"{bad} lines are no inittab entries, first line {firstBad}")));
        }
    }

    private static bool IsAction(string action) => action is
        "respawn" or "wait" or "once" or "boot" or "bootwait" or "off" or "ondemand" or "initdefault" or "sysinit" or "powerwait" or "powerfail" or "powerokwait"
        or "powerfailnow" or "ctrlaltdel" or "kbrequest" or "askfirst" or "restart" or "shutdown";
}
