using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What the parsers of scripts in fixed places have in common: shebang, x bit, the logical lines of shell text with those that never run marked, LSB header.
/// A binary, or a script of another interpreter, is one command: itself.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: only an <c>exit</c> or <c>exec</c> that is certainly reached makes the lines behind it dead, and only within the first MiB of a script;
/// the variables handed to every command are those the script sets anywhere, last value wins.
/// </remarks>
internal sealed class StartupScriptReader
{
    private const int MaximumVariables = 64;
    private const int ProvidesLines = 200;
    private static readonly ShellLimits ScriptLimits = new() { TextLength = 1 << 20, Commands = 20_000, ExpandedLength = 1 << 20 };

    /// <summary>Where the script lies.</summary>
    public required StartupPlace Place { get; init; }
    /// <summary>What starts it: <c>cron.daily</c>, <c>rc.local</c>, <c>init script</c>.</summary>
    public required string Trigger { get; init; }
    /// <summary>Why nothing would run it, known from its name or place.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>Why Debian would not run it.</summary>
    public string? DebianRefusal { get; init; }
    /// <summary>It is sourced or given to a shell, so the x bit does not matter.</summary>
    public bool NeedsNoExecuteBit { get; init; }
    /// <summary>Account it runs as; null when not known.</summary>
    public string? User { get; init; } = "root";
    /// <summary>Home directory of that account; null when the reader of the commands knows best.</summary>
    public string? Home { get; init; }
    /// <summary>It is sourced, so that a certain <c>return</c> ends it.</summary>
    public bool EndsAtReturn { get; init; }
    /// <summary>Package whose maintainer script it is.</summary>
    public string? Package { get; init; }
    /// <summary>Manager of that package.</summary>
    public string? PackageManager { get; init; }
    /// <summary>Why it would not run without a shebang, and whether that is so on Debian only.</summary>
    public (string Reason, bool OnDebianOnly)? WithoutShebang { get; init; }

    /// <summary>Reads the file and hands the artefact to the sink; an empty file that is not executable (<c>.placeholder</c>) yields none.</summary>
    public void Read(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        bool isExecutable = (input.Entry.Permissions & 0x49) != 0;
        if (content.IsEmpty && !isExecutable)
        {
            return;
        }
        bool isBinary = content[..Math.Min(content.Length, 4096)].Contains((byte)0);
        (string? interpreter, string program) = isBinary ? (null, "") : Shebang(content);
        string? dormant = DormantBecause ?? (isExecutable || NeedsNoExecuteBit ? null : "the file is not executable");
        string? debian = DebianRefusal;
        if (!isBinary && interpreter is null && WithoutShebang is { } rule)
        {
            debian ??= rule.OnDebianOnly ? rule.Reason : null;
            dormant ??= rule.OnDebianOnly ? null : rule.Reason;
        }
        var script = new StartupScript(input.Location)
        {
            Place = Place,
            Interpreter = interpreter,
            IsExecutable = isExecutable,
            IsBinary = isBinary,
            DormantBecause = dormant,
            DebianRefusal = debian,
            Provides = isBinary ? null : Provides(input),
            Package = Package,
            PackageManager = PackageManager,
        };
        bool isShell = !isBinary && (interpreter is null || ShellWords.IsShell(program) || program is "openrc-run" or "runscript" or "rc.common");
        sink.Add(isShell ? ReadShell(script, input, sink, program) : ReadOther(script, input, interpreter));
    }

    /// <summary>A binary or foreign script: the host starts the file, what is in it is content and not commands.</summary>
    private StartupScript ReadOther(StartupScript script, ArtifactInput input, string? interpreter)
    {
        string path = Quoted(input.Location.Path);
        int active = 0;
        if (!script.IsBinary)
        {
            foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
            {
                ReadOnlySpan<byte> text = line.Bytes.Span.TrimStart(" \t"u8);
                active += text.IsEmpty || text[0] == (byte)'#' ? 0 : 1;
            }
        }
        return script with
        {
            ActiveLines = active,
            Commands = [new StartCommand(interpreter is null ? path : interpreter + " " + path) { Trigger = Trigger, User = User, DormantBecause = script.DormantBecause, Line = 1, ByteOffset = 0 }],
        };
    }

    private StartupScript ReadShell(StartupScript script, ArtifactInput input, IArtifactSink sink, string program)
    {
        ShellScriptLines lines = ShellScriptLines.Read(input.Content, input.Limits);
        if (lines.IsCut)
        {
            sink.Report(new Diagnostic("script.lines.many", string.Create(CultureInfo.InvariantCulture, $"more lines than one file may yield; those after {lines.Lines.Count} logical lines were left out")) { LosesContent = true });
        }
        IReadOnlyList<ShellCommand> parsed = ShellWords.Parse(lines.Text, null, ScriptLimits, out _);
        (int end, string? why) = FindEnd(parsed, EndsAtReturn);
        List<string> environment = Variables(parsed);
        if (Home is not null)
        {
            environment.Insert(0, "HOME=" + Home);
        }
        var commands = new List<StartCommand>(lines.Lines.Count + 1);
        foreach (ShellScriptLine line in lines.Lines)
        {
            commands.Add(new StartCommand(line.Text)
            {
                ThroughShell = true,
                Trigger = Trigger,
                User = User,
                Environment = environment,
                Line = line.Number,
                ByteOffset = line.ByteOffset,
                DormantBecause = script.DormantBecause ?? (line.Start >= end ? why : null),
            });
        }
        if (program is "openrc-run" or "runscript" && OpenRcCommand(parsed, lines) is { } service)
        {
            commands.Add(service with { Environment = environment, DormantBecause = script.DormantBecause });
        }
        return script with { ActiveLines = lines.Lines.Count, Commands = commands };
    }

