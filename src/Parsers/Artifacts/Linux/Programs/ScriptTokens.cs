using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a token of JavaScript is, as far as reading rules needs to know.</summary>
internal enum ScriptTokenKind { Word, Text, Sign }

/// <summary>A token of JavaScript.</summary>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, string Text, int Start)
{
    public bool Is(string sign) => Kind == ScriptTokenKind.Sign && Text.Equals(sign, StringComparison.Ordinal);
    public bool IsWord(string word) => Kind == ScriptTokenKind.Word && Text.Equals(word, StringComparison.Ordinal);
}

/// <summary>Cuts JavaScript into words (with their dots: <c>polkit.Result.YES</c>), texts, regular expressions (as texts) and signs; comments are left out.</summary>
internal static class ScriptTokens
{
    private const int MaximumTokens = 200_000;

    public static List<ScriptToken> Read(string script, out bool isCut)
    {
        var tokens = new List<ScriptToken>();
        int i = 0;
        while (i < script.Length && tokens.Count < MaximumTokens)
        {
            char c = script[i];
            char next = i + 1 < script.Length ? script[i + 1] : '\0';
            if (char.IsWhiteSpace(c) || c == '\0')
            {
                i++;
            }
            else if (c == '/' && next is '/' or '*')
            {
                int end = next == '/' ? script.IndexOf('\n', i) : script.IndexOf("*/", i + 2, StringComparison.Ordinal);
                i = end < 0 ? script.Length : next == '/' ? end : end + 2;
            }
            else if (c is '"' or '\'' or '`' || (c == '/' && BeginsPattern(tokens)))
            {
                i = ReadText(script, i, c, tokens);
            }
            else if (IsWordPart(c))
            {
                int start = i;
                while (i < script.Length && (IsWordPart(script[i]) || (script[i] == '.' && i + 1 < script.Length && IsWordPart(script[i + 1]))))
                {
                    i++;
                }
                tokens.Add(new ScriptToken(ScriptTokenKind.Word, script[start..i], start));
            }
            else
            {
                tokens.Add(new ScriptToken(ScriptTokenKind.Sign, c.ToString(), i));
                i++;
            }
        }
        isCut = i < script.Length;
        return tokens;
    }

    private static int ReadText(string script, int i, char quote, List<ScriptToken> tokens)
    {
        var text = new StringBuilder();
        int start = i;
        for (i++; i < script.Length && script[i] != quote && (quote == '`' || script[i] != '\n'); i++)
        {
            i += script[i] == '\\' && i + 1 < script.Length ? 1 : 0;
            text.Append(script[i]);
        }
        tokens.Add(new ScriptToken(ScriptTokenKind.Text, text.ToString(), start));
        return Math.Min(i + 1, script.Length);
    }

    /// <summary>A slash begins a regular expression where an operand is due.</summary>
    private static bool BeginsPattern(List<ScriptToken> tokens) =>
        tokens.Count == 0 || (tokens[^1].Kind == ScriptTokenKind.Sign && tokens[^1].Text is "(" or "," or "=" or ":" or "[" or "!" or "&" or "|" or "?" or "{" or "}" or ";") || tokens[^1].IsWord("return");

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or > '\u007f';
}
