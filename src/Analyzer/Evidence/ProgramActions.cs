using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a call makes a program do.</summary>
internal enum ProgramActionKind
{
    /// <summary>Runs shell text.</summary>
    Shell,
    /// <summary>Starts a program with arguments.</summary>
    Words,
    /// <summary>Reads another file as its own text: a module, an include.</summary>
    Reads,
    /// <summary>Loads a library.</summary>
    Loads,
}

/// <summary>One thing that program text does.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Text">Shell text or file.</param>
/// <param name="Words">Program and arguments.</param>
/// <param name="Start">Index in the text.</param>
internal sealed record ProgramAction(ProgramActionKind Kind, string Text, IReadOnlyList<string> Words, int Start)
{
    /// <summary>Interpreter of a file that is read.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Several places are looked at; only those that are there count.</summary>
    public bool IsCandidate { get; init; }
}

/// <summary>Which calls of seven languages start programs, and what with. Constant arguments only.</summary>
internal static class ProgramActions
{
    private const int MaxActions = 4096;

    /// <summary>What the text does; files of modules only when <paramref name="path"/> tells in which directory they lie.</summary>
    public static IReadOnlyList<ProgramAction> Read(string text, ProgramLanguage language, string? path) => Read(text, language, path, out _);

    /// <summary>As the other; <paramref name="isCut"/> tells that a limit ended the work.</summary>
    public static IReadOnlyList<ProgramAction> Read(string text, ProgramLanguage language, string? path, out bool isCut)
    {
        var actions = new List<ProgramAction>();
        foreach (ProgramCall call in ProgramCalls.Read(text, language, path, out isCut))
        {
            string last = call.Name[(call.Name.LastIndexOfAny(['.', ':', '>']) + 1)..];
            actions.AddRange(language switch
            {
                ProgramLanguage.Python => Python(call, last, path),
                ProgramLanguage.JavaScript => JavaScript(call, last, path),
                ProgramLanguage.Lua => Lua(call, path),
                _ => Others(call, last, language, path),
            });
            if (actions.Count >= MaxActions)
            {
                isCut = true;
                break;
            }
        }
        return actions;
    }

    /// <summary>Whether the text calls anything that may run shell text.</summary>
    public static bool RunsShell(string code) => code.Contains("system", StringComparison.Ordinal) || code.Contains("popen", StringComparison.OrdinalIgnoreCase)
        || code.Contains("subprocess", StringComparison.Ordinal) || code.Contains("shell_exec", StringComparison.Ordinal) || code.Contains("passthru", StringComparison.Ordinal)
        || code.Contains("execSync", StringComparison.Ordinal) || code.Contains("child_process", StringComparison.Ordinal);

    private static IEnumerable<ProgramAction> Python(ProgramCall call, string last, string? path)
    {
        switch (last)
        {
            case "system" or "popen" or "popen2" or "popen3" or "popen4" or "getoutput" or "getstatusoutput" or "create_subprocess_shell":
                return Shell(call, 0);
            case "Popen" or "check_output" or "check_call" or "call" or "run" when last is not ("call" or "run") || call.Name.Contains('.'):
                return Either(call);
            case "spawn" when call.Name.EndsWith("pty.spawn", StringComparison.Ordinal):
                return Either(call);
            case "create_subprocess_exec":
                return Words(call, call.Arguments.Select(argument => argument.Text));
            case "execl" or "execle" or "execlp" or "execlpe":
                return Words(call, call.Arguments.Take(1).Concat(call.Arguments.Skip(2)).Select(argument => argument.Text));
            case "spawnl" or "spawnle" or "spawnlp":
                return Words(call, call.Arguments.Skip(1).Take(1).Concat(call.Arguments.Skip(3)).Select(argument => argument.Text));
            case "execv" or "execve" or "execvp" or "execvpe" or "posix_spawn" or "posix_spawnp" when call.Arguments.Count > 0:
                return Words(call, [call.Arguments[0].Text, .. call.Arguments.Count > 1 ? call.Arguments[1].Items?.Skip(1) ?? [] : []]);
            case "spawnv" or "spawnve" or "spawnvp" when call.Arguments.Count > 1:
                return Words(call, [call.Arguments[1].Text, .. call.Arguments.Count > 2 ? call.Arguments[2].Items?.Skip(1) ?? [] : []]);
            case "execfile" or "run_path":
                return Reads(call, "python", path, "");
            case "open" when call.Arguments.Count == 1 && call.Arguments[0].Text is string file && file.EndsWith(".py", StringComparison.Ordinal):
                return Reads(call, "python", path, "");
            case "import" or "import_module" or "__import__" when call.Arguments.Count > 0 && call.Arguments[0].Text is string module:
                return path is null ? [] : Candidates(call, "python", Directory(path) + "/" + module.Replace('.', '/'), ".py", "/__init__.py");
            case "CDLL" or "LoadLibrary" when call.Arguments.Count > 0 && call.Arguments[0].Text is ['/', ..] library:
                return [new ProgramAction(ProgramActionKind.Loads, library, [], call.Start)];
            default:
                return [];
        }
    }

