using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <content>Files: what words name, what is preloaded, and what the text itself writes and then runs.</content>
internal sealed partial class CommandUnwrapper
{
    private void AddArguments(List<string> words, Place at)
    {
        foreach (string word in words.Skip(1).Take(64))
        {
            string value = word;
            if (value.StartsWith('-') && value.IndexOf("=/", StringComparison.Ordinal) is > 0 and int equals)
            {
                value = value[(equals + 1)..];
            }
            if (value.StartsWith('/') || value.StartsWith("./", StringComparison.Ordinal) || value.StartsWith("~/", StringComparison.Ordinal))
            {
                files.AddIfPresent(Absolute(value, at), "uses");
            }
        }
    }

    private void AddPreloads(IEnumerable<string> settings)
    {
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=');
            string name = equals > 0 ? setting[..equals].Trim() : "";
            if (name is "LD_PRELOAD" or "LD_AUDIT")
            {
                foreach (string library in setting[(equals + 1)..].Trim('"', '\'', ' ').Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Take(16))
                {
                    files.Add(library.StartsWith('/') ? Absolute(library) : null, "loads");
                }
            }
            else if (name is "SHELL" && setting[(equals + 1)..].Trim().Trim('"', '\'') is ['/', ..] shell && !ShellWords.IsShell(shell))
            {
                files.Add(Absolute(shell), "starts");
            }
            else if (name is "BASH_ENV" or "ENV" or "PYTHONSTARTUP" && setting[(equals + 1)..].Trim().Trim('"', '\'') is ['/', ..] start)
            {
                files.Add(Absolute(start), "interprets", name == "PYTHONSTARTUP" ? "python" : "sh");
            }
        }
    }

    /// <summary>A shell, interpreter or wrapper: worth a link when its path is stated, or when a search path of the command's own leads to another place than the usual one.</summary>
    private void AddExplicit(string program, Place at)
    {
        if (program.Contains('/'))
        {
            files.Add(Absolute(program, at), "starts");
        }
        else if (state.HasOwnPath)
        {
            files.AddFromPath(program, state, at.Root, onlyOdd: true);
        }
    }

    /// <summary>A file that is run. What the text wrote into it before is followed as if it stood there.</summary>
    private void AddRun(string? path, string relation, string? interpreter, Place at)
    {
        files.Add(path, relation, interpreter);
        if (path is null || state.WrittenTo(path) is not string text || at.Layers >= MaxDecodedLayers)
        {
            return;
        }
        string program = interpreter ?? Shebang(text) ?? "sh";
        if (ProgramLanguages.Of(program) is ProgramLanguage language)
        {
            Code(text, language, at.Decoded);
        }
        else if (ShellWords.IsShell(program))
        {
            Enqueue(text, at.Decoded);
        }
    }

    private static string? Shebang(string text)
    {
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            return null;
        }
        int end = text.IndexOf('\n');
        return Examiners.ContentClassifier.Interpreter(Encoding.Latin1.GetBytes(text[..Math.Min(end < 0 ? text.Length : end, 256)]));
    }

    /// <summary>Keeps what a command whose output is known writes into a file: <c>cat &gt; F &lt;&lt;EOF</c>, <c>echo ... &gt;&gt; F</c>, <c>... | tee F</c>.</summary>
    private void KeepWritten(ShellCommand command, List<string> words, Place at)
    {
        string? target = null;
        bool appends = false;
        foreach (ShellRedirection redirection in command.Redirections)
        {
            if (redirection.Operator is ">" or ">>" or ">|" or "&>" && redirection.Descriptor is null or 1)
            {
                target = Word(redirection.Target);
                appends = redirection.Operator == ">>";
            }
        }
        if (target is null && ShellWords.BaseName(words[0]) == "tee")
        {
            target = words.Skip(1).FirstOrDefault(word => !word.StartsWith('-'));
            appends = words.Contains("-a");
        }
        if (target is null || Absolute(target, at) is not string path || path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        {
            return;
        }
        if (PayloadDecoder.AsText(PipelineText.OutputOf(at.Commands!, at.Index)) is string text)
        {
            state.Write(path, text, appends);
            PlantedText.Follow(path, text, (inner, interpreter) => Enqueue(inner, at.Decoded), library => files.Add(library, "loads"));
        }
    }

    private string? Absolute(string word) => Absolute(word, default);

    private string? Absolute(string word, Place at)
    {
        if (word.Length == 0 || word.Contains(Unresolved))
        {
            return null;
        }
        string? path = state.Absolute(word);
        return path is null || string.IsNullOrEmpty(at.Root) ? path : at.Root + path;
    }
}
