using System.Collections.Frozen;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>How a program that only starts another one takes its own arguments.</summary>
/// <param name="ValueOptions">Short options that take a value in the next word, one letter each.</param>
/// <param name="ValueNames">Long options that take a value in the next word.</param>
/// <param name="Operands">Words of its own before the command it starts.</param>
internal sealed record WrapperProgram(string ValueOptions = "", IReadOnlyList<string>? ValueNames = null, int Operands = 0)
{
    /// <summary>Options whose value is shell text, blank between; null when there are none.</summary>
    public string? TextOptions { get; init; }
    /// <summary>A short option that says what an operand otherwise would: with it there is one fewer; NUL when there is none.</summary>
    public char OperandOption { get; init; }
    /// <summary>Everything behind <c>--</c> is the command.</summary>
    public bool EndsOperands { get; init; }
}

/// <summary>Programs that start the command in their own arguments.</summary>
internal static class WrapperPrograms
{
    private static readonly WrapperProgram Plain = new();

    private static readonly FrozenDictionary<string, WrapperProgram> Known = new Dictionary<string, WrapperProgram>(StringComparer.Ordinal)
    {
        ["nohup"] = Plain,
        ["setsid"] = Plain,
        ["time"] = new("fo"),
        ["stdbuf"] = new("ioe"),
        ["ionice"] = new("cnpPu"),
        ["nice"] = new("n", ["--adjustment"]),
        ["renice"] = new("n"),
        ["chrt"] = new("TPD", ["--sched-runtime", "--sched-period", "--sched-deadline"], 1),
        ["timeout"] = new("ks", ["--kill-after", "--signal"], 1),
        ["flock"] = new("wE", ["--wait", "--timeout", "--conflict-exit-code"], 1) { TextOptions = "-c --command" },
        ["sudo"] = new("ugpCTrthRD", ["--user", "--group", "--prompt", "--chdir", "--host"]),
        ["doas"] = new("uC"),
        ["exec"] = new("a"),
        ["command"] = Plain,
        ["builtin"] = Plain,
        ["busybox"] = Plain,
        ["toybox"] = Plain,
        ["xargs"] = new("aEeIiLlnPsd", ["--arg-file", "--max-args", "--max-procs", "--replace", "--delimiter"]),
        ["su"] = new("sgGwT", ["--shell", "--group", "--supp-group", "--whitelist-environment"], 2) { TextOptions = "-c --command --session-command", EndsOperands = true },
        ["runuser"] = new("ugGsw", ["--user", "--group", "--supp-group", "--shell"], 1) { TextOptions = "-c --command --session-command", OperandOption = 'u', EndsOperands = true },
        ["sg"] = new("", null, 1) { TextOptions = "-c" },
        ["script"] = new("IOBEmoTt", ["--log-in", "--log-out", "--log-io", "--log-timing"], 1) { TextOptions = "-c --command" },
        ["screen"] = new("Scehptxr"),
        ["coproc"] = Plain,
        ["ssh-agent"] = new("aEtP"),
        ["unshare"] = new("RwSG", ["--root", "--wd", "--setuid", "--setgid", "--propagation", "--map-user", "--map-group"]),
        ["nsenter"] = new("tSG", ["--target", "--setuid", "--setgid"]),
        ["systemd-run"] = new("pMuHE", ["--unit", "--property", "--slice", "--uid", "--gid", "--on-calendar", "--on-active", "--setenv", "--description", "--working-directory"]),
        ["systemd-cat"] = new("tp"),
        ["systemd-inhibit"] = Plain,
        ["dbus-run-session"] = Plain,
        ["dbus-launch"] = Plain,
        ["setpriv"] = new("", ["--reuid", "--regid", "--groups"]),
        ["setarch"] = new("", null, 1),
        ["linux32"] = Plain,
        ["linux64"] = Plain,
        ["taskset"] = new("", null, 1),
        ["numactl"] = new("CmNpi"),
        ["cpulimit"] = new("lpe"),
        ["cgexec"] = new("g"),
        ["strace"] = new("eopsuaIPbOXES"),
        ["watch"] = new("n", ["--interval"]),
        ["unbuffer"] = Plain,
        ["chronic"] = Plain,
        ["daemonize"] = new("apeocEuvl"),
        ["daemon"] = new("", ["--user", "--pidfile", "--check"]),
        ["gosu"] = new("", null, 1),
        ["su-exec"] = new("", null, 1),
        ["tini"] = Plain,
        ["dumb-init"] = Plain,
        ["firejail"] = Plain,
        ["proxychains"] = new("f"),
        ["proxychains4"] = new("f"),
        ["torsocks"] = Plain,
        ["parallel"] = new("jPI"),
        ["disown"] = Plain,
        ["then"] = Plain,
        ["do"] = Plain,
        ["else"] = Plain,
        ["if"] = Plain,
        ["elif"] = Plain,
        ["while"] = Plain,
        ["until"] = Plain,
        ["!"] = Plain,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Builtins = new[]
    {
        ":", ".", "[", "[[", "alias", "bg", "break", "case", "cd", "continue", "declare", "done", "echo", "esac", "eval", "exit", "export", "false", "fg", "fi", "for", "function", "getopts",
        "hash", "history", "in", "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "select", "set", "shift", "shopt", "source", "test", "times", "trap", "true",
        "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait", "{", "}", "sleep",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static bool TryGet(string name, out WrapperProgram wrapper) => Known.TryGetValue(name, out wrapper!);

    public static bool IsBuiltin(string name) => Builtins.Contains(name);

    /// <summary>An interpreter of files whose text is not read here: what it is given is interpreted, but not followed.</summary>
    public static bool IsOtherInterpreter(string name) => name is "java" or "tclsh" or "wish" or "expect" or "osascript" or "Rscript" or "dotnet" or "ts-node" or "mono" or "guile" or "julia";

    /// <summary>Letters of the options whose value is program text.</summary>
    public static string CodeOptions(ProgramLanguage? language, string name) => language switch
    {
        ProgramLanguage.Python => "c",
        ProgramLanguage.Perl => "eE",
        ProgramLanguage.Php => "r",
        ProgramLanguage.Ruby or ProgramLanguage.Lua => "e",
        ProgramLanguage.JavaScript => "ep",
        _ => name switch { "expect" => "c", "osascript" or "Rscript" => "e", _ => "" },
    };
}
