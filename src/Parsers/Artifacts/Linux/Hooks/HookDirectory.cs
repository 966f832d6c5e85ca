namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What parsers of directories of hooks have in common: links name files, everything else is a script; who may write decides whether it runs.</summary>
internal static class HookDirectory
{
    private static readonly string[] s_backups = ["~", ".rpmsave", ".rpmorig", ".rpmnew", ".swp", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-tmp", ".dpkg-bak"];

    /// <summary>Reads an entry: a link yields the file it leads to, a regular file its commands. A link to <c>/dev/null</c> is how an entry is switched off.</summary>
    public static void Read(ArtifactInput input, IArtifactSink sink, StartupScriptReader reader)
    {
        if (input.Entry.Type != FileType.SymbolicLink)
        {
            reader.Read(input, sink);
        }
        else if (!string.IsNullOrEmpty(input.LinkTarget) && RunlevelLinkParser.Absolute(input.Location.Path, input.LinkTarget) is var target and not ("/dev/null" or "/"))
        {
            sink.Add(new HookFile(input.Location) { Place = reader.Place, Trigger = reader.Trigger, Target = target, DormantBecause = reader.DormantBecause });
        }
    }

    /// <summary>The directory of a path, without a slash at its end.</summary>
    public static string Of(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];

    /// <summary>Why run-parts would not take the name; null when it would.</summary>
    public static string? RunPartsRefusal(string name) =>
        CronTableRules.NameProblem(name) is { } problem ? $"run-parts ignores files with {problem} in their name" : null;

    /// <summary>A left-over of an editor or a package manager, which no reader takes; null when it is none.</summary>
    public static string? Backup(string name)
    {
        foreach (string suffix in s_backups)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                return "files whose name ends in " + suffix + " are ignored";
            }
        }
        return null;
    }

    /// <summary>What careful daemons demand of a file that they run as root: owned by root, writable by nobody else.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="reader">Who refuses it.</param>
    /// <param name="refusesSetUserId">Also when the set-user-id bit is set.</param>
    public static string? Untrusted(FileEntry entry, string reader, bool refusesSetUserId = false)
    {
        if (entry.Type == FileType.SymbolicLink)
        {
            return null;
        }
        return entry.UserId != 0 ? reader + " refuses files that root does not own"
            : (entry.Permissions & 0x12) != 0 ? reader + " refuses files that others may write"
            : refusesSetUserId && (entry.Permissions & 0x800) != 0 ? reader + " refuses files with the set-user-id bit" : null;
    }
}
