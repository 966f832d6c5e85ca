using System.Text.Json;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Overlay;
using Forensics.Parsers.Volumes;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Finds the containers of a host and lays their layers over each other, so that each is examined in its own context: its <c>/etc</c>, its accounts, its packages, its <c>ld.so.preload</c>.
/// docker and podman with the overlay driver; of containerd, whose chain of snapshots is kept in a database that is not read, each snapshot by itself.
/// </summary>
internal sealed class ContainerViews(ScanLimits limits, DiagnosticCollector diagnostics, CancellationToken cancellation)
{
    private const int MaxContainers = 256;
    private const int MaxLayers = 256;
    private const int MaxFileBytes = 4 << 20;
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly List<OpenedVolume> _views = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The containers of all hosts, in the order of hosts, engines and identifiers.</summary>
    public IReadOnlyList<OpenedVolume> Find(IReadOnlyList<HostProfile> hosts)
    {
        foreach (HostProfile host in hosts)
        {
            cancellation.ThrowIfCancellationRequested();
            Docker(host);
            foreach (string root in host.Homes.Select(home => home + "/.local/share/containers/storage").Prepend("/var/lib/containers/storage"))
            {
                Podman(host, root);
            }
            Containerd(host, "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots");
        }
        return _views;
    }

    private void Docker(HostProfile host)
    {
        string root = ReadJson(host, "/etc/docker/daemon.json") is { } daemon && Text(daemon.RootElement, "data-root") is ['/', ..] moved ? PathText.FromText(moved.TrimEnd('/')) : "/var/lib/docker";
        foreach (string id in host.Tree.List(root + "/containers"))
        {
            string folder = $"{root}/image/overlay2/layerdb/mounts/{id}";
            if (ReadText(host, folder + "/mount-id") is not { Length: > 0 } mount || ReadJson(host, $"{root}/containers/{id}/config.v2.json") is not { } config)
            {
                continue;
            }
            JsonElement element = config.RootElement;
            string name = Text(element, "Name")?.TrimStart('/') ?? "";
            string image = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("Config", out JsonElement inner) ? Text(inner, "Image") ?? "" : "";
            string command = string.Join(' ', new[] { Text(element, "Path") }.Concat(Texts(element, "Args")).OfType<string>());
            Add(host, new ContainerIdentity("docker", id, PathText.FromText(name), host.Info.Volume) { Image = PathText.FromText(image), Command = PathText.FromText(command) }, root + "/overlay2", PathText.FromText(mount.Trim()));
        }
    }

    private void Podman(HostProfile host, string root)
    {
        if (ReadJson(host, root + "/overlay-containers/containers.json") is not { RootElement.ValueKind: JsonValueKind.Array } list)
        {
            return;
        }
        foreach (JsonElement container in list.RootElement.EnumerateArray().Take(MaxContainers + 1))
        {
            if (Text(container, "id") is { } id && Text(container, "layer") is { } layer)
            {
                string? name = Texts(container, "names").FirstOrDefault();
                string? image = Text(container, "metadata") is { } metadata ? NameInMetadata(metadata) : null;
                Add(host, new ContainerIdentity("podman", PathText.FromText(id), PathText.FromText(name ?? ""), host.Info.Volume) { Image = image is null ? null : PathText.FromText(image) }, root + "/overlay", PathText.FromText(layer));
            }
        }
    }

    private void Containerd(HostProfile host, string root)
    {
        foreach (string snapshot in host.Tree.List(root))
        {
            Lay(host, new ContainerIdentity("containerd", snapshot, "snapshot-" + snapshot, host.Info.Volume), [$"{root}/{snapshot}/fs"]);
        }
    }

