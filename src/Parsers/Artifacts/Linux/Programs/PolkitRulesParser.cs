using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Rules of polkit in JavaScript: which of them grant, and under what conditions. The conditions of a <c>return polkit.Result.YES</c> are those of the <c>if</c>, <c>else</c> and <c>switch</c>
/// around it, its own expression, and every earlier <c>if</c> of the same function that returns. See polkit(8).
/// </summary>
/// <remarks><b>Limitations</b>: nothing is executed; a condition counts as looking at the action or the subject when it names that parameter (or a variable made from it), however little that means.</remarks>
public sealed class PolkitRulesParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/polkit-rules";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{etc,usr/share,run,usr/local/share}/polkit-1/rules.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "polkit-rules");
        file.ReportTruncation();
        string? dormant = input.Location.Name.EndsWith(".rules", StringComparison.Ordinal) ? null : "polkit reads only files whose name ends in .rules";
        string script = TextLines.Decode(input.Content.Span);
        List<ScriptToken> tokens = ScriptTokens.Read(script, out bool isCut);
        if (isCut)
        {
            file.Report("tokens", "the script is longer than the limit, its end was not read", default, losesContent: true);
        }
        int line = 1;
        int counted = 0;
        var structure = new ScriptStructure(tokens);
        for (int i = 0; i < tokens.Count; i++)
        {
            bool isAdmin = tokens[i].IsWord("polkit.addAdminRule");
            if (!(isAdmin || tokens[i].IsWord("polkit.addRule")) || i + 1 >= tokens.Count || !tokens[i + 1].Is("("))
            {
                continue;
            }
            var body = PolkitFunction.Read(structure, i + 1);
            line += script.AsSpan(counted, tokens[i].Start - counted).Count('\n');
            counted = tokens[i].Start;
            if (!file.Add(body.ToRule(input.Location with { Line = line }, isAdmin) with { DormantBecause = dormant }))
            {
                return;
            }
            // Rules do not nest; the next one begins behind this one.
            i = Math.Max(i, body.End - 1);
        }
    }
}
