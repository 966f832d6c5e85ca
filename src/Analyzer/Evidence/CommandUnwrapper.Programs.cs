using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <content>Programs that run other text or files: shells, interpreters, su, start-stop-daemon.</content>
internal sealed partial class CommandUnwrapper
{
    private void ShellProgram(List<string> words, int depth, int layers, (IReadOnlyList<ShellCommand> Commands, int Index)? context)
    {
        bool readsText = false;
        for (int i = 1; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "-o" or "+o" or "-O" or "+O" or "--rcfile" or "--init-file")
            {
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
                Enqueue(Plain(word), depth + 1, layers);
            }
            else
            {
                files.Add(Absolute(word), "interprets");
            }
            return;
        }
        if (context is not (IReadOnlyList<ShellCommand> commands, int index))
        {
            return;
        }
        foreach (ShellRedirection redirection in commands[index].Redirections)
        {
            if (redirection.Operator == "<" && !redirection.Target.HasUnresolvedExpansion)
            {
                files.Add(Absolute(redirection.Target.Text), "interprets");
            }
        }
        if (layers < MaxDecodedLayers && PayloadDecoder.AsText(PipelineText.InputOf(commands, index)) is string input)
        {
            Enqueue(input, depth + 1, layers + 1);
        }
    }

    private void Interpreter(List<string> words, string name, string codeOptions, (IReadOnlyList<ShellCommand> Commands, int Index)? context, int layers)
    {
        bool isAwk = name.EndsWith("awk", StringComparison.Ordinal);
        for (int i = 1; i < words.Count; i++)
        {
            string word = words[i];
            if (word.Length > 1 && word[0] == '-')
            {
                char last = word[^1];
                if (word[1] != '-' && codeOptions.Contains(last) && i + 1 < words.Count)
                {
                    Code(Plain(words[i + 1]));
                    return;
                }
                if (word == "-f" || word == "--file")
                {
                    files.Add(i + 1 < words.Count ? Absolute(words[i + 1]) : null, "interprets");
                    return;
                }
                if (word == "-m")
                {
                    return;
                }
                if (name.StartsWith("python", StringComparison.Ordinal) && word is "-W" or "-X" || word is "-d" or "-c" && name.StartsWith("php", StringComparison.Ordinal)
                    || word is "-r" or "--require" && name.StartsWith("node", StringComparison.Ordinal) || word is "-v" or "-F" && isAwk)
                {
                    i++;
                }
                continue;
            }
            if (word == "-")
            {
                break;
            }
            if (isAwk)
            {
                Code(Plain(word));
            }
            else
            {
                files.Add(Absolute(word), "interprets");
                AddArguments(words.GetRange(i, words.Count - i));
            }
            return;
        }
        if (context is (IReadOnlyList<ShellCommand> commands, int index) && layers < MaxDecodedLayers && PayloadDecoder.AsText(PipelineText.InputOf(commands, index)) is string input)
        {
            Code(input);
        }
    }

    private void Code(string code)
    {
        Note(code);
        string current = code;
        for (int layer = 0; layer < MaxDecodedLayers; layer++)
        {
            string? inner = null;
            foreach (string text in PayloadDecoder.Literals(current))
            {
                Note(text);
                inner ??= text;
            }
            if (inner is null)
            {
                return;
            }
            current = inner;
        }
    }

    private void SwitchUser(List<string> words, int depth, int layers)
    {
        for (int i = 1; i < words.Count; i++)
        {
            if (words[i] is "-c" or "--command" or "--session-command" && i + 1 < words.Count)
            {
                Enqueue(Plain(words[i + 1]), depth + 1, layers);
                return;
            }
            if (words[i].StartsWith("--command=", StringComparison.Ordinal))
            {
                Enqueue(Plain(words[i]["--command=".Length..]), depth + 1, layers);
                return;
            }
            if (words[i] == "--" && i + 1 < words.Count && depth < MaxDepth)
            {
                Note(string.Join(' ', words.Skip(i + 1).Select(Plain)));
                Program(words.GetRange(i + 1, words.Count - i - 1), depth + MaxDepth, layers, null);
                return;
            }
        }
    }

    private void StartStopDaemon(List<string> words)
    {
        for (int i = 1; i + 1 < words.Count; i++)
        {
            if (words[i] is "-x" or "--exec" or "-a" or "--startas" && words.Contains("--start") | words.Contains("-S") && words[i + 1].Contains('/'))
            {
                files.Add(Absolute(words[i + 1]), "starts");
            }
        }
    }

    private int SkipEnv(List<string> words, int i, int depth, int layers)
    {
        for (; i < words.Count; i++)
        {
            string word = words[i];
            if (IsAssignment(word))
            {
                AddPreloads([word]);
            }
            else if (word is "-u" or "--unset" or "-C" or "--chdir")
            {
                i++;
            }
            else if (word is "-S" or "--split-string" && i + 1 < words.Count)
            {
                Enqueue(Plain(words[i + 1]), depth + 1, layers);
                return words.Count;
            }
            else if (!word.StartsWith('-'))
            {
                break;
            }
        }
        return i;
    }

    private int SkipWrapper(List<string> words, int i, string name, WrapperProgram wrapper, int depth, int layers)
    {
        int operands = wrapper.Operands;
        for (; i < words.Count; i++)
        {
            string word = words[i];
            if (word == "--")
            {
                continue;
            }
            if (name == "flock" && operands == 0 && word is "-c" or "--command" && i + 1 < words.Count)
            {
                Enqueue(Plain(words[i + 1]), depth + 1, layers);
                return -1;
            }
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                i += wrapper.ValueNames?.Contains(word) == true ? 1 : 0;
            }
            else if (word.Length > 1 && word[0] == '-')
            {
                i += wrapper.ValueOptions.Contains(word[^1]) && !(name == "taskset") && !HasAttachedValue(word, wrapper) ? 1 : 0;
            }
            else if (IsAssignment(word))
            {
                AddPreloads([word]);
            }
            else if (operands-- <= 0)
            {
                return i;
            }
        }
        return i;
    }

    // "-n19" carries its value, "-n" and "-fn" do not.
    private static bool HasAttachedValue(string word, WrapperProgram wrapper) => word.Length > 2 && wrapper.ValueOptions.Contains(word[1]);
}
