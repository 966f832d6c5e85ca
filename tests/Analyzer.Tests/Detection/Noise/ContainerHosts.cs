namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hosts of containers: privileged monitoring containers, mounts of the whole host, set-user-id programs in layers, static programs everywhere.</summary>
internal static class ContainerHosts
{
    private static PlantedElf Go(string name) => new() { Seed = name, IsStatic = true, Strings = ["go1.22.1", "k8s.io/" + name] };

    public static void Docker(PlantTree tree)
    {
        tree.OwnedProgram("docker-ce", "/usr/bin/dockerd").Owned("docker-ce", "/usr/lib/systemd/system/docker.service", "[Unit]\nDescription=Docker Application Container Engine\n[Service]\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\n[Install]\nWantedBy=multi-user.target\n")
            .Link("/etc/systemd/system/multi-user.target.wants/docker.service", "/usr/lib/systemd/system/docker.service")
            .File("/etc/systemd/system/docker.service.d/override.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\nEnvironment=\"HTTPS_PROXY=http://proxy.example:3128\"\n")
            .File("/etc/docker/daemon.json", "{ \"log-driver\": \"json-file\", \"log-opts\": { \"max-size\": \"10m\" }, \"live-restore\": true, \"hosts\": [\"unix:///var/run/docker.sock\"] }\n")
            .Service("shop-compose", "/usr/bin/docker compose -f /srv/shop/compose.yaml up", "WorkingDirectory=/srv/shop\nExecStop=/usr/bin/docker compose -f /srv/shop/compose.yaml down\n")
            .File("/srv/shop/compose.yaml", "services:\n  web:\n    image: nginx:1.27\n    ports: ['80:80']\n");
        Container(tree, 'a', "/web", "nginx:1.27", "\"/docker-entrypoint.sh\"", "\"nginx\",\"-g\",\"daemon off;\"", "{\"Binds\":[\"/srv/shop/html:/usr/share/nginx/html:ro\"],\"Privileged\":false,\"RestartPolicy\":{\"Name\":\"always\"},\"PidMode\":\"\",\"NetworkMode\":\"bridge\"}");
        Container(tree, 'b', "/portainer", "portainer/portainer-ce:2.19.4", "\"/portainer\"", "", "{\"Binds\":[\"/var/run/docker.sock:/var/run/docker.sock\",\"portainer_data:/data\"],\"Privileged\":false,\"RestartPolicy\":{\"Name\":\"always\"},\"PidMode\":\"\"}");
        Container(tree, 'c', "/cadvisor", "gcr.io/cadvisor/cadvisor:v0.49.1", "\"/usr/bin/cadvisor\",\"-logtostderr\"", "", "{\"Binds\":[\"/:/rootfs:ro\",\"/var/run:/var/run:ro\",\"/sys:/sys:ro\",\"/var/lib/docker/:/var/lib/docker:ro\"],\"Privileged\":true,\"RestartPolicy\":{\"Name\":\"unless-stopped\"},\"PidMode\":\"\"}");
        Container(tree, 'd', "/node-exporter", "quay.io/prometheus/node-exporter:v1.8.0", "\"/bin/node_exporter\"", "\"--path.rootfs=/host\"", "{\"Binds\":[\"/:/host:ro,rslave\"],\"Privileged\":false,\"RestartPolicy\":{\"Name\":\"unless-stopped\"},\"PidMode\":\"host\",\"NetworkMode\":\"host\"}");
        Container(tree, 'e', "/watchtower", "containrrr/watchtower", "\"/watchtower\"", "\"--interval\",\"300\"", "{\"Binds\":[\"/var/run/docker.sock:/var/run/docker.sock\"],\"Privileged\":false,\"RestartPolicy\":{\"Name\":\"always\"},\"PidMode\":\"\"}");
        Container(tree, 'f', "/dd-agent", "gcr.io/datadoghq/agent:7", "\"/bin/entrypoint.sh\"", "", "{\"Binds\":[\"/var/run/docker.sock:/var/run/docker.sock:ro\",\"/proc/:/host/proc/:ro\",\"/sys/fs/cgroup/:/host/sys/fs/cgroup:ro\"],\"Privileged\":false,\"CapAdd\":[\"SYS_PTRACE\"],\"RestartPolicy\":{\"Name\":\"always\"},\"PidMode\":\"host\"}");
        foreach (char layer in "0123")
        {
            string root = "/var/lib/docker/overlay2/" + new string(layer, 64);
            tree.File(root + "/link", "LINK" + layer + "\n").File(root + "/lower", layer == '0' ? "" : "l/LINK0");
            foreach (string name in (string[])["su", "mount", "passwd", "newgrp"])
            {
                tree.Program($"{root}/diff/usr/bin/{name}", new PlantedElf { Seed = name, HasDebugLink = true }).Change($"{root}/diff/usr/bin/{name}", file => file with { Mode = 0b100_111_101_101 });
            }
            tree.File(root + "/diff/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnginx:x:101:101::/nonexistent:/bin/false\n").File(root + "/diff/etc/shadow", "root:*:19800:0:99999:7:::\n", 0b110_100_000, group: 42)
                .File(root + "/diff/etc/cron.daily/apt-compat", "#!/bin/sh\nset -e\nexec /usr/lib/apt/apt.systemd.daily\n", 0b111_101_101).Script(root + "/diff/docker-entrypoint.sh", "#!/bin/sh\nset -e\nexec \"$@\"\n")
                .Program(root + "/diff/tmp/go-build123/a.out", new PlantedElf { Seed = "go-build", IsStatic = true });
        }
    }

