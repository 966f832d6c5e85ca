using System.Collections.Frozen;

namespace Forensics.Parsers.Formats.Php;

/// <summary>What a function does with its arguments, as far as it matters for what a visitor can reach.</summary>
public enum PhpFunctionKind
{
    /// <summary>Nothing remarkable: what it is given may come out again.</summary>
    Ordinary,
    /// <summary>Runs its argument as code.</summary>
    Code,
    /// <summary>Runs its argument as a command of the system.</summary>
    Shell,
    /// <summary>Calls the function that an argument names.</summary>
    Callback,
    /// <summary>Reads code from the file that its argument names.</summary>
    Include,
    /// <summary>Writes its second argument to the file that the first names.</summary>
    Write,
    /// <summary>Replaces by a pattern, which in old versions may run the replacement as code.</summary>
    Replace,
    /// <summary>Makes variables of a list.</summary>
    Extract,
    /// <summary>What comes out is a number, a yes or no, a digest, or quoted.</summary>
    Harmless,
}

/// <summary>Functions of PHP by what they do. Source: php.net, function reference.</summary>
public static class PhpFunctions
{
    private static readonly FrozenDictionary<string, PhpFunctionKind> s_kinds = Build().ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The kind of a function, whatever the case of its name.</summary>
    public static PhpFunctionKind KindOf(string name) =>
        s_kinds.TryGetValue(name, out PhpFunctionKind kind) ? kind
        : name.StartsWith("is_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ctype_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("sanitize_", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("esc_", StringComparison.OrdinalIgnoreCase) ? PhpFunctionKind.Harmless : PhpFunctionKind.Ordinary;

    private static IEnumerable<KeyValuePair<string, PhpFunctionKind>> Build()
    {
        foreach ((PhpFunctionKind kind, string names) in new[]
        {
            (PhpFunctionKind.Code, "eval assert create_function"),
            (PhpFunctionKind.Shell, "system exec shell_exec passthru popen proc_open pcntl_exec expect_popen"),
            (PhpFunctionKind.Callback, "call_user_func call_user_func_array forward_static_call array_map array_filter array_walk array_reduce usort uasort uksort array_udiff array_uintersect register_shutdown_function register_tick_function preg_replace_callback iterator_apply ob_start"),
            (PhpFunctionKind.Include, "include include_once require require_once"),
            (PhpFunctionKind.Write, "file_put_contents"),
            (PhpFunctionKind.Replace, "preg_replace mb_ereg_replace preg_filter"),
            (PhpFunctionKind.Extract, "extract parse_str"),
            (PhpFunctionKind.Harmless, "isset empty unset count sizeof strlen mb_strlen intval floatval boolval abs round in_array array_key_exists strcmp strcasecmp strncmp strpos stripos strstr preg_match preg_match_all md5 sha1 crc32 hash hash_equals hash_hmac password_verify escapeshellarg escapeshellcmd htmlspecialchars htmlentities number_format absint wp_verify_nonce check_ajax_referer check_admin_referer current_user_can filter_var filter_input ctype_digit realpath file_exists array_search gettype json_encode addslashes mysqli_real_escape_string quote prepare if while switch elseif for return_bytes"),
        })
        {
            foreach (string name in names.Split(' '))
            {
                yield return KeyValuePair.Create(name, kind);
            }
        }
    }
}
