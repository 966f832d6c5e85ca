using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of a shell's start-up file that keeps commands out of the history.</summary>
public sealed record HistorySetting(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "history-setting";
    /// <summary>What it does, as a clause: <c>the history goes to /dev/null</c>.</summary>
    public required string Effect { get; init; }
    /// <summary>The line.</summary>
    public required string Text { get; init; }
    /// <summary>Nothing is kept at all; else less than usual, as some administrators want.</summary>
    public required bool KeepsNothing { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("effect", Effect);
        fields.Text("text", Text);
        fields.Flag("keepsNothing", KeepsNothing);
    }
}

/// <summary>Finds what keeps commands out of the histories of bash, zsh and ash in their start-up files. Specifications: bash(1), zshparam(1).</summary>
/// <remarks>Limitations: plain lines only; what a function or another sourced file does is not followed.</remarks>
public sealed class HistorySettingParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/history-setting";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/profile", "/etc/bash.bashrc", "/etc/bashrc", "/etc/profile.d/*.sh", "/etc/environment", "/etc/zsh/zshrc", "/etc/zshrc", "/etc/zsh/zshenv", "~/.bashrc", "~/.bash_profile", "~/.bash_login",
        "~/.profile", "~/.zshrc", "~/.zshenv", "~/.zprofile",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.history-setting");
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length < 9 || text[0] == '#' || EffectOf(text) is not ({ } effect, var keepsNothing))
            {
                continue;
            }
            if (!file.Add(new HistorySetting(input.Location.At(line.Number, line.ByteOffset)) { Effect = effect, Text = text.Length > 1024 ? text[..1024] : text, KeepsNothing = keepsNothing }))
            {
                return;
            }
        }
    }

    private static (string Effect, bool KeepsNothing)? EffectOf(string line)
    {
        foreach (string part in line.Split([';', '&'], 32, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string text = part;
            foreach (string word in (string[])["export ", "readonly ", "typeset -r ", "declare -r "])
            {
                text = text.StartsWith(word, StringComparison.Ordinal) ? text[word.Length..].TrimStart() : text;
            }
            if (text.StartsWith("unset ", StringComparison.Ordinal) && text.Contains("HISTFILE", StringComparison.Ordinal) && !text.Contains("HISTFILESIZE", StringComparison.Ordinal))
            {
                return ("the history has no file", true);
            }
            if (text is "set +o history" or "history -c" or "set +H -o nolog")
            {
                return (text == "history -c" ? "the history is cleared at each start" : "the history is switched off", true);
            }
            int equals = text.IndexOf('=');
            if (equals <= 0)
            {
                continue;
            }
            string name = text[..equals];
            string value = text[(equals + 1)..].Trim('"', '\'');
            switch (name)
            {
                case "HISTFILE" when value is "/dev/null" or "":
                    return (value.Length == 0 ? "the history has no file" : "the history goes to /dev/null", true);
                case "HISTFILE" when value.StartsWith("/tmp/", StringComparison.Ordinal) || value.StartsWith("/dev/shm/", StringComparison.Ordinal):
                    return ("the history goes to a temporary file", true);
                case "HISTSIZE" or "HISTFILESIZE" or "SAVEHIST" when value == "0":
                    return ("the history keeps no line", true);
                case "HISTIGNORE" when value is "*":
                    return ("the history ignores every command", true);
                default:
                    continue;
            }
        }
        return null;
    }
}
