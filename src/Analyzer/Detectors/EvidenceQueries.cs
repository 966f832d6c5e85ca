using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>Questions that several detectors ask.</summary>
internal static class EvidenceQueries
{
    /// <summary>Digests of the file or stream at a location, when it was looked into.</summary>
    public static FileHashes? HashesOf(this EvidenceIndex evidence, EvidenceLocation location) => location.Stream is null ? evidence.File(location)?.Hashes : evidence.Stream(location)?.Hashes;

    /// <summary>Accounts of <c>passwd</c> by host, in file order.</summary>
    public static ILookup<string, UserAccount> Accounts(this EvidenceIndex evidence) =>
        evidence.OfType<UserAccount>().Where(account => !account.IsPrevious).ToLookup(account => evidence.TreeOf(account.Location.Volume));

    /// <summary>Removes a file, by the commands of the system it lies on.</summary>
    public static IReadOnlyList<string> RemoveFile(this EvidenceIndex evidence, EvidenceLocation location) =>
        evidence.IsOfWindows(location) ? WindowsRemediation.RemoveFile(location.Path) : Remediation.RemoveFile(location.Path);

    /// <summary>The file lies on a system or file system of Windows.</summary>
    public static bool IsOfWindows(this EvidenceIndex evidence, EvidenceLocation location) => evidence.HostOf(location.Volume)?.IsWindows ?? evidence.File(location)?.IsOfWindows ?? false;

    /// <summary>Where a link's file lies, as path of the image; of a named stream, with its name.</summary>
    public static string PathOf(StartedFile file) => file.Resolved is not { } found ? file.Requested : file.Stream is null ? found.Path : found.Path + ":" + file.Stream;

    /// <summary>The files of a link as related files; a missing one says so.</summary>
    public static IEnumerable<RelatedFile> Related(CommandLink link) =>
        link.Files.Where(file => file.Relation != "uses" || file.Resolved is not null).Take(16).Select(file => new RelatedFile(PathOf(file), file.Resolved is null ? "missing" : file.Relation))
            .Concat(link.AlsoStatedIn.Select(path => new RelatedFile(path, "stated-in")));

    /// <summary>The location of a command within its artefact's file.</summary>
    public static EvidenceLocation At(Artifact source, StartCommand? command) =>
        command?.Line is int line ? source.Location.At(line, command.ByteOffset ?? 0) : source.Location;
}

/// <summary>Severity arithmetic.</summary>
internal static class Severities
{
    /// <summary>One level lower, never below info.</summary>
    public static Severity Lower(this Severity severity) => severity == Severity.Info ? Severity.Info : severity - 1;
}
