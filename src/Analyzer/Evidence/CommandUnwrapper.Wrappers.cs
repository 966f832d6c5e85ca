using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <content>Programs that start the command in their own arguments.</content>
internal sealed partial class CommandUnwrapper
{
    private const int NotPeeled = -2;
    private const int Done = -1;

    /// <summary>Takes one wrapper off. Index of the word behind it; <see cref="Done"/> when the wrapper's text was handed on, <see cref="NotPeeled"/> when the word is no wrapper.</summary>
    private int Peel(List<string> words, int start, string name, ref Place at)
    {
        if (name == "env")
        {
            AddExplicit(words[start], at);
            return SkipEnv(words, start + 1, at);
        }
        if (name == "chroot")
        {
            AddExplicit(words[start], at);
            return ChangeRoot(words, start + 1, ref at);
        }
        if (name.StartsWith("ld-linux", StringComparison.Ordinal) || name.StartsWith("ld-musl", StringComparison.Ordinal) || name is "ld.so")
        {
            // The loader run as a program: a noexec mount or a missing x bit does not stop it.
            AddExplicit(words[start], at);
            return SkipLoader(words, start + 1, at);
        }
        if (!WrapperPrograms.TryGet(name, out WrapperProgram wrapper))
        {
            return NotPeeled;
        }
        AddExplicit(words[start], at);
        if (wrapper.TextOptions is { } textOptions && TextOption(words, start, wrapper, textOptions) is string text)
        {
            Enqueue(text, at.Deeper);
            return Done;
        }
        if (name is "su" && !words.Contains("--"))
        {
            return Done;
        }
        int next = SkipWrapper(words, start + 1, wrapper);
        if (name == "daemon" && next < words.Count && words[next].Contains(' '))
        {
            Enqueue(Plain(words[next]), at.Deeper);
            return Done;
        }
        if (name == "xargs" && at.Commands is not null && PayloadDecoder.AsText(PipelineText.InputOf(at.Commands, at.Index)) is string input)
        {
            words.AddRange(input.Split((char[]?)null, 64, StringSplitOptions.RemoveEmptyEntries));
        }
        return next;
    }

    /// <summary>Value of the option that holds shell text, looked for among the wrapper's own words only: behind them <c>-c</c> is an option of something else.</summary>
    private static string? TextOption(List<string> words, int start, WrapperProgram wrapper, string options)
    {
        string[] names = options.Split(' ');
        int operands = wrapper.Operands;
        for (int i = start + 1; i < words.Count; i++)
        {
            string word = words[i];
            foreach (string name in names)
            {
                bool isLong = name.StartsWith("--", StringComparison.Ordinal);
                bool isShort = !isLong && word.Length > 1 && word[0] == '-' && word[1] != '-' && word[^1] == name[1];
                if ((word == name || isShort) && i + 1 < words.Count)
                {
                    return Plain(words[i + 1]);
                }
                if (isLong && word.StartsWith(name + "=", StringComparison.Ordinal))
                {
                    return word[(name.Length + 1)..];
                }
            }
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                i += wrapper.ValueNames?.Contains(word) == true ? 1 : 0;
            }
            else if (word.Length > 1 && word[0] == '-')
            {
                i += wrapper.ValueOptions.Contains(word[^1]) && !HasAttachedValue(word, wrapper) ? 1 : 0;
            }
            else if (operands-- <= 0)
            {
                return null;
            }
        }
        return null;
    }

    private int SkipEnv(List<string> words, int i, Place at)
    {
        for (; i < words.Count; i++)
        {
            string word = words[i];
            if (IsAssignment(word))
            {
                AddPreloads([word]);
            }
            else if (word is "-C" or "--chdir" && i + 1 < words.Count)
            {
                state.ChangeDirectory(words[++i]);
            }
            else if (word is "-u" or "--unset")
            {
                i++;
            }
            else if (word is "-S" or "--split-string" or "-vS" or "-iS" && i + 1 < words.Count)
            {
                Enqueue(string.Join(' ', words.Skip(i + 1).Select(Plain)), at.Deeper);
                return Done;
            }
            else if (word.StartsWith("-S", StringComparison.Ordinal) || word.StartsWith("--split-string=", StringComparison.Ordinal))
            {
                Enqueue(string.Join(' ', words.Skip(i + 1).Select(Plain).Prepend(word[(word[1] == 'S' ? 2 : "--split-string=".Length)..])), at.Deeper);
                return Done;
            }
            else if (!word.StartsWith('-'))
            {
                break;
            }
        }
        return i;
    }

    private int ChangeRoot(List<string> words, int i, ref Place at)
    {
        for (; i < words.Count && words[i].StartsWith('-'); i++)
        {
            i += words[i] is "--userspec" or "--groups" ? 1 : 0;
        }
        if (i < words.Count && Absolute(words[i], at) is string root)
        {
            // Paths of the rest count from there; chroot / is how a container leaves itself.
            at = at with { Root = root == "/" ? "" : root };
        }
        return i + 1;
    }

    private int SkipLoader(List<string> words, int i, Place at)
    {
        for (; i < words.Count && words[i].StartsWith('-'); i++)
        {
            if (words[i] is "--preload" or "--audit" && i + 1 < words.Count)
            {
                files.Add(Absolute(words[i + 1], at), "loads");
            }
            i += words[i] is "--preload" or "--audit" or "--library-path" or "--argv0" or "--inhibit-rpath" or "--glibc-hwcaps-prepend" or "--glibc-hwcaps-mask" ? 1 : 0;
        }
        return i;
    }

    private int SkipWrapper(List<string> words, int i, WrapperProgram wrapper)
    {
        int operands = wrapper.Operands;
        for (; i < words.Count; i++)
        {
            string word = words[i];
            if (word == "--")
            {
                operands = operands > 0 && wrapper.EndsOperands ? 0 : operands;
                continue;
            }
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                i += wrapper.ValueNames?.Contains(word) == true ? 1 : 0;
            }
            else if (word.Length > 1 && word[0] == '-')
            {
                bool takesNext = wrapper.ValueOptions.Contains(word[^1]) && !HasAttachedValue(word, wrapper);
                i += takesNext ? 1 : 0;
                // "runuser -u user command" names the account by an option, so none stands before the command.
                operands = wrapper.OperandOption != '\0' && word.Contains(wrapper.OperandOption) ? 0 : operands;
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

    /// <summary>Commands that options of ordinary programs start.</summary>
    private void Hooks(List<string> words, string name, Place at)
    {
        if (name == "find")
        {
            for (int i = 1; i < words.Count; i++)
            {
                if (words[i] is "-exec" or "-execdir" or "-ok" or "-okdir" && i + 1 < words.Count && at.Depth < MaxDepth)
                {
                    int end = words.FindIndex(i + 1, word => word is ";" or "+");
                    List<string> inner = words.GetRange(i + 1, (end < 0 ? words.Count : end) - i - 1);
                    Note(string.Join(' ', inner.Select(Plain)));
                    Program(inner, at.Deeper);
                    i = end < 0 ? words.Count : end;
                }
            }
            return;
        }
        foreach (string word in words.Skip(1).Take(64))
        {
            foreach (string option in (string[])["--checkpoint-action=exec=", "--to-command=", "--use-compress-program=", "--rsh=", "ProxyCommand=", "LocalCommand="])
            {
                int start = word.IndexOf(option, StringComparison.Ordinal);
                if (start >= 0 && word[^1] != '=')
                {
                    Enqueue(Plain(word)[(Plain(word).IndexOf(option, StringComparison.Ordinal) + option.Length)..], at.Deeper);
                }
            }
        }
    }
}
