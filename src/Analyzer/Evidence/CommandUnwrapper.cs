using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>Takes a command apart: texts for the heuristics, files for the links. One use a command; works off a queue, so nesting costs no stack.</summary>
internal sealed partial class CommandUnwrapper(ShellState state, FileCollector files)
{
    private const int MaxTexts = 64;
    private const int MaxDepth = 12;
    private const int MaxDecodedLayers = 4;
    private const int MaxTextLength = 64 << 10;

    private readonly List<string> _texts = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<(string Text, int Depth, int Layers)> _shellTexts = new();

    public IReadOnlyList<string> Texts => _texts;

    public void Run(StartCommand command)
    {
        if (command.ThroughShell)
        {
            Enqueue(command.Text, 0, 0);
        }
        else
        {
            List<string> words = ExecWords.Split(command.Text);
            Note(ExecWords.Join(words));
            Program(words, 0, 0, null);
        }
        AddPreloads(command.Environment);
        if (command.StandardInput is { Length: > 0 } input && !string.IsNullOrWhiteSpace(command.Text))
        {
            TakeInput(command.Text, input);
        }
        while (_shellTexts.TryDequeue(out (string Text, int Depth, int Layers) next))
        {
            Shell(next.Text, next.Depth, next.Layers);
        }
    }

