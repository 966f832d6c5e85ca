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
        foreach (TextLine source in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            CrontabLine line = noise.Examine(source) ? Parse(source, table) : CrontabLine.Bad;
            if (line.Kind == CrontabLineKind.Job && jobs.Count == input.Limits.ArtifactsPerFile)
            {
                noise.FirstLineLeftOut = source.Number;
                break;
            }
            switch (line.Kind)
            {
                case CrontabLineKind.Environment when line.HasPlausibleName:
                    environment.Set(line.Name, line.Value);
                    break;
                case CrontabLineKind.Job:
                    jobs.Add((source, line, environment.Snapshot()));
                    break;
                case CrontabLineKind.Bad:
                    noise.AddBadLine(source);
                    break;
            }
            if (!source.HasLineEnd && !input.IsTruncated && line.Kind is not (CrontabLineKind.Blank or CrontabLineKind.Comment))
            {
                debianTable ??= "Debian cron ignores the whole table: the last line has no line end";
            }
            if (line.DebianRefusal is not null)
            {
                debianTable ??= string.Create(CultureInfo.InvariantCulture, $"Debian cron ignores the whole table: line {source.Number} is wrong ({line.DebianRefusal})");
            }
        }
        if (input.Content.Span.Count((byte)'\n') > DebianLines)
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

    /// <summary>Tells lines that can be nothing but blank, comment or nonsense by their bytes, so that tables made of millions of them cost little.</summary>
    private static CrontabLine Parse(TextLine source, CronTable table)
    {
        ReadOnlySpan<byte> bytes = source.Bytes.Span;
        if (bytes.IsEmpty)
        {
            return CrontabLine.Blank;
        }
        ReadOnlySpan<byte> text = bytes.TrimStart(" \t"u8);
        byte first = text.IsEmpty ? (byte)0 : text[0];
        bool beginsSchedule = first is (byte)'*' or (byte)'-' or (byte)'@' or (byte)'~' || char.IsAsciiDigit((char)first);
        if (first == (byte)'#' || (!text.IsEmpty && !beginsSchedule && !source.Bytes.Span.Contains((byte)'=') && first < 0x80))
        {
            return first == (byte)'#' ? CrontabLine.Comment : CrontabLine.Bad;
        }
        // A daemon's line is a C string: it ends at the first NUL.
        int nul = bytes.IndexOf((byte)0);
        return CrontabLine.Parse(TextLines.Decode(nul < 0 ? bytes : bytes[..nul]), table is CronTable.System or CronTable.SystemDirectory);
    }
}
