using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.ExecutionTraces;

/// <summary>What Explorer counts of a program or shortcut that a user started through it.</summary>
/// <param name="Name">Path, application id or shortcut; known folders by their class.</param>
/// <param name="RunCount">How often; null when not counted.</param>
/// <param name="LastRun">When last.</param>
public sealed record UserAssistEntry(string Name, uint? RunCount, Timestamp? LastRun)
{
    /// <summary>How often its window came to the front (since Windows 7).</summary>
    public uint? FocusCount { get; init; }
    /// <summary>How long its window was in front, in milliseconds (since Windows 7).</summary>
    public uint? FocusMilliseconds { get; init; }
}

/// <summary>Values of <c>UserAssist\{class}\Count</c>. Source: https://github.com/libyal/winreg-kb, user assist keys.</summary>
/// <remarks>Limitations: <c>UEME_CTLSESSION</c> and <c>UEME_CTLCUACount</c> are bookkeeping and give nothing.</remarks>
public static class UserAssist
{
    private const int OldSize = 16;
    private const int NewSize = 72;
    // Windows XP and Vista begin counting at five.
    private const uint FirstCount = 5;

    /// <summary>Reads a value; null when it is none or of another version.</summary>
    /// <param name="valueName">Name as stored, in ROT13.</param>
    /// <param name="data">Data.</param>
    public static UserAssistEntry? TryParse(string valueName, ReadOnlySpan<byte> data)
    {
        string name = Rot13(valueName);
        if (name.StartsWith("UEME_CTL", StringComparison.Ordinal))
        {
            return null;
        }
        var view = new FieldView(data, "userassist");
        return data.Length switch
        {
            OldSize => new UserAssistEntry(name, view.U32(4) >= FirstCount ? view.U32(4) - FirstCount : view.U32(4), view.FileTime(8)),
            NewSize => new UserAssistEntry(name, view.U32(4), view.FileTime(60)) { FocusCount = view.U32(8), FocusMilliseconds = view.U32(12) },
            _ => null,
        };
    }

    /// <summary>Letters of ASCII moved by thirteen places.</summary>
    public static string Rot13(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            char value = source[i];
            span[i] = value switch
            {
                (>= 'a' and <= 'm') or (>= 'A' and <= 'M') => (char)(value + 13),
                (>= 'n' and <= 'z') or (>= 'N' and <= 'Z') => (char)(value - 13),
                _ => value,
            };
        }
    });
}
