using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>Opens the parent of a differencing disk by the names its child gives.</summary>
internal static class ParentName
{
    /// <summary>Longest name that is looked at; a path on Windows has at most 32,767 characters, of which only the last component counts.</summary>
    public const int MaxCharacters = 4096;

    private const string ExtendedPath = @"\\?\";

    /// <summary>
    /// Tries the names in their order, each last component once. Throws <see cref="UnsupportedFeatureException"/>, of the first name, when none can be opened.
    /// </summary>
    public static CompanionFile Open(IReadOnlyList<string> names, string role, ICompanionFiles companions)
    {
        UnsupportedFeatureException? refused = null;
        var tried = new HashSet<string>(StringComparer.Ordinal);
        foreach (string given in names)
        {
            // \\?\C:\... is a local path in Windows' extended form, no network path; \\?\UNC\... stays one.
            string name = given.StartsWith(ExtendedPath, StringComparison.Ordinal) && !given.StartsWith(ExtendedPath + "UNC", StringComparison.OrdinalIgnoreCase)
                ? given[ExtendedPath.Length..] : given;
            if (name.Length is 0 or > MaxCharacters || !tried.Add(name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..]))
            {
                continue;
            }
            try
            {
                return companions.OpenNamed(name, role);
            }
            catch (UnsupportedFeatureException e)
            {
                refused ??= e;
            }
        }
        throw refused ?? new UnsupportedFeatureException(role + " without a usable name");
    }
}
