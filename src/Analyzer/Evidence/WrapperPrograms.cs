using System.Collections.Frozen;

namespace Forensics.Analyzer.Evidence;

/// <summary>How a program that only starts another one takes its own arguments.</summary>
/// <param name="ValueOptions">Short options that take a value in the next word, one letter each.</param>
/// <param name="ValueNames">Long options that take a value in the next word.</param>
/// <param name="Operands">Words of its own before the command it starts.</param>
internal sealed record WrapperProgram(string ValueOptions = "", IReadOnlyList<string>? ValueNames = null, int Operands = 0);

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
        ["flock"] = new("wE", ["--wait", "--timeout", "--conflict-exit-code"], 1),
        ["sudo"] = new("ugpCTrthRD", ["--user", "--group", "--prompt", "--chdir", "--host"]),
        ["doas"] = new("uC"),
        ["exec"] = new("a"),
        ["command"] = Plain,
        ["builtin"] = Plain,
        ["busybox"] = Plain,
        ["toybox"] = Plain,
        ["xargs"] = new("aEeIiLlnPsd", ["--arg-file", "--max-args", "--max-procs", "--replace", "--delimiter"]),
        ["chroot"] = new("", ["--userspec", "--groups"], 1),
        ["unshare"] = Plain,
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
        ["strace"] = new("efopsu"),
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

    private static readonly FrozenDictionary<string, string> Interpreters = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        // Program to the letters of options whose value is program text.
        ["perl"] = "eE",
        ["ruby"] = "e",
        ["php"] = "r",
        ["node"] = "ep",
        ["nodejs"] = "ep",
        ["lua"] = "e",
        ["luajit"] = "e",
        ["python"] = "c",
        ["pypy"] = "c",
        ["tclsh"] = "",
        ["expect"] = "c",
        ["osascript"] = "e",
        ["Rscript"] = "e",
        ["awk"] = "",
        ["gawk"] = "",
        ["mawk"] = "",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool TryGet(string name, out WrapperProgram wrapper) => Known.TryGetValue(name, out wrapper!);

    public static bool IsBuiltin(string name) => Builtins.Contains(name);

    /// <summary>Whether the name is an interpreter of scripts, version numbers aside (<c>python3.11</c>, <c>php8.2</c>).</summary>
    public static bool TryGetInterpreter(string name, out string codeOptions)
    {
        string plain = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        return Interpreters.TryGetValue(plain, out codeOptions!);
    }
}
