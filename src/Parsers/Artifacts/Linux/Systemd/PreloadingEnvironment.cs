using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of a service's environment file that makes the dynamic loader put libraries into the program.</summary>
public sealed record PreloadingEnvironment(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "preloading-environment";
    /// <summary><c>LD_PRELOAD</c> or <c>LD_AUDIT</c>.</summary>
    public required string Variable { get; init; }
    /// <summary>Value, quotes taken off.</summary>
    public required string Value { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => [.. Value.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Where(path => path[0] == '/').Take(32)];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("variable", Variable);
        fields.Text("value", Value);
    }
}

/// <summary>Reads <c>/etc/default</c> and <c>/etc/sysconfig</c>, which units name as <c>EnvironmentFile=</c> and init scripts source, for what preloads libraries.</summary>
/// <remarks><b>Limitations</b>: environment files elsewhere are not claimed; a variable that a shell puts together is not expanded.</remarks>
public sealed class PreloadingEnvironmentParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/preloading-environment";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/default/*", "/etc/sysconfig/*", "/etc/conf.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.Span.IndexOf("LD_"u8) < 0)
        {
            return;
        }
        var file = new ArtifactFile(input, sink, "environment-file");
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            text = text.StartsWith("export ", StringComparison.Ordinal) ? text[7..].TrimStart() : text;
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            string value = equals < 0 ? "" : text[(equals + 1)..].Trim().Trim('"', '\'');
            if (equals > 0 && value.Length > 0 && text[..equals].TrimEnd() is "LD_PRELOAD" or "LD_AUDIT"
                && !file.Add(new PreloadingEnvironment(input.Location.At(line.Number, line.ByteOffset)) { Variable = text[..equals].TrimEnd(), Value = value }))
            {
                return;
            }
        }
    }
}
