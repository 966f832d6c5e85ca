using Forensics.Parsers.Formats.Php;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>The open calls of <see cref="PhpReader"/>: what reaches them, and what they then do.</summary>
internal sealed partial class PhpReader
{
    private void Push(string name, PhpFunctionKind kind, int start, int line, bool namedByRequest = false, bool isStatement = false)
    {
        if (_frames.Count >= MaxFrames)
        {
            _frames.Clear();
        }
        // A loop hands on what it goes through; a condition does not.
        kind = name.Equals("foreach", StringComparison.OrdinalIgnoreCase) ? PhpFunctionKind.Ordinary : kind;
        _frames.Push(new Frame(name, kind, start, line) { NamedByRequest = namedByRequest, IsStatement = isStatement });
    }

    private void Pop(int end)
    {
        // An include without brackets ends with the bracket it stands in.
        while (_frames.TryPeek(out Frame? statement) && statement.IsStatement)
        {
            Judge(_frames.Pop(), end);
        }
        if (_frames.TryPop(out Frame? frame))
        {
            Judge(frame, end);
        }
    }

    /// <summary>Something a visitor sent stands here: it reaches the open calls up to one that lets nothing through. Whether it reaches the statement itself.</summary>
    private bool Meet(string source)
    {
        foreach (Frame frame in _frames)
        {
            if (frame.Kind == PhpFunctionKind.Harmless)
            {
                return false;
            }
            frame.Tainted |= 1u << frame.Argument;
            frame.Source ??= source;
        }
        return true;
    }

    private bool Literal(in PhpToken token)
    {
        bool isTainted = false;
        foreach (string name in token.Interpolated ?? [])
        {
            isTainted |= (s_requests.Contains(name) || _tainted.Contains(_scopes.Key(name))) && Meet("$" + name);
        }
        if (token.Kind == PhpTokenKind.Command)
        {
            if (isTainted)
            {
                Say(WebScriptAct.RunsRequest, "`...`", token.Line);
            }
            return isTainted;
        }
        if (token.Text.StartsWith("php://input", StringComparison.OrdinalIgnoreCase))
        {
            isTainted |= Meet("php://input");
            foreach (Frame frame in _frames)
            {
                frame.ReadsInput = true;
            }
        }
        foreach (Frame frame in _frames)
        {
            frame.LongestText = Math.Max(frame.LongestText, token.Text.Length);
        }
        if (_frames.TryPeek(out Frame? open) && open.Argument == 0)
        {
            open.FirstText ??= token.Text;
        }
        return isTainted;
    }

    private void MarkDecoder()
    {
        foreach (Frame frame in _frames)
        {
            frame.HasDecoder = true;
        }
    }

    private void Judge(Frame frame, int end)
    {
        string how = frame.Name + "(" + (frame.Source ?? "...") + ")";
        bool isFed = frame.Tainted != 0;
        switch (frame.Kind)
        {
            case PhpFunctionKind.Code when isFed:
                Say(WebScriptAct.EvaluatesRequest, how, frame.Line);
                break;
            case PhpFunctionKind.Code:
                Unpack(frame, end);
                break;
            case PhpFunctionKind.Shell when isFed:
                Say(WebScriptAct.RunsRequest, how, frame.Line);
                break;
            case PhpFunctionKind.Include when isFed:
                Say(WebScriptAct.IncludesRequest, how, frame.Line);
                break;
            case PhpFunctionKind.Write when (frame.Tainted & 3) == 3:
                Say(WebScriptAct.WritesRequest, how, frame.Line);
                break;
            case PhpFunctionKind.Replace when (frame.Tainted & 2) != 0 && HasEvalModifier(frame.FirstText):
                Say(WebScriptAct.EvaluatesRequest, how, frame.Line);
                break;
            case PhpFunctionKind.Extract when (frame.Tainted & 1) != 0:
                _everythingTainted = true;
                break;
            case PhpFunctionKind.Callback when isFed:
                Callback(frame, how);
                break;
            case PhpFunctionKind.Ordinary when isFed:
                if (frame.NamedByRequest)
                {
                    Say(WebScriptAct.CallsByRequest, how, frame.Line);
                }
                else if (frame.Name is not ("" or "[") && _fedFunctions.Count < MaxNames)
                {
                    _fedFunctions.Add(frame.Name);
                }
                break;
            default:
                break;
        }
    }

    private string? Constant(int start, int end) => new PhpConstants(name => _constants.GetValueOrDefault(_scopes.Key(name))).Evaluate(_tokens, start, end);

    private void Callback(Frame frame, string how)
    {
        string? text = frame.FirstEnd > 0 ? Constant(frame.Start + 2, frame.FirstEnd) : null;
        PhpFunctionKind named = text is not null ? PhpFunctions.KindOf(text) : PhpFunctionKind.Ordinary;
        if (named is PhpFunctionKind.Code or PhpFunctionKind.Shell)
        {
            Say(named == PhpFunctionKind.Code ? WebScriptAct.EvaluatesRequest : WebScriptAct.RunsRequest, frame.Name + "('" + text + "', " + frame.Source + ")", frame.Line);
        }
        else if (System.Numerics.BitOperations.PopCount(frame.Tainted) > 1)
        {
            Say(WebScriptAct.CallsByRequest, how, frame.Line);
        }
    }

