using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>What docker, podman, containerd and kubelet write about containers.</summary>
public sealed class ContainerParserTests
{
    private const string Folder = "/var/lib/docker/containers/4c01db0b339c/";

    [Fact]
    public void A_docker_container()
    {
        ArtifactList found = ArtifactRun.Parse(new DockerContainerParser(), Folder + "config.v2.json", """
            {"State":{"Running":true,"Pid":1},"ID":"4c01db0b339c","Path":"/docker-entrypoint.sh","Args":["nginx","-g","daemon off;"],
             "Config":{"User":"nginx","Env":["A=1","PATH=/bin"],"Cmd":["nginx"],"Image":"nginx:1.27","Entrypoint":["/docker-entrypoint.sh"]},"Name":"/web"}
            """);
        ContainerProcess process = Assert.Single(found.Of<ContainerProcess>());
        Assert.Equal(("docker", "4c01db0b339c", "web", "nginx:1.27", "nginx", true), (process.Engine, process.ContainerId, process.Name, process.Image, process.User, process.IsRunning));
        Assert.Equal("/docker-entrypoint.sh nginx -g 'daemon off;'", Assert.Single(process.Commands).Text);
        Assert.Null(process.Commands[0].DormantBecause);
    }

    [Fact]
    public void A_stopped_container_starts_nothing_at_present()
    {
        ArtifactList found = ArtifactRun.Parse(new DockerContainerParser(), Folder + "config.v2.json", """{"State":{"Running":false},"ID":"1","Path":"/a","Args":[],"Config":{}}""");
        Assert.Equal("the container is stopped", Assert.Single(found.Of<ContainerProcess>()).Commands[0].DormantBecause);
    }

    [Fact]
    public void What_docker_lets_a_container_do()
    {
        ContainerPrivileges found = Assert.Single(ArtifactRun.Parse(new DockerHostConfigParser(), Folder + "hostconfig.json", """
            {"Binds":["/:/mnt","/etc:/e:ro"],"Privileged":true,"PidMode":"host","NetworkMode":"bridge","CapAdd":["SYS_ADMIN"],"RestartPolicy":{"Name":"unless-stopped"},
             "Mounts":[{"Type":"bind","Source":"/root","Target":"/r","ReadOnly":true},{"Type":"volume","Source":"v","Target":"/v"}]}
            """).Of<ContainerPrivileges>());
        Assert.Equal(["/:/mnt", "/etc:/e:ro", "/root:/r:ro"], found.Binds);
        Assert.Equal(["pid"], found.HostNamespaces);
        Assert.Equal((true, "unless-stopped", "4c01db0b339c"), (found.IsPrivileged, found.RestartPolicy, found.ContainerId));
    }

    [Theory]
    [InlineData("""{"hosts":["tcp://0.0.0.0:2375"]}""", 1)]
    [InlineData("""{"hosts":"fd://"}""", 1)]
    [InlineData("""{"log-driver":"json-file"}""", 0)]
    [InlineData("", 0)]
    public void The_daemon_of_docker(string text, int count) => Assert.Equal(count, ArtifactRun.Parse(new DockerDaemonParser(), "/etc/docker/daemon.json", text).Of<ContainerApi>().Count);

    [Fact]
    public void A_bundle_of_podman()
    {
        ArtifactList found = ArtifactRun.Parse(new OciSpecParser(), "/var/lib/containers/storage/overlay-containers/abc/userdata/config.json", """
            {"process":{"args":["sh","-c","sleep 1"],"env":["A=b"],"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_ADMIN"]}},"hostname":"box",
             "mounts":[{"destination":"/host","type":"bind","source":"/","options":["rbind","ro"]},{"destination":"/proc","type":"proc","source":"proc"}],
             "linux":{"namespaces":[{"type":"mount"},{"type":"network"},{"type":"ipc"}],"maskedPaths":["/proc/kcore"]}}
            """);
        Assert.Equal(("podman", "abc", "box"), found.Of<ContainerProcess>()[0] is var process ? (process.Engine, process.ContainerId, process.Name) : default);
        ContainerPrivileges power = Assert.Single(found.Of<ContainerPrivileges>());
        Assert.Equal(["pid"], power.HostNamespaces);
        Assert.Equal(["SYS_ADMIN"], power.AddedCapabilities);
        Assert.Equal(["/:/host:ro"], power.Binds);
        Assert.False(power.IsPrivileged);
    }