    private static void Container(PlantTree tree, char letter, string name, string image, string entrypoint, string command, string host)
    {
        string id = new(letter, 64);
        tree.File($"/var/lib/docker/containers/{id}/config.v2.json",
            $$"""{"StreamConfig":{},"State":{"Running":true,"Paused":false,"Restarting":false,"OOMKilled":false,"Dead":false,"Pid":4242,"ExitCode":0,"StartedAt":"2026-05-01T10:00:00Z"},"ID":"{{id}}","Created":"2026-04-01T10:00:00Z","Path":{{(entrypoint.Length > 0 ? entrypoint.Split(',')[0] : "\"sh\"")}},"Args":[{{command}}],"Config":{"Hostname":"{{id[..12]}}","User":"","Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":[{{command}}],"Image":"{{image}}","Entrypoint":[{{entrypoint}}]},"Image":"sha256:{{id}}","Name":"{{name}}","Driver":"overlay2"}""")
            .File($"/var/lib/docker/containers/{id}/hostconfig.json", host);
    }

    public static void Kubernetes(PlantTree tree)
    {
        tree.OwnedProgram("kubelet", "/usr/bin/kubelet").Owned("kubelet", "/usr/lib/systemd/system/kubelet.service", "[Unit]\nDescription=kubelet: The Kubernetes Node Agent\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n[Install]\nWantedBy=multi-user.target\n")
            .Link("/etc/systemd/system/multi-user.target.wants/kubelet.service", "/usr/lib/systemd/system/kubelet.service")
            .File("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf", "[Service]\nEnvironment=\"KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf\"\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/kubelet\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_KUBEADM_ARGS\n")
            .Service("k3s", "/usr/local/bin/k3s server", "Type=notify\nEnvironmentFile=-/etc/systemd/system/k3s.service.env\nExecStartPre=-/sbin/modprobe br_netfilter\nExecStartPre=-/sbin/modprobe overlay\nKillMode=process\n").Program("/usr/local/bin/k3s", Go("k3s"))
            .Program("/opt/cni/bin/bridge", Go("bridge")).Program("/opt/cni/bin/flannel", Go("flannel")).Program("/usr/local/bin/crictl", Go("crictl")).Program("/usr/local/bin/kubectl", Go("kubectl"))
            .File("/etc/modules-load.d/k8s.conf", "overlay\nbr_netfilter\n").File("/etc/sysctl.d/k8s.conf", "net.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\nvm.overcommit_memory=1\nkernel.panic=10\n")
            .File("/etc/kubernetes/manifests/kube-proxy.yaml", """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: kube-proxy
                  namespace: kube-system
                spec:
                  hostNetwork: true
                  containers:
                  - name: kube-proxy
                    image: registry.k8s.io/kube-proxy:v1.30.1
                    command: ["/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"]
                    securityContext:
                      privileged: true
                    volumeMounts:
                    - mountPath: /lib/modules
                      name: lib-modules
                      readOnly: true
                  volumes:
                  - name: lib-modules
                    hostPath:
                      path: /lib/modules

                """)
            .Script("/etc/cron.daily/image-prune", "#!/bin/sh\ncrictl rmi --prune >/dev/null 2>&1 || true\n").File("/etc/fstab", "LABEL=root / ext4 rw 0 1\n#/swapfile none swap sw 0 0\n")
            .Crontab("root", "@reboot swapoff -a; setenforce 0 2>/dev/null; modprobe br_netfilter\n");
    }
}
