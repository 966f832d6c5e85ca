namespace Forensics.Analyzer.Evidence;

/// <summary>Who reads a text of Windows.</summary>
internal enum WindowsReader
{
    /// <summary>The system: one program and its arguments.</summary>
    Process,
    /// <summary><c>cmd.exe</c>.</summary>
    Cmd,
    /// <summary>PowerShell.</summary>
    PowerShell,
}

/// <summary>Takes a command of Windows apart: texts for the heuristics, files for the links. One use a command; works off a queue, so nesting costs no stack.</summary>
internal sealed partial class WindowsUnwrapper(WindowsFiles files)
{
    private const int MaxTexts = 64;
    private const int MaxDepth = 12;
    private const int MaxTextLength = 64 << 10;

    private readonly List<string> _texts = [];
    private readonly Queue<(string Text, WindowsReader Reader, int Depth)> _queue = new(1);
    private int _depth;

    public IReadOnlyList<string> Texts => _texts;

    /// <summary>A bound ended the work before the command was taken apart.</summary>
    public bool IsCut { get; private set; }

    public void Run(string text, WindowsReader reader)
    {
        Enqueue(text, reader);
        while (_queue.TryDequeue(out (string Text, WindowsReader Reader, int Depth) next))
        {
            _depth = next.Depth + 1;
            switch (next.Reader)
            {
                case WindowsReader.Cmd:
                    foreach (string command in WindowsCommandLine.Commands(next.Text))
                    {
                        Builtin(command);
                    }
                    break;
                case WindowsReader.PowerShell:
                    Script(next.Text);
                    break;
                default:
                    Process(next.Text);
                    break;
            }
        }
    }

    private void Enqueue(string text, WindowsReader reader)
    {
        IsCut |= text.Length > MaxTextLength || _depth > MaxDepth;
        text = (text.Length > MaxTextLength ? text[..MaxTextLength] : text).Trim();
        if (text.Length == 0 || _depth > MaxDepth || !Note(text))
        {
            return;
        }
        _queue.Enqueue((text, reader, _depth));
    }

    /// <summary>Keeps a text once; false when it is known, or there are too many.</summary>
    private bool Note(string text)
    {
        if (_texts.Contains(text))
        {
            return false;
        }
        if (_texts.Count >= MaxTexts)
        {
            IsCut = true;
            return false;
        }
        _texts.Add(text);
        return true;
    }

    /// <summary>A command of <c>cmd.exe</c>: what it does itself, and what it starts.</summary>
    private void Builtin(string command)
    {
        for (int peeled = 0; peeled < 16; peeled++)
        {
            command = command.Trim(' ', '\t', '@', '(', ')');
            int end = command.IndexOfAny([' ', '\t', '/', '=', ',', ';', '"']);
            string word = (end < 0 ? command : command[..end]).ToLowerInvariant();
            string rest = end < 0 ? "" : command[end..].Trim();
            switch (word)
            {
                case "" when command.Length == 0:
                    return;
                case "rem" or "echo" or "echo." or "goto" or "exit" or "setlocal" or "endlocal" or "title" or "cls" or "color" or "pause" or "shift" or "ver" or "verify" or "prompt" or "type" or "dir" or "del" or "erase" or "copy" or "move" or "ren" or "rename" or "md" or "mkdir" or "rd" or "rmdir" or "mklink" or "assoc" or "ftype":
                    return;
                case "cd" or "chdir" or "pushd":
                    files.ChangeDirectory(rest.StartsWith("/d", StringComparison.OrdinalIgnoreCase) ? rest[2..].Trim() : rest);
                    return;
                case "set":
                    int equals = rest.IndexOf('=');
                    if (equals > 0)
                    {
                        files.Set(rest[..equals].Trim('"', ' '), files.Expand(rest[(equals + 1)..].Trim('"', ' ')));
                    }
                    return;
                case "call" or "else":
                    command = rest;
                    continue;
                case "if":
                    command = AfterCondition(rest);
                    continue;
                case "for":
                    int loop = rest.IndexOf(" do ", StringComparison.OrdinalIgnoreCase);
                    if (loop < 0)
                    {
                        return;
                    }
                    command = rest[(loop + 4)..];
                    continue;
                case "start":
                    command = AfterStart(rest);
                    continue;
                default:
                    if (command[0] != ':')
                    {
                        Note(command);
                        Process(command);
                    }
                    return;
            }
        }
    }

    /// <summary><c>start "title" /d dir /b /min program arguments</c>.</summary>
    private string AfterStart(string text)
    {
        if (text.StartsWith('"') && text.IndexOf('"', 1) is > 0 and int end)
        {
            string title = text[1..end];
            string after = text[(end + 1)..].Trim();
            // A quoted first word is a title; alone it is opened.
            text = after.Length == 0 ? title : after;
        }
        while (text.StartsWith('/'))
        {
            int blank = text.IndexOf(' ');
            string option = blank < 0 ? text : text[..blank];
            text = blank < 0 ? "" : text[blank..].Trim();
            if (option.Equals("/d", StringComparison.OrdinalIgnoreCase))
            {
                int stop = text.StartsWith('"') ? text.IndexOf('"', 1) + 1 : text.IndexOf(' ');
                if (stop > 0)
                {
                    files.ChangeDirectory(text[..stop]);
                    text = text[stop..].Trim();
                }
            }
        }
        return text;
    }

    /// <summary>What follows <c>[/i] [not] exist X</c>, <c>defined X</c>, <c>errorlevel N</c> or a comparison.</summary>
    private static string AfterCondition(string text)
    {
        List<string> words = Pieces(text);
        int at = 0;
        while (at < words.Count && words[at].ToLowerInvariant() is "/i" or "not")
        {
            at++;
        }
        if (at < words.Count && words[at].ToLowerInvariant() is "exist" or "defined" or "errorlevel" or "cmdextversion")
        {
            at += 2;
        }
        else if (at < words.Count)
        {
            at += words[at].Contains("==", StringComparison.Ordinal) ? 1 : at + 1 < words.Count && words[at + 1] is "==" || (at + 1 < words.Count && words[at + 1].Length == 3) ? 3 : 1;
        }
        return at >= words.Count ? "" : string.Join(' ', words.Skip(at));
    }

    // Words with their quotes, so that they can be put together again.
    private static List<string> Pieces(string text)
    {
        var pieces = new List<string>();
        int start = 0;
        bool isQuoted = false;
        for (int i = 0; i <= text.Length && pieces.Count < 512; i++)
        {
            if (i == text.Length || (!isQuoted && text[i] is ' ' or '\t'))
            {
                if (i > start)
                {
                    pieces.Add(text[start..i]);
                }
                start = i + 1;
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
        }
        return pieces;
    }
}
