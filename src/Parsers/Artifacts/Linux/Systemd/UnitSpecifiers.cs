using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Expands the <c>%</c> specifiers of a unit that the image alone decides, see systemd.unit(5) "Specifiers". What only the running host
/// knows (host name, boot id, kernel release, the instance of a template) stays as written.
/// </summary>
internal sealed class UnitSpecifiers(string unitName, UnitPlace place, string? defaultInstance, ExpansionBudget budget)
{
    private const string Unresolvable = "aAbBgGHlmMoUvwWqdyYcrR";

    /// <summary>Expands; <paramref name="isValid"/> is false when systemd refuses the text because of an unknown specifier.</summary>
    public string Expand(string text, out bool isValid)
    {
        isValid = true;
        if (!text.Contains('%'))
        {
            return text;
        }
        var result = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            char letter = text[++i];
            string? value = Value(letter);
            if (value is null || !budget.Take(value.Length))
            {
                isValid &= value is not null || !char.IsAsciiLetterOrDigit(letter) || Unresolvable.Contains(letter) || IsLate(letter);
                result.Append('%').Append(letter);
            }
            else
            {
                result.Append(value);
            }
        }
        return result.ToString();
    }

    // Known specifiers whose value this file cannot give: the instance of a template, the home of whoever runs a global per-user unit.
    private static bool IsLate(char letter) => letter is 'i' or 'I' or 'h' or 'u' or 't' or 's' or 'n' or 'N' or 'f' or 'j' or 'J' or 'S' or 'C' or 'L' or 'E' or 'D';

    private string? Value(char letter) => letter switch
    {
        '%' => "%",
        'n' => Instance is { } n ? WithInstance(n) + Suffix : null,
        'N' => Instance is { } n ? WithInstance(n) : null,
        'p' => Prefix,
        'P' => Unescape(Prefix),
        'j' => LastPart(Prefix),
        'J' => Unescape(LastPart(Prefix)),
        'i' => Instance,
        'I' => Instance is { } i ? Unescape(i) : null,
        'f' => Instance is { } i ? "/" + Unescape(i.Length == 0 ? Prefix : i).TrimStart('/') : null,
        'h' => place.IsUser ? place.Home : "/root",
        'u' => place.IsUser ? UserOfHome : "root",
        'U' => place.IsUser ? null : "0",
        'g' => place.IsUser ? null : "root",
        'G' => place.IsUser ? null : "0",
        's' => place.IsUser ? null : "/bin/sh",
        't' => place.IsUser ? null : "/run",
        'S' => Directory("/var/lib", "/.local/state"),
        'C' => Directory("/var/cache", "/.cache"),
        'L' => Directory("/var/log", "/.local/state/log"),
        'E' => Directory("/etc", "/.config"),
        'D' => Directory("/usr/share", "/.local/share"),
        'T' => "/tmp",
        'V' => "/var/tmp",
        _ => null,
    };

    private string? Directory(string system, string belowHome) => !place.IsUser ? system : place.Home is { } home ? home.TrimEnd('/') + belowHome : null;

    // The base name of a home directory is the account's name on every ordinary system; passwd may say otherwise.
    private string? UserOfHome => place.Home is { } home ? home[(home.LastIndexOf('/') + 1)..] : null;

    private int At => unitName.IndexOf('@');
    private int Dot => unitName.LastIndexOf('.') is var dot and >= 0 ? dot : unitName.Length;
    private string Suffix => unitName[Dot..];
    private string Prefix => At >= 0 && At < Dot ? unitName[..At] : unitName[..Dot];

    // Empty for a unit that is no template; null for a template without a default instance.
    private string? Instance => At < 0 || At >= Dot ? "" : At + 1 < Dot ? unitName[(At + 1)..Dot] : defaultInstance;

    private string WithInstance(string instance) => At < 0 || At >= Dot ? Prefix : Prefix + "@" + instance;

    private static string LastPart(string prefix) => prefix[(prefix.LastIndexOf('-') + 1)..];

    /// <summary>Undoes systemd-escape(1): a dash is a slash, <c>\xNN</c> a byte.</summary>
    private static string Unescape(string name)
    {
        string text = name.Replace('-', '/');
        return PathText.TryToBytes(text, out byte[] bytes) ? Formats.TextLines.Decode(bytes) : text;
    }
}
