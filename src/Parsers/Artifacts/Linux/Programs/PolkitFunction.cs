namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One function handed to polkit: what it answers and what it looks at before.</summary>
internal sealed class PolkitFunction
{
    private const int MaximumListed = 64;
    private const int MaximumCondition = 1024;
    private const int MaximumTokens = 2048;

    private readonly ScriptStructure _structure;
    private readonly HashSet<string> _action = new(StringComparer.Ordinal) { "action" };
    private readonly HashSet<string> _subject = new(StringComparer.Ordinal) { "subject" };
    private readonly List<string> _actions = [];
    private readonly List<string> _identities = [];
    private readonly List<string> _spawned = [];
    private bool _grants;
    private Guard _guard;

    private PolkitFunction(ScriptStructure structure) => _structure = structure;

    private List<ScriptToken> Tokens => _structure.Tokens;

    /// <summary>Index behind the last token of the call.</summary>
    public int End { get; private set; }

    private readonly record struct Guard(bool Action, bool Subject, string? Condition)
    {
        public string Text => Condition ?? "";

        public Guard And(Guard other) => new(Action || other.Action, Subject || other.Subject, Text.Length == 0 ? other.Text : other.Text.Length == 0 || Text.Length > MaximumCondition ? Text : Text + " && " + other.Text);
    }

    /// <summary>Reads from the parenthesis behind <c>polkit.addRule</c>.</summary>
    public static PolkitFunction Read(ScriptStructure structure, int open)
    {
        var function = new PolkitFunction(structure) { End = structure.Closing(open) + 1 };
        function.Parameters(open);
        function.Body(open);
        return function;
    }

    /// <summary>The fact.</summary>
    public PolkitRule ToRule(EvidenceLocation location, bool isAdmin) => new(location)
    {
        Form = isAdmin ? PolkitForm.AdminRule : PolkitForm.Rule, Grants = _grants, Condition = _guard.Text.Length > MaximumCondition ? _guard.Text[..MaximumCondition] : _guard.Text,
        TestsAction = _guard.Action, TestsSubject = _guard.Subject, Actions = [.. _actions.Distinct(StringComparer.Ordinal)], Identities = [.. _identities.Distinct(StringComparer.Ordinal)], Spawned = _spawned,
    };

    /// <summary>The parameters may have any names: <c>function(a, s)</c>, <c>(action, subject) =></c>.</summary>
    private void Parameters(int open)
    {
        int at = open + 1;
        while (at < End && !Tokens[at].Is("("))
        {
            at++;
        }
        int index = 0;
        for (at++; at < End && !Tokens[at].Is(")") && index < 2; at++)
        {
            if (Tokens[at].Kind == ScriptTokenKind.Word)
            {
                (index++ == 0 ? _action : _subject).Add(Tokens[at].Text);
            }
        }
    }

    private void Body(int open)
    {
        // What is in force for the statements at each depth of braces: conditions around, and earlier returns that took other cases out.
        var scopes = new Stack<Guard>();
        var afterBlock = new Dictionary<int, Guard>();
        Guard pending = default;   // of a condition whose statement or block comes next
        Guard otherwise = default; // of an else that comes next
        Guard current = default;
        bool isFirst = true;
        for (int i = open + 1; i < End; i++)
        {
            ScriptToken token = Tokens[i];
            if (token.IsWord("else"))
            {
                pending = otherwise;
            }
            else if (token.IsWord("case") || token.IsWord("default"))
            {
                while (i + 1 < End && !Tokens[i].Is(":") && !Tokens[i + 1].Is("}"))
                {
                    i++;
                }
            }
            else if ((token.IsWord("if") || token.IsWord("switch") || token.IsWord("while")) && i + 1 < End && Tokens[i + 1].Is("("))
            {
                int close = Math.Min(_structure.Closing(i + 1), End - 1);
                (Guard then, Guard rest) = Condition(i + 1, close, token.IsWord("switch"));
                bool hasBlock = close + 1 < End && Tokens[close + 1].Is("{");
                int end = hasBlock ? _structure.Closing(close + 1) : _structure.EndOfStatement(Math.Min(close + 1, End - 1), End);
                if (_structure.HasReturn(close + 1, end) && rest != default)
                {
                    afterBlock.TryAdd(end, rest);
                }
                (pending, otherwise) = (pending.And(then), rest);
                i = close;
            }
            else if (token.Is("{"))
            {
                scopes.Push(current);
                current = isFirst ? default : current.And(pending);
                (pending, isFirst) = (default, false);
            }
            else if (token.Is("}"))
            {
                current = scopes.TryPop(out Guard outer) ? outer : default;
                current = afterBlock.Remove(i, out Guard gone) ? current.And(gone) : current;
            }
            else if (token.Kind == ScriptTokenKind.Word)
            {
                int end = _structure.EndOfStatement(i, End);
                Statement(i, end, current.And(pending));
                pending = default;
                current = afterBlock.Remove(end, out Guard gone) ? current.And(gone) : current;
                i = Math.Max(i, end);
            }
        }
    }