    private void Shell(string text, int depth, int layers)
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse(text, state.Variables);
        for (int i = 0; i < commands.Count; i++)
        {
            ShellCommand command = commands[i];
            foreach (ShellAssignment assignment in command.Assignments)
            {
                if (!assignment.Value.HasUnresolvedExpansion)
                {
                    AddPreloads([assignment.Name + "=" + assignment.Value.Text]);
                    if (command.Words.Count == 0)
                    {
                        state.Set(assignment.Name, assignment.Value.Text);
                    }
                }
            }
            if (command.Words.Count > 0)
            {
                List<string> words = [.. command.Words.Select(word => word.HasUnresolvedExpansion ? Unresolved + word.Text : word.Text)];
                Program(words, depth, layers, (commands, i));
            }
            // A decoder whose input stands in the text: its output is what matters, wherever it goes.
            if (layers < MaxDecodedLayers && command.PipesTo < 0 && PipelineText.IsDecoder(command) && PayloadDecoder.AsText(PipelineText.OutputOf(commands, i)) is string output)
            {
                Enqueue(output, depth + 1, layers + 1);
            }
        }
    }

    // Marks a word that holds an expansion nobody knows; a control character cannot open a path.
    private const char Unresolved = '\u0001';

    private void Program(List<string> words, int depth, int layers, (IReadOnlyList<ShellCommand> Commands, int Index)? context)
    {
        int start = 0;
        for (int peeled = 0; peeled < 16 && start < words.Count; peeled++)
        {
            while (start < words.Count && IsAssignment(words[start]))
            {
                AddPreloads([words[start++]]);
            }
            if (start >= words.Count)
            {
                return;
            }
            string name = ShellWords.BaseName(words[start]);
            List<string> rest = words.GetRange(start, words.Count - start);
            if (name == "env")
            {
                AddExplicit(words[start]);
                start = SkipEnv(words, start + 1, depth, layers);
            }
            else if (name is "su" or "runuser")
            {
                AddExplicit(words[start]);
                SwitchUser(rest, depth, layers);
                return;
            }
            else if (WrapperPrograms.TryGet(name, out WrapperProgram? wrapper))
            {
                AddExplicit(words[start]);
                int next = SkipWrapper(words, start + 1, name, wrapper, depth, layers);
                if (next < 0)
                {
                    return;
                }
                start = next;
            }
            else
            {
                Final(rest, name, depth, layers, context);
                return;
            }
            if (start < words.Count)
            {
                Note(string.Join(' ', words.Skip(start).Select(Plain)));
            }
        }
    }

    private void Final(List<string> words, string name, int depth, int layers, (IReadOnlyList<ShellCommand> Commands, int Index)? context)
    {
        if (ShellWords.IsShell(words[0]))
        {
            AddExplicit(words[0]);
            ShellProgram(words, depth, layers, context);
            return;
        }
        switch (name)
        {
            case "cd" or "pushd":
                state.ChangeDirectory(words.Count > 1 ? words[1] : null);
                return;
            case "eval" or "trap":
                string text = string.Join(' ', (name == "trap" ? words.Skip(1).Take(1) : words.Skip(1)).Select(Plain));
                Enqueue(text, depth + 1, layers);
                return;
            case "." or "source":
                files.Add(words.Count > 1 ? Absolute(words[1]) : null, "interprets");
                return;
            case "export" or "declare" or "typeset" or "readonly":
                foreach (string word in words.Skip(1).Where(IsAssignment))
                {
                    AddPreloads([word]);
                    int equals = word.IndexOf('=');
                    state.Set(word[..equals], word[(equals + 1)..]);
                }
                return;
            case "run-parts":
                AddExplicit(words[0]);
                files.AddIfPresent(words.Skip(1).FirstOrDefault(word => word.StartsWith('/')), "uses");
                return;
            case "start-stop-daemon":
                StartStopDaemon(words);
                return;
            default:
                break;
        }
        if (WrapperPrograms.IsBuiltin(name) && !words[0].Contains('/'))
        {
            return;
        }
        if (WrapperPrograms.TryGetInterpreter(name, out string? codeOptions))
        {
            AddExplicit(words[0]);
            Interpreter(words, name, codeOptions, context, layers);
            return;
        }
        if (words[0].Contains('/'))
        {
            files.Add(Absolute(words[0]), "starts");
        }
        else if (words[0].Length > 0 && words[0][0] != Unresolved)
        {
            files.AddFromPath(words[0], state);
        }
        AddArguments(words);
        if (name == "find")
        {
            int exec = words.FindIndex(word => word is "-exec" or "-execdir" or "-ok");
            if (exec > 0 && exec + 1 < words.Count)
            {
                Note(string.Join(' ', words.Skip(exec + 1).Select(Plain)));
            }
        }
    }

    private void TakeInput(string commandText, string input)
    {
        IReadOnlyList<ShellCommand> commands = ShellWords.Parse(commandText, state.Variables);
        foreach (ShellCommand command in commands)
        {
            int program = command.Words.Select(word => word.Text).ToList().FindIndex(word => !WrapperPrograms.TryGet(ShellWords.BaseName(word), out _) && !word.StartsWith('-'));
            if (program >= 0 && ShellWords.IsShell(command.Words[program].Text) && command.Words.Skip(program + 1).All(word => word.Text.StartsWith('-')))
            {
                Enqueue(input, 1, 0);
                return;
            }
            if (program >= 0 && WrapperPrograms.TryGetInterpreter(ShellWords.BaseName(command.Words[program].Text), out _))
            {
                Code(input);
                return;
            }
        }
    }

    private void AddArguments(List<string> words)
    {
        foreach (string word in words.Skip(1).Take(64))
        {
            string value = word;
            if (value.StartsWith('-') && value.IndexOf("=/", StringComparison.Ordinal) is > 0 and int at)
            {
                value = value[(at + 1)..];
            }
            if (value.StartsWith('/') || value.StartsWith("./", StringComparison.Ordinal) || value.StartsWith("~/", StringComparison.Ordinal))
            {
                files.AddIfPresent(Absolute(value), "uses");
            }
        }
    }

    private void AddPreloads(IEnumerable<string> settings)
    {
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=');
            if (equals > 0 && setting[..equals].Trim() is "LD_PRELOAD" or "LD_AUDIT")
            {
                foreach (string library in setting[(equals + 1)..].Trim('"', '\'', ' ').Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Take(16))
                {
                    files.Add(library.StartsWith('/') ? Absolute(library) : null, "loads");
                }
            }
            else if (equals > 0 && setting[..equals].Trim() is "SHELL" && setting[(equals + 1)..].Trim().Trim('"', '\'') is ['/', ..] shell && !ShellWords.IsShell(shell))
            {
                files.Add(Absolute(shell), "starts");
            }
        }
    }

    private void AddExplicit(string program)
    {
        if (program.Contains('/'))
        {
            files.Add(Absolute(program), "starts");
        }
    }

    private string? Absolute(string word) => word.Length == 0 || word.Contains(Unresolved) ? null : state.Absolute(word);

    private void Enqueue(string text, int depth, int layers)
    {
        if (depth <= MaxDepth && Note(text))
        {
            _shellTexts.Enqueue((text, depth, layers));
        }
    }

    private bool Note(string text)
    {
        text = (text.Length > MaxTextLength ? text[..MaxTextLength] : text).Trim();
        if (string.IsNullOrWhiteSpace(text) || _texts.Count >= MaxTexts || !_known.Add(text))
        {
            return false;
        }
        _texts.Add(text);
        return true;
    }

    private static string Plain(string word) => word.Length > 0 && word[0] == Unresolved ? word[1..] : word;

    private static bool IsAssignment(string word)
    {
        int equals = word.IndexOf('=');
        return equals > 0 && (char.IsAsciiLetter(word[0]) || word[0] == '_') && word.AsSpan(0, equals).IndexOfAnyExcept(NameCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}
