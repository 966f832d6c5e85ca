using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A shell that <c>/etc/shells</c> allows for logins.</summary>
public sealed record LoginShell(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "login-shell";
    /// <summary>The path, trailing blanks kept.</summary>
    public required string Path { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => Path.Length is > 0 and < 4096 && Path[0] == '/' ? [PathText.FromText(Path)] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Text("path", Path);
}

/// <summary>Reads <c>/etc/shells</c>, see shells(5).</summary>
/// <remarks>Limitations: programs cut a line at its first blank or not, depending on the program; the line is kept as it is.</remarks>
public sealed class LoginShellsParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/shells";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/shells"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.shells");
        foreach (TextLine line in file.Lines())
        {
            if (line.Text.Length == 0 || line.Text[0] != '/')
            {
                continue;
            }
            if (!file.Add(new LoginShell(input.Location.At(line.Number, line.ByteOffset)) { Path = line.Text }))
            {
                return;
            }
        }
    }
}
