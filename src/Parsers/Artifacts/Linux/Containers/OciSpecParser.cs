using System.Text.Json;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// The runtime's description of a container, <c>config.json</c> of an OCI bundle, as podman, CRI-O and containerd keep it.
/// Specification: opencontainers/runtime-spec, config.md.
/// </summary>
/// <remarks><b>Limitations</b>: says nothing of the image or whether the container still runs.</remarks>
public sealed class OciSpecParser : ArtifactParser
{
    private static readonly string[] s_isolated = ["pid", "network", "ipc"];
    private static readonly string[] s_usual =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <inheritdoc/>
    public override string Name => "linux/oci-spec";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/var/lib/containers/storage/overlay-containers/*/userdata/config.json", "/run/containers/storage/overlay-containers/*/userdata/config.json", "~/.local/share/containers/storage/overlay-containers/*/userdata/config.json",
        "/run/containerd/io.containerd.runtime.v2.task/*/*/config.json", "/var/lib/containerd/io.containerd.runtime.v2.task/*/*/config.json",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (ContainerText.Parse(input, sink, "oci.spec") is not { } document)
        {
            return;
        }
        using (document)
        {
            JsonElement root = document.RootElement;
            bool isPodman = input.Location.Path.Contains("/overlay-containers/", StringComparison.Ordinal);
            string engine = isPodman ? "podman" : "containerd";
            string id = ContainerText.FromEnd(input.Location.Path, isPodman ? 2 : 1);
            JsonElement notes = root.Member("annotations");
            sink.Add(new ContainerProcess(input.Location)
            {
                Engine = engine, ContainerId = id, Name = notes.Member("io.kubernetes.cri.container-name").AsText() ?? notes.Member("io.podman.annotations.name").AsText() ?? root.Member("hostname").AsText(),
                Image = notes.Member("io.kubernetes.cri.image-name").AsText() ?? notes.Member("io.kubernetes.cri-o.ImageName").AsText(),
                Arguments = root.Member("process", "args").AsTexts(), Environment = root.Member("process", "env").AsTexts(),
            });
            var own = new HashSet<string>(root.Member("linux", "namespaces").Items().Where(item => item.Member("path").AsText() is null).Select(item => item.Member("type").AsText()).OfType<string>(), StringComparer.Ordinal);
            bool saysNamespaces = root.Member("linux", "namespaces").ValueKind == JsonValueKind.Array;
            string[] added = [.. root.Member("process", "capabilities", "bounding").AsTexts().Except(s_usual, StringComparer.Ordinal).Select(name => name.StartsWith("CAP_", StringComparison.Ordinal) ? name[4..] : name)];
            sink.Add(new ContainerPrivileges(input.Location)
            {
                // The runtime knows no such switch: privileged means all capabilities and no masked paths.
                Engine = engine, ContainerId = id, IsPrivileged = added.Length > 20 && root.Member("linux", "maskedPaths").Items().FirstOrDefault().ValueKind == JsonValueKind.Undefined,
                HostNamespaces = saysNamespaces ? [.. s_isolated.Where(name => !own.Contains(name) && !root.Member("linux", "namespaces").Items().Any(item => item.Member("type").AsText() == name))] : [],
                Binds = [.. root.Member("mounts").Items().Where(IsBind).Select(Bind)], AddedCapabilities = added,
            });
        }
    }

    private static bool IsBind(JsonElement mount) => mount.Member("type").AsText() == "bind" || mount.Member("options").AsTexts().Any(option => option is "bind" or "rbind");

    private static string Bind(JsonElement mount) => $"{mount.Member("source").AsText()}:{mount.Member("destination").AsText()}{(mount.Member("options").AsTexts().Contains("ro") ? ":ro" : "")}";
}
