using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>The word under construction.</summary>
internal sealed partial class ShellParser
{
    /// <summary>A word under construction; unquoted expansions split it into fields.</summary>
    private sealed class Word(ShellParseState state, bool splits)
    {
        private readonly StringBuilder _text = new();
        private readonly List<ShellWord> _fields = [];
        private List<List<ShellWord>>? _alternatives;

        /// <summary>The fields, once for each way through the word's brace lists.</summary>
        public List<List<ShellWord>> Alternatives => _alternatives ?? [_fields];

        public bool Splits => splits;
        public bool IsUnresolved { get; set; }
        public bool IsQuoted { get; set; }
        public bool HasGlob { get; set; }
        /// <summary>An expansion begins with a blank, so what stands before the word is a field of its own.</summary>
        public bool BeginsWithBreak { get; private set; }

        public void Append(char c)
        {
            if (_text.Length < ShellParseState.WordLength)
            {
                _text.Append(c);
            }
            else
            {
                state.IsCut = true;
            }
        }

        public void Append(ReadOnlySpan<char> text)
        {
            int room = ShellParseState.WordLength - _text.Length;
            state.IsCut |= text.Length > room;
            _text.Append(text[..Math.Min(text.Length, room)]);
        }

        public void Quote(ReadOnlySpan<char> text)
        {
            IsQuoted = true;
            Append(text);
        }

        /// <summary>Text that stands for a value nobody knows, as written.</summary>
        public void Unresolved(ReadOnlySpan<char> text)
        {
            IsUnresolved = true;
            Append(text);
        }

        public void Expand(ShellWord value, bool isQuoted)
        {
            if (!state.Spend(value.Text.Length))
            {
                IsUnresolved = true;
                return;
            }
            IsUnresolved |= value.HasUnresolvedExpansion;
            if (isQuoted || !splits || value.HasUnresolvedExpansion)
            {
                Append(value.Text);
                return;
            }
            foreach (char c in value.Text)
            {
                if (c is ' ' or '\t' or '\n')
                {
                    BeginsWithBreak |= _text.Length == 0 && _fields.Count == 0 && !IsQuoted;
                    EndField();
                }
                else
                {
                    Append(c);
                }
            }
        }

        /// <summary>A brace list: what was read so far, each option, each way through the rest.</summary>
        public void Branch(string[] options, List<List<ShellWord>> rests, bool breaks)
        {
            string head = _text.ToString();
            _alternatives = [];
            foreach (string option in options)
            {
                foreach (List<ShellWord> rest in rests)
                {
                    ShellWord first = rest.Count > 0 && !breaks ? rest[0] : new ShellWord("", false);
                    if (!state.Spend(head.Length + option.Length + first.Text.Length + 16 * (_fields.Count + rest.Count)))
                    {
                        break;
                    }
                    var fields = new List<ShellWord>(_fields);
                    string text = head + option + first.Text;
                    if (text.Length > 0 || IsQuoted || first.IsQuoted)
                    {
                        fields.Add(new ShellWord(text, IsUnresolved || first.HasUnresolvedExpansion) { IsQuoted = IsQuoted || first.IsQuoted, HasGlob = HasGlob || first.HasGlob });
                    }
                    for (int i = breaks ? 0 : 1; i < rest.Count; i++)
                    {
                        fields.Add(rest[i]);
                    }
                    _alternatives.Add(fields);
                }
            }
            _text.Clear();
            IsQuoted = false;
        }

        public void EndField()
        {
            if (_text.Length > 0 || IsQuoted)
            {
                _fields.Add(new ShellWord(_text.ToString(), IsUnresolved) { IsQuoted = IsQuoted, HasGlob = HasGlob });
                _text.Clear();
                IsQuoted = IsUnresolved = HasGlob = false;
            }
        }
    }
}
