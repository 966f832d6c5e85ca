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
    private const int LongestValue = 4 << 10;
    private const int MostExpanded = 4 << 20;

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
        var variables = new Variables();
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
                    variables.Set(rest[..equals], rest[(equals + 1)..].Trim().Trim('"', '\''));
                    break;
                case "linux" or "linux16" or "linuxefi":
                    if (entry is not null && !file.Add(entry))
                    {
                        return;
                    }
                    string[] words = variables.Expand(rest).Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
                    entry = new BootEntry(input.Location.At(line.Number, line.ByteOffset))
                    {
                        Configuration = BootConfiguration.GrubConfig, Title = title, Kernel = words.Length > 0 ? words[0] : "", Options = words.Length > 1 ? KernelCommandLine.Split(Unquoted(words[1])) : [],
                    };
                    break;
                case "initrd" or "initrd16" or "initrdefi" when entry is not null:
                    entry = entry with { InitialRamDisks = [.. variables.Expand(rest).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(16)] };
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

    /// <summary>Variables that are set outright, and how much was put in for them: values made of values must not grow without end.</summary>
    private sealed class Variables
    {
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
        private int _expanded;

        public void Set(string name, string value)
        {
            if (_values.Count < MostVariables || _values.ContainsKey(name))
            {
                _values[name] = Expand(value);
            }
        }

        public string Expand(string text)
        {
            if (_expanded > MostExpanded || text.Length > LongestValue || !text.Contains('$'))
            {
                return text;
            }
            var result = new StringBuilder();
            int at = 0;
            while (at < text.Length && result.Length < LongestValue)
            {
                int dollar = text.IndexOf('$', at);
                if (dollar < 0)
                {
                    break;
                }
                result.Append(text, at, dollar - at);
                bool isBraced = dollar + 1 < text.Length && text[dollar + 1] == '{';
                int start = dollar + (isBraced ? 2 : 1);
                int end = start;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                {
                    end++;
                }
                at = isBraced && end < text.Length && text[end] == '}' ? end + 1 : Math.Max(end, dollar + 1);
                bool isWhole = end > start && (!isBraced || at == end + 1);
                result.Append(isWhole && _values.TryGetValue(text[start..end], out string? value) ? value : text[dollar..at]);
            }
            _expanded += result.Length;
            return result.Append(text, at, text.Length - at).ToString();
        }
    }
}
