namespace Forensics.Parsers.Formats;

/// <summary>Assignments, and the commands that set or forget variables of the shell itself.</summary>
internal sealed partial class ShellParser
{
    private bool TryAssignment(ShellCommandBuilder command)
    {
        int at = _position;
        if (!IsNameStart(Peek()))
        {
            return false;
        }
        while (at < _text.Length && IsNamePart(_text[at]))
        {
            at++;
        }
        string name = _text[_position..at];
        if (at < _text.Length && _text[at] == '[')
        {
            int close = _text.AsSpan(at, Math.Min(64, _text.Length - at)).IndexOfAny("] \t\n");
            if (close < 0 || _text[at + close] != ']')
            {
                return false;
            }
            at += close + 1;
        }
        bool appends = at < _text.Length && _text[at] == '+';
        at += appends ? 1 : 0;
        if (at >= _text.Length || _text[at] != '=')
        {
            return false;
        }
        string full = _text[_position..(appends ? at - 1 : at)];
        _position = at + 1;
        ShellWord value = ReadValue();
        _state.Variables.TryGetValue(name, out ShellWord? old);
        if (appends && old is not null && _state.Spend(old.Text.Length))
        {
            value = value with { Text = old.Text + value.Text, HasUnresolvedExpansion = old.HasUnresolvedExpansion || value.HasUnresolvedExpansion };
        }
        command.Assignments.Add(new ShellAssignment(full, value));
        command.Shadowed.Add(new(name, old));
        _state.Variables[name] = value;
        return true;
    }

    private ShellWord ReadValue()
    {
        var values = new List<ShellWord>(1);
        if (Peek() == '(')
        {
            _position++;
            ReadPlainWords(values, until: ")");
            _position = Math.Min(_position + 1, _text.Length);
        }
        else if (_position < _text.Length && (!IsWordEnd(Peek()) || (Peek() is '<' or '>' && Peek(1) == '(')))
        {
            ReadWord(values, splits: false, out _);
        }
        return values.Count switch
        {
            0 => new ShellWord("", false),
            1 => values[0],
            _ => new ShellWord(string.Join(' ', values), values.Exists(word => word.HasUnresolvedExpansion)),
        };
    }

    private void RestoreShadowed(ShellCommandBuilder command)
    {
        for (int i = command.Shadowed.Count - 1; i >= 0; i--)
        {
            (string name, ShellWord? old) = command.Shadowed[i];
            if (old is null)
            {
                _state.Variables.Remove(name);
            }
            else
            {
                _state.Variables[name] = old;
            }
        }
        command.Shadowed.Clear();
    }

    /// <summary>Commands that set or forget variables of the shell itself.</summary>
    private void ApplyDeclarations(ShellCommandBuilder command)
    {
        if (command.Words.Count < 2)
        {
            return;
        }
        switch (command.Words[0].Text)
        {
            case "export" or "declare" or "typeset" or "local" or "readonly":
                for (int i = 1; i < command.Words.Count; i++)
                {
                    string word = command.Words[i].Text;
                    int equals = word.IndexOf('=', StringComparison.Ordinal);
                    if (equals > 0 && IsNameStart(word[0]))
                    {
                        _state.Variables[word[..equals]] = command.Words[i] with { Text = word[(equals + 1)..] };
                    }
                }
                break;
            case "cd" when command.Words is [_, { HasUnresolvedExpansion: false, Text: ['/', ..] }]:
                _state.Variables["PWD"] = command.Words[1];
                break;
            case "unset" or "read":
                for (int i = 1; i < command.Words.Count; i++)
                {
                    _state.Variables.Remove(command.Words[i].Text);
                }
                break;
        }
    }
}
