using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A directory that <c>ld.so.conf</c> or one of its drop-ins adds to where every program finds its libraries.</summary>
public sealed record LibraryDirectory(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "library-directory";
    /// <summary>Directory as written.</summary>
    public required string Directory { get; init; }
    /// <summary>Why ldconfig does not read the line, as a clause; null when it does.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>Libraries that nearly every program needs, as they would be called in it.</summary>
    public IReadOnlyList<string> NamedFiles => Directory.StartsWith('/') ? [.. EnvironmentVariables.EssentialLibraries.Select(name => Directory.TrimEnd('/') + "/" + name)] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("directory", Directory);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads <c>/etc/ld.so.conf</c> and its drop-ins, see ldconfig(8).</summary>
/// <remarks><b>Limitations</b>: the usual include line <c>/etc/ld.so.conf.d/*.conf</c> is assumed.</remarks>
public sealed class LdSoConfParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/ld-so-conf";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/ld.so.conf", "/etc/ld.so.conf.d/*", "/usr/etc/ld.so.conf", "/etc/ld-musl-*.path"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.ld-so-conf");
        string? dormant = input.Location.Path.Contains("/ld.so.conf.d/", StringComparison.Ordinal) && !input.Location.Name.EndsWith(".conf", StringComparison.Ordinal) ? "ldconfig reads only names that end in .conf" : null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Split('#', 2)[0].Trim();
            if (text.StartsWith("include", StringComparison.Ordinal) || text.StartsWith("hwcap", StringComparison.Ordinal))
            {
                continue;
            }
            foreach (string word in text.Split([' ', '\t', ',', ':', '\r'], StringSplitOptions.RemoveEmptyEntries))
            {
                string directory = word.Split('=', 2)[0];
                if (directory.StartsWith('/') && directory.Length < 4096 && !file.Add(new LibraryDirectory(input.Location.At(line.Number, line.ByteOffset)) { Directory = directory, DormantBecause = dormant }))
                {
                    return;
                }
            }
        }
    }
}
