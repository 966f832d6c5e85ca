using System.Globalization;
using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>Redirections and here-documents.</summary>
internal sealed partial class ShellParser
{
    private bool TryDescriptor()
    {
        int at = _position;
        while (at < _text.Length && at - _position < 4 && char.IsAsciiDigit(_text[at]))
        {
            at++;
        }
        if (at == _position || at >= _text.Length || _text[at] is not ('<' or '>') || (at + 1 < _text.Length && _text[at + 1] == '('))
        {
            return false;
        }
        int descriptor = int.Parse(_text.AsSpan(_position, at - _position), NumberStyles.None, CultureInfo.InvariantCulture);
        _position = at;
        ReadRedirection(descriptor);
        return true;
    }

    private void ReadRedirection(int? descriptor)
    {
        // Behind a group the redirection is the group's; the list keeps it with the last command.
        ShellCommandBuilder? command = _level.Current is null && _level.ClosedFrom is int first ? LastOfLevel(first) ?? Current() : Current();
        if (command is null)
        {
            return;
        }
        string op = ReadOperator();
        SkipBlanks(lines: false);
        if (op is "<<" or "<<-")
        {
            (string delimiter, bool isQuoted) = ReadDelimiter();
            _hereDocuments.Add((command, command.Redirections.Count, op == "<<-", isQuoted));
            command.Redirections.Add(new ShellRedirection(op, new ShellWord(delimiter, false) { IsQuoted = isQuoted }) { Descriptor = descriptor, Body = "" });
        }
        else
        {
            command.Redirections.Add(new ShellRedirection(op, ReadValueWord()) { Descriptor = descriptor });
        }
        command.End = Math.Max(command.End, End);
    }

    private ShellCommandBuilder? LastOfLevel(int first)
    {
        for (int i = _state.Commands.Count - 1; i >= first; i--)
        {
            if (_state.Commands[i].Level == _level.Id)
            {
                return _state.Commands[i];
            }
        }
        return null;
    }

    private ShellWord ReadValueWord()
    {
        var words = new List<ShellWord>(1);
        if (_position < _text.Length && (!IsWordEnd(Peek()) || (Peek() is '<' or '>' && Peek(1) == '(')))
        {
            ReadWord(words, splits: false, out _);
        }
        return words.Count == 0 ? new ShellWord("", false) : words[0];
    }

    private string ReadOperator()
    {
        ReadOnlySpan<string> operators = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"];
        foreach (string op in operators)
        {
            if (string.CompareOrdinal(_text, _position, op, 0, op.Length) == 0)
            {
                _position += op.Length;
                return op;
            }
        }
        _position++;
        return ">";
    }

    private (string Text, bool IsQuoted) ReadDelimiter()
    {
        var text = new StringBuilder();
        bool isQuoted = false;
        while (_position < _text.Length && !IsWordEnd(_text[_position]))
        {
            char c = _text[_position++];
            if (c is '\'' or '"')
            {
                isQuoted = true;
                int end = _text.IndexOf(c, _position);
                end = end < 0 ? _text.Length : end;
                text.Append(_text, _position, end - _position);
                _position = Math.Min(end + 1, _text.Length);
            }
            else if (c == '\\' && _position < _text.Length)
            {
                isQuoted = true;
                text.Append(_text[_position++]);
            }
            else
            {
                text.Append(c);
            }
        }
        return (text.ToString(), isQuoted);
    }

    /// <summary>Called just behind a line end: takes the bodies of the here-documents that the line announced.</summary>
    private void ReadHereDocuments()
    {
        if (_hereDocuments.Count == 0)
        {
            return;
        }
        var documents = _hereDocuments.ToArray();
        _hereDocuments.Clear();
        foreach ((ShellCommandBuilder owner, int index, bool stripsTabs, bool isQuoted) in documents)
        {
            string body = ReadBody(owner.Redirections[index].Target.Text, stripsTabs);
            if (!isQuoted && body.AsSpan().ContainsAny('$', '`', '\\'))
            {
                int outerOwner = _owner;
                _owner = owner.Index;
                body = ExpandNested(body, asQuoted: true).Text;
                _owner = outerOwner;
            }
            owner.Redirections[index] = owner.Redirections[index] with { Body = body };
        }
    }

    private string ReadBody(string delimiter, bool stripsTabs)
    {
        var body = new StringBuilder();
        while (_position < _text.Length)
        {
            int end = _text.IndexOf('\n', _position);
            ReadOnlySpan<char> line = _text.AsSpan(_position, (end < 0 ? _text.Length : end) - _position);
            _position = end < 0 ? _text.Length : end + 1;
            if (stripsTabs)
            {
                line = line.TrimStart('\t');
            }
            if (line.TrimEnd('\r').SequenceEqual(delimiter))
            {
                break;
            }
            body.Append(line).Append('\n');
        }
        return body.ToString();
    }
}
