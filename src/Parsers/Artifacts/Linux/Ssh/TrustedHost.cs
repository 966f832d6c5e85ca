using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One line of a file that lets hosts or principals in without password: <c>.rhosts</c>, <c>.shosts</c>, <c>hosts.equiv</c>, <c>shosts.equiv</c>, <c>.k5login</c>.</summary>
public sealed record TrustedHost(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "trusted-host";
    /// <summary>Host, <c>+</c> for every one, or the Kerberos principal.</summary>
    public required string Host { get; init; }
    /// <summary>User on that host, <c>+</c> for every one; null when the same name is meant.</summary>
    public string? User { get; init; }
    /// <summary>A Kerberos principal.</summary>
    public bool IsPrincipal { get; init; }
    /// <summary>Account that is opened; null for all.</summary>
    public string? Account { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("host", Host);
        fields.Text("user", User);
        fields.Flag("isPrincipal", IsPrincipal);
        fields.Text("account", Account);
    }
}

/// <summary>Reads files of trusted hosts, see hosts.equiv(5), rhosts(5), k5login(5).</summary>
/// <remarks><b>Limitations</b>: whether a server that honours the file is installed is not judged.</remarks>
public sealed class TrustedHostsParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/trusted-hosts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/hosts.equiv", "/etc/shosts.equiv", "/etc/ssh/shosts.equiv", "~/.rhosts", "~/.shosts", "~/.k5login"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.trusted-hosts");
        bool isPrincipal = input.Location.Name == ".k5login";
        string? account = LoginPath.HomeOf(input.Location.Path) is null ? null : LoginPath.UserOf(input.Location.Path);
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Split([' ', '\t', '\r'], 4, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] is '#' or '-')
            {
                continue;
            }
            if (!file.Add(new TrustedHost(input.Location.At(line.Number, line.ByteOffset))
            {
                Host = words[0], User = words.Length > 1 && !words[1].StartsWith('#') ? words[1] : null, IsPrincipal = isPrincipal, Account = account,
            }))
            {
                return;
            }
        }
    }
}
