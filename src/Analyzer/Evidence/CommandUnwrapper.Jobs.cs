using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <content>Builtins, and programs that start jobs in ways of their own: start-stop-daemon, tmux, at, crontab.</content>
internal sealed partial class CommandUnwrapper
{
    /// <summary>Builtins and programs with ways of their own; false when the command is none of them.</summary>
    private bool Special(List<string> words, string name, Place at)
    {
        switch (name)
        {
            case "cd" or "pushd" or "chdir":
                if (words.Count < 2 || !words[1].Contains(Unresolved))
                {
                    state.ChangeDirectory(words.Skip(1).FirstOrDefault(word => !word.StartsWith('-') || word == "-"));
                }
                else
                {
                    state.ForgetDirectory();
                }
                return true;
            case "eval" or "trap":
                Enqueue(string.Join(' ', (name == "trap" ? words.Skip(1).Where(word => word != "--").Take(1) : words.Skip(1)).Select(Plain)), at.Deeper);
                return true;
            case "." or "source":
                if (words.Count > 1)
                {
                    AddScript(words[1], "sh", at);
                }
                return true;
            case "export" or "declare" or "typeset" or "readonly" or "local":
                foreach (string word in words.Skip(1).Where(IsAssignment))
                {
                    AddPreloads([word]);
                    int equals = word.IndexOf('=');
                    state.Set(word[..equals], word[(equals + 1)..]);
                }
                return true;
            case "run-parts":
                AddExplicit(words[0], at);
                files.AddIfPresent(words.Skip(1).FirstOrDefault(word => word.StartsWith('/')), "uses");
                return true;
            case "start-stop-daemon" or "supervise-daemon":
                StartStopDaemon(words, at);
                return true;
            case "tmux":
                Tmux(words, at);
                return true;
            case "pm2" or "forever" when words.Count > 2 && words.IndexOf("start") is > 0 and int start:
                AddRun(words.Skip(start + 1).FirstOrDefault(word => !word.StartsWith('-')) is string script ? Absolute(script, at) : null, "interprets", null, at);
                return true;
            case "at" or "batch":
                AtJob(words, at);
                return true;
            case "crontab":
                Crontab(words, at);
                return true;
            default:
                return false;
        }
    }

    private void AtJob(List<string> words, Place at)
    {
        files.AddFromPath(words[0], state, at.Root);
        int file = words.IndexOf("-f");
        if (file > 0 && file + 1 < words.Count)
        {
            AddRun(Absolute(words[file + 1], at), "interprets", "sh", at);
        }
        else if (at.Commands is not null && PayloadDecoder.AsText(PipelineText.InputOf(at.Commands, at.Index)) is string input)
        {
            Enqueue(input, at.Deeper);
        }
    }

    /// <summary>A table given on standard input is installed: its commands will run.</summary>
    private void Crontab(List<string> words, Place at)
    {
        files.AddFromPath(words[0], state, at.Root);
        if (at.Commands is null || words.Any(word => word is "-l" or "-r" or "-e"))
        {
            return;
        }
        if (words.Count > 1 && words[^1].StartsWith('/') && state.WrittenTo(words[^1]) is string table)
        {
            PlantedText.CronLines(table, 5, (command, _) => Enqueue(command, at.Deeper));
        }
        // (crontab -l; echo "...") | crontab -   has several commands before the pipe.
        for (int i = Math.Max(0, at.Index - 8); i < at.Index; i++)
        {
            if (at.Commands[i].PipesTo == at.Index && PayloadDecoder.AsText(PipelineText.OutputOf(at.Commands, i)) is string lines)
            {
                PlantedText.CronLines(lines, 5, (command, _) => Enqueue(command, at.Deeper));
            }
        }
    }

    private void Tmux(List<string> words, Place at)
    {
        files.AddFromPath(words[0], state, at.Root);
        int i = words.FindIndex(word => word is "new" or "new-session" or "neww" or "new-window" or "respawn-pane" or "splitw" or "split-window");
        for (i++; i > 0 && i < words.Count; i++)
        {
            if (words[i].Length > 1 && words[i][0] == '-')
            {
                i += words[i][^1] is 's' or 'n' or 'c' or 't' or 'x' or 'y' or 'e' or 'F' ? 1 : 0;
                continue;
            }
            Enqueue(string.Join(' ', words.Skip(i).Select(Plain)), at.Deeper);
            return;
        }
    }

    private void StartStopDaemon(List<string> words, Place at)
    {
        int end = words.IndexOf("--");
        List<string> own = end < 0 ? words : words.GetRange(0, end);
        string? program = null;
        for (int i = 1; i < own.Count; i++)
        {
            (string option, string? value) = own[i].StartsWith("--", StringComparison.Ordinal) && own[i].IndexOf('=') is > 0 and int equals ? (own[i][..equals], own[i][(equals + 1)..]) : (own[i], i + 1 < own.Count ? own[i + 1] : null);
            if (option is "-d" or "--chdir" && value is not null)
            {
                state.ChangeDirectory(value);
            }
            else if (option is "-a" or "--startas" || (option is "-x" or "--exec" && program is null))
            {
                program = value;
            }
        }
        bool starts = own.Contains("--start") || own.Any(word => word.Length > 1 && word[0] == '-' && word[1] != '-' && word.Contains('S')) || (ShellWords.BaseName(words[0]) == "supervise-daemon" && !own.Contains("--stop"));
        if (!starts || program is null)
        {
            return;
        }
        List<string> inner = [program, .. end < 0 ? [] : words.Skip(end + 1)];
        Note(string.Join(' ', inner.Select(Plain)));
        if (at.Depth < MaxDepth)
        {
            Program(inner, at.Deeper);
        }
    }
}
