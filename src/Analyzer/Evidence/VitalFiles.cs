using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a vital file is for.</summary>
public enum VitalKind
{
    /// <summary>Not vital.</summary>
    None,
    /// <summary>A program of the base system.</summary>
    Program,
    /// <summary>A program that fetches files.</summary>
    Downloader,
    /// <summary>A program that shows processes, connections and files or lets people in: what an intruder replaces to hide and to come back.</summary>
    Viewer,
    /// <summary>A module of PAM.</summary>
    Authentication,
    /// <summary>OpenSSH and the libraries that were used to trojan it.</summary>
    OpenSsh,
    /// <summary>The dynamic loader and the libraries in every program.</summary>
    Loader,
}

/// <summary>Files a host cannot be trusted without. Paths are absolute and in display form.</summary>
public static class VitalFiles
{
    private static readonly string[] s_libraryPlaces = ["/lib/", "/lib32/", "/lib64/", "/libx32/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libx32/"];
    private static readonly Dictionary<string, VitalKind> s_programs = Programs();

    /// <summary>Every place where a vital program of this kind may lie.</summary>
    public static IEnumerable<string> PathsOf(VitalKind kind) =>
        s_programs.Where(program => program.Value == kind).SelectMany(program => SystemProgramNames.Directories.Select(directory => directory + "/" + program.Key));

    /// <summary>What a path is for.</summary>
    public static VitalKind KindOf(string path)
    {
        int slash = path.LastIndexOf('/');
        string name = path[(slash + 1)..];
        if (IsProgramDirectory(path.AsSpan(0, Math.Max(slash, 0))))
        {
            return s_programs.GetValueOrDefault(name);
        }
        if (path.StartsWith("/usr/lib/openssh/", StringComparison.Ordinal) || path.StartsWith("/usr/lib/ssh/", StringComparison.Ordinal) || path.StartsWith("/usr/libexec/openssh/", StringComparison.Ordinal))
        {
            return VitalKind.OpenSsh;
        }
        if (!PathTraits.StartsWithAny(path, s_libraryPlaces))
        {
            return VitalKind.None;
        }
        if (name.StartsWith("pam_", StringComparison.Ordinal) && path.Contains("/security/", StringComparison.Ordinal))
        {
            return VitalKind.Authentication;
        }
        return name switch
        {
            _ when name.StartsWith("libkeyutils.so", StringComparison.Ordinal) || name.StartsWith("liblzma.so", StringComparison.Ordinal) => VitalKind.OpenSsh,
            _ when SystemProgramNames.IsGlibcLoader(name) || name.StartsWith("ld-musl-", StringComparison.Ordinal) => VitalKind.Loader,
            "libc.so.6" or "libpthread.so.0" => VitalKind.Loader,
            _ when name.StartsWith("libc-2.", StringComparison.Ordinal) || name.StartsWith("libpthread-2.", StringComparison.Ordinal) || name.StartsWith("libselinux.so", StringComparison.Ordinal) => VitalKind.Loader,
            _ => VitalKind.None,
        };
    }

    /// <summary>Directories of programs that distributions install, and administrators do not.</summary>
    public static bool IsProgramDirectory(ReadOnlySpan<char> directory) => directory is "/usr/bin" or "/usr/sbin" or "/bin" or "/sbin";

    private static Dictionary<string, VitalKind> Programs()
    {
        var programs = new Dictionary<string, VitalKind>(StringComparer.Ordinal);
        foreach ((VitalKind kind, IReadOnlyList<string> names) in new[]
        {
            (VitalKind.OpenSsh, SystemProgramNames.OpenSsh), (VitalKind.Viewer, SystemProgramNames.Viewers), (VitalKind.Downloader, SystemProgramNames.Downloaders), (VitalKind.Program, SystemProgramNames.Others),
        })
        {
            foreach (string name in names)
            {
                programs.TryAdd(name, kind);
            }
        }
        return programs;
    }
}
