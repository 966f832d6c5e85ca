using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>What commands of a shell text would read on standard input or print, as far as that follows from the text alone (echo, printf, here-texts, decoders).</summary>
internal static class PipelineText
{
    private const int MaxStages = 8;

    /// <summary>Standard input of a command; null when it depends on anything outside the text.</summary>
    public static byte[]? InputOf(IReadOnlyList<ShellCommand> commands, int index)
    {
        // Down the pipe to the first producer, then back up through the decoders: no recursion over hostile chains.
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
            data = Printed(commands[producer]);
            if (data is null)
            {
                stages.Push(producer);
                data = HereText(commands[producer]);
                current = producer;
            }
        }
        while (data is not null && stages.TryPop(out int stage))
        {
            data = Transform(commands[stage], data);
        }
        return data;
    }

    /// <summary>What the last command of a pipe prints; null when it is not known.</summary>
    public static byte[]? OutputOf(IReadOnlyList<ShellCommand> commands, int index)
    {
        if (Printed(commands[index]) is byte[] printed)
        {
            return printed;
        }
        return IsTransform(commands[index]) && InputOf(commands, index) is byte[] input ? Transform(commands[index], input) : null;
    }

    /// <summary>Whether the command turns encoded text into plain text.</summary>
    public static bool IsDecoder(ShellCommand command) => IsTransform(command) && ShellWords.BaseName(command.Program) is not ("cat" or "tee");

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

    private static byte[]? Printed(ShellCommand command)
    {
        string program = ShellWords.BaseName(command.Program);
        if (program is not ("echo" or "printf"))
        {
            return null;
        }
        int first = 1;
        while (program == "echo" && first < command.Words.Count && command.Words[first].Text is "-n" or "-e" or "-ne" or "-en" or "-E")
        {
            first++;
        }
        if (program == "printf" && command.Words.Count > first + 1 && command.Words[first].Text.Contains("%s", StringComparison.Ordinal))
        {
            first++;
        }
        var text = new StringBuilder();
        for (int i = first; i < command.Words.Count && text.Length < PayloadDecoder.MaxBytes * 2; i++)
        {
            if (command.Words[i].HasUnresolvedExpansion)
            {
                return null;
            }
            text.Append(i > first ? " " : "").Append(command.Words[i].Text);
        }
        return text.Length == 0 ? null : Encoding.UTF8.GetBytes(text.ToString());
    }

    private static bool IsTransform(ShellCommand command) => ShellWords.BaseName(command.Program) switch
    {
        "base64" or "base32" => Has(command, 'd', "--decode") || Has(command, 'D', "--decode"),
        "openssl" => command.Words.Count > 2 && command.Words[1].Text is "base64" or "enc" && command.Words.Any(word => word.Text == "-d") && command.Words.All(word => !word.Text.StartsWith("-aes", StringComparison.Ordinal)),
        "xxd" => Has(command, 'r', "--revert"),
        "gzip" => Has(command, 'd', "--decompress"),
        "gunzip" or "zcat" or "cat" or "tee" => true,
        "rev" => true,
        _ => false,
    };

    private static byte[]? Transform(ShellCommand command, byte[] input) => ShellWords.BaseName(command.Program) switch
    {
        _ when !IsTransform(command) => null,
        "base64" or "openssl" => PayloadDecoder.Base64(input),
        "xxd" => PayloadDecoder.Hex(input),
        "gzip" or "gunzip" or "zcat" => PayloadDecoder.Inflate(input),
        "rev" => Reversed(input),
        "cat" or "tee" => input,
        _ => null,
    };

    private static byte[] Reversed(byte[] input)
    {
        byte[] output = [.. input];
        Array.Reverse(output);
        return output;
    }

    private static bool Has(ShellCommand command, char flag, string name) => command.Words.Skip(1).Any(word =>
        word.Text == name || (word.Text.Length > 1 && word.Text[0] == '-' && word.Text[1] != '-' && word.Text.Contains(flag)));
}