    /// <summary>Where a certain <c>exit</c> or <c>exec</c> ends the script, and the clause for the lines behind it.</summary>
    private static (int End, string? Why) FindEnd(IReadOnlyList<ShellCommand> commands, bool endsAtReturn)
    {
        foreach (ShellCommand command in commands)
        {
            if (!command.IsConditional && (command.Program is "exit" || (endsAtReturn && command.Program is "return") || (command.Program is "exec" && command.Words.Count > 1)))
            {
                string text = command.ToString();
                return (command.End, "after " + (text.Length > 80 ? text[..80] : text));
            }
        }
        return (int.MaxValue, null);
    }

    /// <summary>Variables the script sets to values it states, so that a command can be understood by itself.</summary>
    private static List<string> Variables(IReadOnlyList<ShellCommand> commands)
    {
        var result = new List<string>();
        foreach (ShellCommand command in commands)
        {
            if (command.Words.Count > 0 && command.Program is not ("export" or "readonly"))
            {
                continue;
            }
            foreach (ShellAssignment assignment in command.Assignments)
            {
                Keep(result, assignment.Name, assignment.Value.Text, assignment.Value.HasUnresolvedExpansion);
            }
            for (int i = 1; i < command.Words.Count; i++)
            {
                string word = command.Words[i].Text;
                int equals = word.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                {
                    Keep(result, word[..equals], word[(equals + 1)..], command.Words[i].HasUnresolvedExpansion);
                }
            }
        }
        return result;
    }

    private static void Keep(List<string> variables, string name, string value, bool isUnresolved)
    {
        string prefix = name + "=";
        int at = variables.FindIndex(setting => setting.StartsWith(prefix, StringComparison.Ordinal));
        if (isUnresolved || value.Length > 4096)
        {
            return;
        }
        if (at >= 0)
        {
            variables[at] = prefix + value;
        }
        else if (variables.Count < MaximumVariables)
        {
            variables.Add(prefix + value);
        }
    }

    /// <summary>An OpenRC service states its program in variables and has no line that runs it.</summary>
    private static StartCommand? OpenRcCommand(IReadOnlyList<ShellCommand> commands, ShellScriptLines lines)
    {
        string? program = null;
        string arguments = "";
        string user = "root";
        int start = 0;
        foreach (ShellCommand command in commands)
        {
            foreach (ShellAssignment assignment in command.Assignments)
            {
                switch (assignment.Name)
                {
                    case "command":
                        program = assignment.Value.Text;
                        start = command.Start;
                        break;
                    case "command_args":
                        arguments = " " + assignment.Value.Text;
                        break;
                    case "command_user":
                        user = assignment.Value.Text.Split(':')[0];
                        break;
                }
            }
        }
        if (string.IsNullOrWhiteSpace(program))
        {
            return null;
        }
        int line = lines.LineAt(start);
        return new StartCommand((program + arguments).TrimEnd()) { ThroughShell = true, Trigger = "openrc command", User = user, Line = line, ByteOffset = lines.OffsetOf(line) };
    }

    /// <summary>The interpreter as the shebang names it (with the program of <c>env</c>), and the base name of the program that reads the script.</summary>
    private static (string? Interpreter, string Program) Shebang(ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith("#!"u8))
        {
            return (null, "");
        }
        int end = content.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = content[2..(end < 0 ? content.Length : end)];
        string[] words = TextLines.Decode(line[..Math.Min(line.Length, 256)]).Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return (null, "");
        }
        string name = ShellWords.BaseName(words[0]);
        int argument = 1;
        while (name == "env" && argument < words.Length && (words[argument].StartsWith('-') || words[argument].Contains('=')))
        {
            argument++;
        }
        return name == "env" && argument < words.Length ? (words[0] + " " + words[argument], ShellWords.BaseName(words[argument])) : (words[0], name);
    }

    /// <summary>The <c>Provides</c> of an LSB header.</summary>
    private static string? Provides(ArtifactInput input)
    {
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits))
        {
            if (line.Number > ProvidesLines)
            {
                break;
            }
            ReadOnlySpan<byte> bytes = line.Bytes.Span;
            if (!bytes.StartsWith("#"u8))
            {
                continue;
            }
            ReadOnlySpan<byte> text = bytes[1..].TrimStart(" \t"u8);
            if (text.StartsWith("Provides:"u8))
            {
                string value = TextLines.Decode(text["Provides:".Length..]).Trim();
                return value.Length == 0 ? null : value;
            }
        }
        return null;
    }

    private static string Quoted(string path) => path.AsSpan().ContainsAny(" '\"\\$;&|<>()*?") ? "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : path;
}