    /// <summary>Code that is kept as text: decoded where that needs nothing but the file, and read in turn.</summary>
    private void Unpack(Frame frame, int end)
    {
        string? code = Constant(Math.Min(frame.Start + (frame.IsStatement ? 1 : 2), end), end);
        if (!frame.HasDecoder && code is null)
        {
            return;
        }
        if (code is not null && layer < MaxLayers && _said.Add((WebScriptAct.LooksLikeImage, frame.Start)))
        {
            // What is evaluated may close the code it stands in.
            new PhpReader(sign => found(sign with { IsEncoded = true, Line = frame.Line }), layer + 1).Read(PhpTokenizer.Read(code, isInside: !code.TrimStart().StartsWith("<?", StringComparison.Ordinal)));
        }
        if (frame.HasDecoder || layer > 0)
        {
            if (frame.LongestText >= LeastEncoded || code is not null)
            {
                Say(WebScriptAct.EvaluatesEncoded, frame.Name + "(" + (code is null ? "decoder" : "decoded") + ")", frame.Line);
            }
        }
    }

    private void Assign(string target, int start, int end, bool isTainted)
    {
        if (isTainted)
        {
            Taint(target);
            return;
        }
        if (start < end && end - start < 2000 && Constant(start, end) is { } value && _constants.Count < MaxNames)
        {
            bool isAppended = start > 1 && _tokens[start - 2].Is('.');
            string key = _scopes.Key(target);
            _constants[key] = isAppended ? _constants.GetValueOrDefault(key) + value : value;
        }
    }

    /// <summary>The parameters of a function of the file that is called with what a visitor sent.</summary>
    private void Parameters(int name)
    {
        if (!_fedFunctions.Contains(_tokens[name].Text))
        {
            return;
        }
        for (int i = name + 1; i < _tokens.Count && i < name + 64 && !_tokens[i].Is('{'); i++)
        {
            TaintKey(_tokens[i].Kind == PhpTokenKind.Variable ? PhpScopes.KeyIn(_tokens[name].Text, _tokens[i].Text) : null);
        }
    }

    private void Taint(string? name) => TaintKey(name is null ? null : _scopes.Key(name));

    private void TaintKey(string? key)
    {
        if (key is not null && _tainted.Count < MaxNames)
        {
            _tainted.Add(key);
            _constants.Remove(key);
        }
    }

    private bool IsRequest(int i)
    {
        string name = _tokens[i].Text;
        return s_requests.Contains(name) || (name == "_SERVER" && i + 2 < _tokens.Count && _tokens[i + 1].Is('[') && _tokens[i + 2].Text is { } key
            && (key.StartsWith("HTTP_", StringComparison.Ordinal) || key == "QUERY_STRING") && key is not ("HTTP_HOST" or "HTTP_ACCEPT_LANGUAGE" or "HTTP_ACCEPT_ENCODING"));
    }

    /// <summary>The bracket closes an index of a request variable: <c>$_GET['f'](...)</c>.</summary>
    private bool IndexedRequest(int close)
    {
        for (int i = close; i >= 0 && i > close - 8; i--)
        {
            if (_tokens[i].Kind == PhpTokenKind.Variable)
            {
                return s_requests.Contains(_tokens[i].Text) || _tainted.Contains(_scopes.Key(_tokens[i].Text));
            }
        }
        return false;
    }

    private bool IsCast(int i) => i > 2 && _tokens[i - 1].Is(')') && _tokens[i - 3].Is('(') && _tokens[i - 2].Text.ToLowerInvariant() is "int" or "integer" or "float" or "bool" or "double";

    private bool IsAssigned(int i) =>
        i + 2 < _tokens.Count && ((_tokens[i + 1].Is('=') && !_tokens[i + 2].Is('=') && !_tokens[i + 2].Is('>')) || (_tokens[i + 1].Is('.') && _tokens[i + 2].Is('=')));

    // The modifiers stand behind the last delimiter of the pattern.
    private static bool HasEvalModifier(string? pattern)
    {
        if (pattern is not { Length: > 2 })
        {
            return false;
        }
        char delimiter = pattern[0] switch { '(' => ')', '{' => '}', '[' => ']', '<' => '>', _ => pattern[0] };
        int end = pattern.LastIndexOf(delimiter);
        return end > 0 && pattern.AsSpan(end + 1).Contains('e');
    }

    private void Say(WebScriptAct act, string how, int line)
    {
        if (_said.Add((act, line)))
        {
            found(new WebScriptSign(act, how.Length > 80 ? how[..80] : how, line));
        }
    }
}
