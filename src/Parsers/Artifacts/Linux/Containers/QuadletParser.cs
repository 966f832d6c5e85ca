using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Containers that systemd starts through podman's generator: <c>*.container</c> files. Specification: podman-systemd.unit(5).</summary>
/// <remarks><b>Limitations</b>: drop-ins (<c>x.container.d</c>) and specifiers are not applied; <c>PodmanArgs=</c> is read for the switches that give privileges only.</remarks>
public sealed class QuadletParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/quadlet";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        ["/etc/containers/systemd/*.container", "/usr/share/containers/systemd/*.container", "/run/containers/systemd/*.container", "/etc/containers/systemd/users/**/*.container", "~/.config/containers/systemd/*.container"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        var file = new ArtifactFile(input, sink, "quadlet");
        string section = "";
        var settings = new List<KeyValuePair<string, string>>();
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.StartsWith('[') && text.EndsWith(']'))
            {
                section = text[1..^1];
            }
            else if (section == "Container" && text.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals && text[0] is not ('#' or ';') && settings.Count < 1000)
            {
                settings.Add(KeyValuePair.Create(text[..equals].Trim(), text[(equals + 1)..].Trim()));
            }
        }
        IEnumerable<string> Values(string key) => settings.Where(setting => setting.Key == key).Select(setting => setting.Value);
        string name = input.Location.Name[..^".container".Length];
        string more = string.Join(' ', Values("PodmanArgs"));
        string[] words = [.. new[] { Values("Entrypoint").LastOrDefault() }.OfType<string>(), .. new[] { Values("Exec").LastOrDefault() }.OfType<string>()];
        file.Add(new ContainerProcess(input.Location)
        {
            Engine = "podman", ContainerId = name, Name = Values("ContainerName").LastOrDefault() ?? name, Image = Values("Image").LastOrDefault(),
            Arguments = [.. words.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Take(256)], Environment = [.. Values("Environment")], User = Values("User").LastOrDefault(),
        });
        file.Add(new ContainerPrivileges(input.Location)
        {
            Engine = "podman", ContainerId = name, IsPrivileged = more.Contains("--privileged", StringComparison.Ordinal), Binds = [.. Values("Volume").Where(volume => volume.StartsWith('/'))], AddedCapabilities = [.. Values("AddCapability")],
            HostNamespaces = [.. Values("Network").Contains("host") ? new[] { "network" } : [], .. more.Contains("--pid=host", StringComparison.Ordinal) || more.Contains("--pid host", StringComparison.Ordinal) ? new[] { "pid" } : []],
            RestartPolicy = "always",
        });
    }
}
