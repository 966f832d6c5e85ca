using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads settings that make an interpreter load a file into every program: <c>auto_prepend_file</c> and extensions of PHP in <c>php.ini</c>, <c>.user.ini</c>, <c>.htaccess</c>, <c>.npmrc</c>, and Perl's <c>sitecustomize.pl</c>.
/// See php.net/manual/ini.core.php, npmrc(5).
/// </summary>
/// <remarks><b>Limitations</b>: values of Apache's virtual hosts are not read; of extensions only those with an absolute path are named.</remarks>
public sealed class LanguageConfigParser : ArtifactParser
{
    private static readonly string[] s_webRoots = ["/var/www", "/srv", "/usr/share/nginx/html", "/www/wwwroot", "/home/*/public_html", "/home/*/www", "/opt/lampp/htdocs"];

    /// <inheritdoc/>
    public override string Name => "linux/language-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/php.ini", "/etc/php*/**/*.ini", "/etc/php.d/*.ini", "/etc/opt/remi/*/php.ini", "/usr/local/lib/php.ini", "/usr/local/etc/php/php.ini", "/usr/local/etc/php/conf.d/*.ini", "/etc/php/*/fpm/pool.d/*.conf", "/etc/php-fpm.d/*.conf",
        .. s_webRoots.SelectMany(root => (string[])[root + "/**/.user.ini", root + "/**/.htaccess", root + "/**/php.ini"]), "/etc/perl/sitecustomize.pl", "/usr/{share,lib,local/share,local/lib}/perl5/sitecustomize.pl", "~/.npmrc", "/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.language-config");
        string path = input.Location.Path;
        string name = input.Location.Name;
        string directory = path[..path.LastIndexOf('/')];
        if (name == "sitecustomize.pl")
        {
            Perl(input, file);
            return;
        }
        bool isNpm = name is ".npmrc" or "npmrc";
        string? home = isNpm ? LoginPath.HomeOf(path) : null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] is '#' or ';' or '[')
            {
                continue;
            }
            (string key, string value) = name == ".htaccess" ? Apache(text) : Ini(text);
            EvidenceLocation place = input.Location.At(line.Number, line.ByteOffset);
            if ((isNpm ? Npm(place, key, value, home) : Php(place, key, value, directory)) is { } setting && !file.Add(setting))
            {
                return;
            }
        }
    }

    /// <summary>Perl runs the file at every start; its statements stand in one value.</summary>
    private static void Perl(ArtifactInput input, ArtifactFile file)
    {
        var code = new System.Text.StringBuilder();
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length > 0 && text[0] != '#' && code.Length < 16 << 10)
            {
                code.Append(text).Append('\n');
            }
        }
        if (code.Length > 0)
        {
            file.Add(new ToolSetting(input.Location) { Tool = "perl", Key = "sitecustomize", Value = code.ToString(), NamedFiles = [input.Location.Path] });
        }
    }

    private static ToolSetting? Php(EvidenceLocation place, string key, string value, string directory)
    {
        // A pool states php_admin_value[auto_prepend_file] = ...
        int open = key.IndexOf('[');
        key = open > 0 && key.EndsWith(']') ? key[(open + 1)..^1] : key;
        key = key.ToLowerInvariant();
        if (value.Length == 0 || value is "none" || key is not ("auto_prepend_file" or "auto_append_file" or "extension" or "zend_extension" or "opcache.preload" or "sendmail_path"))
        {
            return null;
        }
        if (key == "sendmail_path")
        {
            return new ToolSetting(place) { Tool = "php", Key = key, Value = value, Command = value };
        }
        string? named = value.StartsWith('/') ? value : key is "extension" or "zend_extension" || value.Contains(':') ? null : directory + "/" + value;
        return new ToolSetting(place) { Tool = "php", Key = key, Value = value, NamedFiles = named is null || named.Contains('\0') ? [] : [named] };
    }

    private static ToolSetting? Npm(EvidenceLocation place, string key, string value, string? home) => key switch
    {
        "node-options" or "node_options" => new ToolSetting(place) { Tool = "npm", Key = key, Value = value, Home = home, NamedFiles = EnvironmentVariables.Files("NODE_OPTIONS", EnvironmentRole.LanguageOptions, value, home) },
        "script-shell" or "shell" or "git" or "editor" or "viewer" or "browser" => new ToolSetting(place) { Tool = "npm", Key = key, Value = value, Home = home, Command = value },
        "onload-script" => new ToolSetting(place) { Tool = "npm", Key = key, Value = value, Home = home, NamedFiles = LoginPath.Absolute(value, home) is { } script ? [script] : [] },
        _ => null,
    };

    private static (string Key, string Value) Ini(string text)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0)
        {
            return ("", "");
        }
        string value = text[(equals + 1)..].Trim();
        if (value.Length > 1 && value[0] is '"' or '\'')
        {
            int close = value.IndexOf(value[0], 1);
            return (text[..equals].Trim(), close > 0 ? value[1..close] : value);
        }
        int comment = value.IndexOf(';');
        return (text[..equals].Trim(), (comment >= 0 ? value[..comment] : value).Trim());
    }

    private static (string Key, string Value) Apache(string text)
    {
        string[] words = text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 3 && words[0].Equals("php_value", StringComparison.OrdinalIgnoreCase) | words[0].Equals("php_admin_value", StringComparison.OrdinalIgnoreCase) ? (words[1], words[2].Trim().Trim('"', '\'')) : ("", "");
    }
}
