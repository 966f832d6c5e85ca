namespace Forensics.Parsers.Formats;

/// <summary>Arguments, keywords, and the heads of loops, case lists and functions.</summary>
internal sealed partial class ShellParser
{
    private void ReadArgument()
    {
        if (Current() is not { } command)
        {
            return;
        }
        if (command.Words.Count == 0)
        {
            if (TryAssignment(command))
            {
                command.End = End;
                return;
            }
            RestoreShadowed(command);
        }
        var fields = new List<ShellWord>(1);
        ReadWord(fields, splits: true, out bool isLiteral);
        command.End = End;
        if (isLiteral && command.IsEmpty && fields.Count == 1 && TryKeyword(fields[0].Text, command))
        {
            return;
        }
        command.Words.AddRange(fields);
    }

    private int End => _fixedStart ?? _position;

    private bool TryKeyword(string word, ShellCommandBuilder command)
    {
        switch (word)
        {
            case "then" or "elif" or "else" or "do" or "!":
                DropCommand(command);
                return true;
            case "if":
                DropCommand(command);
                Open(FrameKind.If);
                return true;
            case "while" or "until":
                DropCommand(command);
                Open(FrameKind.Loop);
                return true;
            case "for" or "select":
                DropCommand(command);
                ReadLoopHead();
                return true;
            case "case":
                DropCommand(command);
                ReadCaseHead();
                return true;
            case "{":
                DropCommand(command);
                Open(FrameKind.Brace);
                return true;
            case "function":
                DropCommand(command);
                ReadFunctionName();
                return true;
            case "fi":
                DropCommand(command);
                _level.Close(FrameKind.If);
                return true;
            case "done":
                DropCommand(command);
                _level.Close(FrameKind.Loop);
                return true;
            case "esac":
                DropCommand(command);
                _level.Close(FrameKind.Case);
                return true;
            case "}":
                DropCommand(command);
                _level.Close(FrameKind.Brace);
                return true;
            default:
                return false;
        }
    }

    private void SkipBlanks(bool lines)
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c is ' ' or '\t' or '\r' or '\0')
            {
                _position++;
            }
            else if (c == '\\' && Peek(1) == '\n')
            {
                _position += 2;
            }
            else if (lines && c == '\n')
            {
                _position++;
                ReadHereDocuments();
            }
            else if (lines && c == '#')
            {
                SkipComment();
            }
            else
            {
                break;
            }
        }
    }

    private string ReadName()
    {
        SkipBlanks(lines: false);
        int start = _position;
        while (_position < _text.Length && !IsWordEnd(_text[_position]))
        {
            _position++;
        }
        return _text[start.._position];
    }

    private bool TakeWord(string word)
    {
        if (string.CompareOrdinal(_text, _position, word, 0, word.Length) != 0 || (_position + word.Length < _text.Length && !IsWordEnd(_text[_position + word.Length])))
        {
            return false;
        }
        _position += word.Length;
        return true;
    }

    private void ReadFunctionName()
    {
        NameFunction(ReadName());
        SkipBlanks(lines: false);
        if (Peek() == '(' && IsFunctionMark(_position, out int after))
        {
            _position = after;
        }
    }

    private void ReadLoopHead()
    {
        SkipBlanks(lines: false);
        if (Peek() == '(' && Peek(1) == '(')
        {
            int end = ArithmeticEnd(_position + 2);
            _position = end < 0 ? _position + 2 : end;
            Open(FrameKind.Loop);
            return;
        }
        string name = ReadName();
        SkipBlanks(lines: true);
        var values = new List<ShellWord>();
        if (TakeWord("in"))
        {
            ReadPlainWords(values, until: "\n;");
        }
        // One value: the body is as good as written out. Several: the name stays in it as it is.
        if (values is [{ HasUnresolvedExpansion: false, HasGlob: false }])
        {
            _state.Variables[name] = values[0];
        }
        else
        {
            _state.Variables.Remove(name);
        }
        Open(FrameKind.Loop);
    }

    /// <summary>Words of a list that is no command (loop values, array elements), up to one of the characters, which is left in place.</summary>
    private void ReadPlainWords(List<ShellWord> words, string until)
    {
        while (_position < _text.Length && !_state.IsFull)
        {
            SkipBlanks(lines: !until.Contains('\n'));
            char c = Peek();
            if (_position >= _text.Length || until.Contains(c))
            {
                return;
            }
            if (c is '<' or '>' && Peek(1) == '(')
            {
                ReadWord(words, splits: true, out _);
            }
            else if (IsWordEnd(c))
            {
                _position++;
            }
            else
            {
                ReadWord(words, splits: true, out _);
            }
        }
    }

    private void ReadCaseHead()
    {
        SkipBlanks(lines: true);
        if (_position < _text.Length && !IsWordEnd(Peek()))
        {
            ReadWord([], splits: false, out _);
        }
        SkipBlanks(lines: true);
        TakeWord("in");
        if (Open(FrameKind.Case) is { } frame)
        {
            frame.ExpectsPattern = true;
        }
    }

    /// <summary>Steps over <c>a|b)</c> of a case list, or over its <c>esac</c>.</summary>
    private void ReadPattern(Frame frame)
    {
        SkipBlanks(lines: true);
        if (TakeWord("esac"))
        {
            _level.Close(FrameKind.Case);
            return;
        }
        var scratch = new List<ShellWord>();
        while (_position < _text.Length && !_state.IsFull)
        {
            char c = Peek();
            if (c is ')' or '\n' or ';')
            {
                _position += c == ')' ? 1 : 0;
                frame.ExpectsPattern = false;
                return;
            }
            if (IsWordEnd(c))
            {
                _position++;
                continue;
            }
            scratch.Clear();
            ReadWord(scratch, splits: false, out _);
        }
    }
}
