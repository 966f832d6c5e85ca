using System.Text.Json;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Containers: what their engines start, what they may do to the host, and what lies in their layers.</summary>
internal static class ContainerPlants
{
    private const string Id = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
    private const string Root = "/var/lib/docker/";
    private const string Upper = Root + "overlay2/upper/diff";
    private const string Lower = Root + "overlay2/base/diff";
    private const string Config = Root + "containers/" + Id + "/config.v2.json";
    private const string HostConfig = Root + "containers/" + Id + "/hostconfig.json";

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-CONTAINER", "chroot-into-the-host", Loud, tree => Docker(tree, "alpine:3.20", ["chroot", "/mnt", "sh", "-c", "echo '* * * * * root /bin/x' >> /etc/crontab"], binds: ["/:/mnt"])) { AtLeast = Severity.Critical, Rule = "host-takeover" },
        new("L-CONTAINER", "nsenter", Loud, tree => Docker(tree, "busybox", ["nsenter", "--target", "1", "--mount", "--pid", "sh"], isPrivileged: true, pid: "host")) { AtLeast = Severity.Critical, Rule = "host-takeover" },
        new("L-CONTAINER", "miner-image", Loud, tree => Docker(tree, "metal3d/xmrig:latest", ["/xmrig/xmrig"])) { Rule = "miner-image" },
        new("L-CONTAINER", "miner-arguments", Loud, tree => Docker(tree, "alpine", ["/bin/a", "-o", "203.0.113.5:3333", "--donate-level=1", "--algo", "rx/0"])),
        new("L-CONTAINER", "proxyware", Loud, tree => Docker(tree, "bitping/bitpingd:latest", ["/app/bitpingd"])),
        new("L-CONTAINER", "open-api-in-the-configuration", Quiet, tree => tree.File("/etc/docker/daemon.json", "{\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2375\"]}\n")) { Entries = ["/etc/docker/daemon.json"], Rule = "open-api" },
        new("L-CONTAINER", "open-api-in-a-drop-in", Quiet, tree => tree.Owned("docker.io", "/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n[Install]\nWantedBy=multi-user.target\n")
            .Link("/etc/systemd/system/multi-user.target.wants/docker.service", "/usr/lib/systemd/system/docker.service")
            .File("/etc/systemd/system/docker.service.d/override.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n")) { Entries = ["/etc/systemd/system/docker.service.d/override.conf"], Rule = "open-api" },
        new("L-CONTAINER", "writes-the-host", Quiet, tree => Docker(tree, "ubuntu:22.04", ["sh", "-c", "sleep infinity"], binds: ["/:/opt/data"], isPrivileged: true)) { Entries = [Config], Rule = "host-files-writable" },
        new("L-CONTAINER", "writes-the-host-stopped", Dormant, tree => Docker(tree, "ubuntu:22.04", ["sh", "-c", "sleep infinity"], binds: ["/:/opt/data"], isPrivileged: true, isRunning: false)) { TwinOf = "writes-the-host" },
        new("L-CONTAINER", "kubernetes-static-pod", Quiet, tree => tree.File("/etc/kubernetes/manifests/kube-metrics.yaml", Pod("registry.example/metrics:1", "[\"sh\", \"-c\", \"sleep infinity\"]"))) { Entries = ["/etc/kubernetes/manifests/kube-metrics.yaml"], Rule = "host-files-writable" },
        new("L-CONTAINER", "quadlet", Quiet, tree => tree.File("/etc/containers/systemd/cache.container", "[Container]\nImage=docker.io/library/alpine\nExec=sh -c 'sleep infinity'\nVolume=/:/host\nPodmanArgs=--privileged\n[Install]\nWantedBy=multi-user.target\n"))
            { Entries = ["/etc/containers/systemd/cache.container"], Rule = "host-files-writable" },
        new("L-CONTAINER", "hidden-program-in-a-layer", Quiet, tree => Docker(tree, "registry.example/worker:2", ["/usr/lib/.cache/worker"]).Program(Upper + "/usr/lib/.cache/worker")) { Entries = [Config] },
        new("L-CONTAINER", "program-by-way-of-a-script", Quiet, tree => Docker(tree, "registry.example/worker:2", ["/entry.sh"]).Script(Lower + "/entry.sh", "#!/bin/sh\nset -e\nexec /var/tmp/.w/run\n").Program(Upper + "/var/tmp/.w/run")) { Entries = [Config] },
        new("L-LDPRELOAD", "in-a-container", Quiet, tree => Docker(tree, "nginx:1.27", ["nginx", "-g", "daemon off;"]).File(Upper + "/etc/ld.so.preload", "/usr/local/lib/libcache.so\n")
            .Program(Upper + "/usr/local/lib/libcache.so", new PlantedElf { Seed = "hide", IsLibrary = true, Exports = ["readdir", "readdir64", "fopen"], Imports = ["dlsym"] })) { Entries = [Upper + "/etc/ld.so.preload"] },
        new("L-CRON-SYS", "in-a-container-with-cron", Quiet, tree => Docker(tree, "registry.example/app", ["/usr/bin/supervisord", "-n"]).File(Upper + "/etc/cron.d/app", "17 * * * * root /var/tmp/sa1 1 1\n").Program(Upper + "/var/tmp/sa1")) { Entries = [Upper + "/etc/cron.d/app"] },
        new("L-CRON-SYS", "in-a-container-without-cron", Dormant, tree => Docker(tree, "registry.example/app", ["/app/server"]).File(Upper + "/etc/cron.d/app", "17 * * * * root /var/tmp/sa1 1 1\n").Program(Upper + "/var/tmp/sa1")) { TwinOf = "in-a-container-with-cron" },
        new("L-CRON-SYS", "taken-away-by-a-whiteout", Benign, tree => Docker(tree, "registry.example/app", ["/usr/bin/supervisord", "-n"]).File(Lower + "/etc/cron.d/app", "17 * * * * root /var/tmp/sa1 1 1\n")
            .Add(new PlantedFile(Upper + "/etc/cron.d/app", Parsers.FileType.CharacterDevice))),
        new("L-CONTAINER", "monitoring-of-the-host", Benign, tree => Docker(tree, "quay.io/prometheus/node-exporter:v1.8.0", ["/bin/node_exporter", "--path.rootfs=/host"], binds: ["/:/host:ro,rslave"], pid: "host")),
        new("L-CONTAINER", "privileged-cadvisor", Benign, tree => Docker(tree, "gcr.io/cadvisor/cadvisor:v0.49.1", ["/usr/bin/cadvisor"], binds: ["/:/rootfs:ro", "/var/run:/var/run:rw", "/sys:/sys:ro"], isPrivileged: true)),
        new("L-CONTAINER", "control-plane", Benign, tree => tree.File("/etc/kubernetes/manifests/kube-apiserver.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  hostNetwork: true\n  containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.30.1\n    command: [kube-apiserver, --advertise-address=10.0.0.4]\n    volumeMounts:\n    - {mountPath: /etc/ssl/certs, name: ca-certs, readOnly: true}\n  volumes:\n  - name: ca-certs\n    hostPath: {path: /etc/ssl/certs}\n")),
        new("L-CONTAINER", "engine-with-certificates", Benign, tree => tree.File("/etc/docker/daemon.json", "{\"hosts\": [\"fd://\", \"tcp://0.0.0.0:2376\"], \"tlsverify\": true, \"tlscacert\": \"/etc/docker/ca.pem\"}\n")),
    ];

    /// <summary>A docker container of two layers with a small system in the lower one.</summary>
    private static PlantTree Docker(PlantTree tree, string image, string[] arguments, string[]? binds = null, bool isPrivileged = false, string pid = "", bool isRunning = true)
    {
        string words = string.Join(',', arguments.Skip(1).Select(word => JsonSerializer.Serialize(word)));
        return tree.File(Config, $$"""{"State":{"Running":{{(isRunning ? "true" : "false")}}},"ID":"{{Id}}","Path":{{JsonSerializer.Serialize(arguments[0])}},"Args":[{{words}}],"Config":{"User":"","Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Image":"{{image}}" },"Name":"/job","Driver":"overlay2"}""")
            .File(HostConfig, $$"""{"Binds":[{{string.Join(',', (binds ?? []).Select(bind => JsonSerializer.Serialize(bind)))}}],"Privileged":{{(isPrivileged ? "true" : "false")}},"PidMode":"{{pid}}","NetworkMode":"bridge","RestartPolicy":{"Name":"{{(isRunning ? "always" : "no")}}"} }""")
            .File(Root + "image/overlay2/layerdb/mounts/" + Id + "/mount-id", "upper").File(Root + "overlay2/upper/lower", "l/BASE").Link(Root + "overlay2/l/BASE", "../base/diff").Folder(Upper)
            .File(Lower + "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n").File(Lower + "/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n").Program(Lower + "/bin/sh", new PlantedElf { Seed = "sh", HasDebugLink = true });
    }

    private static string Pod(string image, string command) =>
        $"apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-metrics\n  namespace: kube-system\nspec:\n  hostPID: true\n  containers:\n  - name: m\n    image: {image}\n    command: {command}\n    securityContext:\n      privileged: true\n    volumeMounts:\n    - mountPath: /h\n      name: r\n  volumes:\n  - name: r\n    hostPath:\n      path: /\n";
}