    [Fact]
    public void A_static_pod()
    {
        ArtifactList found = ArtifactRun.Parse(new KubernetesManifestParser(), "/etc/kubernetes/manifests/x.yaml", """
            # comment
            apiVersion: v1
            kind: Pod
            metadata: {name: agent}
            spec:
              hostPID: true
              initContainers:
              - {name: prepare, image: busybox, command: [sh, -c, "true"]}
              containers:
              - name: main
                image: "registry.example/a:1"
                args: ["--one", two]
                env: [{name: A, value: "1"}]
                securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}
                volumeMounts: [{name: root, mountPath: /host}, {name: other, mountPath: /o}]
              volumes:
              - {name: root, hostPath: {path: /}}
              - {name: other, emptyDir: {}}
            ---
            kind: Service
            metadata: {name: nothing}
            """);
        Assert.Equal(["agent/prepare", "agent/main"], found.Of<ContainerProcess>().Select(process => process.ContainerId));
        ContainerProcess main = found.Of<ContainerProcess>()[1];
        Assert.Equal(("registry.example/a:1", "--one two", 10), (main.Image, main.Commands[0].Text, main.Location.Line));
        ContainerPrivileges power = found.Of<ContainerPrivileges>()[1];
        Assert.True(power.IsPrivileged);
        Assert.Equal(["/:/host"], power.Binds);
        Assert.Equal(["pid"], power.HostNamespaces);
    }

    [Fact]
    public void Aliases_of_a_manifest_are_not_expanded()
    {
        var bomb = new StringBuilder("kind: Pod\na: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char letter = 'b'; letter <= 'z'; letter++)
        {
            bomb.Append(letter).Append(": &").Append(letter).Append(" [").AppendJoin(", ", Enumerable.Repeat("*" + (char)(letter - 1), 9)).Append("]\n");
        }
        Assert.Empty(ArtifactRun.Parse(new KubernetesManifestParser(), "/etc/kubernetes/manifests/x.yaml", bomb.ToString()).Artifacts);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[[[[")]
    public void Depth_ends_in_an_error_and_not_in_the_stack(string opening)
    {
        string deep = string.Concat(Enumerable.Repeat(opening, 100_000));
        Assert.ThrowsAny<ForensicException>(() => ArtifactRun.Parse(new KubernetesManifestParser(), "/etc/kubernetes/manifests/x.yaml", deep));
        ArtifactList found = ArtifactRun.Parse(new DockerContainerParser(), Folder + "config.v2.json", deep);
        Assert.Empty(found.Artifacts);
        Assert.True(Assert.Single(found.Diagnostics).LosesContent);
    }

    [Fact]
    public void A_quadlet()
    {
        ArtifactList found = ArtifactRun.Parse(new QuadletParser(), "/etc/containers/systemd/cache.container",
            "[Unit]\nDescription=x\n[Container]\n# c\nImage=docker.io/library/redis\nExec=redis-server --save 60\nVolume=/srv:/data:ro\nVolume=named.volume:/d\nNetwork=host\nPodmanArgs=--privileged --pid=host\n[Install]\nWantedBy=multi-user.target\n");
        ContainerProcess process = Assert.Single(found.Of<ContainerProcess>());
        Assert.Equal(("cache", "docker.io/library/redis", "redis-server --save 60"), (process.Name, process.Image, process.Commands[0].Text));
        ContainerPrivileges power = Assert.Single(found.Of<ContainerPrivileges>());
        Assert.Equal((true, "/srv:/data:ro", "network pid"), (power.IsPrivileged, Assert.Single(power.Binds), string.Join(' ', power.HostNamespaces)));
    }

    [Fact]
    public void Garbage_is_survived()
    {
        foreach (ArtifactParser parser in new ArtifactParser[] { new DockerContainerParser(), new DockerHostConfigParser(), new DockerDaemonParser(), new OciSpecParser(), new QuadletParser() })
        {
            ArtifactRun.SurvivesGarbage(parser, Folder + "x.container", "{\"Config\":{\"Image\":[1]},\"Args\":{},\"State\":\"x\"}", "[Container]\nImage=\n");
        }
    }
}
