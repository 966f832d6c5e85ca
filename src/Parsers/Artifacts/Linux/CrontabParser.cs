using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the cron tables of all distributions: <c>/etc/crontab</c>, <c>/etc/cron.d</c>, the spools of Debian, the RHEL family, SUSE and Busybox.
/// Every line that names a schedule and a command becomes a <see cref="CronJob"/>, also one that a daemon would not run: then with the reason.
/// Binary data around the lines (Redis dumps) is stepped over. See crontab(5) of Debian and cronie.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: a table that is a symbolic link is not read through the link; releases of one daemon that differ in detail are not told apart.
/// </remarks>
public sealed class CrontabParser : ArtifactParser
{
    private const int DebianLines = 10_000;

    /// <inheritdoc/>
    public override string Name => "linux/crontab";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/crontab", "/etc/cron.d/*", "/var/spool/cron/*", "/var/spool/cron/crontabs/*", "/var/spool/cron/tabs/*", "/var/cron/tabs/*", "/etc/crontabs/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        CronTable table = CronTableRules.TableAt(input.Location.Path);
        bool isBusybox = CronTableRules.IsBusybox(input.Location.Path);
        var environment = new CronEnvironment();
        var jobs = new List<(TextLine Source, CrontabLine Line, IReadOnlyList<string> Environment)>();
        var noise = new CronNoise(input);
        string? debianTable = CronTableRules.Debian(input.Location, input.Entry, table);
        string? cronieTable = CronTableRules.Cronie(input.Location, input.Entry, table);
        int lines = 0;
        foreach (TextLine source in TextLines.Read(input.Content, input.Limits))
        {
            lines++;
            CrontabLine line = noise.Examine(source) ? CrontabLine.Parse(Text(source), table != CronTable.User) : new CrontabLine(CrontabLineKind.Bad);
            switch (line.Kind)
            {
                case CrontabLineKind.Environment:
                    environment.Set(line.Name, line.Value);
                    break;
                case CrontabLineKind.Job when jobs.Count < input.Limits.ArtifactsPerFile:
                    jobs.Add((source, line, environment.Snapshot()));
                    break;
                case CrontabLineKind.Job:
                    noise.SkippedJobs++;
                    break;
                case CrontabLineKind.Bad:
                    noise.AddBadLine(source);
                    break;
            }
            if (!source.HasLineEnd && !input.IsTruncated)
            {
                debianTable ??= "Debian cron ignores the whole table: the last line has no line end";
            }
            if (line.Kind is CrontabLineKind.Bad or CrontabLineKind.Job && (line.Kind == CrontabLineKind.Bad || line.DebianRefusal is not null))
            {
                debianTable ??= string.Create(CultureInfo.InvariantCulture, $"Debian cron ignores the whole table: line {source.Number} is wrong ({line.DebianRefusal ?? "bad minute"})");
            }
        }
        if (lines > DebianLines)
        {
            debianTable ??= "Debian cron ignores a table of more than 10000 lines";
        }
        noise.Report(sink);
        string? remark = noise.Describe();
        foreach ((TextLine source, CrontabLine line, IReadOnlyList<string> variables) in jobs)
        {
            (string command, string? standardInput) = isBusybox ? (line.Value, null) : CrontabLine.SplitPercent(line.Value);
            sink.Add(new CronJob(input.Location.At(source.Number, source.ByteOffset))
            {
                Table = table,
                Schedule = line.Name,
                User = table == CronTable.User ? input.Location.Name : line.User,
                Command = command,
                StandardInput = standardInput,
                Environment = variables,
                SuppressesLogging = line.SuppressesLogging,
                OwnerId = input.Entry.UserId,
                Acceptance = new CronAcceptance(debianTable, cronieTable ?? CronieLine(source, line, input, table, isBusybox)),
                Noise = remark,
            });
        }
    }

    /// <summary>cronie drops single lines, not tables.</summary>
    private static string? CronieLine(TextLine source, CrontabLine line, ArtifactInput input, CronTable table, bool isBusybox)
    {
        string daemon = isBusybox ? "Busybox crond" : "cronie";
        if (line.CronieRefusal is { } refusal)
        {
            return $"{daemon} drops the line: {refusal}";
        }
        if (!source.HasLineEnd && !input.IsTruncated && !isBusybox)
        {
            return "cronie drops the last line: it has no line end";
        }
        return line.SuppressesLogging && table == CronTable.User && input.Location.Name is not "root"
            ? "cronie drops the line: only root may suppress logging" : null;
    }

    /// <summary>The line as the daemon's C string would hold it: up to the first NUL.</summary>
    private static string Text(TextLine source)
    {
        ReadOnlySpan<byte> bytes = source.Bytes.Span;
        int nul = bytes.IndexOf((byte)0);
        return TextLines.Decode(nul < 0 ? bytes : bytes[..nul]);
    }
}
