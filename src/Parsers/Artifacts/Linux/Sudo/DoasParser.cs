using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads <c>doas.conf</c> and <c>doas.d</c>, see doas.conf(5): <c>permit [nopass] [keepenv] who [as account] [cmd command [args ...]]</c>.</summary>
/// <remarks><b>Limitations</b>: the last matching rule wins; <c>deny</c> rules are not kept.</remarks>
public sealed class DoasParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/doas";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/doas.conf", "/etc/doas.d/*", "/usr/local/etc/doas.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.doas");
        string? dormant = input.Location.Path.Contains("/doas.d/", StringComparison.Ordinal) && !input.Location.Name.EndsWith(".conf", StringComparison.Ordinal) ? "doas reads only names that end in .conf in doas.d"
            : input.Entry.UserId != 0 ? "doas refuses a file that root does not own" : (input.Entry.Permissions & 0b000_010_010) != 0 ? "doas refuses a file that others may write" : null;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Split('#', 2)[0].Replace('{', ' ').Trim();
            string[] words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0] != "permit")
            {
                continue;
            }
            int at = 1;
            bool noPassword = false, keeps = false, inList = false;
            for (; at < words.Length; at++)
            {
                noPassword |= words[at] == "nopass";
                keeps |= words[at] is "keepenv" or "setenv";
                inList = words[at] == "setenv" || (inList && !words[at].EndsWith('}'));
                if (!inList && words[at] is not ("nopass" or "persist" or "nolog" or "keepenv" or "setenv" or "}") && !words[at].EndsWith('}'))
                {
                    break;
                }
            }
            if (at >= words.Length)
            {
                continue;
            }
            string who = words[at];
            string? runAs = null;
            string command = "ALL";
            for (int i = at + 1; i + 1 < words.Length; i++)
            {
                if (words[i] == "as")
                {
                    runAs = words[++i];
                }
                else if (words[i] == "cmd")
                {
                    command = string.Join(' ', words.Skip(i + 1).Where(word => word != "args"));
                    break;
                }
            }
            if (!file.Add(new SudoRule(input.Location.At(line.Number, line.ByteOffset))
            {
                Users = [who.StartsWith(':') ? "%" + who[1..] : who], Hosts = ["ALL"], IsDoas = true, DormantBecause = dormant,
                Commands = [new SudoCommand(command, runAs) { NeedsNoPassword = noPassword, KeepsEnvironment = keeps }],
            }))
            {
                return;
            }
        }
    }
}
