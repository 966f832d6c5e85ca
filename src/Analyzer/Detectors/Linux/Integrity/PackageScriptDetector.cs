using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Package databases used as a hiding place: maintainer scripts of no package or changed after it was installed, files of the database that something else starts, packages kept among
/// rpm's files and jobs that install them again and again, packages without a maker. What the scripts do is judged by the rules on commands.
/// </summary>
/// <remarks><b>Limitations:</b> times of scripts prove little; rpm's scriptlets carry no times of their own.</remarks>
public sealed class PackageScriptDetector : IDetector
{
    private static readonly RuleInfo Orphan = new("L-DPKG.orphan-script", "Maintainer script of a package that is not installed", "persistence", ["T1546.016"]);
    private static readonly RuleInfo Changed = new("L-DPKG.script-changed", "Maintainer script was changed after its package was installed", "persistence", ["T1546.016"]);
    private static readonly RuleInfo Started = new("L-DPKG.started-from-database", "Something starts a file of the package database", "persistence", ["T1546.016", "T1036.005"]);
    private static readonly RuleInfo Nameless = new("L-DPKG.package-without-maker", "Package names nobody who made it and has no digests", "persistence", ["T1546.016"]);
    private static readonly RuleInfo Stray = new("L-RPM.package-in-database", "Package file among the files of rpm's database", "persistence", ["T1546.016"]);
    private static readonly RuleInfo Job = new("L-RPM.installed-by-job", "A job installs a package by force or out of rpm's database", "persistence", ["T1546.016", "T1053"]);

