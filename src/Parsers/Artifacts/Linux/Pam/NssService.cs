using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A source that <c>nsswitch.conf</c> names for a database; each is a library that every program loads which asks for names.</summary>
public sealed record NssService(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "nss-service";
    /// <summary><c>passwd</c>, <c>hosts</c> ...</summary>
    public required string Database { get; init; }
    /// <summary><c>files</c>, <c>sss</c> ...</summary>
    public required string Service { get; init; }
    /// <summary>Why it is never asked, as a clause; null when it is.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => LoginPath.InLibraryDirectories("", "libnss_" + Service + ".so.2");

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("database", Database);
        fields.Text("service", Service);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads <c>/etc/nsswitch.conf</c>, see nsswitch.conf(5).</summary>
/// <remarks><b>Limitations</b>: of actions only those that end every look-up are understood.</remarks>
public sealed class NsswitchParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/nsswitch";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/nsswitch.conf", "/usr/etc/nsswitch.conf", "/etc/authselect/nsswitch.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.nsswitch");
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Split('#', 2)[0];
            int colon = text.IndexOf(':');
            if (colon <= 0)
            {
                continue;
            }
            string? dormant = null;
            string database = text[..colon].Trim();
            string rest = text[(colon + 1)..];
            int i = 0;
            while (i < rest.Length)
            {
                if (rest[i] is ' ' or '\t' or '\r')
                {
                    i++;
                    continue;
                }
                bool isAction = rest[i] == '[';
                int end = isAction ? rest.IndexOf(']', i) + 1 : rest.AsSpan(i).IndexOfAny(" \t\r[") is var found and >= 0 ? i + found : rest.Length;
                end = end <= i ? rest.Length : end;
                string word = rest[i..end];
                i = end;
                if (isAction)
                {
                    string action = word.ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal);
                    bool endsAll = action is "[!UNAVAIL=RETURN]" || (action.Contains("SUCCESS=RETURN", StringComparison.Ordinal) && action.Contains("NOTFOUND=RETURN", StringComparison.Ordinal));
                    dormant ??= endsAll ? "the source before it always ends the look-up" : null;
                    continue;
                }
                if (word.Length <= 64 && !word.Contains('/') && !file.Add(new NssService(input.Location.At(line.Number, line.ByteOffset)) { Database = database, Service = word, DormantBecause = dormant }))
                {
                    return;
                }
            }
        }
    }
}
