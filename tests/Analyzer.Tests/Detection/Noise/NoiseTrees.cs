namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hosts full of what looks bad to a careless rule and is everyday life. All text is our own, after what such software really installs.</summary>
internal static class NoiseTrees
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        Noise("control-panels", ControlPanels.Fill),
        Noise("control-panel-on-red-hat", ControlPanels.Fill) with { Host = PlantHost.RedHat },
        Noise("ci-runners", BuildHosts.Runners),
        Noise("developer-homes", BuildHosts.DeveloperHomes),
        Noise("certificates", ServerHosts.Certificates),
        Noise("cloud-agents", CloudAgents.Fill),
        Noise("cloud-agents-on-red-hat", CloudAgents.Fill) with { Host = PlantHost.RedHat },
        Noise("docker-host", ContainerHosts.Docker),
        Noise("kubernetes-node", ContainerHosts.Kubernetes),
        Noise("php-applications", ServerHosts.PhpApplications),
        Noise("database-host", ServerHosts.Databases),
        Noise("backup-host", ServerHosts.Backups),
        Noise("hardened-host", ServerHosts.Hardened),
        Noise("block-lists", SecurityHosts.BlockLists),
        Noise("vaccine-files", SecurityHosts.Vaccines),
        Noise("incident-response", SecurityHosts.IncidentResponse),
        Noise("alpine-server", ServerHosts.Alpine) with { Host = PlantHost.Alpine },
    ];

    private static Plant Noise(string name, Action<PlantTree> fill) => new("NOISE", name, PlantKind.Benign, fill);
}
