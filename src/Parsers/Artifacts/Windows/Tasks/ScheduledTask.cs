using System.Globalization;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>How a task is stored.</summary>
public enum TaskFormat
{
    /// <summary>XML of Windows Vista and later, [MS-TSCH] 2.5.</summary>
    Xml,
    /// <summary><c>.job</c> file, [MS-TSCH] 2.4.</summary>
    Job,
}

/// <summary>When a task is started.</summary>
/// <param name="Type">Name of the element without <c>Trigger</c>: <c>Boot</c>, <c>Logon</c>, <c>Calendar</c>, <c>Time</c>, <c>Event</c>, <c>Registration</c>, <c>Idle</c>, <c>SessionStateChange</c>, <c>WnfStateChange</c>.</param>
public sealed record TaskTrigger(string Type)
{
    /// <summary>It counts.</summary>
    public bool IsEnabled { get; init; } = true;
    /// <summary>Time between repetitions as written (<c>PT5M</c>); null when it is not repeated.</summary>
    public string? RepetitionInterval { get; init; }
    /// <summary>How long it is repeated as written; null means for ever when there is an interval.</summary>
    public string? RepetitionDuration { get; init; }
    /// <summary>From when, as written.</summary>
    public string? StartBoundary { get; init; }
    /// <summary>Until when, as written.</summary>
    public string? EndBoundary { get; init; }
    /// <summary>Delay as written.</summary>
    public string? Delay { get; init; }
    /// <summary>Account whose logon or session counts; null for any.</summary>
    public string? UserId { get; init; }
    /// <summary>Whatever else its element says (<c>ScheduleByDay DaysInterval=1</c>, an event query), one text.</summary>
    public string? Details { get; init; }
    /// <summary>Line in the file; 0 in a <c>.job</c>.</summary>
    public int Line { get; init; }

    /// <summary>Time between repetitions; null when there is none, or it is no duration of XML Schema.</summary>
    public TimeSpan? Interval => TaskDuration.Parse(RepetitionInterval);

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = Type + (IsEnabled ? "" : " (disabled)") + (RepetitionInterval is null ? "" : " every " + RepetitionInterval) + (StartBoundary is null ? "" : " from " + StartBoundary)
            + (EndBoundary is null ? "" : " until " + EndBoundary) + (Delay is null ? "" : " after " + Delay) + (UserId is null ? "" : " of " + UserId);
        return Details is null ? text : text + " " + Details;
    }
}

/// <summary>Whom a task runs as.</summary>
/// <param name="Id">Name within the file.</param>
public sealed record TaskPrincipal(string? Id)
{
    /// <summary>Account name or SID as written.</summary>
    public string? UserId { get; init; }
    /// <summary>Group name or SID as written.</summary>
    public string? GroupId { get; init; }
    /// <summary><c>Password</c>, <c>S4U</c>, <c>InteractiveToken</c> ...</summary>
    public string? LogonType { get; init; }
    /// <summary><c>HighestAvailable</c> or <c>LeastPrivilege</c>.</summary>
    public string? RunLevel { get; init; }
    /// <summary>Privileges that are asked for.</summary>
    public IReadOnlyList<string> RequiredPrivileges { get; init; } = [];

    /// <summary>Who it is; null when nothing is stated.</summary>
    public string? Name => UserId ?? GroupId;
}

/// <summary>What kind of thing a task does.</summary>
public enum TaskActionKind
{
    /// <summary>Starts a program.</summary>
    Exec,
    /// <summary>Calls a COM class.</summary>
    ComHandler,
    /// <summary>Sends mail (removed in Windows 8).</summary>
    SendEmail,
    /// <summary>Shows a message (removed in Windows 8).</summary>
    ShowMessage,
}

/// <summary>What a task does.</summary>
/// <param name="Kind">Kind.</param>
public sealed record TaskAction(TaskActionKind Kind)
{
    /// <summary>Program as written, or the name of the application of a <c>.job</c>; null for other kinds.</summary>
    public string? Command { get; init; }
    /// <summary>Its arguments.</summary>
    public string? Arguments { get; init; }
    /// <summary>Its working directory.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>Class that is called.</summary>
    public string? ClassId { get; init; }
    /// <summary>Data handed to the class, or subject and body of mail or message.</summary>
    public string? Data { get; init; }
    /// <summary>Line in the file; 0 in a <c>.job</c>.</summary>
    public int Line { get; init; }

