using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Static pods that kubelet starts by itself from files: <c>/etc/kubernetes/manifests</c>. Also what k3s and others deploy from disk. Specification: kubernetes.io, Pod v1.</summary>
/// <remarks><b>Limitations</b>: pods, and the pod templates of workloads; other kinds are passed over. JSON manifests are YAML.</remarks>
public sealed class KubernetesManifestParser : ArtifactParser
{
    private static readonly string[] s_containerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <inheritdoc/>
    public override string Name => "linux/kubernetes-manifest";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/kubernetes/manifests/*", "/etc/kubelet.d/*", "/var/lib/rancher/k3s/server/manifests/**", "/var/lib/rancher/rke2/agent/pod-manifests/*", "/var/lib/k0s/manifests/**"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        var file = new ArtifactFile(input, sink, "kubernetes.manifest");
        file.ReportTruncation();
        foreach (YamlNode document in YamlNode.Read(input.Content))
        {
            YamlNode[] workloads = document["kind"].Text == "List" ? [.. document["items"].Items] : [document];
            foreach (YamlNode workload in workloads)
            {
                YamlNode spec = workload["kind"].Text switch
                {
                    "Pod" => workload["spec"],
                    "CronJob" => workload["spec"]["jobTemplate"]["spec"]["template"]["spec"],
                    _ => workload["spec"]["template"]["spec"],
                };
                Pod(file, input, workload["metadata"]["name"].Text ?? input.Location.Name, spec);
            }
        }
    }

    private static void Pod(ArtifactFile file, ArtifactInput input, string pod, YamlNode spec)
    {
        Dictionary<string, string> hostPaths = [];
        foreach (YamlNode volume in spec["volumes"].Items)
        {
            if (volume["name"].Text is { } name && volume["hostPath"]["path"].Text is { } path)
            {
                hostPaths.TryAdd(name, path);
            }
        }
        string[] shared = [.. spec["hostPID"].IsTrue ? new[] { "pid" } : [], .. spec["hostNetwork"].IsTrue ? new[] { "network" } : [], .. spec["hostIPC"].IsTrue ? new[] { "ipc" } : []];
        int number = 0;
        foreach (YamlNode container in s_containerLists.SelectMany(list => spec[list].Items))
        {
            string id = pod + "/" + (container["name"].Text ?? (number++).ToString(CultureInfo.InvariantCulture));
            EvidenceLocation place = container.Line > 0 ? input.Location with { Line = container.Line } : input.Location;
            YamlNode security = container["securityContext"];
            bool goesOn = file.Add(new ContainerProcess(place)
            {
                Engine = "kubernetes", ContainerId = id, Name = id, Image = container["image"].Text, Arguments = [.. container["command"].Texts, .. container["args"].Texts],
                Environment = [.. container["env"].Items.Where(item => item["name"].Text is not null && item["value"].Text is not null).Select(item => item["name"].Text + "=" + item["value"].Text)],
            }) && file.Add(new ContainerPrivileges(place)
            {
                Engine = "kubernetes", ContainerId = id, IsPrivileged = security["privileged"].IsTrue, HostNamespaces = shared, AddedCapabilities = security["capabilities"]["add"].Texts, RestartPolicy = "always",
                Binds = [.. container["volumeMounts"].Items.Where(mount => mount["name"].Text is { } name && hostPaths.ContainsKey(name))
                    .Select(mount => hostPaths[mount["name"].Text!] + ":" + mount["mountPath"].Text + (mount["readOnly"].IsTrue ? ":ro" : ""))],
            });
            if (!goesOn)
            {
                return;
            }
        }
    }
}
