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
    private const int MaxPeeled = 16;

    private static readonly ShellLimits TextLimits = ShellLimits.Default;

    private readonly List<string> _texts = [];
    private readonly Queue<(string Text, Place At)> _shellTexts = new(1);
    private HashSet<string>? _known;

    /// <summary>Where in the unwrapping something stands: how many shells and decoded layers deep, below which root directory, and among which commands.</summary>
    private readonly record struct Place(int Depth, int Layers, string Root, IReadOnlyList<ShellCommand>? Commands = null, int Index = 0)
    {
        public Place Deeper => new(Depth + 1, Layers, Root);
        public Place Decoded => new(Depth + 1, Layers + 1, Root);
    }

    public IReadOnlyList<string> Texts => _texts;

    /// <summary>A bound ended the work before the command was taken apart.</summary>
    public bool IsCut { get; private set; }

    public void Run(StartCommand command)
    {
        var top = new Place(0, 0, "");
        if (command.Language is ProgramLanguage language)
        {
            Code(command.Text, language, top);
        }
        else if (command.ThroughShell)
        {
            Enqueue(command.Text, top);
        }
        else
        {
            List<string> words = ExecWords.Split(command.Text);
            Note(ExecWords.Join(words));
            Program(words, top);
        }
        AddPreloads(command.Environment);
        if (command.StandardInput is { Length: > 0 } input && !string.IsNullOrWhiteSpace(command.Text))
        {
            TakeInput(command.Text, input);
        }
        while (_shellTexts.TryDequeue(out (string Text, Place At) next))
        {
            Shell(next.Text, next.At);
        }
    }

    private void Shell(string text, Place at)
    {
        ShellText read = ShellWords.Read(text, state.Variables, TextLimits, PipelineText.OfSubstitution);
        IsCut |= read.IsCut;
        state.AddFunctions(read.Functions);
        IReadOnlyList<ShellCommand> commands = read.Commands;
        if (ShellRendering.Plain(text, commands) is string plain)
        {
            Note(plain);
        }
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
            Place here = at with { Commands = commands, Index = i };
            if (command.Words.Count > 0)
            {
                List<string> words = [.. command.Words.Select(Word)];
                Program(words, here);
                KeepWritten(command, words, here);
            }
            // A decoder whose input stands in the text: its output is what matters, wherever it goes.
            if (at.Layers < MaxDecodedLayers && command.PipesTo < 0 && TextFilters.IsDecoder(command) && PayloadDecoder.AsText(PipelineText.OutputOf(commands, i)) is string output)
            {
                Enqueue(output, at.Decoded);
            }
        }
    }

    // Marks a word that holds an expansion nobody knows; a control character cannot open a path.
    private const char Unresolved = '\u0001';

    // "~alice/x" is left to the state, which knows the homes.
    private static string Word(ShellWord word) => word.HasUnresolvedExpansion && !(word.Text.StartsWith('~') && !word.Text.AsSpan().ContainsAny('$', '`')) ? Unresolved + word.Text : word.Text;

    private void Program(List<string> words, Place at)
    {
        int start = 0;
        for (int peeled = 0; peeled < MaxPeeled && start < words.Count; peeled++)
        {
            while (start < words.Count && IsAssignment(words[start]))
            {
                AddPreloads([words[start++]]);
            }
            if (start >= words.Count)
            {
                return;
            }
            string name = NameOf(words[start], at);
            int next = Peel(words, start, name, ref at);
            if (next == NotPeeled)
            {
                Final(words.GetRange(start, words.Count - start), name, at);
                return;
            }
            if (next < 0)
            {
                return;
            }
            start = next;
            if (start < words.Count)
            {
                Note(string.Join(' ', words.Skip(start).Select(Plain)));
            }
        }
        IsCut |= start < words.Count;
    }

    /// <summary>The program's own name; of a link to a shell or an interpreter the name of what it leads to.</summary>
    private string NameOf(string word, Place at)
    {
        string name = ShellWords.BaseName(word);
        if (!word.Contains('/') || ShellWords.IsShell(name) || ProgramLanguages.Of(name) is not null || WrapperPrograms.TryGet(name, out _))
        {
            return name;
        }
        string? target = Absolute(word, at) is string path ? files.TargetOf(path) : null;
        string real = target is null ? name : ShellWords.BaseName(target);
        return ShellWords.IsShell(real) || ProgramLanguages.Of(real) is not null ? real : name;
    }

    private void Final(List<string> words, string name, Place at)
    {
        if (ShellWords.IsShell(name))
        {
            AddExplicit(words[0], at);
            ShellProgram(words, at);
            return;
        }
        if (Special(words, name, at))
        {
            return;
        }
        if (WrapperPrograms.IsBuiltin(name) && !words[0].Contains('/'))
        {
            return;
        }
        if (ProgramLanguages.Of(name) is not null || WrapperPrograms.IsOtherInterpreter(name))
        {
            AddExplicit(words[0], at);
            Interpreter(words, name, at);
            return;
        }
        if (words[0].Contains('/'))
        {
            AddRun(Absolute(words[0], at), "starts", null, at);
        }
        else if (state.IsFunction(words[0]))
        {
            // run() { "$@"; } hands its arguments on.
            if (state.ForwardsArguments && words.Count > 1 && words[1].StartsWith('/'))
            {
                Program(words.GetRange(1, words.Count - 1), at with { Depth = at.Depth + 1 });
                return;
            }
        }
        else if (words[0].Length > 0 && words[0][0] != Unresolved)
        {
            files.AddFromPath(words[0], state, at.Root);
        }
        else if (words[0] is "\u0001$@" or "\u0001$*" or "\u0001$1")
        {
            state.ForwardsArguments = true;
        }
        AddArguments(words, at);
        Hooks(words, name, at);
    }

    private void Enqueue(string text, Place at)
    {
        if (at.Depth > MaxDepth)
        {
            IsCut = true;
        }
        else if (Note(text))
        {
            _shellTexts.Enqueue((text, at with { Commands = null, Index = 0 }));
        }
    }

    private bool Note(string text)
    {
        IsCut |= text.Length > MaxTextLength;
        text = (text.Length > MaxTextLength ? text[..MaxTextLength] : text).Trim();
        // A few texts are compared; a set is built when there are more.
        if (_known is null && _texts.Count >= 8)
        {
            _known = new HashSet<string>(_texts, StringComparer.Ordinal);
        }
        if (string.IsNullOrWhiteSpace(text) || (_known?.Contains(text) ?? _texts.Contains(text)))
        {
            return false;
        }
        if (_texts.Count >= MaxTexts)
        {
            IsCut = true;
            return false;
        }
        _known?.Add(text);
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
