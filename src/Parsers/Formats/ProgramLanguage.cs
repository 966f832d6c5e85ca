namespace Forensics.Parsers.Formats;

/// <summary>Languages whose program text <see cref="ProgramCalls"/> reads.</summary>
public enum ProgramLanguage
{
    /// <summary>Python 2 and 3.</summary>
    Python,
    /// <summary>Perl 5.</summary>
    Perl,
    /// <summary>PHP; text outside <c>&lt;?php ... ?&gt;</c> is not looked at.</summary>
    Php,
    /// <summary>Ruby.</summary>
    Ruby,
    /// <summary>JavaScript and TypeScript.</summary>
    JavaScript,
    /// <summary>Lua.</summary>
    Lua,
    /// <summary>AWK.</summary>
    Awk,
}

/// <summary>Names of interpreters.</summary>
public static class ProgramLanguages
{
    /// <summary>The language that a program of this name interprets, version numbers aside (<c>python3.11</c>, <c>php8.2</c>); null when it is none of ours.</summary>
    public static ProgramLanguage? Of(string program) => ShellWords.BaseName(program).TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '-') switch
    {
        "python" or "pypy" => ProgramLanguage.Python,
        "perl" => ProgramLanguage.Perl,
        "php" or "php-cgi" or "php-cli" => ProgramLanguage.Php,
        "ruby" or "jruby" => ProgramLanguage.Ruby,
        "node" or "nodejs" or "bun" or "deno" => ProgramLanguage.JavaScript,
        "lua" or "luajit" => ProgramLanguage.Lua,
        "awk" or "gawk" or "mawk" or "nawk" => ProgramLanguage.Awk,
        _ => null,
    };
}
