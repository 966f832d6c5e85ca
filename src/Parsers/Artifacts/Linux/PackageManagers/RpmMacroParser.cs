using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A macro of rpm whose body runs shell commands (<c>%(...)</c>) when something uses it.</summary>
public sealed record RpmMacro(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "rpm-macro";
    /// <summary>Name without the percent sign.</summary>
    public required string Macro { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("macro", Macro);
        fields.List("commands", [.. Commands.Select(command => command.Text)]);
    }
}

/// <summary>Reads rpm macro files of the administrator: <c>%name body</c>, lines joined by a backslash. Specification: rpm-macros(7).</summary>
/// <remarks>Limitations: <c>%{lua:...}</c> is not read; macros are not expanded, so a command put together of several is seen in pieces. At most 64 commands a macro.</remarks>
public sealed class RpmMacroParser : ArtifactParser
{
    private const int MaximumCommands = 64;
    private const int MaximumBody = 256 << 10;

    /// <inheritdoc/>
    public override string Name => "linux/rpm-macros";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/rpm/macros*", "/etc/rpm/macros.d/*", "/usr/lib/rpm/macros.d/*", "~/.rpmmacros", "~/.config/rpm/macros"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var body = new System.Text.StringBuilder();
        TextLine first = default;
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            string text = line.Text;
            if (body.Length == 0)
            {
                if (!text.TrimStart().StartsWith('%'))
                {
                    continue;
                }
                first = line;
            }
            if (body.Length < MaximumBody)
            {
                body.Append(text).Append('\n');
            }
            if (!text.EndsWith('\\'))
            {
                Add(input, sink, first, body.ToString());
                body.Clear();
            }
        }
        Add(input, sink, first, body.ToString());
    }

    private static void Add(ArtifactInput input, IArtifactSink sink, TextLine line, string macro)
    {
        macro = macro.Replace("\\\n", "\n", StringComparison.Ordinal).TrimStart();
        int end = macro.AsSpan().IndexOfAny(' ', '\t', '\n');
        if (end < 2)
        {
            return;
        }
        int parameters = macro.AsSpan(0, end).IndexOf('(');
        string name = macro[1..(parameters > 1 ? parameters : end)];
        var commands = new List<StartCommand>();
        for (int start = macro.IndexOf("%(", end, StringComparison.Ordinal); start >= 0 && commands.Count < MaximumCommands;)
        {
            int close = Close(macro, start + 2);
            string command = macro[(start + 2)..close].Trim();
            if (command.Length > 0)
            {
                commands.Add(new StartCommand(command) { ThroughShell = true, Trigger = "rpm macro " + name, Line = line.Number, ByteOffset = line.ByteOffset });
            }
            start = close >= macro.Length ? -1 : macro.IndexOf("%(", close, StringComparison.Ordinal);
        }
        if (commands.Count > 0)
        {
            sink.Add(new RpmMacro(input.Location.At(line.Number, line.ByteOffset)) { Macro = name, Commands = commands });
        }
    }

    private static int Close(string text, int start)
    {
        int depth = 1;
        for (int i = start; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }
        return text.Length;
    }
}
