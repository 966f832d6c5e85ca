using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Signs that logs were removed, emptied, overwritten or led astray, each weighed against what other logs of the host prove.</summary>
/// <remarks>
/// An image that was cleaned before it was first started is silent: what matters happened after the first days of the host, and another source proves that it ran before.
/// <b>Limitations:</b> lines that were cut out of the middle of a text log leave no trace but a gap; where the file system keeps no birth times, emptied logs are told by rotated parts only.
/// </remarks>
public sealed class LogWipeDetector : IDetector
{
    private static readonly RuleInfo Zeroed = new("L-LOGWIPE.zeroed-records", "Records of logins were overwritten with zeros", "evasion", ["T1070.002"]);
    private static readonly RuleInfo OddSize = new("L-LOGWIPE.odd-size", "A table of logins is no multiple of its records", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Emptied = new("L-LOGWIPE.emptied", "A log was emptied", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Late = new("L-LOGWIPE.begins-late", "A log lost its beginning", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Linked = new("L-LOGWIPE.linked-away", "A log leads nowhere", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Missing = new("L-LOGWIPE.missing", "A log is missing", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Silent = new("L-LOGWIPE.silent", "A log is silent while others go on", "evasion", ["T1070.002"]);
    private static readonly RuleInfo Altered = new("L-LOGWIPE.altered", "A log was altered afterwards", "evasion", ["T1070.002", "T1070.006"]);

    private const long Day = 86400;
    private static readonly HashSet<string> s_vital = new(StringComparer.Ordinal) { "wtmp", "lastlog", "auth.log", "secure", "audit.log" };
    private static readonly HashSet<string> s_lesser = new(StringComparer.Ordinal) { "btmp", "messages", "syslog", "cron", "cron.log", "faillog" };
    private static readonly string[] s_proofs = ["log/syslog", "log/journal", "log/utmp", "log/audit"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Zeroed, OddSize, Emptied, Late, Linked, Missing, Silent, Altered];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (HostLogs logs in evidence.Logs.Hosts)
        {
            Timestamp? installed = HostAge.InstalledAt(evidence, logs.Volume);
            foreach (LogFileFacts file in logs.Files)
            {
                if (OfFile(file, logs, installed) is Finding finding)
                {
                    yield return finding;
                }
            }
            foreach (Finding finding in OfEvents(logs).Concat(OfSets(logs, evidence, installed)))
            {
                yield return finding;
            }
        }
    }

    private static Finding? OfFile(LogFileFacts file, HostLogs logs, Timestamp? installed)
    {
        string name = file.BaseName;
        if (!IsMain(file))
        {
            return null;
        }
        bool isVital = s_vital.Contains(name);
        if (file.LinkTarget is { } target)
        {
            return target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/std", StringComparison.Ordinal)
                ? Of(Linked, isVital ? Severity.High : Severity.Medium, file, $"{file.Location.Path} is a link to {target}: nothing is kept.", target,
                    ShellQuote.TryPath(file.Location.Path, out string word) ? ["chattr -ia " + word, "rm " + word, "systemctl restart rsyslog systemd-journald   # whatever writes it makes it anew"] : []) : null;
        }
        if (file.Parser == "log/utmp" && file.Entry.Size > 0 && file.Entry.Size % 384 != 0 && file.Entry.Size % 400 != 0 && file.Entry.Size % 292 != 0 && !IsPacked(file) && file.Events > 0)
        {
            return Of(OddSize, Severity.Medium, file, string.Create(CultureInfo.InvariantCulture, $"{file.Location.Path} has {file.Entry.Size} bytes, no multiple of the size of a record: something other than the system wrote to it."), "", KeepIt);
        }
        if (file.IsRotated || file.Parser is "log/accounts" && file.Entry.Size > 0)
        {
            return null;
        }
        if (file.Entry.Size == 0 && file.Entry is { Modified: { } changed, Created: { } born } && changed.Seconds > born.Seconds + 60 && HostAge.IsAfter(installed, changed) && !WasRotatedThen(file, logs, changed)
            && Proof(logs, file, changed.Seconds - Day) is { } proof)
        {
            return Of(Emptied, isVital ? Severity.High : name == "btmp" ? Severity.Low : Severity.Medium, file,
                $"{file.Location.Path} was emptied on {LogText.Moment(changed)}: {proof.Location.Path} goes back to {LogText.Day(proof.First!.Value.Instant)}.", "", isVital || name != "btmp" ? KeepIt : []);
        }
        if (name == "wtmp" && file is { First: { } first, Entry.Created: { } made } && installed is { } begin && made.Seconds <= begin.Seconds + (7 * Day) && HostAge.IsAfter(installed, first.Instant)
            && !logs.Files.Any(other => other.IsRotated && other.BaseName == name) && logs.Of(LogEventKind.Login).FirstOrDefault(login => login is { Method: "publickey" or "password", First: { } time } && time.Instant.Seconds < first.Instant.Seconds - Day) is { } login)
        {
            return Of(Late, Severity.Medium, file, $"{file.Location.Path} is as old as the host but begins {LogText.On(first)}, though {login.User} had logged in {LogText.On(login.First!.Value)}.", login.Message ?? "", KeepIt);
        }
        return null;
    }

    private static IEnumerable<Finding> OfEvents(HostLogs logs)
    {
        Dictionary<string, LogFileFacts> byPath = logs.Files.ToDictionary(file => file.Location.Path, StringComparer.Ordinal);
        foreach (LogEvent wiped in logs.Of(LogEventKind.LogWiped))
        {
            if (!byPath.TryGetValue(wiped.Location.Path, out LogFileFacts? file) || file.Parser == "log/journal" || !IsMain(file))
            {
                continue;
            }
            if (wiped.Detail?.Contains("zeros", StringComparison.Ordinal) == true)
            {
                // A crash leaves zeros at the end, and nowhere else.
                bool isEnd = wiped.Location.ByteOffset is long offset && (offset + (wiped.Count * 384) >= file.Entry.Size || offset + (wiped.Count * 400) >= file.Entry.Size) && !IsPacked(file);
                yield return Of(Zeroed, isEnd ? Severity.Low : Severity.High, file, string.Create(CultureInfo.InvariantCulture, $"{wiped.Count} records of {file.Location.Path} are zeros{(isEnd ? " at its end, as after a crash" : ", with others behind them: somebody took logins out")}."),
                    "", isEnd ? [] : KeepIt) with { Location = wiped.Location };
            }
            else
            {
                yield return Of(Altered, s_vital.Contains(file.BaseName) ? Severity.Medium : Severity.Low, file, $"{file.Location.Path}: {wiped.Detail}.", "", s_vital.Contains(file.BaseName) ? KeepIt : []);
            }
        }
        foreach (LogEvent step in logs.Of(LogEventKind.ClockChanged).Where(found => found.Detail?.StartsWith("time goes back", StringComparison.Ordinal) == true && byPath.TryGetValue(found.Location.Path, out LogFileFacts? file) && file.BaseName == "wtmp").Take(3))
        {
            yield return Of(Altered, Severity.Low, byPath[step.Location.Path], $"{step.Location.Path}: {step.Detail}; the clock was set, or records were put in.", "", []) with { Location = step.Location };
        }
        foreach (LogEvent gap in logs.Of(LogEventKind.LogGap).Where(found => found is { First: not null, Last: not null } && byPath.TryGetValue(found.Location.Path, out LogFileFacts? file) && file.BaseName is "auth.log" or "secure" or "cron" or "audit.log"))
        {
            long from = gap.First!.Value.Instant.Seconds + 3600;
            long to = gap.Last!.Value.Instant.Seconds - 3600;
            string source = LogRotation.BaseOf(gap.Location.Name);
            if (logs.Events.Any(found => found.Event != LogEventKind.LogGap && found.First is { } time && time.Instant.Seconds > from && time.Instant.Seconds < to && LogRotation.BaseOf(found.Location.Name) == source))
            {
                // A line out of order, not a silence.
                continue;
            }
            LogEvent? other = logs.Events.FirstOrDefault(found => s_proofs.Contains(byPath.GetValueOrDefault(found.Location.Path)?.Parser) && LogRotation.BaseOf(found.Location.Name) != source && GoesOn(found, from, to)
                && !logs.Of(LogEventKind.LogGap).Any(silence => silence.Location.Path == found.Location.Path && silence is { First: { } begin, Last: { } end } && Math.Min(end.Instant.Seconds, to) - Math.Max(begin.Instant.Seconds, from) > (to - from) / 2));
            if (other is not null)
            {
                yield return Of(Silent, Severity.Medium, byPath[gap.Location.Path], string.Create(CultureInfo.InvariantCulture,
                    $"{gap.Location.Path} says nothing from {LogText.Moment(gap.First!.Value.Instant)} to {LogText.Moment(gap.Last!.Value.Instant)}, while {other.Location.Path} goes on: lines were taken out."), other.Message ?? "", KeepIt) with { Location = gap.Location };
            }
        }
    }

    private static IEnumerable<Finding> OfSets(HostLogs logs, EvidenceIndex evidence, Timestamp? installed)
    {
        if (logs.Last is not { } now)
        {
            yield break;
        }
        ILookup<string, LogFileFacts> sets = logs.Files.Where(IsMain).ToLookup(file => file.BaseName, StringComparer.Ordinal);
        foreach (string name in s_vital.Where(name => name != "lastlog").Order(StringComparer.Ordinal))
        {
            LogFileFacts? newest = sets[name].Where(file => file.IsRotated).MaxBy(file => file.Entry.Modified?.Seconds ?? 0);
            if (newest?.Entry.Modified is { } changed && sets[name].All(file => file.IsRotated) && now.Seconds - changed.Seconds > 2 * Day && HostAge.IsAfter(installed, now))
            {
                yield return Of(Missing, Severity.High, newest, $"{newest.Location.Path} is there, but {name} itself is not, though the host ran for {(now.Seconds - changed.Seconds) / Day} days after it.", "", KeepIt);
            }
        }
        foreach (IGrouping<string, LogFileFacts> set in sets)
        {
            bool isVital = s_vital.Contains(set.Key);
            Dictionary<string, LogFileFacts> byPath = set.Where(file => file.LinkTarget is null).ToDictionary(file => file.Location.Path, StringComparer.Ordinal);
            foreach (LogEvent sign in LogWipes.Compare([.. byPath.Values.Select(file => new LogPart(file.Location, file.Entry.Size, file.Entry.Modified))]).Where(sign => sign.Detail?.StartsWith("empty", StringComparison.Ordinal) == false).Take(4))
            {
                yield return Of(Altered, isVital ? Severity.Medium : Severity.Low, byPath[sign.Location.Path], $"{sign.Location.Path}: {sign.Detail}.", "", isVital ? KeepIt : []);
            }
        }
        // The account log of the distribution never came to be, while its daemon writes the others.
        HostInfo? host = evidence.HostOf(logs.Volume);
        string account = host?.IsDebianLike == true ? "auth.log" : "secure";
        LogFileFacts? other = sets[host?.IsDebianLike == true ? "syslog" : "messages"].FirstOrDefault(file => file is { IsRotated: false, LinkTarget: null, Events: > 0 });
        bool isEnabled = evidence.OfType<SystemdLink>().Any(link => link.Effect == UnitLinkEffect.Enables && link.Name == "rsyslog.service" && evidence.TreeOf(link.Location.Volume) == logs.Volume);
        if (host is not null && other is not null && isEnabled && !sets[account].Any() && HostAge.IsAfter(installed, other.Entry.Modified))
        {
            yield return Of(Missing, Severity.Medium, other, $"rsyslog is enabled and writes {other.Location.Path}, but there is no /var/log/{account}, in which it keeps logins.", "", KeepIt);
        }
    }

    /// <summary>What is counted together came on average so often that it came in that time too.</summary>
    private static bool GoesOn(LogEvent found, long from, long to) => found is { First: { } first, Last: { } last, Count: > 8 } && first.Instant.Seconds <= from && last.Instant.Seconds >= to
        && found.Count * (double)(to - from) / Math.Max(1, last.Instant.Seconds - first.Instant.Seconds) >= 5;

    private static string[] KeepIt => ["Keep what is left of the logs as evidence; look for the time in question in other sources (journal, deleted files, central logging)"];

    private static bool IsMain(LogFileFacts file) => file.Location.Path.StartsWith("/var/log/", StringComparison.Ordinal) && (s_vital.Contains(file.BaseName) || s_lesser.Contains(file.BaseName));

    private static bool IsPacked(LogFileFacts file) => file.Location.Name.EndsWith(".gz", StringComparison.Ordinal) || file.Location.Name.EndsWith(".xz", StringComparison.Ordinal) || file.Location.Name.EndsWith(".zst", StringComparison.Ordinal) || file.Location.Name.EndsWith(".bz2", StringComparison.Ordinal);

    /// <summary>copytruncate: the older part was written at that moment.</summary>
    private static bool WasRotatedThen(LogFileFacts file, HostLogs logs, Timestamp changed) => logs.Files.Any(other => other.IsRotated && other.BaseName == file.BaseName
        && (Math.Abs((other.Entry.Created?.Seconds ?? 0) - changed.Seconds) < 3600 || Math.Abs((other.Entry.Modified?.Seconds ?? 0) - changed.Seconds) < 3600));

    /// <summary>Another log that tells of a time before.</summary>
    private static LogFileFacts? Proof(HostLogs logs, LogFileFacts file, long before) => logs.Files.Where(other => other.Location.Path != file.Location.Path && s_proofs.Contains(other.Parser) && other.First is { } first && first.Instant.Seconds < before)
        .MinBy(other => other.First!.Value.Instant.Seconds);

    private static Finding Of(RuleInfo rule, Severity severity, LogFileFacts file, string message, string text, IReadOnlyList<string> remediation) => new(rule, severity, file.Location)
    {
        Message = message,
        Evidence = Clip.Evidence(text.Length > 0 ? text : file.Location.Path),
        Remediation = remediation,
    };
}
