using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads how other boot loaders start kernels: entries of the Boot Loader Specification, extlinux and syslinux, and <c>/etc/kernel/cmdline</c>, from which entries are made.
/// Specification: https://uapi-group.org/specifications/specs/boot_loader_specification/
/// </summary>
/// <remarks><b>Limitations</b>: variables such as <c>$kernelopts</c> stay as written; their value is an entry of its own (<c>grubenv</c>).</remarks>
public sealed class LoaderEntryParser : ArtifactParser
{
    private const string Code = "linux.boot-entry";

    /// <inheritdoc/>
    public override string Name => "linux/boot-entries";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/{boot,boot/efi,efi}/loader/entries/*", "/etc/kernel/cmdline", "/usr/lib/kernel/cmdline", "/boot/{extlinux,syslinux}/{extlinux.conf,syslinux.cfg}", "/boot/{extlinux.conf,syslinux.cfg}", "/extlinux.conf",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        string name = input.Location.Name;
        if (name == "cmdline")
        {
            ReadCommandLine(file);
            return;
        }
        bool isSyslinux = name is "extlinux.conf" or "syslinux.cfg";
        BootEntry Empty(TextLine line) => new(input.Location.At(line.Number, line.ByteOffset))
        {
            Configuration = isSyslinux ? BootConfiguration.Syslinux : BootConfiguration.LoaderEntry, Options = [], DormantBecause = isSyslinux ? null : DropInDirectory.DormantByName(input.Location, ".conf"),
        };
        BootEntry? entry = null;
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length < 2 || words[0][0] == '#')
            {
                continue;
            }
            string key = words[0].ToLowerInvariant();
            if (isSyslinux && key == "label")
            {
                if (entry is { Options.Count: > 0 } or { Kernel: not null } && !file.Add(entry))
                {
                    return;
                }
                entry = Empty(line);
            }
            entry ??= Empty(line);
            entry = key switch
            {
                "title" or "label" => entry with { Title = words[1] },
                "linux" or "kernel" or "efi" => entry with { Kernel = words[1] },
                "initrd" => entry with { InitialRamDisks = [.. entry.InitialRamDisks.Take(15), words[1]] },
                // The location of an entry is the line that can do harm.
                "options" or "append" => entry with { Location = input.Location.At(line.Number, line.ByteOffset), Options = [.. entry.Options.Take(1024), .. KernelCommandLine.Split(words[1])] },
                _ => entry,
            };
        }
        if (entry is not null && (entry.Kernel is not null || entry.Options.Count > 0))
        {
            file.Add(entry);
        }
    }

    private static void ReadCommandLine(ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length > 0 && text[0] != '#' && !file.Add(new BootEntry(file.Input.Location.At(line.Number, line.ByteOffset)) { Configuration = BootConfiguration.KernelCommandLine, Options = KernelCommandLine.Split(text) }))
            {
                return;
            }
        }
    }
}

/// <summary>
/// Reads <c>/etc/default/grub</c> and what belongs to it, from which <c>grub.cfg</c> and loader entries are made: the kernel options in its variables. It is shell text that root runs
/// whenever the menu is made, and so are the scripts in <c>/etc/grub.d</c>: both are given as scripts too.
/// </summary>
/// <remarks><b>Limitations</b>: whether the menu was made since the last change is not known here.</remarks>
public sealed class GrubDefaultsParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/grub-defaults";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/default/grub", "/etc/default/grub.d/*", "/etc/sysconfig/grub", "/etc/update-extlinux.conf", "/etc/grub.d/*"];

    /// <inheritdoc/>
    public override OwnedFiles OwnedFiles => OwnedFiles.Changed;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        bool isScript = input.Location.Path.StartsWith("/etc/grub.d/", StringComparison.Ordinal);
        string name = input.Location.Name;
        if (isScript && name == "README")
        {
            return;
        }
        bool isDropIn = input.Location.Path.StartsWith("/etc/default/grub.d/", StringComparison.Ordinal);
        string? dormant = isDropIn ? DropInDirectory.DormantByName(input.Location, ".cfg")
            : isScript && (name.EndsWith('~') || name.StartsWith('#')) ? "grub-mkconfig leaves out names like this" : null;
        new StartupScriptReader { Place = StartupPlace.GrubScript, Trigger = "grub-mkconfig", NeedsNoExecuteBit = !isScript, DormantBecause = dormant }.Read(input, sink);
        if (isScript)
        {
            return;
        }
        foreach (ShellScriptLine line in ShellScriptLines.Read(input.Content, input.Limits).Lines)
        {
            // Most lines set something else, and are not worth parsing.
            if (!line.Text.Contains("GRUB_CMDLINE_LINUX", StringComparison.Ordinal) && !line.Text.Contains("default_kernel_opts", StringComparison.Ordinal))
            {
                continue;
            }
            foreach ((string variable, string value) in ShellWords.Parse(line.Text).SelectMany(Assignments))
            {
                if (variable.StartsWith("GRUB_CMDLINE_LINUX", StringComparison.Ordinal) || variable == "default_kernel_opts")
                {
                    sink.Add(new BootEntry(input.Location.At(line.Number, line.ByteOffset)) { Configuration = BootConfiguration.GrubDefaults, Title = variable, Options = KernelCommandLine.Split(value), DormantBecause = dormant });
                }
            }
        }
    }

    /// <summary>What a command sets; <c>export</c> takes assignments as words.</summary>
    private static IEnumerable<(string Name, string Value)> Assignments(ShellCommand command)
    {
        foreach (ShellAssignment assignment in command.Assignments)
        {
            yield return (assignment.Name, assignment.Value.Text);
        }
        foreach (ShellWord word in command.Program is "export" or "readonly" ? command.Words.Skip(1) : [])
        {
            if (word.Text.IndexOf('=') is > 0 and int equals)
            {
                yield return (word.Text[..equals], word.Text[(equals + 1)..]);
            }
        }
    }
}
