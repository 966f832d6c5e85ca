using System.CommandLine;
using System.CommandLine.Parsing;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// Options that take several values, such as <c>--rules A B</c>, also take the image when it follows them. When the image is missing and exactly one
/// group of such values has more than one member, its last member is the image.
/// </summary>
internal static class GreedyOptions
{
    /// <summary>The arguments with the image at the end, or null when nothing is to be repaired.</summary>
    public static string[]? GiveBackImage(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        if (command.Arguments.Count != 1 || parse.GetResult(command.Arguments[0]) is { Tokens.Count: > 0 })
        {
            return null;
        }
        int last = -1;
        int group = 0;
        bool isGreedy = false;
        for (int i = 0; i < parse.Tokens.Count; i++)
        {
            Token token = parse.Tokens[i];
            if (token.Type != TokenType.Argument)
            {
                isGreedy = token.Type == TokenType.Option && IsGreedy(command, token.Value);
                group = 0;
            }
            else if (isGreedy && ++group >= 2)
            {
                if (group == 2 && last >= 0)
                {
                    return null;
                }
                last = i;
            }
        }
        return last < 0 ? null : [.. parse.Tokens.Where((_, index) => index != last).Select(token => token.Value), "--", parse.Tokens[last].Value];
    }

    private static bool IsGreedy(Command command, string name)
    {
        foreach (Option option in command.Options)
        {
            if (option.AllowMultipleArgumentsPerToken && (option.Name == name || option.Aliases.Contains(name)))
            {
                return true;
            }
        }
        return false;
    }
}
