using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/anacrontab</c>: <c>period delay identifier command</c>, variables, lines continued with a backslash. Jobs run as root. See anacrontab(5).
/// </summary>
/// <remarks><b>Limitations</b>: when a job last ran (<c>/var/spool/anacron</c>) is not read here.</remarks>
public sealed class AnacrontabParser : ArtifactParser
{
    private const int MaximumJoined = 64;
    private static readonly char[] Blanks = [' ', '\t'];

    /// <inheritdoc/>
    public override string Name => "linux/anacrontab";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/anacrontab"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var environment = new CronEnvironment();
        var pending = new StringBuilder();
        int joined = 0;
        int jobs = 0;
        TextLine first = default;
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits))
        {
            string text = line.Text;
            first = joined == 0 ? line : first;
            bool continues = text.EndsWith('\\') && line.HasLineEnd && ++joined < MaximumJoined && pending.Length < input.Limits.LineBytes;
            pending.Append(continues ? text.AsSpan(0, text.Length - 1) : text);
            if (continues)
            {
                pending.Append(' ');
                continue;
            }
            if (ParseLine(pending.ToString(), environment, input, first) is { } job)
            {
                if (++jobs > input.Limits.ArtifactsPerFile)
                {
                    sink.Report(new Diagnostic("anacrontab.jobs.many", "more jobs than one file may yield; the rest was left out") { LosesContent = true });
                    return;
                }
                sink.Add(job);
            }
            pending.Clear();
            joined = 0;
        }
        if (joined > 0 && ParseLine(pending.ToString(), environment, input, first) is { } last)
        {
            sink.Add(last);
        }
    }

    private static CronJob? ParseLine(string text, CronEnvironment environment, ArtifactInput input, TextLine line)
    {
        string trimmed = text.TrimStart(Blanks);
        if (trimmed.Length == 0 || trimmed[0] == '#')
        {
            return null;
        }
        int equals = trimmed.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? "" : trimmed[..equals].TrimEnd(Blanks);
        if (name.Length is > 0 and <= 256 && !name.AsSpan().ContainsAny(Blanks))
        {
            environment.Set(name, trimmed[(equals + 1)..].Trim());
            return null;
        }
        string[] fields = trimmed.Split(Blanks, 4, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4 || !IsNumber(fields[1]) || !(IsNumber(fields[0]) || fields[0][0] == '@'))
        {
            return null;
        }
        string? refusal = fields[2].Contains('/') ? "anacron drops the line: a slash in the job identifier"
            : fields[0][0] == '@' && !IsNamedPeriod(fields[0]) ? "anacron drops the line: unknown period" : null;
        return new CronJob(input.Location.At(line.Number, line.ByteOffset))
        {
            Table = CronTable.Anacron,
            Schedule = fields[0] + " " + fields[1],
            User = "root",
            Command = fields[3].Trim(Blanks),
            Environment = environment.Snapshot(),
            Identifier = fields[2],
            OwnerId = input.Entry.UserId,
            Acceptance = new CronAcceptance(refusal, refusal),
        };
    }

    private static bool IsNumber(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsNamedPeriod(string text) => text is "@monthly" or "@yearly" or "@annually" or "@annualy" or "@weekly" or "@daily";
}
