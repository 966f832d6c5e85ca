using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What the places of hooks have in common.</summary>
internal static class Hooks
{
    /// <summary>Where an artefact that is a hook stands; null for others.</summary>
    public static StartupPlace? PlaceOf(Artifact artifact) => artifact switch
    {
        HookCommand hook => hook.Place,
        HookFile file => file.Place,
        StartupScript script => script.Place,
        PackageManagerPlugin { Manager: "needrestart" } => StartupPlace.AptHook,
        PackageManagerPlugin => StartupPlace.PackageManagerHook,
        _ => null,
    };

    /// <summary>A script goes as a whole; a line goes out of its file, and the file when it was made for that line.</summary>
    public static IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        StartupScript or PackageManagerPlugin or HookFile { IsInclude: false, Location.Line: null } => Remediation.RemoveFile(source.Location.Path),
        HookCommand { IsBlock: true } => Remediation.RemoveLine(source.Location.Path, null),
        HookCommand or HookFile when IsDropIn(source.Location.Path) => [.. Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line), Remediation.RemoveWhenHostile(source.Location.Path)],
        HookCommand or HookFile => Remediation.RemoveLine(source.Location.Path, line ?? source.Location.Line),
        _ => null,
    };

    private static bool IsDropIn(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash > 0 && (path[..slash].EndsWith(".d", StringComparison.Ordinal) || path[..slash].EndsWith("/hooks", StringComparison.Ordinal));
    }
}
