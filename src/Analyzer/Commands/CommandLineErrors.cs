using System.CommandLine;
using System.CommandLine.Parsing;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// What is wrong with a command line, in one sentence. The library alone would take an unknown option for a positional value (and scan an image called
/// <c>--fial-on</c> without gate), so every value before <c>--</c> that looks like an option is refused here.
/// </summary>
internal static class CommandLineErrors
{
    /// <summary>The sentence; null when the command line is good.</summary>
    public static string? Describe(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        for (int i = 0; i < parse.Tokens.Count && parse.Tokens[i].Type != TokenType.DoubleDash; i++)
        {
            Token token = parse.Tokens[i];
            bool isNumberOfOption = i > 0 && parse.Tokens[i - 1].Type == TokenType.Option && token.Value.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
            if (token.Type == TokenType.Argument && token.Value.Length > 1 && token.Value[0] == '-' && !isNumberOfOption)
            {
                string name = token.Value.Split('=')[0];
                return "unknown option '" + name + "'" + Suggestion(name, OptionNames(command));
            }
        }
        if (parse.Errors.Count == 0)
        {
            return null;
        }
        if (command is RootCommand)
        {
            IEnumerable<string> verbs = command.Subcommands.Select(verb => verb.Name);
            return parse.UnmatchedTokens.Count > 0
                ? "unknown command '" + parse.UnmatchedTokens[0] + "'" + Suggestion(parse.UnmatchedTokens[0], verbs)
                : "name a command: " + string.Join(", ", verbs);
        }
        ParseError error = parse.Errors[0];
        if (parse.UnmatchedTokens.Count > 0)
        {
            return "unexpected argument '" + parse.UnmatchedTokens[0] + "'";
        }
        return error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option => option.Option.Name + " needs a value",
            OptionResult { Tokens.Count: > 1 } option when !option.Option.AllowMultipleArgumentsPerToken => option.Option.Name + " is given more than once",
            OptionResult option => "'" + option.Tokens[0].Value + "' is not a value for " + option.Option.Name,
            ArgumentResult { Parent: OptionResult option } => "'" + string.Join(' ', option.Tokens.Select(token => token.Value)) + "' is not a value for " + option.Option.Name,
            ArgumentResult argument => argument.Tokens.Count == 0 ? argument.Argument.Name + " is missing" : error.Message,
            _ => MissingArgument(parse, command) ?? error.Message,
        };
    }

    private static string? MissingArgument(ParseResult parse, Command command)
    {
        foreach (Argument argument in command.Arguments)
        {
            if (argument.Arity.MinimumNumberOfValues > 0 && parse.GetResult(argument) is null or { Tokens.Count: 0 })
            {
                return argument.Name + " is missing";
            }
        }
        return null;
    }

    private static IEnumerable<string> OptionNames(Command command)
    {
        yield return "--help";
        yield return "--version";
        foreach (Option option in command.Options)
        {
            yield return option.Name;
        }
    }

    private static string Suggestion(string wrong, IEnumerable<string> names)
    {
        string? best = names.OrderBy(name => Distance(wrong, name)).FirstOrDefault();
        return best is not null && Distance(wrong, best) <= Math.Max(1, best.Length / 3) ? "; did you mean '" + best + "'?" : "";
    }

    /// <summary>Edits between two words, swapped neighbours as one. The input is cut: it may be a whole path.</summary>
    private static int Distance(string left, string right)
    {
        left = left.Length > 32 ? left[..32] : left;
        var rows = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            for (int k = 0; k <= right.Length; k++)
            {
                rows[i, k] = i == 0 || k == 0
                    ? i + k
                    : Math.Min(Math.Min(rows[i - 1, k], rows[i, k - 1]) + 1, rows[i - 1, k - 1] + (left[i - 1] == right[k - 1] ? 0 : 1));
                if (i > 1 && k > 1 && left[i - 1] == right[k - 2] && left[i - 2] == right[k - 1])
                {
                    rows[i, k] = Math.Min(rows[i, k], rows[i - 2, k - 2] + 1);
                }
            }
        }
        return rows[left.Length, right.Length];
    }
}
