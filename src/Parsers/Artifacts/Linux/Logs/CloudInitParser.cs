namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads what cloud-init logged and was given: stages and commands of <c>cloud-init.log</c>, runs of <c>cloud-init-output.log</c>, and user data and scripts below
/// <c>/var/lib/cloud</c>, of which the kind, size and first line are told.
/// </summary>
/// <remarks>
/// Specification: cloud-init's documentation (user-data formats, log files).
/// Limitations: user data inside a MIME archive or compressed are named as such, not taken apart; what scripts do is for the examiners of scripts.
/// </remarks>
public sealed class CloudInitParser : LogParser
{
    /// <inheritdoc/>
    public override string Name => "log/cloud-init";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        .. LogRotation.Claims("/var/log/cloud-init.log", "/var/log/cloud-init-output.log"),
        "/var/lib/cloud/instances/*/user-data.txt", "/var/lib/cloud/instances/*/vendor-data.txt", "/var/lib/cloud/instances/*/scripts/*", "/var/lib/cloud/scripts/per-*/*",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.cloud-init", LogRhythm.Ordered);
        if (input.Location.Path.StartsWith("/var/lib/cloud/", StringComparison.Ordinal))
        {
            Given(file, input, sink);
            return;
        }
        EventDraft draft = file.Draft;
        while (file.ReadLine())
        {
            draft.Reset();
            if (Stage(file.Line, draft))
            {
                CivilTime? time = StageTime(file.Line) is { } known ? file.Observe(known) : null;
                file.Add(time, file.Line);
                continue;
            }
            if (!CivilTimeText.TryIso(file.Line, out CivilTime at, out int length))
            {
                continue;
            }
            at = file.Observe(at);
            ReadOnlySpan<byte> rest = file.Line[length..];
            int running = rest.IndexOf("Running command "u8);
            int message = rest.IndexOf("]: "u8);
            if (running >= 0 && message >= 0 && running == message + 3)
            {
                rest = rest[(running + "Running command "u8.Length)..];
                int allowed = rest.LastIndexOf(" with allowed return codes"u8);
                draft.Command = EventDraft.LongText(allowed < 0 ? rest : rest[..allowed]);
                draft.Method = "command";
                draft.Is(LogEventKind.CloudInit);
                file.Add(at, default);
            }
            else if (message >= 0 && Stage(rest[(message + 3)..], draft))
            {
                file.Add(at, rest[(message + 3)..]);
            }
        }
        file.Finish();
    }

    private static void Given(LogFile file, LogInput input, ILogEventSink sink)
    {
        if (!file.ReadLine())
        {
            return;
        }
        ReadOnlySpan<byte> first = file.Line;
        string format = first.StartsWith("#cloud-config"u8) ? "cloud-config" : first.StartsWith("#!"u8) ? "script"
            : first.StartsWith("#include"u8) ? "include" : first.StartsWith("#cloud-boothook"u8) ? "boothook" : first.StartsWith("## template: jinja"u8) ? "template"
            : first.StartsWith("Content-Type: multipart"u8) || first.StartsWith("MIME-Version"u8) ? "mime archive" : "other";
        sink.Add(new LogEvent(input.Location.At(1, 0), LogEventKind.CloudInit)
        {
            First = input.Entry.Modified is { } modified ? new LogTime(modified, LogTimePrecision.Nanosecond, LogTimeBasis.Stated) : null,
            Method = "given: " + format,
            Target = input.Location.Path,
            Detail = EventDraft.LongText(first),
        });
    }

    /// <summary><c>Cloud-init v. 24.1 running 'init' at Mon, 01 Jan 2026 10:00:00 +0000. Up 5.00 seconds.</c></summary>
    private static bool Stage(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Take("Cloud-init v. "u8) || !scan.Until(" running '"u8, out ReadOnlySpan<byte> version) || !scan.Until("'"u8, out ReadOnlySpan<byte> stage))
        {
            return false;
        }
        draft.Method = "stage";
        draft.Target = draft.Text(stage);
        draft.Detail = draft.Text(version);
        return draft.Is(LogEventKind.CloudInit);
    }

    private static CivilTime? StageTime(ReadOnlySpan<byte> text)
    {
        int at = text.IndexOf("' at "u8);
        if (at < 0)
        {
            return null;
        }
        // "Mon, 01 Jan 2026 10:00:00 +0000"
        ReadOnlySpan<byte> date = text[(at + 5)..];
        int comma = date.IndexOf(", "u8);
        if (comma < 0)
        {
            return null;
        }
        var scan = new ByteScan(date[(comma + 2)..]);
        bool isDate = scan.Number(out long day) && scan.Take(" "u8);
        int month = CivilTimeText.Month(scan.Word());
        if (!isDate || day is < 1 or > 31 || month == 0 || !scan.Number(out long year) || year is < 1970 or > 9999 || !scan.Take(" "u8) || !CivilTimeText.TryClock(scan.Rest, out int second))
        {
            return null;
        }
        int length = 9;
        bool hasOffset = CivilTimeText.TryOffset(scan.Rest, ref length, out int offset);
        return new CivilTime((int)year, month, (int)day, second, 0, offset, LogTimePrecision.Second, hasOffset ? LogTimeBasis.Stated : LogTimeBasis.ZoneAssumed);
    }
}