    private static IEnumerable<ProgramAction> JavaScript(ProgramCall call, string last, string? path)
    {
        switch (last)
        {
            case "exec" or "execSync":
                return Shell(call, 0);
            case "spawn" or "spawnSync" or "execFile" or "execFileSync" when call.Arguments.Count > 0:
                return Words(call, [call.Arguments[0].Text, .. call.Arguments.Count > 1 ? call.Arguments[1].Items ?? [] : []]);
            case "fork":
                return Reads(call, "node", path, "");
            case "require" or "import" when call.Arguments.Count > 0 && call.Arguments[0].Text is string module && (module.StartsWith('.') || module.StartsWith('/')):
                string full = module.StartsWith('/') ? module : path is null ? "" : Directory(path) + "/" + module;
                return full.Length == 0 ? [] : Candidates(call, "node", full, "", ".js", ".cjs", ".mjs", "/index.js");
            default:
                return [];
        }
    }

    private static IEnumerable<ProgramAction> Lua(ProgramCall call, string? path) => call.Name switch
    {
        "os.execute" or "io.popen" => Shell(call, 0),
        "dofile" or "loadfile" => Reads(call, "lua", path, ""),
        _ => [],
    };

    private static IEnumerable<ProgramAction> Others(ProgramCall call, string last, ProgramLanguage language, string? path)
    {
        string interpreter = language switch { ProgramLanguage.Perl => "perl", ProgramLanguage.Php => "php", ProgramLanguage.Ruby => "ruby", _ => "awk" };
        switch (last)
        {
            case "`":
                return Shell(call, 0);
            case "system" or "exec" or "spawn" or "popen" or "shell_exec" or "passthru" or "proc_open" or "capture2" or "capture2e" or "capture3" or "popen3":
                return call.Arguments.Count > 1 && language is ProgramLanguage.Perl or ProgramLanguage.Ruby && call.Arguments[1].Text is not null && last != "popen"
                    ? Words(call, call.Arguments.Select(argument => argument.Text)) : Either(call);
            case "pcntl_exec" when call.Arguments.Count > 0:
                return Words(call, [call.Arguments[0].Text, .. call.Arguments.Count > 1 ? call.Arguments[1].Items ?? [] : []]);
            case "open" when language == ProgramLanguage.Perl && call.Arguments.Count > 1:
                // open(F, "cmd|")  open(F, "|cmd")  open(F, "-|", "cmd")
                string? mode = call.Arguments[^1].Text;
                bool isThree = call.Arguments.Count > 2 && call.Arguments.Any(argument => argument.Text is "-|" or "|-");
                return mode is not null && (isThree || mode.TrimEnd().EndsWith('|') || mode.TrimStart().StartsWith('|')) ? [new ProgramAction(ProgramActionKind.Shell, mode.Trim().Trim('|').Trim(), [], call.Start)] : [];
            case "require" or "do" or "load" or "include" or "include_once" or "require_once" or "require_relative" when call.Arguments.Count > 0 && call.Arguments[0].Text is { Length: > 0 } file:
                string full = file.StartsWith('/') ? file : path is null ? "" : Directory(path) + "/" + file;
                return full.Length == 0 ? [] : Candidates(call, interpreter, full, "", "." + (language == ProgramLanguage.Ruby ? "rb" : "pm"));
            case "use" when path is not null && call.Arguments.Count > 0 && call.Arguments[0].Text is string module:
                return Candidates(call, interpreter, Directory(path) + "/" + module.Replace("::", "/", StringComparison.Ordinal), ".pm");
            default:
                return [];
        }
    }

    private static string Directory(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static IEnumerable<ProgramAction> Shell(ProgramCall call, int index) =>
        call.Arguments.Count > index && call.Arguments[index].Text is { Length: > 0 } text ? [new ProgramAction(ProgramActionKind.Shell, text, [], call.Start)] : [];

    /// <summary>A text is a command line, a list is program and arguments.</summary>
    private static IEnumerable<ProgramAction> Either(ProgramCall call) =>
        call.Arguments.Count == 0 ? [] : call.Arguments[0].Items is { Count: > 0 } items ? Words(call, items) : Shell(call, 0);

    private static IEnumerable<ProgramAction> Words(ProgramCall call, IEnumerable<string?> words)
    {
        string[] known = [.. words.Select(word => word ?? "?")];
        return known.Length > 0 && known[0] is { Length: > 0 } and not "?" ? [new ProgramAction(ProgramActionKind.Words, "", known, call.Start)] : [];
    }

    private static IEnumerable<ProgramAction> Reads(ProgramCall call, string interpreter, string? path, string suffix)
    {
        if (call.Arguments.Count == 0 || call.Arguments[0].Text is not { Length: > 0 } file)
        {
            return [];
        }
        string full = file.StartsWith('/') ? file : path is null ? file : Directory(path) + "/" + file;
        return [new ProgramAction(ProgramActionKind.Reads, full + suffix, [], call.Start) { Interpreter = interpreter }];
    }

    private static IEnumerable<ProgramAction> Candidates(ProgramCall call, string interpreter, string file, params string[] suffixes) =>
        suffixes.Select(suffix => new ProgramAction(ProgramActionKind.Reads, file + suffix, [], call.Start) { Interpreter = interpreter, IsCandidate = true });
}
