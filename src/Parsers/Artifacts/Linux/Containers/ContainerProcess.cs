namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a container starts, as its engine, orchestrator or service manager says. All text as stored in the file, decoded.</summary>
public sealed record ContainerProcess(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "container-process";
    /// <summary><c>docker</c>, <c>podman</c>, <c>containerd</c>, <c>kubernetes</c>, <c>lxc</c>.</summary>
    public required string Engine { get; init; }
    /// <summary>Identifier of the container within its engine; of a pod's container, pod and name.</summary>
    public required string ContainerId { get; init; }
    /// <summary>Name people use; null when the file does not say.</summary>
    public string? Name { get; init; }
    /// <summary>Image it is made from; null when the file does not say.</summary>
    public string? Image { get; init; }
    /// <summary>Program and arguments; empty when the image decides.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary><c>NAME=value</c> settings.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
    /// <summary>Account in the container; null when the image decides.</summary>
    public string? User { get; init; }
    /// <summary>Whether it ran when the file was written; null when the file does not say.</summary>
    public bool? IsRunning { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Arguments.Count == 0 ? [] : [new StartCommand(ContainerText.Join(Arguments))
    {
        Trigger = Engine + " container", User = User, Environment = Environment, WorkingDirectory = "/",
        DormantBecause = IsRunning == false ? "the container is stopped" : null,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("engine", Engine);
        fields.Text("containerId", ContainerId);
        fields.Text("name", Name);
        fields.Text("image", Image);
        fields.List("arguments", Arguments);
        fields.List("environment", Environment);
        fields.Text("user", User);
        fields.Flag("isRunning", IsRunning);
    }
}

/// <summary>What a container may do to its host.</summary>
public sealed record ContainerPrivileges(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "container-privileges";
    /// <summary>As in <see cref="ContainerProcess.Engine"/>.</summary>
    public required string Engine { get; init; }
    /// <summary>As in <see cref="ContainerProcess.ContainerId"/>.</summary>
    public required string ContainerId { get; init; }
    /// <summary>Runs without the walls of a container.</summary>
    public bool IsPrivileged { get; init; }
    /// <summary>Namespaces of the host that it shares: <c>pid</c>, <c>network</c>, <c>ipc</c>, <c>user</c>.</summary>
    public IReadOnlyList<string> HostNamespaces { get; init; } = [];
    /// <summary>Directories and files of the host: <c>/host/path:/container/path[:options]</c>.</summary>
    public IReadOnlyList<string> Binds { get; init; } = [];
    /// <summary>Capabilities beyond the usual ones, <c>SYS_ADMIN</c>.</summary>
    public IReadOnlyList<string> AddedCapabilities { get; init; } = [];
    /// <summary>When it is started again: <c>no</c>, <c>always</c>, <c>unless-stopped</c>, <c>on-failure</c>; null when the file does not say.</summary>
    public string? RestartPolicy { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("engine", Engine);
        fields.Text("containerId", ContainerId);
        fields.Flag("isPrivileged", IsPrivileged);
        fields.List("hostNamespaces", HostNamespaces);
        fields.List("binds", Binds);
        fields.List("addedCapabilities", AddedCapabilities);
        fields.Text("restartPolicy", RestartPolicy);
    }
}

/// <summary>Where a container engine listens for orders.</summary>
public sealed record ContainerApi(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "container-api";
    /// <summary>As in <see cref="ContainerProcess.Engine"/>.</summary>
    public required string Engine { get; init; }
    /// <summary>Addresses: <c>tcp://0.0.0.0:2375</c>, <c>unix:///run/docker.sock</c>.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    /// <summary>Clients must show a certificate.</summary>
    public bool VerifiesClients { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text("engine", Engine);
        fields.List("addresses", Addresses);
        fields.Flag("verifiesClients", VerifiesClients);
    }
}
