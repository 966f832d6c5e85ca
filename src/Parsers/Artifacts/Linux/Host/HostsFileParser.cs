using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of <c>/etc/hosts</c>: names that the host resolves by itself.</summary>
public sealed record HostsEntry(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "hosts-entry";
    /// <summary>Address as written.</summary>
    public required string Address { get; init; }
    /// <summary>Names, in order.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("address", Address);
        fields.List("names", Names);
    }
}

/// <summary>A name server of <c>/etc/resolv.conf</c>.</summary>
public sealed record NameServer(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "name-server";
    /// <summary>Address as written.</summary>
    public required string Address { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields) => fields.Text("address", Address);
}

/// <summary>Reads <c>/etc/hosts</c> and the name servers of <c>/etc/resolv.conf</c>, see hosts(5) and resolv.conf(5).</summary>
/// <remarks>Limitations: at most 64 names a line; systemd-resolved's own servers are not here.</remarks>
public sealed class HostsFileParser : ArtifactParser
{
    private const int MostNames = 64;
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <inheritdoc/>
    public override string Name => "linux/hosts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/hosts", "/etc/resolv.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.hosts");
        if (input.Location.Name != "resolv.conf")
        {
            ReadEntries(file);
            return;
        }
        foreach ((string[] words, EvidenceLocation place) in Lines(file, ';'))
        {
            if (words[0] == "nameserver" && !file.Add(new NameServer(place) { Address = words[1] }))
            {
                return;
            }
        }
    }

    /// <summary>The entries of a hosts file, wherever a system keeps it.</summary>
    internal static void ReadEntries(ArtifactFile file)
    {
        foreach ((string[] words, EvidenceLocation place) in Lines(file, '#'))
        {
            if (!file.Add(new HostsEntry(place) { Address = words[0], Names = words[1..Math.Min(words.Length, MostNames + 1)] }))
            {
                return;
            }
        }
    }

    private static IEnumerable<(string[] Words, EvidenceLocation Place)> Lines(ArtifactFile file, char otherComment)
    {
        foreach (TextLine line in file.Lines())
        {
            int comment = line.Text.AsSpan().IndexOfAny('#', otherComment);
            string[] words = (comment < 0 ? line.Text : line.Text[..comment]).Split(s_blanks, MostNames + 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length >= 2)
            {
                yield return (words, file.Input.Location.At(line.Number, line.ByteOffset));
            }
        }
    }
}
