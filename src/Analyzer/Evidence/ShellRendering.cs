using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// Writes the commands of a shell text again the way they would have been typed without disguise: <c>w''get</c>, <c>c\url</c> and <c>$a$b</c> become the words they stand for, so that the
/// heuristics see them. Words with characters that mean something to a shell are quoted, so that a text which was only data does not become a command.
/// </summary>
internal static class ShellRendering
{
    private const int MaxLength = 64 << 10;

    /// <summary>The plain text; null when every word stands in the original as it is, so that it says nothing new.</summary>
    public static string? Plain(string text, IReadOnlyList<ShellCommand> commands)
    {
        bool differs = false;
        for (int i = 0; i < commands.Count && !differs; i++)
        {
            differs = IsDisguised(text, commands[i]);
        }
        if (!differs)
        {
            return null;
        }
        var plain = new StringBuilder();
        foreach (ShellCommand command in commands)
        {
            // What stands in a substitution is within its command's word already.
            if (command.Origin is ShellOrigin.CommandSubstitution or ShellOrigin.ProcessSubstitution)
            {
                continue;
            }
            foreach (ShellAssignment assignment in command.Assignments)
            {
                plain.Append(assignment.Name).Append('=').Append(Quoted(assignment.Value.Text)).Append(' ');
            }
            foreach (ShellWord word in command.Words)
            {
                plain.Append(word.HasUnresolvedExpansion ? word.Text : Quoted(word.Text)).Append(' ');
            }
            foreach (ShellRedirection redirection in command.Redirections)
            {
                plain.Append(redirection.Descriptor).Append(redirection.Operator).Append(redirection.Operator.EndsWith('&') || redirection.Target.Text.StartsWith('&') ? "" : " ").Append(redirection.Target.Text).Append(' ');
            }
            plain.Append(command.Connector switch { ShellConnector.Pipe => "| ", ShellConnector.And => "&& ", ShellConnector.Or => "|| ", ShellConnector.Background => "& ", ShellConnector.Sequence => "; ", _ => "" });
            if (plain.Length > MaxLength)
            {
                break;
            }
        }
        return plain.ToString();
    }

    private static bool IsDisguised(string text, ShellCommand command)
    {
        int start = Math.Clamp(command.Start, 0, text.Length);
        ReadOnlySpan<char> raw = text.AsSpan(start, Math.Clamp(command.End, start, text.Length) - start);
        bool isFirst = true;
        foreach (ShellWord word in command.Words)
        {
            int at = raw.IndexOf(word.Text, StringComparison.Ordinal);
            // "curl${IFS}URL" and "{curl,URL}" have no blank between the words that a shell makes of them.
            if (at < 0 || (!isFirst && !raw[..at].ContainsAny(" \t\n")))
            {
                return true;
            }
            isFirst = false;
            // The words follow each other, so each is looked for behind the last: linear.
            raw = raw[(at + word.Text.Length)..];
        }
        return false;
    }

    private static string Quoted(string word) => word.Length == 0 ? "''" : word.AsSpan().ContainsAny(Special) ? "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : word;

    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(" \t\r\n|&;<>()$`\"'\\#");
}
