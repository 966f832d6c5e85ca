namespace Forensics.Parsers.Formats;

/// <summary>Look-ahead for closing marks, on a common budget.</summary>
internal sealed partial class ShellParser
{
    /// <summary>Index of the closing brace; -1 when there is none.</summary>
    private int EndOfBraces(int at, bool isQuoted)
    {
        int depth = 1;
        for (; at < _text.Length && _state.ScanFuel-- > 0; at++)
        {
            switch (_text[at])
            {
                case '\\':
                    at++;
                    break;
                case '\'' when !isQuoted:
                    int close = _text.IndexOf('\'', at + 1);
                    if (close < 0)
                    {
                        return -1;
                    }
                    at = close;
                    break;
                case '{' when _text[at - 1] == '$':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    return at;
            }
        }
        return -1;
    }

    /// <summary>Index behind the <c>))</c> that closes an arithmetic expression beginning at <paramref name="at"/>; -1 when it is no arithmetic.</summary>
    private int ArithmeticEnd(int at)
    {
        int open = 2;
        for (; at < _text.Length && _state.ScanFuel-- > 0; at++)
        {
            if (_text[at] == '(')
            {
                open++;
            }
            else if (_text[at] == ')' && --open == 1)
            {
                return at + 1 < _text.Length && _text[at + 1] == ')' ? at + 2 : -1;
            }
        }
        return -1;
    }
}
