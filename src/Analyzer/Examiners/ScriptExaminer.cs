using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads what a script that something starts does in turn, so that it is followed and judged: the lines of shell scripts, and the calls that start programs in seven other languages.</summary>
/// <remarks>
/// <b>Limitations:</b> outside shell only calls with constant arguments are understood; the archive behind the text of a self-extracting script is named, not followed.
/// </remarks>
internal sealed class ScriptExaminer : Examiner
{
    private const int MaximumBytes = 1 << 20;
    private const int MaximumDecoded = 64;

    public override string Name => "script";

    public override bool Wants(in ExaminedContent content) => content.StartedBy is not null
        && (IsOfWindows(content) ? WindowsScripts.IsScript(content) : content.Kind is ContentKind.Script or ContentKind.Text || (content.Kind == ContentKind.Binary && content.RunsWith is not null));

    private static bool IsOfWindows(in ExaminedContent content) => content.Entry.DosAttributes is not null;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (IsOfWindows(content))
        {
            WindowsScripts.Read(content, sink);
            return;
        }
        string? interpreter = ContentClassifier.Interpreter(content.Bytes);
        // Text without a shebang is a script only when it may be executed or is given to an interpreter; other started text is configuration.
        if (interpreter is null && content.RunsWith is null && (content.Entry.Permissions & 0b001_001_001) == 0)
        {
            return;
        }
        string program = ShellWords.BaseName(content.RunsWith ?? interpreter ?? "sh");
        bool cut = content.Bytes.Length > MaximumBytes;
        byte[] bytes = (cut ? content.Bytes[..MaximumBytes] : content.Bytes).ToArray();
        if (interpreter is null && content.RunsWith is not null && PayloadDecoder.WholeText(bytes) is string inner)
        {
            bytes = Encoding.UTF8.GetBytes(inner);
        }
        else if (content.Kind == ContentKind.Binary)
        {
            // Bytecode, archives: nothing that could be read as text.
            return;
        }
        if (ShellWords.IsShell(program))
        {
            Shell(content, interpreter, bytes, cut, sink);
        }
        else if (ProgramLanguages.Of(program) is ProgramLanguage language)
        {
            Program(content, interpreter, language, bytes, cut, sink);
        }
    }

    private static void Shell(in ExaminedContent content, string? interpreter, byte[] bytes, bool cut, IExaminationSink sink)
    {
        ShellScriptLines script = ShellScriptLines.Read(bytes, ScanLimits.Default);
        if (cut || script.IsCut)
        {
            sink.Report(new Diagnostic("script.truncated", "only the beginning of the script was followed") { LosesContent = true });
        }
        if (script.Lines.Find(ReadsOwnTail) is { Text: not null } tail)
        {
            sink.Report(new Diagnostic("script.payload", "the script unpacks what stands behind its own text; that was searched by YARA, not unpacked") { Offset = tail.ByteOffset, LosesContent = true });
        }
        sink.Add(new ScriptFacts(content.Location)
        {
            Interpreter = interpreter,
            StartedBy = content.StartedBy!,
            Commands = [.. script.Lines.Select(line => new StartCommand(line.Text)
            {
                ThroughShell = true, Trigger = "script", Line = line.Number, ByteOffset = line.ByteOffset,
            })],
        });
    }

    /// <summary><c>tail -n +100 "$0" | tar xz</c> and kin, as makeself and installers of vendors write them.</summary>
    private static bool ReadsOwnTail(ShellScriptLine line)
    {
        string text = line.Text;
        bool readsItself = text.Contains("$0", StringComparison.Ordinal) || text.Contains("BASH_SOURCE", StringComparison.Ordinal) || text.Contains("${0", StringComparison.Ordinal);
        return readsItself && (text.Contains("tail -n +", StringComparison.Ordinal) || text.Contains("tail +", StringComparison.Ordinal) || text.Contains("MS_dd", StringComparison.Ordinal)
            || (text.Contains("dd if=", StringComparison.Ordinal) && text.Contains("skip=", StringComparison.Ordinal)));
    }

    private static void Program(in ExaminedContent content, string? interpreter, ProgramLanguage language, byte[] bytes, bool cut, IExaminationSink sink)
    {
        string text = TextLines.Decode(bytes);
        IReadOnlyList<ProgramAction> actions = ProgramActions.Read(text, language, content.Location.Path, out bool isCut);
        if (cut || isCut)
        {
            sink.Report(new Diagnostic("script.truncated", "only the beginning of the program was followed") { LosesContent = true });
        }
        var lines = new LineCounter(text);
        var commands = new List<StartCommand>();
        var named = new List<string>();
        foreach (ProgramAction action in actions)
        {
            if (action.Kind is ProgramActionKind.Reads or ProgramActionKind.Loads)
            {
                named.Add(PathText.FromText(Normalise(action.Text)));
                continue;
            }
            int line = lines.At(action.Start);
            commands.Add(new StartCommand(action.Kind == ProgramActionKind.Shell ? action.Text : string.Join(' ', action.Words.Select(Quoted))) { ThroughShell = true, Trigger = "script", Line = line });
        }
        foreach ((string code, int start) in PayloadDecoder.Lines(text, MaximumDecoded))
        {
            commands.Add(new StartCommand(code) { Language = language, Trigger = "script", Line = lines.At(start) });
        }
        sink.Add(new ScriptFacts(content.Location)
        {
            Interpreter = interpreter,
            StartedBy = content.StartedBy!,
            Commands = commands,
            NamedFiles = [.. named.Distinct(StringComparer.Ordinal).Take(256)],
            RunsWith = language.ToString().ToLowerInvariant() is "javascript" ? "node" : language.ToString().ToLowerInvariant(),
        });
    }

    private static string Quoted(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Normalise(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/', 256, StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ".."))
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }

    /// <summary>Line numbers of ascending positions, in one pass.</summary>
    private sealed class LineCounter(string text)
    {
        private int _at;
        private int _line = 1;

        public int At(int position)
        {
            if (position < _at)
            {
                (_at, _line) = (0, 1);
            }
            for (; _at < position && _at < text.Length; _at++)
            {
                _line += text[_at] == '\n' ? 1 : 0;
            }
            return _line;
        }
    }
}
