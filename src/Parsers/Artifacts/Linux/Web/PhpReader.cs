using Forensics.Parsers.Formats.Php;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Follows what visitors send (<c>$_GET</c>, <c>$_POST</c> ..., <c>php://input</c>) through the assignments and calls of a PHP file to what evaluates, runs, includes or writes it; code that is kept encoded is
/// decoded and followed too. One pass over the tokens for each round, at most four rounds, so that functions of the file hand on what they are called with.
/// </summary>
/// <remarks><b>Limitations</b>: statements are taken in the order of the file whatever the control flow; properties of objects and other files are not followed.</remarks>
internal sealed partial class PhpReader(Action<WebScriptSign> found, int layer = 0)
{
    private const int MaxLayers = 4;
    private const int MaxRounds = 4;
    private const int MaxFrames = 256;
    private const int MaxNames = 4096;
    private const int LeastEncoded = 48;

    private static readonly string[] s_requests = ["_GET", "_POST", "_REQUEST", "_COOKIE", "_FILES", "HTTP_RAW_POST_DATA", "HTTP_POST_VARS", "HTTP_GET_VARS"];

    private readonly HashSet<string> _tainted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _fedFunctions = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(WebScriptAct, int)> _said = [];
    private readonly Stack<Frame> _frames = new();
    private IReadOnlyList<PhpToken> _tokens = [];
    private readonly PhpScopes _scopes = new();
    private bool _everythingTainted;

    /// <summary>A call that is open.</summary>
    private sealed class Frame(string name, PhpFunctionKind kind, int start, int line)
    {
        public string Name { get; } = name;
        public PhpFunctionKind Kind { get; } = kind;
        public int Start { get; } = start;
        public int Line { get; } = line;
        public bool NamedByRequest { get; init; }
        public bool IsStatement { get; init; }
        public int Argument { get; set; }
        public int FirstEnd { get; set; }
        public uint Tainted { get; set; }
        public string? Source { get; set; }
        public bool HasDecoder { get; set; }
        public int LongestText { get; set; }
        public string? FirstText { get; set; }
        public bool ReadsInput { get; set; }
    }

    public void Read(IReadOnlyList<PhpToken> tokens)
    {
        _tokens = tokens;
        for (int round = 0, known = -1; round < MaxRounds && known != _tainted.Count + _fedFunctions.Count; round++)
        {
            known = _tainted.Count + _fedFunctions.Count;
            Pass();
        }
    }

    private void Pass()
    {
        _frames.Clear();
        _scopes.Clear();
        string? target = null;
        int targetStart = 0;
        bool targetTainted = false;
        for (int i = 0; i < _tokens.Count; i++)
        {
            PhpToken token = _tokens[i];
            bool opens = i + 1 < _tokens.Count && _tokens[i + 1].Is('(');
            switch (token.Kind)
            {
                case PhpTokenKind.Word when token.IsWord("function") && i + 2 < _tokens.Count && _tokens[i + 1].Kind == PhpTokenKind.Word:
                    _scopes.Announce(_tokens[i + 1].Text);
                    Parameters(i + 1);
                    break;
                case PhpTokenKind.Word when token.IsWord("global"):
                    for (int k = i + 1; k < _tokens.Count && k < i + 64 && !_tokens[k].Is(';'); k++)
                    {
                        _scopes.Share(_tokens[k].Kind == PhpTokenKind.Variable ? _tokens[k].Text : "");
                    }
                    break;
                case PhpTokenKind.Word when opens:
                    Push(token.Text, PhpFunctions.KindOf(token.Text), i, token.Line);
                    if (PhpConstants.IsDecoder(token.Text))
                    {
                        MarkDecoder();
                    }
                    i++;
                    break;
                case PhpTokenKind.Word when PhpFunctions.KindOf(token.Text) == PhpFunctionKind.Include:
                    Push(token.Text, PhpFunctionKind.Include, i, token.Line, isStatement: true);
                    break;
                case PhpTokenKind.Word when token.IsWord("as") && _frames.TryPeek(out Frame? loop) && loop.Name.Equals("foreach", StringComparison.OrdinalIgnoreCase) && loop.Tainted != 0:
                    for (int k = i + 1; k < _tokens.Count && k < i + 8 && !_tokens[k].Is(')'); k++)
                    {
                        Taint(_tokens[k].Kind == PhpTokenKind.Variable ? _tokens[k].Text : null);
                    }
                    break;
                case PhpTokenKind.Variable:
                    bool isSource = IsRequest(i) && !IsCast(i);
                    if (opens && !isSource)
                    {
                        string name = _constants.GetValueOrDefault(_scopes.Key(token.Text)) ?? "$" + token.Text;
                        Push(name, PhpFunctions.KindOf(name), i, token.Line, namedByRequest: _tainted.Contains(_scopes.Key(token.Text)) && !_constants.ContainsKey(_scopes.Key(token.Text)));
                        i++;
                            break;
                    }
                    if (isSource || ((_tainted.Contains(_scopes.Key(token.Text)) || (_everythingTainted && !_constants.ContainsKey(_scopes.Key(token.Text)))) && !IsCast(i) && !IsAssigned(i)))
                    {
                        targetTainted |= Meet("$" + token.Text);
                    }
                    if (IsAssigned(i) && target is null && _frames.All(frame => frame.IsStatement || frame.Kind == PhpFunctionKind.Harmless))
                    {
                        (target, targetTainted) = (token.Text, false);
                        targetStart = i + (_tokens[i + 1].Is('=') ? 2 : 3);
                    }
                    break;
                case PhpTokenKind.Text or PhpTokenKind.Command:
                    targetTainted |= Literal(token);
                    break;
                case PhpTokenKind.Mark when token.Is('('):
                    // A call of what an expression gives, or brackets only.
                    Push("", PhpFunctionKind.Ordinary, i, token.Line, namedByRequest: i > 0 && _tokens[i - 1].Is(']') && IndexedRequest(i - 1));
                    break;
                case PhpTokenKind.Mark when token.Is('['):
                    // What chooses an element is not the element.
                    bool isIndex = i > 0 && (_tokens[i - 1].Kind == PhpTokenKind.Variable || _tokens[i - 1].Is(']') || _tokens[i - 1].Is(')') || _tokens[i - 1].Is('}'));
                    Push("[", isIndex ? PhpFunctionKind.Harmless : PhpFunctionKind.Ordinary, i, token.Line);
                    break;
                case PhpTokenKind.Mark when token.Is(','):
                    if (_frames.TryPeek(out Frame? open))
                    {
                        open.FirstEnd = open.FirstEnd == 0 ? i : open.FirstEnd;
                        open.Argument = Math.Min(open.Argument + 1, 31);
                    }
                    break;
                case PhpTokenKind.Mark when token.Is(')') || token.Is(']'):
                    Pop(i);
                    break;
                case PhpTokenKind.Mark when token.Is(';') || token.Is('{') || token.Is('}'):
                    while (_frames.TryPeek(out Frame? statement) && statement.IsStatement)
                    {
                        Judge(_frames.Pop(), i);
                    }
                    if (target is not null && token.Is(';'))
                    {
                        Assign(target, targetStart, i, targetTainted);
                    }
                    target = null;
                    _scopes.Brace(token.Text[0]);
                    break;
                default:
                    break;
            }
        }
    }
}
