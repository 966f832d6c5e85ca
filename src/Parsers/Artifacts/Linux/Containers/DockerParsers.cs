using System.Text.Json;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>docker's description of a container, <c>containers/ID/config.v2.json</c>.</summary>
/// <remarks><b>Limitations</b>: the data directory is the usual one; another <c>data-root</c> is followed for the layers only.</remarks>
public sealed class DockerContainerParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/docker-container";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/lib/docker/containers/*/config.v2.json", "~/.local/share/docker/containers/*/config.v2.json"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (ContainerText.Parse(input, sink, "docker.container") is not { } document)
        {
            return;
        }
        using (document)
        {
            JsonElement root = document.RootElement;
            JsonElement config = root.Member("Config");
            string[] arguments = root.Member("Path").AsText() is { Length: > 0 } program ? [program, .. root.Member("Args").AsTexts()] : [.. config.Member("Entrypoint").AsTexts(), .. config.Member("Cmd").AsTexts()];
            sink.Add(new ContainerProcess(input.Location)
            {
                Engine = "docker", ContainerId = root.Member("ID").AsText() ?? ContainerText.FromEnd(input.Location.Path, 1), Name = root.Member("Name").AsText()?.TrimStart('/'), Image = config.Member("Image").AsText(),
                Arguments = arguments, Environment = config.Member("Env").AsTexts(), User = config.Member("User").AsText() is { Length: > 0 } user ? user : null,
                IsRunning = root.Member("State", "Running").ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null },
            });
        }
    }
}

/// <summary>What docker lets a container do, <c>containers/ID/hostconfig.json</c>.</summary>
public sealed class DockerHostConfigParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/docker-host-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/lib/docker/containers/*/hostconfig.json", "~/.local/share/docker/containers/*/hostconfig.json"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (ContainerText.Parse(input, sink, "docker.host-config") is not { } document)
        {
            return;
        }
        using (document)
        {
            JsonElement root = document.RootElement;
            string[] shared = [.. new[] { ("PidMode", "pid"), ("NetworkMode", "network"), ("IpcMode", "ipc"), ("UsernsMode", "user") }.Where(mode => root.Member(mode.Item1).AsText() == "host").Select(mode => mode.Item2)];
            sink.Add(new ContainerPrivileges(input.Location)
            {
                Engine = "docker", ContainerId = ContainerText.FromEnd(input.Location.Path, 1), IsPrivileged = root.Member("Privileged").IsTrue(), HostNamespaces = shared,
                Binds = [.. root.Member("Binds").AsTexts(), .. root.Member("Mounts").Items().Where(mount => mount.Member("Type").AsText() == "bind").Select(Bind)], AddedCapabilities = root.Member("CapAdd").AsTexts(),
                RestartPolicy = root.Member("RestartPolicy", "Name").AsText(),
            });
        }
    }

    private static string Bind(JsonElement mount) => $"{mount.Member("Source").AsText()}:{mount.Member("Target").AsText()}{(mount.Member("ReadOnly").IsTrue() ? ":ro" : "")}";
}

/// <summary>The configuration of docker's daemon, <c>/etc/docker/daemon.json</c>.</summary>
public sealed class DockerDaemonParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/docker-daemon";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/docker/daemon.json"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (input.Content.Length == 0 || ContainerText.Parse(input, sink, "docker.daemon") is not { } document)
        {
            return;
        }
        using (document)
        {
            if (document.RootElement.Member("hosts").AsTexts() is { Count: > 0 } addresses)
            {
                sink.Add(new ContainerApi(input.Location) { Engine = "docker", Addresses = addresses, VerifiesClients = document.RootElement.Member("tlsverify").IsTrue() });
            }
        }
    }
}
