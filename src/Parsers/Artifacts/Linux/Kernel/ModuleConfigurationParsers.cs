using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads the lists of modules that are loaded at boot: modules-load.d(5), <c>/etc/modules</c> of Debian and Alpine, initramfs-tools' list.</summary>
/// <remarks><b>Limitations</b>: modules on the kernel command line (<c>modules_load=</c>) are a boot entry's.</remarks>
public sealed class ModuleLoadParser : ArtifactParser
{
    private const string Code = "linux.modules-load";

    /// <inheritdoc/>
    public override string Name => "linux/modules-load";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/modules", "/etc/initramfs-tools/modules", .. DropInDirectory.Claims("modules-load.d")];

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
        string? dormant = input.Location.Name == "modules" ? null : DropInDirectory.DormantByName(input.Location, ".conf");
        foreach (TextLine line in file.Lines())
        {
            string[] words = line.Text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 0 || words[0][0] is '#' or ';')
            {
                continue;
            }
            if (!file.Add(new ModuleLoad(input.Location.At(line.Number, line.ByteOffset)) { Module = ModuleLoad.Normal(words[0]), Parameters = words.Length > 1 ? words[1] : "", DormantBecause = dormant }))
            {
                return;
            }
        }
    }
}

/// <summary>Reads <c>modprobe.d</c>. Specification: modprobe.d(5) of kmod.</summary>
public sealed class ModprobeParser : ArtifactParser
{
    private const string Code = "linux.modprobe";
    private const int MostJoined = 256;

    /// <inheritdoc/>
    public override string Name => "linux/modprobe";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/modprobe.conf", .. DropInDirectory.Claims("modprobe.d")];

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
        var joined = new StringBuilder();
        TextLine first = default;
        int parts = 0;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            first = joined.Length == 0 ? line : first;
            if (text.EndsWith('\\') && ++parts < MostJoined && joined.Length < input.Limits.LineBytes)
            {
                joined.Append(text, 0, text.Length - 1).Append(' ');
                continue;
            }
            text = joined.Append(text).ToString();
            joined.Clear();
            parts = 0;
            if (!Add(file, text, first))
            {
                return;
            }
        }
        if (joined.Length > 0)
        {
            Add(file, joined.ToString(), first);
        }
    }

    private static bool Add(ArtifactFile file, string text, TextLine line)
    {
        string[] words = text.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length < 2 || words[0] is not ("install" or "remove" or "options" or "alias" or "blacklist" or "softdep"))
        {
            return true;
        }
        return file.Add(new ModprobeDirective(file.Input.Location.At(line.Number, line.ByteOffset))
        {
            Directive = words[0], Module = words[0] == "alias" ? words[1] : ModuleLoad.Normal(words[1]), Argument = words.Length > 2 ? words[2] : "",
            DormantBecause = file.Input.Location.Name == "modprobe.conf" ? null : DropInDirectory.DormantByName(file.Input.Location, ".conf"),
        });
    }
}

/// <summary>Reads <c>modules.dep</c> and <c>modules.builtin</c> of each kernel. Specification: modules.dep(5).</summary>
public sealed class ModuleIndexParser : ArtifactParser
{
    private const int MostModules = 50_000;

    /// <inheritdoc/>
    public override string Name => "linux/module-index";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{lib,usr/lib}/modules/*/modules.{dep,builtin}"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.module-index");
        var modules = new HashSet<string>(StringComparer.Ordinal);
        foreach (TextLine line in file.Lines())
        {
            // kernel/fs/x.ko.xz: what it depends on
            int end = line.Bytes.Span.IndexOf((byte)':');
            string path = TextLines.Decode(end < 0 ? line.Bytes.Span : line.Bytes.Span[..end]).Trim();
            if (path.Contains(".ko", StringComparison.Ordinal) && modules.Count < MostModules)
            {
                modules.Add(ModuleIndex.WithoutCompression(path));
            }
        }
        string[] components = input.Location.Path.Split('/');
        sink.Add(new ModuleIndex(input.Location) { Release = components[^2], IsBuiltIn = components[^1] == "modules.builtin", Modules = modules });
    }
}
