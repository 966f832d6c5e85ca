namespace Forensics.Parsers.Formats;

/// <summary>
/// The grammar half: separators, groups, control structures, functions, redirections. It keeps its own stack of open structures, so that only
/// substitutions nest calls, and those are counted. Every pass of a loop moves forward.
/// </summary>
internal sealed partial class ShellParser
{
    private const int MaximumFrames = 1024;

    private readonly ShellParseState _state;
    private readonly string _text;
    private readonly int? _fixedStart;
    private readonly List<(ShellCommandBuilder Owner, int Index, bool StripsTabs, bool IsQuoted)> _hereDocuments = [];
    private int _position;
    private int _owner = -1;
    private Level _level;

    public ShellParser(ShellParseState state, string text)
    {
        _state = state;
        _text = text;
        _level = new Level(ShellOrigin.Script, -1, 0, 0);
    }

    /// <summary>For text nested in another parser's text: backticks, operands, here-documents.</summary>
    private ShellParser(ShellParser outer, string text) : this(outer._state, text)
    {
        _fixedStart = outer._fixedStart ?? outer._position;
        _owner = outer._owner;
        _level = new Level(ShellOrigin.CommandSubstitution, _owner, outer._level.Nesting + outer._level.Frames.Count, ++_state.Levels);
    }

    public void ParseScript() => ParseList(ShellOrigin.Script, -1, 0, untilParenthesis: false);

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    /// <summary>Returns the number that its own commands carry as <see cref="ShellCommandBuilder.Level"/>.</summary>
    private int ParseList(ShellOrigin origin, int parent, int nesting, bool untilParenthesis)
    {
        Level outer = _level;
        int outerOwner = _owner;
        _level = new Level(origin, parent, nesting, ++_state.Levels);
        while (_position < _text.Length && !_state.IsFull)
        {
            if (_level.Frames.Count > 0 && _level.Frames[^1].ExpectsPattern)
            {
                ReadPattern(_level.Frames[^1]);
            }
            else if (Peek() == ')' && _level.Current is not { IsOpenTest: true } && !_level.Has(FrameKind.Parenthesis) && untilParenthesis)
            {
                _position++;
                break;
            }
            else
            {
                ParseToken();
            }
        }
        EndCommand(ShellConnector.End);
        int id = _level.Id;
        _level = outer;
        _owner = outerOwner;
        return id;
    }

