using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>The option list before a key in <c>authorized_keys</c>, see sshd(8) "AUTHORIZED_KEYS FILE FORMAT".</summary>
/// <remarks>Limitations: an expiry time is not compared with any clock; values of <c>from</c>, <c>permitopen</c> ... are not checked.</remarks>
internal sealed class SshKeyOptions
{
    private static readonly string[] Flags =
    [
        "restrict", "cert-authority", "port-forwarding", "no-port-forwarding", "agent-forwarding", "no-agent-forwarding", "x11-forwarding", "no-x11-forwarding",
        "pty", "no-pty", "user-rc", "no-user-rc", "touch-required", "no-touch-required", "verify-required", "no-verify-required",
    ];

    private static readonly string[] Valued = ["command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals", "tunnel"];

    /// <summary>As written, one each.</summary>
    public List<string> Items { get; } = [];

    /// <summary>Value of <c>command=</c>, unquoted.</summary>
    public string? Command { get; private set; }

    /// <summary>Why sshd refuses the key because of them; null when it does not.</summary>
    public string? Defect { get; private set; }

    /// <summary>Length of the option list at the start of a line: up to the first blank outside quotes.</summary>
    public static int Measure(ReadOnlySpan<char> line)
    {
        bool quoted = false;
        int i = 0;
        for (; i < line.Length && (quoted || line[i] is not (' ' or '\t')); i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == '"')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
        }
        return Math.Min(i, line.Length);
    }

    /// <summary>Reads an option list.</summary>
    public static SshKeyOptions Read(string text)
    {
        var options = new SshKeyOptions();
        int start = 0;
        while (start < text.Length)
        {
            int end = start;
            bool quoted = false;
            for (; end < text.Length && (quoted || text[end] != ','); end++)
            {
                if (text[end] == '\\' && end + 1 < text.Length && text[end + 1] == '"')
                {
                    end++;
                }
                else if (text[end] == '"')
                {
                    quoted = !quoted;
                }
            }
            options.Add(text[start..Math.Min(end, text.Length)]);
            start = end + 1;
        }
        if (text.EndsWith(','))
        {
            options.Defect ??= "the option list ends with a comma";
        }
        return options;
    }

    private void Add(string item)
    {
        Items.Add(item);
        int equals = item.IndexOf('=');
        string name = (equals < 0 ? item : item[..equals]).ToLowerInvariant();
        if (equals < 0)
        {
            if (Array.IndexOf(Flags, name) < 0)
            {
                Defect ??= Array.IndexOf(Valued, name) >= 0 ? "option without a value: " + name : "unknown option: sshd refuses the key";
            }
            return;
        }
        if (Array.IndexOf(Valued, name) < 0)
        {
            Defect ??= "unknown option: sshd refuses the key";
            return;
        }
        if (!TryUnquote(item.AsSpan(equals + 1), out string value))
        {
            Defect ??= "the value of an option is not quoted: sshd refuses the key";
        }
        if (name == "command")
        {
            if (Command is not null)
            {
                Defect ??= "two forced commands: sshd refuses the key";
            }
            Command ??= value;
        }
    }

    // Between quotes only \" is special. An unquoted value is handed back as it is, with false.
    private static bool TryUnquote(ReadOnlySpan<char> text, out string value)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            value = text.ToString();
            return false;
        }
        var result = new StringBuilder(text.Length);
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '"')
            {
                result.Append('"');
                i++;
            }
            else if (text[i] == '"')
            {
                value = result.ToString();
                return i == text.Length - 1;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        value = result.ToString();
        return false;
    }
}
