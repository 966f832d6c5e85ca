using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>What commands of a shell text would read on standard input or print, as far as that follows from the text alone (echo, printf, here-texts, filters).</summary>
internal static class PipelineText
{
    private const int MaxStages = 8;

    /// <summary>Standard input of a command; null when it depends on anything outside the text.</summary>
    public static byte[]? InputOf(IReadOnlyList<ShellCommand> commands, int index)
    {
        // Down the pipe to the first producer, then back up through the filters: no recursion over hostile chains.
        var stages = new Stack<int>();
        byte[]? data = HereText(commands[index]);
        int current = index;
        while (data is null)
        {
            int producer = ProducerFor(commands, current);
            if (producer < 0 || stages.Count >= MaxStages)
            {
                return null;
            }
            data = PrintedText.Of(commands[producer]);
            if (data is null)
            {
                stages.Push(producer);
                data = HereText(commands[producer]);
                current = producer;
            }
        }
        while (data is not null && stages.TryPop(out int stage))
        {
            data = TextFilters.Apply(commands[stage], data);
        }
        return data;
    }

    /// <summary>What the last command of a pipe prints; null when it is not known.</summary>
    public static byte[]? OutputOf(IReadOnlyList<ShellCommand> commands, int index)
    {
        if (PrintedText.Of(commands[index]) is byte[] printed)
        {
            return printed;
        }
        return TextFilters.IsFilter(commands[index]) && InputOf(commands, index) is byte[] input ? TextFilters.Apply(commands[index], input) : null;
    }

    /// <summary>What the commands of a substitution print; null when it is not known.</summary>
    public static string? OfSubstitution(IReadOnlyList<ShellCommand> commands)
    {
        ShellCommand last = commands[^1];
        string program = last.Program;
        List<string> operands = [.. last.Words.Skip(1).Where(word => !word.Text.StartsWith('-')).Select(word => word.Text)];
        if (program == "pwd" && commands is [{ Program: "cd" }, _])
        {
            return commands[0].Words.Count == 2 && !commands[0].Words[1].HasUnresolvedExpansion ? commands[0].Words[1].Text : null;
        }
        if (commands.Count > 1 && commands.Any(command => command.PipesTo < 0 && command != last))
        {
            return null;
        }
        bool isKnown = !last.Words.Any(word => word.HasUnresolvedExpansion) && commands.Count == 1;
        switch (program)
        {
            case "dirname" when isKnown && operands.Count == 1:
                int slash = operands[0].TrimEnd('/').LastIndexOf('/');
                return slash > 0 ? operands[0][..slash] : slash == 0 ? "/" : ".";
            case "basename" when isKnown && operands.Count is 1 or 2:
                string name = ShellWords.BaseName(operands[0].TrimEnd('/'));
                return operands.Count == 2 && name.EndsWith(operands[1], StringComparison.Ordinal) ? name[..^operands[1].Length] : name;
            case "realpath" or "readlink" or "which" when isKnown && operands.Count == 1:
                return operands[0];
            case "command" or "type" when isKnown && operands.Count == 1 && last.Words.Any(word => word.Text is "-v" or "-p" or "-P"):
                return operands[0];
            default:
                byte[]? output = OutputOf(commands, commands.Count - 1);
                return output is null ? null : PayloadDecoder.AsText(output) ?? (output.Length is 0 or 1 ? Encoding.Latin1.GetString(output) : null);
        }
    }

    /// <summary>Files whose text, perhaps decoded on the way, a command reads on standard input: <c>cat F | sh</c>, <c>base64 -d F | sh</c>, <c>sh &lt; F</c>.</summary>
    public static IEnumerable<ShellWord> FilesRead(IReadOnlyList<ShellCommand> commands, int index)
    {
        int current = index;
        for (int stage = 0; stage < MaxStages && current >= 0; stage++)
        {
            foreach (ShellRedirection redirection in commands[current].Redirections)
            {
                if (redirection.Operator == "<")
                {
                    yield return redirection.Target;
                }
            }
            current = ProducerFor(commands, current);
            if (current < 0)
            {
                yield break;
            }
            string program = ShellWords.BaseName(commands[current].Program);
            if (program is "openssl" or "gpg")
            {
                for (int i = 1; i + 1 < commands[current].Words.Count; i++)
                {
                    if (commands[current].Words[i].Text == "-in")
                    {
                        yield return commands[current].Words[i + 1];
                    }
                }
            }
            else if (program is "sed" && (commands[current].Words.Count < 3 || commands[current].Words[^2].Text.StartsWith('-')))
            {
                // Its last word is the script.
                continue;
            }
            else if (program is "cat" or "base64" or "base32" or "xxd" or "gzip" or "gunzip" or "zcat" or "xzcat" or "bzcat" or "tail" or "head" or "rev" or "tac" or "sed" or "xz" or "bzip2")
            {
                // The last word: options, line numbers and sed's script stand before it.
                if (commands[current].Words.Count > 1 && commands[current].Words[^1] is { Text.Length: > 1 } last && !last.Text.StartsWith('-') && last.Text.Contains('/'))
                {
                    yield return last;
                }
            }
            else
            {
                yield break;
            }
        }
    }

    private static int ProducerFor(IReadOnlyList<ShellCommand> commands, int consumer)
    {
        for (int i = consumer - 1; i >= 0; i--)
        {
            if (commands[i].PipesTo == consumer)
            {
                return i;
            }
        }
        return -1;
    }

    private static byte[]? HereText(ShellCommand command)
    {
        foreach (ShellRedirection redirection in command.Redirections)
        {
            if (redirection.Body is string body)
            {
                return Encoding.UTF8.GetBytes(body);
            }
            if (redirection.Operator == "<<<")
            {
                return Encoding.UTF8.GetBytes(redirection.Target.Text);
            }
        }
        return null;
    }
}
