using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Variables that make programs load, read or start something, and the files their values name.</summary>
internal static class EnvironmentVariables
{
    private const int MostFiles = 56;

    /// <summary>Libraries that nearly every program needs, so that a directory holding one of them takes over the host.</summary>
    public static readonly string[] EssentialLibraries =
    [
        "libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6", "librt.so.1", "libpam.so.0", "libcrypt.so.1", "libcrypt.so.2", "libcrypto.so.3", "libcrypto.so.1.1", "libssl.so.3", "libssl.so.1.1", "libselinux.so.1",
        "libz.so.1", "liblzma.so.5", "libaudit.so.1", "libsystemd.so.0", "libtinfo.so.6", "libreadline.so.8", "libnss_files.so.2", "libproc2.so.0", "libprocps.so.8", "libgcc_s.so.1", "libstdc++.so.6", "libcap.so.2", "libkeyutils.so.1",
    ];

    private static readonly string[] Essentials = EssentialLibraries[..14];
    private static readonly string[] ProgramNames = ["ls", "ps", "sudo", "su", "ssh", "top", "netstat", "ss", "find", "lsof", "cat", "id", "systemctl", "crontab"];
    private static readonly string[] SystemDirectories = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/games", "/usr/local/games", "/snap/bin"];

    public static EnvironmentRole RoleOf(string name) => name switch
    {
        "LD_PRELOAD" or "LD_AUDIT" => EnvironmentRole.LoadsLibrary,
        "LD_LIBRARY_PATH" => EnvironmentRole.SearchesLibraries,
        "BASH_ENV" or "ENV" or "PYTHONSTARTUP" or "ZDOTDIR" => EnvironmentRole.StartsFile,
        "PROMPT_COMMAND" or "LESSOPEN" or "LESSCLOSE" or "GIT_SSH_COMMAND" or "GIT_SSH" or "GIT_PAGER" or "PAGER" or "MANPAGER" or "EDITOR" or "VISUAL" or "GIT_EDITOR" or "GIT_EXTERNAL_DIFF"
            or "GIT_ASKPASS" or "SSH_ASKPASS" or "SUDO_ASKPASS" or "GIT_PROXY_COMMAND" => EnvironmentRole.Command,
        "NODE_OPTIONS" or "RUBYOPT" or "PERL5OPT" or "PERL5DB" or "JAVA_TOOL_OPTIONS" or "_JAVA_OPTIONS" or "JDK_JAVA_OPTIONS" or "JAVA_OPTS" or "CATALINA_OPTS" => EnvironmentRole.LanguageOptions,
        "PYTHONPATH" or "PYTHONHOME" or "PERL5LIB" or "PERLLIB" or "RUBYLIB" or "NODE_PATH" or "GCONV_PATH" or "PHP_INI_SCAN_DIR" or "PHPRC" => EnvironmentRole.LanguagePath,
        "PATH" => EnvironmentRole.SearchesPrograms,
        "SSHD_OPTS" or "SSHD_OPTIONS" or "OPTIONS" => EnvironmentRole.ServerOptions,
        _ => EnvironmentRole.Other,
    };

