using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Gives a text to a parser as if it stood at a path with the metadata of a healthy system unless told otherwise.</summary>
internal static class StartupInput
{
    public const int Executable = 0b111_101_101;
    public const int Private = 0b110_000_000;
    public const int Public = 0b110_100_100;

    public static ArtifactList Run(ArtifactParser parser, string path, byte[] content, int mode, uint owner = 0, uint links = 1, string? target = null)
    {
        var entry = new FileEntry
        {
            MetadataAddress = 12,
            Type = target is null ? FileType.Regular : FileType.SymbolicLink,
            Size = content.Length,
            Permissions = mode,
            UserId = owner,
            LinkCount = links,
        };
        var sink = new ArtifactList();
        parser.Parse(new ArtifactInput(new EvidenceLocation("disk.img", "disk@0", 0, path, 12), entry, content) { LinkTarget = target }, sink);
        return sink;
    }

    public static ArtifactList Run(ArtifactParser parser, string path, string text, int mode, uint owner = 0, uint links = 1, string? target = null) =>
        Run(parser, path, Encoding.UTF8.GetBytes(text), mode, owner, links, target);

    public static IReadOnlyList<CronJob> Cron(string path, string text, int? mode = null, uint owner = 0, uint links = 1) =>
        [.. Run(new CrontabParser(), path, text, mode ?? (path.StartsWith("/etc/c", StringComparison.Ordinal) ? Public : Private), owner, links).Artifacts.Cast<CronJob>()];

    public static StartupScript Script(ArtifactParser parser, string path, string text, int mode = Executable) =>
        (StartupScript)Run(parser, path, text, mode).Artifacts.Single();

    /// <summary>Schedule, user and command of each job, one a line.</summary>
    public static string[] Flat(IEnumerable<CronJob> jobs) => [.. jobs.Select(job => $"{job.Schedule} | {job.User} | {job.Command}")];
}
