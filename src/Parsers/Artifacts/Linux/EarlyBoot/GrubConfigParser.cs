using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>grub.cfg</c> and <c>grubenv</c>: menu entries with their <c>linux</c> and <c>initrd</c> lines, variables that are set outright put in. See the GRUB manual, "Shell-like scripting".
/// </summary>
/// <remarks><b>Limitations</b>: conditions are not evaluated, so every entry counts; what <c>source</c> and <c>configfile</c> name is read where it lies at a known place.</remarks>
public sealed class GrubConfigParser : ArtifactParser
{
    private const string Code = "linux.grub";
    private const int MostVariables = 256;
    private const int LongestValue = 16 << 10;

    /// <inheritdoc/>
    public override string Name => "linux/grub-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub/custom.cfg", "/boot/grub2/{custom,user}.cfg", "/boot/{grub,grub2}/grubenv", "/boot/efi/EFI/*/grub.cfg", "/boot/efi/EFI/*/grubenv",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        if (input.Location.Name == "grubenv")
        {
            ReadEnvironment(file);
            return;
        }
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        BootEntry? entry = null;
        string title = "";
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            (string verb, string rest) = Split(text);
            switch (verb)
            {
                case "menuentry" or "submenu":
                    title = Title(rest);
                    break;
                case "set" or "export" when rest.IndexOf('=') is > 0 and int equals:
                    if (variables.Count < MostVariables)
                    {
                        variables[rest[..equals]] = Expand(rest[(equals + 1)..].Trim().Trim('"', '\''), variables);
                    }
                    break;
                case "linux" or "linux16" or "linuxefi":
                    if (entry is not null && !file.Add(entry))
                    {
                        return;
                    }
                    string[] words = Expand(rest, variables).Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
                    entry = new BootEntry(input.Location.At(line.Number, line.ByteOffset))
                    {
                        Configuration = BootConfiguration.GrubConfig, Title = title, Kernel = words.Length > 0 ? words[0] : "", Options = words.Length > 1 ? KernelCommandLine.Split(Unquoted(words[1])) : [],
                    };
                    break;
                case "initrd" or "initrd16" or "initrdefi" when entry is not null:
                    entry = entry with { InitialRamDisks = [.. Expand(rest, variables).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(16)] };
                    break;
            }
        }
        if (entry is not null)
        {
            file.Add(entry);
        }
    }

    private static void ReadEnvironment(ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text;
            int equals = text.IndexOf('=');
            if (equals <= 0 || text[0] == '#' || !text.AsSpan(0, equals).EndsWith("opts"))
            {
                continue;
            }
            if (!file.Add(new BootEntry(file.Input.Location.At(line.Number, line.ByteOffset)) { Configuration = BootConfiguration.GrubEnvironment, Title = text[..equals], Options = KernelCommandLine.Split(text[(equals + 1)..]) }))
            {
                return;
            }
        }
    }

    private static (string Verb, string Arguments) Split(string text)
    {
        int blank = text.AsSpan().IndexOfAny(' ', '\t');
        return blank < 0 ? (text, "") : (text[..blank], text[(blank + 1)..].Trim());
    }

    private static string Title(string rest)
    {
        int end = rest.Length > 1 && rest[0] is '\'' or '"' ? rest.IndexOf(rest[0], 1) : -1;
        return end > 0 ? rest[1..end] : rest.Split(' ')[0];
    }

    /// <summary>grub-mkconfig escapes what its shell would take; to the kernel single quotes and backslashes mean nothing of their own.</summary>
    private static string Unquoted(string text) => text.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);

    private static string Expand(string text, Dictionary<string, string> variables)
    {
        if (!text.Contains('$'))
        {
            return text;
        }
        var result = new StringBuilder();
        for (int i = 0; i < text.Length && result.Length < LongestValue; i++)
        {
            if (text[i] != '$')
            {
                result.Append(text[i]);
                continue;
            }
            bool isBraced = i + 1 < text.Length && text[i + 1] == '{';
            int start = i + (isBraced ? 2 : 1);
            int end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }
            string name = text[start..end];
            bool isWhole = name.Length > 0 && (!isBraced || (end < text.Length && text[end] == '}'));
            if (isWhole && variables.TryGetValue(name, out string? value))
            {
                result.Append(value);
            }
            else
            {
                result.Append(text, i, Math.Min(text.Length, isWhole && isBraced ? end + 1 : Math.Max(end, i + 1)) - i);
            }
            i = Math.Max(i, (isWhole && isBraced ? end + 1 : Math.Max(end, i + 1)) - 1);
        }
        return result.ToString();
    }
}