    /// <summary>
    /// What a condition looks at when it holds, and what is known of the other case. A condition that only says what a thing is not excludes next to nothing when it holds, and one
    /// without <c>!</c> excludes next to nothing when it does not.
    /// </summary>
    private (Guard Then, Guard Otherwise) Condition(int start, int close, bool isSwitch)
    {
        Guard guard = Examine(start, close);
        bool negates = false;
        bool affirms = false;
        bool names = isSwitch;
        for (int i = start + 1; i < close && i < start + MaximumTokens; i++)
        {
            ScriptToken token = Tokens[i];
            negates |= token.Is("!");
            affirms |= token.Is("=") && Tokens[i - 1].Is("=") && !Tokens[i - 2].Is("!");
            names |= token.Kind == ScriptTokenKind.Text ? token.Text.AsSpan().Trim("^$.*\\/").Length >= 2
                : token.Kind == ScriptTokenKind.Word && (token.Text is "in" || ((token.Text.EndsWith(".indexOf", StringComparison.Ordinal) || token.Text.EndsWith(".includes", StringComparison.Ordinal) || token.Text.EndsWith(".test", StringComparison.Ordinal)) && !IsParameter(token.Text)));
        }
        return names ? (!negates || affirms ? guard : default, negates ? guard : default) : (default, default);
    }

    private bool IsParameter(string word)
    {
        int dot = word.IndexOf('.', StringComparison.Ordinal);
        string head = dot < 0 ? word : word[..dot];
        return _action.Contains(head) || _subject.Contains(head);
    }

    /// <summary>One statement: a return, an assignment that makes another name for a parameter, a call of spawn.</summary>
    private void Statement(int start, int end, Guard guard)
    {
        if (start >= End)
        {
            return;
        }
        ScriptToken token = Tokens[start];
        if (token.IsWord("return"))
        {
            // return subject.isInGroup("x") ? YES : NO
            Guard own = Condition(start, end, false).Then;
            bool isYes = false;
            for (int i = start + 1; i < end && i < End; i++)
            {
                isYes |= Tokens[i].Kind == ScriptTokenKind.Word ? Tokens[i].Text.EndsWith("Result.YES", StringComparison.Ordinal) : Tokens[i] is { Kind: ScriptTokenKind.Text, Text: "yes" };
                if (Tokens[i].Kind == ScriptTokenKind.Text && Tokens[i].Text.StartsWith("unix-", StringComparison.Ordinal) && _identities.Count < MaximumListed)
                {
                    _identities.Add(Tokens[i].Text);
                }
            }
            if (isYes)
            {
                Guard whole = guard.And(own);
                // The widest of several grants is the one that matters.
                bool isWider = !_grants || Weight(whole) < Weight(_guard);
                _guard = isWider ? whole : _guard;
                _grants = true;
            }
        }
        else if (token.IsWord("polkit.spawn") && _spawned.Count < MaximumListed)
        {
            var words = new List<string>();
            for (int i = start + 1; i < end && i < End && words.Count < 64; i++)
            {
                if (Tokens[i].Kind == ScriptTokenKind.Text)
                {
                    words.Add("'" + Tokens[i].Text.Replace("'", "'\\''", StringComparison.Ordinal) + "'");
                }
            }
            if (words.Count > 0)
            {
                _spawned.Add(string.Join(' ', words));
            }
        }
        else if (start + 2 < End && (token.IsWord("var") || token.IsWord("let") || token.IsWord("const")))
        {
            Guard value = Examine(start + 2, end);
            if (start + 1 < End && Tokens[start + 1].Kind == ScriptTokenKind.Word)
            {
                _ = value.Action && _action.Count < MaximumListed && _action.Add(Tokens[start + 1].Text);
                _ = value.Subject && _subject.Count < MaximumListed && _subject.Add(Tokens[start + 1].Text);
            }
        }
    }

    private static int Weight(Guard guard) => (guard.Action ? 2 : 0) + (guard.Subject ? 1 : 0);

    /// <summary>What the tokens of an expression look at; actions and accounts that they name are kept.</summary>
    private Guard Examine(int start, int end)
    {
        bool action = false;
        bool subject = false;
        var text = new System.Text.StringBuilder();
        for (int i = start; i <= end && i < End && i < start + MaximumTokens; i++)
        {
            ScriptToken token = Tokens[i];
            if (text.Length < MaximumCondition)
            {
                text.Append(token.Kind == ScriptTokenKind.Text ? "\"" + token.Text + "\"" : token.Text).Append(token.Kind == ScriptTokenKind.Sign ? "" : " ");
            }
            if (token.Kind == ScriptTokenKind.Word)
            {
                int dot = token.Text.IndexOf('.', StringComparison.Ordinal);
                string head = dot < 0 ? token.Text : token.Text[..dot];
                action |= _action.Contains(head);
                subject |= _subject.Contains(head);
                if (_subject.Contains(head) && i + 3 < End && _identities.Count < MaximumListed)
                {
                    bool isGroup = token.Text.EndsWith(".isInGroup", StringComparison.Ordinal);
                    bool isUser = token.Text.EndsWith(".user", StringComparison.Ordinal);
                    ScriptToken? literal = null;
                    for (int k = i + 1; k < Math.Min(i + 5, End) && literal is null; k++)
                    {
                        literal = Tokens[k].Kind == ScriptTokenKind.Text ? Tokens[k] : null;
                    }
                    if (literal is { } named && (isGroup || isUser))
                    {
                        _identities.Add((isGroup ? "unix-group:" : "unix-user:") + named.Text);
                    }
                }
            }
            else if (token.Kind == ScriptTokenKind.Text && token.Text.Contains('.') && _actions.Count < MaximumListed)
            {
                _actions.Add(token.Text);
            }
        }
        bool isCondition = action || subject;
        return new Guard(action, subject, isCondition ? text.ToString().Trim() : "");
    }
}
