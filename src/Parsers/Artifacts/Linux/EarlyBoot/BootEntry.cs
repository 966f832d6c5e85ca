namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Which file states how a kernel is started.</summary>
public enum BootConfiguration
{
    /// <summary><c>grub.cfg</c>: what GRUB reads at boot.</summary>
    GrubConfig,
    /// <summary><c>grubenv</c>: variables of <c>grub.cfg</c>.</summary>
    GrubEnvironment,
    /// <summary><c>/etc/default/grub</c>: what <c>grub.cfg</c> is made from.</summary>
    GrubDefaults,
    /// <summary>An entry of the Boot Loader Specification.</summary>
    LoaderEntry,
    /// <summary>extlinux or syslinux.</summary>
    Syslinux,
    /// <summary><c>/etc/kernel/cmdline</c>: what the entries of kernels to come are made from.</summary>
    KernelCommandLine,
    /// <summary>A unified kernel image.</summary>
    UnifiedImage,
}

/// <summary>One way to start a kernel, or what is added to all of them.</summary>
public sealed record BootEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "boot-entry";
    /// <summary>Kind of file.</summary>
    public required BootConfiguration Configuration { get; init; }
    /// <summary>Title, or name of the variable; empty when there is none.</summary>
    public string Title { get; init; } = "";
    /// <summary>Path of the kernel as the boot loader sees it; null when only options are stated.</summary>
    public string? Kernel { get; init; }
    /// <summary>Images of the early boot.</summary>
    public IReadOnlyList<string> InitialRamDisks { get; init; } = [];
    /// <summary>Words of the kernel command line, quotes taken off.</summary>
    public required IReadOnlyList<string> Options { get; init; }
    /// <summary>Why no boot loader reads it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }

    /// <summary>Last value of an option; null when it is not given.</summary>
    public string? Option(string name)
    {
        for (int i = Options.Count - 1; i >= 0; i--)
        {
            if (Options[i].Length > name.Length && Options[i][name.Length] == '=' && Options[i].StartsWith(name, StringComparison.Ordinal))
            {
                return Options[i][(name.Length + 1)..];
            }
        }
        return null;
    }

    /// <summary>Programs that the command line names: the first process, and what systemd runs once.</summary>
    public IReadOnlyList<StartCommand> Commands => [.. Programs()];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("configuration", Configuration.ToString());
        fields.Text("title", Title);
        fields.Text("kernel", Kernel);
        fields.List("initialRamDisks", InitialRamDisks);
        fields.List("options", Options);
        fields.Text("dormantBecause", DormantBecause);
    }

    private IEnumerable<StartCommand> Programs()
    {
        foreach (string name in (string[])["init", "rdinit", "systemd.run"])
        {
            if (Option(name) is { Length: > 0 } value)
            {
                yield return new StartCommand(value)
                {
                    Trigger = "kernel command line " + name + "=", User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
                };
            }
        }
    }
}

/// <summary>Splits a kernel command line. Specification: https://docs.kernel.org/admin-guide/kernel-parameters.html</summary>
internal static class KernelCommandLine
{
    private const int MostWords = 1024;

    /// <summary>The words; double quotes protect blanks and are taken off.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        bool isQuoted = false;
        foreach (char letter in text)
        {
            if (letter == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && (char.IsWhiteSpace(letter) || letter == '\0'))
            {
                Take();
            }
            else
            {
                word.Append(letter);
            }
        }
        Take();
        return words;

        void Take()
        {
            if (word.Length > 0 && words.Count < MostWords)
            {
                words.Add(word.ToString());
            }
            word.Clear();
        }
    }
}
