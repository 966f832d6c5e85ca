namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// systemd's generators: programs that run before any unit, at each boot and <c>daemon-reload</c>, as root; those of environment make variables for the managers.
/// Of one name the first directory wins, and an empty file or a link to <c>/dev/null</c> there switches the others off. See systemd.generator(7), systemd.environment-generator(7).
/// </summary>
/// <remarks><b>Limitations</b>: which of several files of one name wins is the analyser's to say; a file that is not executable, or empty, yields a script that is never run.</remarks>
public sealed class GeneratorParser : ArtifactParser
{
    private static readonly string[] Directories = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd"];

    /// <inheritdoc/>
    public override string Name => "linux/generator";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        [.. Directories.Select(directory => directory + "/{system-generators,user-generators,system-environment-generators,user-environment-generators}/*")];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Entry.Type == FileType.SymbolicLink)
        {
            // What another link leads to is read as if it lay here.
            if (input.LinkTarget is "/dev/null")
            {
                sink.Add(Mask(input, "the link to /dev/null switches generators of this name off"));
            }
            return;
        }
        if (input.Content.IsEmpty)
        {
            sink.Add(Mask(input, "the empty file switches generators of this name off"));
            return;
        }
        string[] parts = input.Location.Path.Split('/');
        new StartupScriptReader
        {
            Place = StartupPlace.Generator,
            Trigger = parts.Length > 1 ? parts[^2][..^1] : "generator",
            DormantBecause = input.Location.Name[0] == '.' ? "systemd skips hidden files" : null,
            WithoutShebang = ("no shebang line: systemd cannot execute it", false),
        }.Read(input, sink);
    }

    /// <summary>How systemd ranks the directory of a generator, 0 wins over 1; -1 for other paths.</summary>
    public static int Rank(string path)
    {
        for (int i = 0; i < Directories.Length; i++)
        {
            if (path.StartsWith(Directories[i] + "/", StringComparison.Ordinal))
            {
                return Math.Min(i, 3);
            }
        }
        return -1;
    }

    private static StartupScript Mask(ArtifactInput input, string why) => new(input.Location) { Place = StartupPlace.Generator, DormantBecause = why };
}
