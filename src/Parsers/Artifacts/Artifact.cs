namespace Forensics.Parsers.Artifacts;

/// <summary>A typed fact that can enumerate its own fields: one shape for reports, data rules and golden tests.</summary>
public abstract record Artifact(EvidenceLocation Location)
{
    /// <summary>Stable kind, kebab-case: <c>cron-job</c>, <c>authorized-key</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Hands every field to the visitor, always in the same order. Field names are camelCase.</summary>
    public abstract void Visit(IFieldVisitor fields);
}

/// <summary>Receives the fields of an artefact. A null value means: not present.</summary>
public interface IFieldVisitor
{
    /// <summary>Text as decoded from evidence; not yet escaped for any output.</summary>
    void Text(string name, string? value);
    /// <summary>A number.</summary>
    void Number(string name, long? value);
    /// <summary>A yes or no.</summary>
    void Flag(string name, bool? value);
    /// <summary>A time.</summary>
    void Time(string name, Timestamp? value);
    /// <summary>Several texts.</summary>
    void List(string name, IReadOnlyList<string> values);
}

/// <summary>
/// A command that the host starts by itself, as an artefact states it: the (trigger, command, user) triple of persistence.
/// </summary>
/// <param name="Text">The command as it would be executed, specifiers and <c>%</c> handled, decoded text.</param>
public sealed record StartCommand(string Text)
{
    /// <summary>True when a shell interprets <see cref="Text"/> (cron, rc.local); false when it is split into words and executed (systemd).</summary>
    public bool ThroughShell { get; init; }
    /// <summary><see cref="Text"/> is program text of this language and no command; null for commands.</summary>
    public Formats.ProgramLanguage? Language { get; init; }
    /// <summary>The process name given to the program when it differs from its path (systemd's <c>@</c>); null otherwise. Not part of <see cref="Text"/>.</summary>
    public string? Argv0 { get; init; }
    /// <summary>What starts it: <c>cron</c>, <c>cron @reboot</c>, <c>systemd ExecStart</c>, <c>ssh forced command</c>.</summary>
    public string Trigger { get; init; } = "";
    /// <summary>Account it runs as; null when not stated.</summary>
    public string? User { get; init; }
    /// <summary>Text given on standard input (cron's <c>%</c>).</summary>
    public string? StandardInput { get; init; }
    /// <summary><c>NAME=value</c> settings in force, in order.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
    /// <summary>Working directory when stated.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>Line number in the artefact's file.</summary>
    public int? Line { get; init; }
    /// <summary>Byte offset in the artefact's file.</summary>
    public long? ByteOffset { get; init; }
    /// <summary>Why the real daemon would not run it (dead file name, missing x bit ...), as one clause; null when it would.</summary>
    public string? DormantBecause { get; init; }
}

/// <summary>An artefact that makes the host start commands or load files by itself.</summary>
public interface IStartsCommands
{
    /// <summary>The commands, in file order.</summary>
    IReadOnlyList<StartCommand> Commands { get; }
}

/// <summary>An artefact that makes the host load or start files named outright (libraries, link targets), not through a command.</summary>
public interface INamesFiles
{
    /// <summary>Absolute paths inside the image in display form.</summary>
    IReadOnlyList<string> NamedFiles { get; }
}
