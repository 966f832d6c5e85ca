using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A kernel setting that is made at boot.</summary>
public sealed record SysctlSetting(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "sysctl-setting";
    /// <summary>Name with dots: <c>kernel.core_pattern</c>.</summary>
    public required string Name { get; init; }
    /// <summary>Value, trimmed.</summary>
    public required string Value { get; init; }
    /// <summary>Why it is not made, as a clause; null when the name of the file does not keep it from that.</summary>
    public string? DormantBecause { get; init; }

    /// <summary>Programs that the kernel starts because of the setting: the reader of core dumps, the loader of modules, the helper for devices.</summary>
    public IReadOnlyList<StartCommand> Commands =>
        Name == "kernel.core_pattern" && Value.StartsWith('|') ? [Command(Value[1..].TrimStart(), "core dump")]
        : Name == "kernel.modprobe" && Value.StartsWith('/') ? [Command(Value, "kernel module request")]
        : Name is "kernel.hotplug" or "kernel.poweroff_cmd" && Value.StartsWith('/') ? [Command(Value, "kernel helper")]
        : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("value", Value);
        fields.Text("dormantBecause", DormantBecause);
    }

    private StartCommand Command(string text, string trigger) => new(text) { Trigger = trigger, User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause };
}

/// <summary>Reads <c>/etc/sysctl.conf</c> and <c>sysctl.d</c>. Specification: sysctl.d(5), sysctl.conf(5) of procps.</summary>
/// <remarks><b>Limitations</b>: patterns in names (<c>net.ipv4.conf.*.rp_filter</c>) are kept as written; what scripts and <c>tmpfiles.d</c> write to <c>/proc/sys</c> is not in these files.</remarks>
public sealed class SysctlParser : ArtifactParser
{
    private const string Code = "linux.sysctl";

    /// <inheritdoc/>
    public override string Name => "linux/sysctl";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/sysctl.conf", .. DropInDirectory.Claims("sysctl.d")];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (DropInDirectory.IsLink(input, sink))
        {
            return;
        }
        var file = new ArtifactFile(input, sink, Code);
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            int equals = text.IndexOf('=');
            if (equals <= 0 || text[0] is '#' or ';')
            {
                continue;
            }
            bool hasRoom = file.Add(new SysctlSetting(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = Dotted(text[..equals].TrimStart('-').Trim()),
                Value = text[(equals + 1)..].Trim(),
                DormantBecause = DropInDirectory.DormantByName(input.Location, ".conf"),
            });
            if (!hasRoom)
            {
                return;
            }
        }
    }

    /// <summary>The separator that comes first separates; the other then stands for itself.</summary>
    private static string Dotted(string name)
    {
        int slash = name.IndexOf('/');
        int dot = name.IndexOf('.');
        return slash < 0 || (dot >= 0 && dot < slash) ? name
            : string.Create(name.Length, name, static (target, source) =>
            {
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = source[i] switch { '/' => '.', '.' => '/', char other => other };
                }
            });
    }
}
