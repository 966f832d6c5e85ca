namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What the path of a start-up file says: whose home it lies in, and who runs it.</summary>
internal static class LoginPath
{
    private static readonly string[] LibraryDirectories =
    [
        "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib/aarch64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib", "/lib", "/usr/lib/i386-linux-gnu", "/usr/local/lib",
    ];

    /// <summary>The directory that holds the first hidden component (<c>/home/a</c> of <c>/home/a/.config/fish/config.fish</c>); null without one.</summary>
    public static string? HomeOf(string path)
    {
        int hidden = path.IndexOf("/.", StringComparison.Ordinal);
        return hidden < 0 ? null : hidden == 0 ? "/" : path[..hidden];
    }

    /// <summary>The account by the usual names of homes; null when the path does not tell.</summary>
    public static string? UserOf(string path) => HomeOf(path) switch
    {
        null => "root",
        "/root" => "root",
        ['/', 'h', 'o', 'm', 'e', '/', .. var name] when !name.Contains('/') => name,
        _ => null,
    };

    /// <summary>An absolute path of a text that may begin with the home directory; null when it depends on something else.</summary>
    public static string? Absolute(string text, string? home)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["~", "$HOME", "${HOME}"])
        {
            if (home is not null && text.StartsWith(prefix, StringComparison.Ordinal) && (text.Length == prefix.Length || text[prefix.Length] == '/'))
            {
                text = home.TrimEnd('/') + text[prefix.Length..];
                break;
            }
        }
        return text.Length is > 1 and < 4096 && text[0] == '/' && !text.AsSpan().ContainsAny('$', '`', '\0') ? text : null;
    }

    /// <summary>Where a file of this name lies in the directories for libraries, below a subdirectory.</summary>
    /// <param name="folder">Below each directory, with a slash at its end; empty for none.</param>
    /// <param name="name">File name.</param>
    public static IReadOnlyList<string> InLibraryDirectories(string folder, string name) => [.. LibraryDirectories.Select(directory => directory + "/" + folder + name)];

    /// <summary>Why no program opens a file by this name: it is what editors and package managers leave beside the real one; null when it may be real.</summary>
    public static string? Leftover(string name)
    {
        foreach (string suffix in (ReadOnlySpan<string>)["~", ".bak", ".old", ".orig", ".save", ".rpmsave", ".rpmnew", ".rpmorig", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".ucf-dist", ".ucf-old", ".swp", ".pam-old", ".disabled"])
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                return "its name ends in " + suffix + ", so nothing opens it";
            }
        }
        return null;
    }
}
