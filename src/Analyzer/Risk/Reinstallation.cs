namespace Forensics.Analyzer.Risk;

/// <summary>Clean-up that needs the package manager. Names come from the examined disk and are quoted; a name that cannot be is left out.</summary>
public static class Reinstallation
{
    /// <summary>Brings back what a package shipped.</summary>
    /// <param name="path">The file that differs or is gone.</param>
    /// <param name="manager">Package manager; null when unknown.</param>
    /// <param name="package">Package, <c>name</c> or <c>name version</c>; null when unknown.</param>
    public static IReadOnlyList<string> Of(string path, string? manager, string? package)
    {
        string name = (package ?? "").Split(' ')[0];
        string? command = name.Length > 0 && ShellQuote.TryText(name, out string word) && !word.StartsWith('-') ? manager switch
        {
            "dpkg" => "apt-get install --reinstall " + word,
            "rpm" => "dnf reinstall " + word + "   # or: yum, zypper install --force",
            "apk" => "apk fix --reinstall " + word,
            "pacman" => "pacman -S " + word,
            _ => null,
        } : null;
        return [.. Remediation.Unlock(path), command ?? "Reinstall the package that owns the file from a trusted source; do not only remove it"];
    }

    /// <summary>Removes a package; when it is not known, its script.</summary>
    public static IReadOnlyList<string> RemovePackage(string? manager, string package, string? script)
    {
        if (!ShellQuote.TryText(package, out string word) || word.StartsWith('-'))
        {
            return script is null ? ["Remove the package with its manager"] : Remediation.RemoveFile(script);
        }
        // The package's own script must not run once more while it is removed.
        string[] first = script is null ? [] : [.. Remediation.RemoveFile(script)];
        return manager switch
        {
            "rpm" => ["rpm -e --noscripts " + word],
            "apk" => ["apk del --no-scripts " + word],
            "pacman" => [.. first, "pacman -R --noscriptlet " + word],
            _ => [.. first, "dpkg -P " + word + "   # when nothing depends on it"],
        };
    }
}
