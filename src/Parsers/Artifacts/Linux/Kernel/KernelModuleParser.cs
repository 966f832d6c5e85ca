using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads kernel modules: <c>.modinfo</c>, whether a signature is appended, and names that tell of hooking. Compressed ones (gzip, xz, zstd) are unpacked.
/// Specification: https://docs.kernel.org/admin-guide/module-signing.html, modinfo(8).
/// </summary>
/// <remarks><b>Limitations</b>: a signature is not verified; at most 64 MiB are unpacked.</remarks>
public sealed class KernelModuleParser : ArtifactParser
{
    private const int MostUnpacked = 64 << 20;
    private const int LongestText = 512;

    /// <summary>Functions with which calls are taken over, the lists that are filtered then, and words of published rootkits.</summary>
    private static readonly string[] s_notable =
    [
        "kallsyms_lookup_name", "kallsyms_on_each_symbol", "register_kprobe", "register_kretprobe", "register_ftrace_function", "ftrace_set_filter_ip", "sys_call_table", "commit_creds",
        "getdents", "filldir", "iterate_shared", "tcp4_seq_show", "tcp6_seq_show", "udp4_seq_show", "packet_rcv", "find_task_by_vpid", "call_usermodehelper", "nf_register_net_hook",
        "diamorphine", "give_root", "hacked_getdents", "module_hide", "hide_module", "reptile", "khook", "kmatryoshka", "parasite_blob", "suterusu", "adore-ng", "hacked_kill", "hooked_getdents", "hook_getdents",
        "kovid", "nuk3gh0st", "syslogk", "is_invisible", "unhide_module", "rootkit", "magic_packet",
    ];

    /// <inheritdoc/>
    public override string Name => "linux/kernel-module";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{lib,usr/lib}/modules/*/**/*.ko", "/{lib,usr/lib}/modules/*/**/*.ko.{xz,gz,zst}"];

    /// <inheritdoc/>
    public override OwnedFiles OwnedFiles => OwnedFiles.ChangedWhenAllIsRead;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        bool isCompressed = false;
        ReadOnlyMemory<byte> content = input.Content;
        using (ForwardReader? reader = Decompression.TryOpen(new MemorySource(content), sink))
        {
            if (reader is not null)
            {
                isCompressed = true;
                content = Unpack(reader, input, sink);
            }
        }
        if (!ElfFile.TryOpen(content.Span, out ElfFile elf) || elf.Type != 1)
        {
            sink.Report(new Diagnostic("linux.kernel-module.content", "the file with the name of a kernel module is none") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
            return;
        }
        var info = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in Information(elf.SectionContent(".modinfo"u8)))
        {
            info[key] = info.TryGetValue(key, out string? earlier) && earlier.Length < LongestText ? earlier + ", " + value : value;
        }
        string file = ModuleIndex.WithoutCompression(input.Location.Name);
        sink.Add(new KernelModule(input.Location)
        {
            Module = ModuleLoad.Normal(info.GetValueOrDefault("name") ?? (file.EndsWith(".ko", StringComparison.Ordinal) ? file[..^3] : file)),
            Author = info.GetValueOrDefault("author"),
            Description = info.GetValueOrDefault("description"),
            License = info.GetValueOrDefault("license"),
            VersionMagic = info.GetValueOrDefault("vermagic"),
            IsInTree = info.GetValueOrDefault("intree") == "Y",
            HasSignature = content.Span.EndsWith("~Module signature appended~\n"u8),
            IsCompressed = isCompressed,
            NotableNames = Notable(content.Span),
        });
    }

    private static ReadOnlyMemory<byte> Unpack(ForwardReader reader, ArtifactInput input, IArtifactSink sink)
    {
        var unpacked = new MemoryStream();
        byte[] block = new byte[64 << 10];
        int count;
        while ((count = reader.Read(block)) > 0)
        {
            if (unpacked.Length + count > MostUnpacked)
            {
                sink.Report(new Diagnostic("linux.kernel-module.size", "the module unpacks to more than the limit, its end was not read") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
                break;
            }
            unpacked.Write(block, 0, count);
        }
        return unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length);
    }

    private static List<(string Key, string Value)> Information(ReadOnlySpan<byte> section)
    {
        var found = new List<(string, string)>();
        while (!section.IsEmpty && found.Count < 256)
        {
            int end = section.IndexOf((byte)0);
            ReadOnlySpan<byte> entry = end < 0 ? section : section[..end];
            section = end < 0 ? [] : section[(end + 1)..];
            int equals = entry.IndexOf((byte)'=');
            if (equals > 0)
            {
                found.Add((Encoding.Latin1.GetString(entry[..equals]), TextLines.Decode(entry[(equals + 1)..][..Math.Min(LongestText, entry.Length - equals - 1)])));
            }
        }
        return found;
    }

    private static List<string> Notable(ReadOnlySpan<byte> content)
    {
        var found = new List<string>();
        foreach (string name in s_notable)
        {
            if (content.IndexOf(Encoding.ASCII.GetBytes(name)) >= 0)
            {
                found.Add(name);
            }
        }
        found.Sort(StringComparer.Ordinal);
        return found;
    }
}
