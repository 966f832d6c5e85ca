using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <content>Programs that run other text or files: shells and interpreters.</content>
internal sealed partial class CommandUnwrapper
{
    private void ShellProgram(List<string> words, Place at)
    {
        bool readsText = false;
        for (int i = 1; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "--rcfile" or "--init-file" && i + 1 < words.Count)
            {
                files.Add(Absolute(words[++i], at), "interprets", "sh");
                continue;
            }
            if (word is "-o" or "+o" or "-O" or "+O" || (word.Length > 2 && word[0] is '-' or '+' && word[1] != '-' && word[^1] == 'o'))
            {
                readsText |= word[0] == '-' && word.Contains('c');
                i++;
                continue;
            }
            if (word.Length > 1 && word[0] is '-' or '+' && word != "--" && word != "-")
            {
                readsText |= word[0] == '-' && word.Length > 1 && word[1] != '-' && word.Contains('c');
                if (word[0] == '-' && word[1] != '-' && word.Contains('s') && !readsText)
                {
                    break;
                }
                continue;
            }
            if (word is "--" or "-")
            {
                continue;
            }
            if (readsText)
            {
                // What stands behind the text are its $0, $1 ...
                for (int k = i + 1; k < words.Count && k - i <= 9; k++)
                {
                    state.Set((k - i - 1).ToString(System.Globalization.CultureInfo.InvariantCulture), Plain(words[k]));
                }
                Enqueue(Plain(word), at.Deeper);
            }
            else
            {
                AddScript(word, "sh", at);
                AddArguments(words.GetRange(i, words.Count - i), at);
            }
            return;
        }
        if (at.Commands is null)
        {
            return;
        }
        foreach (ShellWord file in PipelineText.FilesRead(at.Commands, at.Index))
        {
            AddRun(file.HasUnresolvedExpansion ? null : Absolute(file.Text, at), "interprets", "sh", at);
        }
        if (at.Layers < MaxDecodedLayers && PayloadDecoder.AsText(PipelineText.InputOf(at.Commands, at.Index)) is string input)
        {
            Enqueue(input, at.Decoded);
        }
    }

    /// <summary>A script named by a bare word lies in the working directory or, for a shell, in the search path.</summary>
    private void AddScript(string word, string interpreter, Place at)
    {
        if (!word.Contains('/') && word.Length > 0 && word[0] != Unresolved && state.Directory is null)
        {
            files.AddFromPath(word, state, at.Root);
            return;
        }
        AddRun(Absolute(word, at), "interprets", interpreter, at);
    }

    private void Interpreter(List<string> words, string name, Place at)
    {
        ProgramLanguage? language = ProgramLanguages.Of(name);
        bool isAwk = language == ProgramLanguage.Awk;
        string codeOptions = WrapperPrograms.CodeOptions(language, name);
        for (int i = 1; i < words.Count; i++)
        {
            string word = words[i];
            if (word.Length > 1 && word[0] == '-')
            {
                bool isCode = word[1] != '-' && codeOptions.Contains(word[^1]) || (word is "--eval" or "--print" && language == ProgramLanguage.JavaScript) || (word == "--run" && language == ProgramLanguage.Php);
                if (isCode && i + 1 < words.Count)
                {
                    Code(Plain(words[i + 1]), language, at);
                    return;
                }
                if (word is "-f" or "--file")
                {
                    AddRun(i + 1 < words.Count ? Absolute(words[i + 1], at) : null, "interprets", name, at);
                    return;
                }
                if (word == "-m" && language == ProgramLanguage.Python)
                {
                    AddModule(i + 1 < words.Count ? words[i + 1] : "", at);
                    return;
                }
                if (word is "-r" or "--require" or "--import" && language is ProgramLanguage.JavaScript && i + 1 < words.Count)
                {
                    files.Add(words[i + 1].Contains('/') ? Absolute(words[i + 1], at) : null, "interprets", name);
                }
                if (word == "-jar" && i + 1 < words.Count)
                {
                    AddRun(Absolute(words[i + 1], at), "interprets", name, at);
                    return;
                }
                if (language == ProgramLanguage.Python && word is "-W" or "-X" || word is "-d" or "-c" && language == ProgramLanguage.Php
                    || word is "-r" or "--require" or "--import" && language == ProgramLanguage.JavaScript || word is "-v" or "-F" && isAwk || word is "-cp" or "-classpath" && name == "java")
                {
                    i++;
                }
                continue;
            }
            if (word == "-" || (isAwk && word.Length == 0))
            {
                break;
            }
            if (isAwk)
            {
                Code(Plain(word), language, at);
            }
            else if (name != "java")
            {
                AddRun(Absolute(word, at), "interprets", name, at);
                AddArguments(words.GetRange(i, words.Count - i), at);
            }
            return;
        }
        if (at.Commands is null)
        {
            return;
        }
        foreach (ShellWord file in PipelineText.FilesRead(at.Commands, at.Index))
        {
            AddRun(file.HasUnresolvedExpansion ? null : Absolute(file.Text, at), "interprets", name, at);
        }
        if (at.Layers < MaxDecodedLayers && PayloadDecoder.AsText(PipelineText.InputOf(at.Commands, at.Index)) is string input)
        {
            Code(input, language, at.Decoded);
        }
    }

    private void AddModule(string module, Place at)
    {
        string path = "./" + module.Replace('.', '/');
        files.AddIfPresent(Absolute(path + ".py", at), "interprets", "python");
        files.AddIfPresent(Absolute(path + "/__main__.py", at), "interprets", "python");
    }

    /// <summary>Program text: what it calls, and the texts its decode calls stand for, a few layers deep.</summary>
    private void Code(string code, ProgramLanguage? language, Place at)
    {
        Note(code);
        IReadOnlyList<ProgramAction> actions = language is ProgramLanguage known ? ProgramActions.Read(code, known, null) : [];
        foreach (ProgramAction action in actions)
        {
            switch (action.Kind)
            {
                case ProgramActionKind.Shell:
                    Enqueue(action.Text, at.Deeper);
                    break;
                case ProgramActionKind.Words when at.Depth < MaxDepth:
                    Note(string.Join(' ', action.Words));
                    Program([.. action.Words], at.Deeper);
                    break;
                case ProgramActionKind.Reads:
                    AddRun(Absolute(action.Text, at), "interprets", action.Interpreter, at);
                    break;
                case ProgramActionKind.Loads:
                    files.Add(Absolute(action.Text, at), "loads");
                    break;
            }
        }
        if (at.Layers >= MaxDecodedLayers)
        {
            IsCut |= PayloadDecoder.Literals(code).Any();
            return;
        }
        foreach (string text in PayloadDecoder.Literals(code))
        {
            if (language is ProgramLanguage inner && !ProgramActions.RunsShell(code) | ProgramActions.Read(text, inner, null).Count > 0)
            {
                Code(text, language, at.Decoded);
            }
            else
            {
                Enqueue(text, at.Decoded);
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
                Enqueue(input, new Place(1, 0, ""));
                return;
            }
            if (program >= 0 && ProgramLanguages.Of(command.Words[program].Text) is ProgramLanguage language)
            {
                Code(input, language, new Place(1, 0, ""));
                return;
            }
        }
    }
}
