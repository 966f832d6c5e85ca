using System.Text.RegularExpressions;
using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What rules over event logs have in common.</summary>
internal static partial class WindowsLogEvents
{
    private const long Day = 86400;

    /// <summary>The events of a kind that come from an event log of Windows.</summary>
    public static IEnumerable<LogEvent> Of(HostLogs logs, LogEventKind kind) => logs.Of(kind).Where(found => found.EventId is not null);

    /// <summary>Seconds since 1970; null for an event without a time.</summary>
    public static long? Seconds(LogEvent found) => found.First?.Instant.Seconds;

    /// <summary>The system itself, and the services that come with it.</summary>
    public static bool IsSystem(LogEvent found) => found.UserSid is "S-1-5-18" or "S-1-5-19" or "S-1-5-20" || (found.UserSid is null && found.User?.EndsWith('$') == true);

    /// <summary>
    /// Whether the host had been running for a day when something happened, by another log than the one that tells of it: what the system itself does before that is setting the host up, afterwards it may be
    /// an attacker who runs as the system.
    /// </summary>
    public static bool WasRunningBefore(HostLogs logs, LogEvent found, string? otherThan = null) => Seconds(found) is { } time
        && logs.Files.Any(file => file.Parser == "log/evtx" && file.Location.Path != otherThan && file.First is { } first && first.Instant.Seconds < time - Day);

    /// <summary>What a command says once shells are taken off and encoded text is decoded.</summary>
    public static IReadOnlyList<string> Texts(string command, WindowsReader reader)
    {
        var unwrapper = new WindowsUnwrapper(new WindowsFiles(NoFiles.Instance, new Parsers.Artifacts.StartCommand(command), null, null));
        unwrapper.Run(command, reader);
        return unwrapper.Texts.Contains(command) ? unwrapper.Texts : [command, .. unwrapper.Texts];
    }

    /// <summary>The path of the image that a text names, with the variables of the machine put in.</summary>
    public static string? ImagePath(string path) => WindowsPaths.ToImage(WindowsPaths.Expand(path, WindowsPaths.MachineVariable), out _);

    /// <summary>A finding on one event.</summary>
    public static Finding Finding(RuleInfo rule, Severity severity, LogEvent found, string message, string evidence, params IReadOnlyList<string> remediation) => new(rule, severity, found.Location)
    {
        Message = message + (found.IsCarved ? " The record was deleted and taken out of the free space of the log." : ""),
        Evidence = Clip.Evidence(evidence),
        Remediation = severity <= Severity.Low ? [] : remediation,
    };

    /// <summary>When, for a message.</summary>
    public static string When(LogEvent found) => LogText.Span(found.First, found.Last);

    /// <summary>Hosts named in the addresses of a text.</summary>
    public static IEnumerable<string> HostsIn(string text) => Address().Matches(text).Take(64).Select(match => match.Groups[1].Value.ToLowerInvariant());

    [GeneratedRegex(@"https?://([a-z0-9.\-\[\]:]{1,253})", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    /// <summary>Commands of the past are taken apart without looking for their files: those may be long gone.</summary>
    private sealed class NoFiles : IPathLookup
    {
        public static NoFiles Instance { get; } = new();

        public bool IsWindows => true;

        public ResolvedPath? Resolve(string absolutePath) => null;
    }
}