    /// <summary>The command line. The program is quoted when it is a path with blanks, because the service never splits it.</summary>
    public string CommandLine
    {
        get
        {
            string command = Command?.Trim() ?? "";
            bool isPath = command.Contains(' ') && !command.Contains('"') && LooksLikeFile(command);
            return (isPath ? "\"" + command + "\"" : command) + (string.IsNullOrWhiteSpace(Arguments) ? "" : " " + Arguments.Trim());
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        TaskActionKind.Exec => CommandLine,
        TaskActionKind.ComHandler => "COM " + ClassId + (Data is null ? "" : " " + Data),
        _ => Kind + " " + Data,
    };

    // C:\Program Files\x.exe, but not "powershell.exe -file C:\a b.ps1", which somebody put into the wrong field.
    private static bool LooksLikeFile(string command)
    {
        int dot = command.LastIndexOf('.');
        bool hasSuffix = dot > 0 && command.Length - dot is >= 2 and <= 5 && command.AsSpan(dot + 1).IndexOfAnyExcept(s_letters) < 0;
        bool isRooted = command[0] is '%' or '\\' || (command.Length > 2 && command[1] == ':');
        return hasSuffix && isRooted && command.IndexOf(':', 2) < 0 && !command.Contains(" -", StringComparison.Ordinal) && !command.Contains(" /", StringComparison.Ordinal);
    }

    private static readonly System.Buffers.SearchValues<char> s_letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/// <summary>A scheduled task of Windows: [MS-TSCH] 2.4 and 2.5.</summary>
/// <remarks><b>Limitations:</b> what the registry says of the same task (TaskCache) and which file a COM class leads to are not known here.</remarks>
public sealed record ScheduledTask(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "scheduled-task";
    /// <summary>How it is stored.</summary>
    public TaskFormat Format { get; init; }
    /// <summary>Name with folders as the service knows it: <c>\Microsoft\Windows\Defrag\ScheduledDefrag</c>.</summary>
    public required string Name { get; init; }
    /// <summary>URI that the file states, which may differ from where it lies; null when none.</summary>
    public string? Uri { get; init; }
    /// <summary>Author as written; null when none.</summary>
    public string? Author { get; init; }
    /// <summary>Date of registration as written.</summary>
    public string? Date { get; init; }
    /// <summary>Description, or the comment of a <c>.job</c>.</summary>
    public string? Description { get; init; }
    /// <summary>Source as written.</summary>
    public string? Source { get; init; }
    /// <summary>Who may see and change it, in SDDL.</summary>
    public string? SecurityDescriptor { get; init; }
    /// <summary>The settings say it runs.</summary>
    public bool IsEnabled { get; init; } = true;
    /// <summary>The user interface leaves it out.</summary>
    public bool IsHidden { get; init; }
    /// <summary>Longest run as written.</summary>
    public string? ExecutionTimeLimit { get; init; }
    /// <summary>A document type declaration stands in the XML, which no task of Windows has; it was not read, and nothing behind it.</summary>
    public bool HasDocumentType { get; init; }
    /// <summary>The file ended early or is damaged; what stands before is here.</summary>
    public bool IsDamaged { get; init; }
    /// <summary>Last run that a <c>.job</c> states, local time.</summary>
    public string? LastRun { get; init; }
    /// <summary>Exit code of the last run that a <c>.job</c> states.</summary>
    public long? ExitCode { get; init; }
    /// <summary>Triggers, in file order.</summary>
    public IReadOnlyList<TaskTrigger> Triggers { get; init; } = [];
    /// <summary>Principals, in file order.</summary>
    public IReadOnlyList<TaskPrincipal> Principals { get; init; } = [];
    /// <summary>The principal that the actions name.</summary>
    public string? Context { get; init; }
    /// <summary>Actions, in file order.</summary>
    public IReadOnlyList<TaskAction> Actions { get; init; } = [];

    /// <summary>Account or group it runs as; null when nothing is stated.</summary>
    public string? RunsAs => (Principals.FirstOrDefault(principal => principal.Id is not null && principal.Id == Context) ?? (Principals.Count > 0 ? Principals[0] : null))?.Name;

    /// <summary>It runs with the rights of the system or of a service.</summary>
    public bool RunsAsSystem => RunsAs?.Trim().ToUpperInvariant() is "S-1-5-18" or "SYSTEM" or "NT AUTHORITY\\SYSTEM" or "LOCALSYSTEM" or "S-1-5-19" or "S-1-5-20" or "NT AUTHORITY\\LOCALSERVICE" or "NT AUTHORITY\\LOCAL SERVICE" or "NT AUTHORITY\\NETWORKSERVICE" or "NT AUTHORITY\\NETWORK SERVICE";

    /// <summary>Why the service would not start it, as a clause; null when it would. A task without triggers can be started by hand or by another program.</summary>
    public string? DormantBecause =>
        HasDocumentType ? "the service does not read XML with a document type"
        : !IsEnabled ? "the task is disabled"
        : Triggers.Count > 0 && Triggers.All(trigger => !trigger.IsEnabled) ? "all its triggers are disabled"
        : null;

    /// <summary>Shortest repetition of its triggers that count.</summary>
    public TimeSpan? ShortestInterval => Triggers.Where(trigger => trigger.IsEnabled).Min(trigger => trigger.Interval);

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands =>
    [
        .. Actions.Where(action => action.Kind == TaskActionKind.Exec && !string.IsNullOrWhiteSpace(action.Command)).Select(action => new StartCommand(action.CommandLine)
        {
            Trigger = Triggers.Count == 0 ? "task" : "task " + string.Join(", ", Triggers.Take(4).Select(trigger => trigger.Type)),
            User = RunsAs,
            WorkingDirectory = action.WorkingDirectory,
            Line = action.Line > 0 ? action.Line : null,
            DormantBecause = DormantBecause,
        }),
    ];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("format", Format.ToString());
        fields.Text("uri", Uri);
        fields.Text("author", Author);
        fields.Text("date", Date);
        fields.Text("description", Description);
        fields.Text("source", Source);
        fields.Text("securityDescriptor", SecurityDescriptor);
        fields.Flag("isEnabled", IsEnabled);
        fields.Flag("isHidden", IsHidden);
        fields.Text("executionTimeLimit", ExecutionTimeLimit);
        fields.Flag("hasDocumentType", HasDocumentType);
        fields.Flag("isDamaged", IsDamaged);
        fields.Text("lastRun", LastRun);
        fields.Number("exitCode", ExitCode);
        fields.Text("runsAs", RunsAs);
        fields.List("principals", [.. Principals.Select(principal => string.Join(' ', new[] { principal.Id, principal.Name, principal.LogonType, principal.RunLevel }.Concat(principal.RequiredPrivileges).Where(text => !string.IsNullOrEmpty(text))))]);
        fields.List("triggers", [.. Triggers.Select(trigger => trigger.ToString())]);
        fields.List("actions", [.. Actions.Select(action => action.ToString())]);
    }
}

/// <summary>Durations of XML Schema as tasks use them: <c>PT5M</c>, <c>P1DT2H</c>.</summary>
internal static class TaskDuration
{
    public static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 32 || text[0] is not 'P')
        {
            return null;
        }
        double days = 0;
        bool isTime = false;
        int start = 1;
        for (int i = 1; i < text.Length; i++)
        {
            char unit = text[i];
            if (unit == 'T')
            {
                isTime = true;
                start = i + 1;
                continue;
            }
            if (char.IsAsciiDigit(unit) || unit == '.')
            {
                continue;
            }
            if (!double.TryParse(text.AsSpan(start, i - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value > 1e6)
            {
                return null;
            }
            double? factor = (unit, isTime) switch { ('Y', false) => 365, ('M', false) => 30, ('W', false) => 7, ('D', false) => 1, ('H', true) => 1 / 24d, ('M', true) => 1 / 1440d, ('S', true) => 1 / 86400d, _ => null };
            if (factor is null)
            {
                return null;
            }
            days += value * factor.Value;
            start = i + 1;
        }
        return start == text.Length && text.Length > 2 && days < 1e6 ? TimeSpan.FromDays(days) : null;
    }
}
