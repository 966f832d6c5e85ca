using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads <c>sudo.conf</c>: the plugins that decide who may do what and see every password, and the programs that sudo starts. See sudo.conf(5).</summary>
/// <remarks><b>Limitations</b>: settings other than <c>Plugin</c> and <c>Path</c> are not kept.</remarks>
public sealed class SudoConfParser : ArtifactParser
{
    private static readonly string[] s_directories = ["/usr/libexec/sudo/", "/usr/lib/sudo/", "/usr/lib64/sudo/", "/usr/local/libexec/sudo/"];

    /// <inheritdoc/>
    public override string Name => "linux/sudo-conf";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/sudo.conf", "/usr/etc/sudo.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.sudo-conf");
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Trim().Split([' ', '\t'], 4, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || words[0] is not ("Plugin" or "Path") || words[1] is "plugin_dir" or "devsearch")
            {
                continue;
            }
            if (!file.Add(new SudoPlugin(input.Location.At(line.Number, line.ByteOffset))
            {
                Directive = words[0], Symbol = words[1], Path = words[2], NamedFiles = words[2].StartsWith('/') ? [words[2]] : [.. s_directories.Select(directory => directory + words[2])],
            }))
            {
                return;
            }
        }
    }
}