    private static readonly string[] s_databases = ["/var/lib/dpkg/", "/var/lib/rpm/", "/usr/lib/sysimage/rpm/", "/usr/share/rpm/", "/lib/apk/db/", "/usr/lib/apk/db/", "/var/lib/pacman/"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Orphan, Changed, Started, Nameless, Stray, Job];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) =>
        evidence.IsOfDeleted ? [] : [.. Scripts(evidence), .. StartedFiles(evidence), .. Packages(evidence), .. StrayFiles(evidence)];

    private static IEnumerable<Finding> Scripts(EvidenceIndex evidence)
    {
        foreach (StartupScript script in evidence.OfType<StartupScript>().Where(script => script is { Place: StartupPlace.PackageScript, PackageManager: "dpkg" }))
        {
            PackageIndex packages = evidence.PackagesOf(script.Location.Volume);
            if (packages.OrphanScripts.Any(orphan => orphan.Script.Path == script.Location.Path))
            {
                yield return new Finding(Orphan, Severity.Medium, script.Location)
                {
                    Message = "The script lies among those of installed packages, and the database knows no package of its name.", Evidence = script.Location.Path, Hashes = evidence.HashesOf(script.Location),
                    Remediation = Remediation.RemoveFile(script.Location.Path),
                };
            }
            else if (evidence.File(script.Location)?.Entry.Modified is { } modified && packages.Packages.FirstOrDefault(package => package.Scripts.Any(own => own.Path == script.Location.Path)) is { InstalledAt: { } installed } owner
                && modified.Seconds > installed.Seconds + 3600)
            {
                yield return new Finding(Changed, Severity.Low, script.Location)
                {
                    Message = $"The script was changed {modified}, after {owner} was installed ({installed}). Administrators do that to repair a package; what it runs now is judged by itself.",
                    Evidence = script.Location.Path, Hashes = evidence.HashesOf(script.Location),
                };
            }
        }
    }

    /// <summary>Whatever else starts a file below a package database: no system does.</summary>
    private static IEnumerable<Finding> StartedFiles(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        var told = new HashSet<(string, string, string)>();
        foreach (CommandLink link in evidence.Links)
        {
            if (Place.Of(link.Source) is not { } place || link.Source is StartupScript { Place: StartupPlace.PackageScript } or ScriptFacts)
            {
                continue;
            }
            foreach (StartedFile file in link.Files)
            {
                string path = EvidenceQueries.PathOf(file);
                // Reading a list is what backup jobs do; only what is started counts.
                if (file.Relation is not ("starts" or "interprets" or "loads") || !PathTraits.StartsWithAny(path, s_databases) || !told.Add((link.Source.Location.Volume, link.Source.Location.Path, path)))
                {
                    continue;
                }
                string? dormant = chain.DormantBecause(link.Source, link.Command);
                yield return new Finding(Started, dormant is null ? Severity.High : Severity.Medium, EvidenceQueries.At(link.Source, link.Command))
                {
                    Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]} starts {path}, which lies among the files of the package database, where only the package manager itself runs anything."
                        + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
                    Evidence = Clip.Evidence(link.Command?.Text ?? path, path), Related = [.. EvidenceQueries.Related(link)],
                    Remediation = [.. Place.CleanUp(link.Source, link.Command?.Line), .. Remediation.RemoveFile(path)],
                };
            }
            if (link.Command is { } command && IsForcedInstallation(command.Text))
            {
                string? dormant = chain.DormantBecause(link.Source, command);
                yield return new Finding(Job, dormant is null ? Severity.High : Severity.Medium, EvidenceQueries.At(link.Source, command))
                {
                    Message = $"{char.ToUpperInvariant(place.Label[0])}{place.Label[1..]} installs a package by force or out of rpm's own database: so its scripts run again and again."
                        + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
                    Evidence = Clip.Evidence(command.Text), Related = [.. EvidenceQueries.Related(link)], Remediation = Place.CleanUp(link.Source, command.Line),
                };
            }
        }
    }

    private static bool IsForcedInstallation(string text)
    {
        string[] words = text.Split([' ', '\t', ';', '&', '|', '"', '\''], StringSplitOptions.RemoveEmptyEntries);
        int rpm = Array.FindIndex(words, word => PathTraits.Name(word) == "rpm");
        if (rpm < 0)
        {
            return false;
        }
        string[] options = words[(rpm + 1)..];
        bool installs = options.Any(word => word is "--install" or "--upgrade" or "--reinstall" or "--freshen" || (word.Length > 1 && word[0] == '-' && word[1] != '-' && word.AsSpan(1).IndexOfAny("iUF") >= 0 && !word.AsSpan(1).ContainsAny("qVe")));
        bool isOdd = options.Any(word => word is "--force" or "--replacepkgs" or "--nodigest" or "--nosignature" || (word.EndsWith(".rpm", StringComparison.Ordinal) && (PathTraits.StartsWithAny(word, s_databases) || PathTraits.IsTemporary(word) || PathTraits.IsHidden(word))));
        return installs && isOdd && options.Any(word => word.EndsWith(".rpm", StringComparison.Ordinal));
    }

    private static IEnumerable<Finding> Packages(EvidenceIndex evidence)
    {
        foreach ((string host, PackageIndex packages) in evidence.Packages.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (Package package in packages.Packages.Where(package => package is { State: PackageState.Installed, HasDigests: false } && PackageVendors.IsNameless(package)).Take(100))
            {
                if (evidence.Artifacts.FirstOrDefault(artifact => artifact.Location.Volume == host) is { } any)
                {
                    yield return new Finding(Nameless, Severity.Low, any.Location with { Path = package.Database, MetadataAddress = 0, Line = null, ByteOffset = null })
                    {
                        Message = $"The package {package} names no person or company as its maintainer ({Clip.Evidence(package.Vendor)}) and came without digests. Home-made packages look so, and those of intruders.",
                        Evidence = Clip.Evidence(package.ToString()),
                    };
                }
            }
        }
    }

    private static IEnumerable<Finding> StrayFiles(EvidenceIndex evidence)
    {
        foreach (RpmPackageFile file in evidence.OfType<RpmPackageFile>().Where(file => file.Location is { Allocation: Allocation.Allocated, ShadowedBy: null }))
        {
            yield return new Finding(Stray, Severity.Medium, file.Location)
            {
                Message = "rpm keeps no package files among those of its database; one that lies there is meant to be installed again by something" + (file.IsPackage ? "." : ", and this is not even a package."),
                Evidence = Clip.Evidence(file.Location.Path + (file.StatedName is { } name ? " " + name : "")), Hashes = evidence.HashesOf(file.Location), Remediation = Remediation.RemoveFile(file.Location.Path),
            };
        }
    }
}
