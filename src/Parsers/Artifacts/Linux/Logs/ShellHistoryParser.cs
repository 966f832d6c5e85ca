namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>
/// Reads the histories of shells: bash and others with <c>#epoch</c> lines before the commands or without, zsh with <c>: epoch:duration;command</c>, fish with
/// <c>- cmd:</c> and <c>when:</c>. The form is told by the lines, not by the name.
/// </summary>
/// <remarks>
/// Specifications: bash(1) HISTTIMEFORMAT, zshoptions(1) EXTENDED_HISTORY, fish's history file. A command over several lines is one event where the form shows where it
/// ends: with times in bash, with backslashes in zsh, escaped in fish.
/// Limitations: without times in bash every line is a command. A time is what the shell wrote, which its user can change.
/// </remarks>
public sealed class ShellHistoryParser : LogParser
{
    private const int LongestCommand = 64 << 10;

    /// <inheritdoc/>
    public override string Name => "log/shell-history";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.bash_history", "~/.bash_history-*", "~/.bash_history.*", "~/.sh_history", "~/.ash_history", "~/.ksh_history", "~/.history", "~/.zsh_history", "~/.zhistory", "~/.histfile",
        "~/.bash_sessions/*", "~/.zsh_sessions/*", "~/.local/share/fish/fish_history", "~/.config/fish/fish_history", "~/.mksh_history", "~/.tcsh_history",
    ];

    /// <inheritdoc/>
    public override void Read(LogInput input, ILogEventSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        using var file = new LogFile(input, sink, "log.history", LogRhythm.Unordered);
        new Run(file, input).Read();
        file.Finish();
    }

    private sealed class Run(LogFile file, LogInput input)
    {
        private readonly List<byte> _command = [];
        private CivilTime? _time;
        private long _line;
        private long _offset;
        private bool _hasTimes;
        private bool _isFish;
        private bool _zshGoesOn;

        public void Read()
        {
            while (file.ReadLine())
            {
                ReadOnlySpan<byte> line = file.Line;
                if (TryFish(line) || TryZsh(line) || TryBashTime(line))
                {
                    continue;
                }
                if (_hasTimes || _zshGoesOn)
                {
                    // Between two times lies one command, of however many lines.
                    Append(line, separate: _command.Count > 0);
                    _zshGoesOn = false;
                    ContinueZsh();
                    continue;
                }
                Begin(null);
                Append(line, separate: false);
                Flush();
            }
            Flush();
        }

        private bool TryBashTime(ReadOnlySpan<byte> line)
        {
            // tcsh writes "#+epoch".
            if (line.Length < 2 || line[0] != '#')
            {
                return false;
            }
            ReadOnlySpan<byte> digits = line[1] == '+' ? line[2..] : line[1..];
            if (digits.Length is < 1 or > 19 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }
            Flush();
            _hasTimes = true;
            Begin(ByteScan.NumberOf(digits));
            return true;
        }

        private bool TryZsh(ReadOnlySpan<byte> line)
        {
            var scan = new ByteScan(line);
            if (_zshGoesOn || !scan.Take(": "u8) || !scan.Number(out long seconds) || !scan.Take(":"u8) || !scan.Number(out _) || !scan.Take(";"u8))
            {
                return false;
            }
            Flush();
            Begin(seconds);
            Append(scan.Rest, separate: false);
            ContinueZsh();
            return true;
        }

        private bool TryFish(ReadOnlySpan<byte> line)
        {
            var scan = new ByteScan(line);
            if (scan.Take("- cmd: "u8))
            {
                Flush();
                _isFish = true;
                Begin(null);
                Append(scan.Rest, separate: false);
                return true;
            }
            if (!_isFish)
            {
                return false;
            }
            if (scan.Take("  when: "u8) && scan.Number(out long seconds))
            {
                _time = Time(seconds);
                Flush();
            }
            return true;
        }

        /// <summary>zsh joins the lines of a command with a backslash at the end.</summary>
        private void ContinueZsh()
        {
            if (_hasTimes)
            {
                return;
            }
            if (_command.Count > 0 && _command[^1] == '\\')
            {
                _command.RemoveAt(_command.Count - 1);
                _zshGoesOn = true;
                return;
            }
            Flush();
        }

        private void Begin(long? seconds)
        {
            _line = file.Number;
            _offset = file.Offset;
            _time = seconds is { } value ? Time(value) : null;
            _command.Clear();
        }

        private static CivilTime? Time(long seconds) => seconds is > 0 and < 253402300800 ? CivilTime.FromUnix(seconds, 0, LogTimePrecision.Second) : null;

        private void Append(ReadOnlySpan<byte> text, bool separate)
        {
            if (_command.Count == 0 && !_isFish && !_zshGoesOn)
            {
                _line = file.Number;
                _offset = file.Offset;
            }
            int room = LongestCommand - _command.Count;
            if (room <= 0)
            {
                return;
            }
            if (separate)
            {
                _command.Add((byte)'\n');
            }
            _command.AddRange(text[..Math.Min(text.Length, room)]);
        }

        private void Flush()
        {
            if (_command.Count == 0)
            {
                return;
            }
            EventDraft draft = file.Draft;
            draft.Reset();
            ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_command);
            string? text = EventDraft.LongText(ZshUnescape(bytes, out byte[] plain) ? plain : bytes);
            draft.Command = _isFish ? text?.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) : text;
            draft.User = input.Owner;
            draft.Method = "shell";
            draft.Is(LogEventKind.HistoryCommand);
            if (_time is { } time)
            {
                file.Observe(time);
            }
            file.Add(_time, _line, _offset, default);
            _command.Clear();
        }

        /// <summary>zsh writes bytes that mean something to it as 0x83 and the byte with bit 5 flipped.</summary>
        private bool ZshUnescape(ReadOnlySpan<byte> bytes, out byte[] plain)
        {
            plain = [];
            if (_hasTimes || _isFish || bytes.IndexOf((byte)0x83) < 0 || System.Text.Unicode.Utf8.IsValid(bytes))
            {
                return false;
            }
            var result = new List<byte>(bytes.Length);
            for (int i = 0; i < bytes.Length; i++)
            {
                result.Add(bytes[i] == 0x83 && i + 1 < bytes.Length ? (byte)(bytes[++i] ^ 0x20) : bytes[i]);
            }
            plain = [.. result];
            return true;
        }
    }
}
