using System.Diagnostics;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

/// <summary>The words of a simple command as bash itself splits them. The texts are fixed or made of harmless pieces; nothing but printf runs.</summary>
public sealed class ShellWordsAgainstBashTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["A"] = "one", ["B"] = "two words", ["E"] = "", ["P"] = "/opt/x" };

    [Fact]
    public void Random_words_split_as_in_bash()
    {
        string[] pieces = ["a", "bc", " ", "  ", "\t", "'", "\"", "\\", "$A", "${B}", "\"$B\"", "'x y'", "\"p q\"", "\\ ", "${E:-d}", "${E-d}", "${A:+s}", "${U:=u}", "${P:1:3}", "$'\\x41\\n'", "$E", "\"\"", "''", "{m,n}", "{x}", "/", "=", "#", " #",
            "\"\\$A\"", "\"\\q\"", "%", ",", ":", "$'a\\'b'", "\"${B:-'z'}\"", "${B:0:3}", "${P##*/}", "${P%/*}", "${P#/o}", "${P%%/*}", "${P%x}", "${B/o/0}", "${B//o/00}", "\"${B// /_}\"", "${A^^}", "${A^}", "${A,,}", "${B#t*o}", "${B##t*o}", "${B%?w*}", "@", "{,k}", "1", "~"];
        var random = new Random(42);
        var texts = new List<string>();
        while (texts.Count < 2500)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            // bash expands braces before it looks for the end of a variable's name; we do not.
            if (!text.Contains("$A{", StringComparison.Ordinal) && !text.Contains("$E{", StringComparison.Ordinal) && text.Count(c => c == '\'') % 2 == 0 && text.Count(c => c == '"') % 2 == 0 && !text.EndsWith('\\'))
            {
                texts.Add(text);
            }
        }
        string[] expected = Bash(texts);
        var different = new List<string>();
        int compared = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            if (expected[i] == "error")
            {
                continue;
            }
            IReadOnlyList<ShellCommand> commands = ShellWords.Parse("p " + texts[i], Variables);
            if (commands.Any(command => command.Words.Any(word => word.HasUnresolvedExpansion)))
            {
                continue;
            }
            compared++;
            string actual = commands.Count == 1 ? string.Concat(commands[0].Words.Skip(1).Select(word => "[" + word.Text + "]")) : commands.Count + " commands";
            if (actual != expected[i])
            {
                different.Add($"{texts[i]} -> bash {expected[i]} we {actual}");
            }
        }
        Assert.True(compared > 1000, compared + " compared");
        Assert.True(different.Count == 0, different.Count + " differ:\n" + string.Join('\n', different.Take(20)));
    }

    /// <summary>One answer a text: the words in brackets, or <c>error</c>. Every text is given to eval in a subshell of its own, as an argument of a function.</summary>
    private static string[] Bash(List<string> texts)
    {
        const string script = """
            set -f; set +o histexpand; shopt -u extglob; unset HOME; HOME='~'
            A=one; B='two words'; E=; P=/opt/x
            p() { printf '['; local first=1 w; for w; do [ $first = 1 ] || printf ']['; first=0; printf '%s' "$w"; done; printf ']'; [ $# -gt 0 ] || printf '\b\b'; }
            while IFS= read -r -d '' t; do
              ( unset U; eval "p $t" ) </dev/null 2>/dev/null || printf error
              printf '\0'
            done
            """;
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("--norc");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        foreach (string text in texts)
        {
            process.StandardInput.Write(text + "\0");
        }
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(60_000), "bash did not end");
        string[] answers = output.GetAwaiter().GetResult().Split('\0');
        Assert.True(texts.Count + 1 == answers.Length, $"{answers.Length} answers: {errors.GetAwaiter().GetResult()}");
        return [.. answers.Take(texts.Count).Select(answer => answer == "[]\b\b" ? "" : answer)];
    }
}