    /// <summary>Files that a value may mean, absolute; those that need not exist are among them.</summary>
    public static IReadOnlyList<string> Files(string name, EnvironmentRole role, string value, string? home)
    {
        if (value.Length > 16 << 10)
        {
            return [];
        }
        var files = new List<string>();
        switch (role)
        {
            case EnvironmentRole.LoadsLibrary:
                var budget = new ExpansionBudget(1 << 16);
                foreach (string word in value.Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries).Take(8))
                {
                    files.AddRange(LibraryCandidates.Of(Encoding.UTF8.GetBytes(LoginPath.Absolute(word, home) ?? word), budget));
                }
                break;
            case EnvironmentRole.SearchesLibraries:
                AddEach(files, value.Split(':'), home, Essentials);
                break;
            case EnvironmentRole.SearchesPrograms:
                // What stands behind the inherited value cannot hide a program of the system.
                string[] directories = value.Split(':');
                AddEach(files, directories.TakeWhile(directory => !directory.Contains("$PATH", StringComparison.Ordinal) && !directory.Contains("${PATH", StringComparison.Ordinal) && Array.IndexOf(SystemDirectories, directory) < 0), home, ProgramNames);
                break;
            case EnvironmentRole.StartsFile:
                files.AddRange(LoginPath.Absolute(value, home) is { } file ? name == "ZDOTDIR" ? [file + "/.zshrc", file + "/.zshenv"] : [file] : []);
                break;
            case EnvironmentRole.LanguagePath:
                AddEach(files, value.Split(':'), home, name.StartsWith("PYTHON", StringComparison.Ordinal) ? ["sitecustomize.py", "usercustomize.py", "os.py", "re.py", "site.py"] : name is "GCONV_PATH" ? ["gconv-modules"] : ["strict.pm", "warnings.pm"]);
                break;
            case EnvironmentRole.LanguageOptions:
                Options(files, value, home);
                break;
            case EnvironmentRole.ServerOptions:
                // "-o Keyword=/path": the program or file that the option names.
                files.AddRange(value.Split([' ', '\t', '=', '"'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Length > 1 && word[0] == '/' && !word.Contains('%') && !word.Contains('\0')));
                break;
            default:
                break;
        }
        return [.. files.Distinct(StringComparer.Ordinal).Take(MostFiles)];
    }

    private static void AddEach(List<string> files, IEnumerable<string> directories, string? home, string[] names)
    {
        foreach (string directory in directories.Take(64))
        {
            if (files.Count < MostFiles && LoginPath.Absolute(directory, home) is { } absolute && Array.IndexOf(SystemDirectories, absolute) < 0)
            {
                files.AddRange(names.Select(name => absolute.TrimEnd('/') + "/" + name));
            }
        }
    }

    /// <summary><c>--require X</c>, <c>-rX</c>, <c>-javaagent:X=...</c>, <c>-I dir -Mmodule</c>.</summary>
    private static void Options(List<string> files, string value, string? home)
    {
        string[] words = value.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        var directories = new List<string>();
        for (int i = 0; i < words.Length && i < 64; i++)
        {
            string word = words[i];
            string? next = i + 1 < words.Length ? words[i + 1] : null;
            string? named = word switch
            {
                "--require" or "-r" or "--import" or "--loader" or "--experimental-loader" => next,
                _ when word.StartsWith("--require=", StringComparison.Ordinal) || word.StartsWith("--import=", StringComparison.Ordinal) || word.StartsWith("--loader=", StringComparison.Ordinal) => word[(word.IndexOf('=') + 1)..],
                _ when word.StartsWith("-javaagent:", StringComparison.Ordinal) || word.StartsWith("-agentpath:", StringComparison.Ordinal) => word[(word.IndexOf(':') + 1)..].Split('=')[0],
                _ when word.StartsWith("-Xbootclasspath/", StringComparison.Ordinal) => word[(word.IndexOf(':') + 1)..].Split(':')[0],
                _ when word.StartsWith("-r", StringComparison.Ordinal) && word.Length > 2 => word[2..],
                _ => null,
            };
            if (word.StartsWith("-I", StringComparison.Ordinal) && LoginPath.Absolute(word.Length > 2 ? word[2..] : next ?? "", home) is { } directory)
            {
                directories.Add(directory);
            }
            if (word.Length > 2 && (word.StartsWith("-M", StringComparison.Ordinal) || word.StartsWith("-m", StringComparison.Ordinal)) && char.IsAsciiLetter(word[2]))
            {
                files.AddRange(directories.Select(place => place + "/" + word[2..].Split('=')[0].Replace("::", "/", StringComparison.Ordinal) + ".pm"));
            }
            if (named is not null && LoginPath.Absolute(named.Trim('"', '\''), home) is { } path)
            {
                files.Add(path);
                if (!path.AsSpan(path.LastIndexOf('/')).Contains('.'))
                {
                    files.AddRange([path + ".js", path + ".rb", path + "/index.js"]);
                }
            }
        }
    }
}