    /// <summary>Follows the chain that the storage driver keeps: <c>lower</c> names the layers below, by links in <c>l</c>.</summary>
    private void Add(HostProfile host, ContainerIdentity identity, string store, string layer)
    {
        var layers = new List<string> { $"{store}/{layer}/diff" };
        foreach (string lower in (ReadText(host, $"{store}/{layer}/lower") ?? "").Trim().Split(':', StringSplitOptions.RemoveEmptyEntries).Take(MaxLayers))
        {
            string path = Plain(lower) ? $"{store}/{lower}" : $"{store}/{PathText.FromText(lower)}";
            layers.Add(host.Tree.Find(path)?.Path ?? path);
        }
        Lay(host, identity, layers);
    }

    // A name with anything but the two forms that drivers write leads out of the store and is not followed.
    private static bool Plain(string lower) => lower.Length < 200 && lower.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '_') && !lower.StartsWith('/');

    private void Lay(HostProfile host, ContainerIdentity identity, IReadOnlyList<string> paths)
    {
        var found = new List<TreeFile>();
        foreach (string path in paths)
        {
            if (host.Tree.Find(path) is { File.Type: FileType.Directory } layer)
            {
                found.Add(layer);
            }
            else
            {
                Report("container.layer", "a layer of a container is not in the image", host, identity, path);
            }
        }
        if (found.Count == 0)
        {
            return;
        }
        if (found.Any(layer => layer.Volume.Volume.Identity != found[0].Volume.Volume.Identity))
        {
            Report("container.volumes", "the layers of a container lie on several volumes; those of the first are examined", host, identity, null);
            found.RemoveAll(layer => layer.Volume.Volume.Identity != found[0].Volume.Volume.Identity);
        }
        if (_views.Count >= MaxContainers)
        {
            Report("container.limit", "there are more containers than are examined", host, identity, null);
            return;
        }
        string name = identity.Name.Length == 0 ? identity.Id[..Math.Min(12, identity.Id.Length)] : identity.Name;
        Volume below = found[0].Volume.Volume;
        string label = $"{below.Name}/{identity.Engine}:{name}";
        label = _names.Add(label) ? label : $"{label}.{identity.Id[..Math.Min(12, identity.Id.Length)]}";
        var context = new ParseContext(limits, diagnostics.For(label), cancellation);
        var overlay = new OverlayFileSystem(found[0].FileSystem, [.. found.Select(layer => layer.File.MetadataAddress).Distinct()], context);
        var volume = new Volume(label, below.Offset, below.Length, MemorySource.Empty) { TypeName = identity.Engine + " container" };
        _views.Add(new OpenedVolume(volume, overlay, null, false) { Container = new ContainerView(identity with { Name = name }, host.Tree, [.. found.Select(layer => layer.Path)]) });
    }

    private void Report(string code, string message, HostProfile host, ContainerIdentity identity, string? path) =>
        diagnostics.Report(new Diagnostic(code, message) { Volume = host.Info.Volume, Path = path, Actual = identity.Name.Length > 0 ? identity.Name : identity.Id, LosesContent = true });

    private static byte[]? Read(HostProfile host, string path)
    {
        try
        {
            return host.Tree.Find(path) is { File: { Type: FileType.Regular, Size: > 0 and <= MaxFileBytes } } found ? found.FileSystem.OpenContent(found.File).ReadArray(0, MaxFileBytes) : null;
        }
        catch (ForensicException)
        {
            // The walk reports the damage; without its description a container is examined as files of the host only.
            return null;
        }
    }

    private static string? ReadText(HostProfile host, string path) => Read(host, path) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private static JsonDocument? ReadJson(HostProfile host, string path)
    {
        if (Read(host, path) is not { } bytes)
        {
            return null;
        }
        try
        {
            return JsonDocument.Parse(bytes, s_json);
        }
        catch (JsonException)
        {
            // The artefact parser of the same file reports what is wrong with it.
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Take(64).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!) : [];

    private static string? NameInMetadata(string metadata)
    {
        try
        {
            using JsonDocument inner = JsonDocument.Parse(metadata, s_json);
            return Text(inner.RootElement, "image-name");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
