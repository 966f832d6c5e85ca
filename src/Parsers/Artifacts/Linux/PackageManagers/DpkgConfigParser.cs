using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A command that dpkg runs before or after each of its actions, or that reads along.</summary>
public sealed record DpkgHook(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "dpkg-hook";
    /// <summary>The option: <c>pre-invoke</c>, <c>post-invoke</c>, <c>status-logger</c>.</summary>
    public required string Option { get; init; }
    /// <summary>The command, given to a shell.</summary>
    public required string Command { get; init; }
    /// <summary>Why dpkg does not read the file, as a clause; null when it does.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand(Command)
    {
        ThroughShell = true, Trigger = "dpkg " + Option, User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("option", Option);
        fields.Text("command", Command);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads dpkg's configuration: <c>option=value</c> or <c>option value</c>, the value plain or in quotes. Specification: dpkg(1), section FILES.</summary>
/// <remarks>Limitations: only options that run something are kept.</remarks>
public sealed class DpkgConfigParser : ArtifactParser
{
    private static readonly string[] s_options = ["pre-invoke", "post-invoke", "status-logger"];

    /// <inheritdoc/>
    public override string Name => "linux/dpkg-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/dpkg/dpkg.cfg", "/etc/dpkg/dpkg.cfg.d/*", "~/.dpkg.cfg"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        // dpkg takes names of letters, digits, underscores and dashes only.
        bool isRead = name is "dpkg.cfg" or ".dpkg.cfg" || name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            string text = line.Text.Trim();
            int end = text.AsSpan().IndexOfAny('=', ' ', '\t');
            if (end <= 0 || text[0] == '#' || Array.IndexOf(s_options, text[..end].TrimStart('-')) < 0)
            {
                continue;
            }
            string value = text[end..].TrimStart().TrimStart('=').Trim();
            if (value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0])
            {
                value = value[1..^1];
            }
            if (value.Length > 0)
            {
                sink.Add(new DpkgHook(input.Location.At(line.Number, line.ByteOffset))
                {
                    Option = text[..end].TrimStart('-'), Command = value, DormantBecause = isRead ? null : "dpkg does not read files with such a name in dpkg.cfg.d",
                });
            }
        }
    }
}
