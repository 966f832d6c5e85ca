using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads Upstart's jobs: <c>exec</c> lines and <c>script ... end script</c> blocks, bare or behind <c>pre-start</c>, <c>post-start</c>, <c>pre-stop</c>, <c>post-stop</c>;
/// <c>env</c>, <c>setuid</c>, <c>chdir</c>, <c>start on</c>, <c>respawn</c>, <c>manual</c>. See init(5) of Upstart.
/// </summary>
/// <remarks><b>Limitations</b>: a job without <c>start on</c> may still be started by another one's <c>start NAME</c>; instances and <c>chroot</c> are not expanded.</remarks>
public sealed class UpstartJobParser : ArtifactParser
{
    private static readonly string[] Phases = ["pre-start", "post-start", "pre-stop", "post-stop"];

    /// <inheritdoc/>
    public override string Name => "linux/upstart-job";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        ["/etc/init/**/*.{conf,override}", "/etc/init/*.{conf,override}", "/usr/share/upstart/{sessions,xdg/upstart}/*.conf", "~/.init/*.conf", "~/.config/upstart/*.{conf,override}"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "upstart");
        string path = input.Location.Path;
        bool isSystem = path.StartsWith("/etc/init/", StringComparison.Ordinal);
        string name = isSystem ? path["/etc/init/".Length..] : input.Location.Name;
        var state = new State(isSystem ? "root" : null);
        foreach ((string text, TextLine line) in Joined(file, input.Limits))
        {
            if (!state.Take(text, line, input.Limits))
            {
                sink.Report(new Diagnostic("upstart.job.long", "the job is longer than the limit; its end was not read") { LosesContent = true });
                break;
            }
        }
        file.Add(new UpstartJob(input.Location)
        {
            Name = name[..Math.Max(0, name.LastIndexOf('.'))],
            StartOn = state.StartOn,
            Respawns = state.Respawns,
            IsOverride = name.EndsWith(".override", StringComparison.Ordinal),
            IsManual = state.IsManual,
            IsSession = !isSystem,
            Commands = state.Commands(),
        });
    }

    /// <summary>Lines, those ending in a backslash joined with the next.</summary>
    private static IEnumerable<(string Text, TextLine Line)> Joined(ArtifactFile file, ScanLimits limits)
    {
        var pending = new StringBuilder();
        TextLine first = default;
        foreach (TextLine line in file.Lines())
        {
            first = pending.Length == 0 ? line : first;
            string text = line.Text;
            if (text.EndsWith('\\') && pending.Length < limits.LineBytes)
            {
                pending.Append(text.AsSpan(0, text.Length - 1)).Append(' ');
                continue;
            }
            pending.Append(text);
            yield return (pending.ToString(), first);
            pending.Clear();
        }
        if (pending.Length > 0)
        {
            yield return (pending.ToString(), first);
        }
    }

    private sealed class State(string? user)
    {
        private readonly List<string> _environment = [];
        private readonly List<StartCommand> _commands = [];
        private readonly StringBuilder _script = new();
        private string? _user = user;
        private string? _directory;
        private string? _phase;
        private TextLine _start;
        private int _characters;

        public string? StartOn { get; private set; }
        public bool Respawns { get; private set; }
        public bool IsManual { get; private set; }

        /// <summary>False when the job is too long to go on.</summary>
        public bool Take(string text, TextLine line, ScanLimits limits)
        {
            string trimmed = text.Trim();
            _characters += text.Length;
            if (_characters > 1 << 20 || _commands.Count >= limits.ArtifactsPerFile)
            {
                return false;
            }
            if (_phase is not null)
            {
                if (trimmed is "end script")
                {
                    Add(_phase, _script.ToString().TrimEnd('\n'), _start);
                    _script.Clear();
                    _phase = null;
                    return true;
                }
                _start = _script.Length == 0 ? line : _start;
                _script.Append(text).Append('\n');
                return true;
            }
            if (trimmed.Length > 0 && trimmed[0] != '#')
            {
                Stanza(trimmed, line);
            }
            return true;
        }

        /// <summary>A script that does not end counts all the same.</summary>
        public IReadOnlyList<StartCommand> Commands()
        {
            if (_phase is not null && _script.Length > 0)
            {
                Add(_phase, _script.ToString().TrimEnd('\n'), _start);
            }
            return [.. _commands.Select(command => command with { User = _user, Environment = _environment, WorkingDirectory = _directory })];
        }

        private void Stanza(string text, TextLine line)
        {
            (string word, string rest) = Split(text);
            string phase = "main";
            if (Array.IndexOf(Phases, word) >= 0)
            {
                phase = word;
                (word, rest) = Split(rest);
            }
            switch (word)
            {
                case "exec":
                    Add(phase, rest, line);
                    break;
                case "script":
                    _phase = phase;
                    break;
                case "start" when rest.StartsWith("on ", StringComparison.Ordinal):
                    StartOn = rest[3..].Trim();
                    break;
                case "respawn" when rest.Length == 0:
                    Respawns = true;
                    break;
                case "manual":
                    IsManual = true;
                    StartOn = null;
                    break;
                case "env" when _environment.Count < 128 && rest.Contains('='):
                    _environment.Add(rest.Replace("\"", "", StringComparison.Ordinal));
                    break;
                case "setuid":
                    _user = rest;
                    break;
                case "chdir":
                    _directory = rest;
                    break;
                default:
                    break;
            }
        }

        private void Add(string phase, string command, TextLine line)
        {
            if (command.Length > 0)
            {
                _commands.Add(new StartCommand(command) { ThroughShell = true, Trigger = phase == "main" ? "upstart" : "upstart " + phase, Line = line.Number, ByteOffset = line.ByteOffset });
            }
        }

        private static (string Word, string Tail) Split(string text)
        {
            int at = text.AsSpan().IndexOfAny(' ', '\t');
            return at < 0 ? (text, "") : (text[..at], text[(at + 1)..].Trim());
        }
    }
}
