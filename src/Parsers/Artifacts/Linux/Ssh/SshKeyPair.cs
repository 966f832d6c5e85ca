using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A public key file in a home's <c>.ssh</c>; the private key lies beside it under the name without <c>.pub</c>.</summary>
public sealed record SshKeyPair(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "ssh-key-pair";
    /// <summary><c>SHA256:...</c>.</summary>
    public required string Fingerprint { get; init; }
    /// <summary>What follows the key.</summary>
    public string Comment { get; init; } = "";
    /// <summary>The private key.</summary>
    public IReadOnlyList<string> NamedFiles => [Location.Path[..^".pub".Length]];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("fingerprint", Fingerprint);
        fields.Text("comment", Comment);
        fields.List("namedFiles", NamedFiles);
    }
}

/// <summary>Reads public keys of users, <c>~/.ssh/*.pub</c>, see ssh-keygen(1).</summary>
/// <remarks><b>Limitations</b>: certificates are not taken apart; the private key is never read.</remarks>
public sealed class SshKeyPairParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/ssh-key-pair";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["~/.ssh/*.pub", "/root/.ssh/*.pub"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.ssh-key-pair");
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && SshPublicKey.TryDecode(words[1], out byte[] blob) && SshPublicKey.Read(blob).Fingerprint is { } print)
            {
                file.Add(new SshKeyPair(input.Location) { Fingerprint = print, Comment = words.Length > 2 ? words[2].Trim() : "" });
                return;
            }
        }
    }
}