    private void ParseToken()
    {
        char c = Peek();
        bool isTest = _level.Current is { IsOpenTest: true };
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\0':
                _position++;
                break;
            case '\\' when Peek(1) == '\n':
                _position += 2;
                break;
            case '\n':
                EndCommand(ShellConnector.Sequence);
                _position++;
                ReadHereDocuments();
                break;
            case '#':
                SkipComment();
                break;
            case ';':
                Semicolon();
                break;
            case '&' or '|' or '(' or ')' or '<' or '>' when isTest:
                _level.Current!.Words.Add(new ShellWord(c.ToString(), false));
                _position++;
                break;
            case '&' when Peek(1) == '>':
                ReadRedirection(null);
                break;
            case '&':
                Connect(Peek(1) == '&' ? ShellConnector.And : ShellConnector.Background, Peek(1) == '&' ? 2 : 1);
                break;
            case '|':
                Connect(Peek(1) == '|' ? ShellConnector.Or : ShellConnector.Pipe, Peek(1) is '|' or '&' ? 2 : 1);
                break;
            case '(':
                OpenParenthesis();
                break;
            case ')':
                EndCommand(ShellConnector.End);
                _position++;
                _level.Close(FrameKind.Parenthesis);
                break;
            case '<' or '>' when Peek(1) != '(':
                ReadRedirection(null);
                break;
            default:
                if (!TryDescriptor())
                {
                    ReadArgument();
                }
                break;
        }
    }

    private void Connect(ShellConnector connector, int length)
    {
        EndCommand(connector);
        _position += length;
    }

    private void SkipComment()
    {
        int end = _text.IndexOf('\n', _position);
        _position = end < 0 ? _text.Length : end;
    }

    private void Semicolon()
    {
        EndCommand(ShellConnector.Sequence);
        _position++;
        if (Peek() is ';' or '&')
        {
            _position += Peek() == ';' && Peek(1) == '&' ? 2 : 1;
            _level.ExpectPattern();
        }
    }

    private void OpenParenthesis()
    {
        ShellCommandBuilder? current = _level.Current;
        if (current is { Words: [{ IsQuoted: false }], Redirections.Count: 0 } && IsFunctionMark(_position, out int after))
        {
            _position = after;
            NameFunction(current.Words[0].Text);
            DropCommand(current);
            return;
        }
        if (current is null && Peek(1) == '(')
        {
            int end = ArithmeticEnd(_position + 2);
            if (end >= 0)
            {
                ExpandNested(_text[(_position + 2)..(end - 2)]);
                _position = end;
                return;
            }
        }
        EndCommand(ShellConnector.Sequence);
        _position++;
        Open(FrameKind.Parenthesis);
    }

    private void NameFunction(string name)
    {
        _level.OpensFunction = true;
        if (_state.Functions.Count < _state.Limits.Commands)
        {
            _state.Functions.Add(name);
        }
    }

    private bool IsFunctionMark(int at, out int after)
    {
        after = at + 1;
        while (after < _text.Length && _text[after] is ' ' or '\t')
        {
            after++;
        }
        return after < _text.Length && _text[after++] == ')';
    }

    private Frame? Open(FrameKind kind)
    {
        if (_level.Frames.Count >= MaximumFrames)
        {
            _state.IsCut = true;
            return null;
        }
        bool isFunction = _level.OpensFunction && (kind is FrameKind.Brace or FrameKind.Parenthesis);
        var frame = new Frame(kind, _state.Commands.Count, isFunction);
        _level.OpensFunction = false;
        _level.Frames.Add(frame);
        return frame;
    }

    private ShellCommandBuilder? Current()
    {
        if (_level.Current is null)
        {
            if (_state.Commands.Count >= _state.Limits.Commands)
            {
                _state.IsCut = _state.IsFull = true;
                return null;
            }
            _level.Current = new ShellCommandBuilder
            {
                Origin = _level.OriginOfNext(),
                Parent = _level.Parent,
                Nesting = _level.Nesting + _level.Frames.Count,
                Level = _level.Id,
                Index = _state.Commands.Count,
                Start = _fixedStart ?? _position,
                IsConditional = _level.Nesting + _level.Frames.Count > 0 || _level.Origin != ShellOrigin.Script
                    || _level.Previous is ShellConnector.And or ShellConnector.Or or ShellConnector.Pipe,
            };
            _state.Commands.Add(_level.Current);
        }
        _owner = _level.Current.Index;
        return _level.Current;
    }

    /// <summary>Takes back a command that turned out to be a keyword or a function's name. Nothing came after it.</summary>
    private void DropCommand(ShellCommandBuilder command)
    {
        if (command.Index == _state.Commands.Count - 1)
        {
            _state.Commands.RemoveAt(command.Index);
        }
        _level.Current = null;
        _owner = -1;
    }

    private void EndCommand(ShellConnector connector)
    {
        ShellCommandBuilder? command = _level.Current;
        if (command is null)
        {
            if (_level.ClosedFrom is int first)
            {
                ConnectGroup(first, connector);
            }
            return;
        }
        if (command.IsEmpty)
        {
            DropCommand(command);
            return;
        }
        foreach (ShellCommandBuilder source in _level.PipeSources)
        {
            source.PipesTo = command.Index;
        }
        _level.PipeSources.Clear();
        if (connector == ShellConnector.Pipe)
        {
            _level.PipeSources.Add(command);
        }
        command.Connector = connector;
        command.IsConditional |= connector is ShellConnector.Pipe or ShellConnector.Background;
        _level.Previous = connector;
        _level.Current = null;
        _level.ClosedFrom = null;
        _owner = -1;
        ApplyDeclarations(command);
    }

    /// <summary>A connector behind a group belongs to its last command; a pipe reads what every command of it writes.</summary>
    private void ConnectGroup(int first, ShellConnector connector)
    {
        ShellCommandBuilder? last = null;
        for (int i = first; i < _state.Commands.Count; i++)
        {
            ShellCommandBuilder command = _state.Commands[i];
            if (command.Level != _level.Id)
            {
                continue;
            }
            last = command;
            if (connector == ShellConnector.Pipe && command.PipesTo < 0 && command.Connector != ShellConnector.Pipe)
            {
                _level.PipeSources.Add(command);
            }
        }
        if (last is not null)
        {
            last.Connector = connector;
        }
        _level.Previous = connector;
        _level.ClosedFrom = null;
    }
}
