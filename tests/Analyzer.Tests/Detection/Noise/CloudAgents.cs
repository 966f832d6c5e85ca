namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Agents of clouds and monitoring services: some from packages, many put into place by an installation script, some with start scripts that kill and restart.</summary>
internal static class CloudAgents
{
    public static void Fill(PlantTree tree)
    {
        Alibaba(tree);
        Tencent(tree);
        Western(tree);
        Monitoring(tree);
    }

    private static PlantedElf Go(string name) => new() { Seed = name, IsStatic = true, Strings = ["go1.21.6", "github.com/example/" + name] };

    private static void Alibaba(PlantTree tree)
    {
        tree.Service("aliyun", "/usr/local/share/aliyun-assist/2.2.3.612/aliyun-service", "Type=simple\nRestart=always\n").Program("/usr/local/share/aliyun-assist/2.2.3.612/aliyun-service", Go("aliyun-service"))
            .Service("AssistDaemon", "/usr/local/share/assist-daemon/assist_daemon").Program("/usr/local/share/assist-daemon/assist_daemon", Go("assist-daemon"))
            .Service("cloudmonitor", "/usr/local/cloudmonitor/bin/argusagent -d").Program("/usr/local/cloudmonitor/bin/argusagent")
            .Script("/etc/init.d/aegis", """
                #!/bin/sh
                ### BEGIN INIT INFO
                # Provides:          aegis
                # Required-Start:    $remote_fs $network
                # Default-Start:     2 3 4 5
                # Short-Description: aegis update client
                ### END INIT INFO
                AEGIS_INSTALL_DIR="/usr/local/aegis"
                start(){
                    echo "Starting Aegis"
                    ${AEGIS_INSTALL_DIR}/aegis_update/AliYunDunUpdate > /dev/null 2>&1 &
                    ${AEGIS_INSTALL_DIR}/aegis_client/aegis_12_37/AliYunDun > /dev/null 2>&1 &
                }
                stop(){
                    killall -9 AliYunDun >/dev/null 2>&1
                    killall -9 AliYunDunUpdate >/dev/null 2>&1
                }
                uninstall(){
                    stop
                    rm -rf /usr/local/aegis/aegis_client
                }
                case "$1" in
                    start) start ;;
                    stop) stop ;;
                    uninstall) uninstall ;;
                esac

                """).Link("/etc/rc3.d/S80aegis", "../init.d/aegis").Program("/usr/local/aegis/aegis_update/AliYunDunUpdate").Program("/usr/local/aegis/aegis_client/aegis_12_37/AliYunDun");
    }

    private static void Tencent(PlantTree tree)
    {
        tree.File("/etc/cron.d/sgagenttask", "*/1 * * * * root /usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &\n")
            .Script("/usr/local/qcloud/stargate/admin/start.sh", "#!/bin/bash\ncd `dirname $0`\n. ./readini.sh\nagent_name=sgagent64\npidnum=`ps ax | grep $agent_name | grep -v grep | wc -l`\nif [ $pidnum -eq 0 ]; then\n  nohup ../bin/sgagent -d >/dev/null 2>&1 &\nfi\n")
            .File("/usr/local/qcloud/stargate/admin/readini.sh", "readini() { awk -F= '/'$1'/{print $2}' $2; }\n").Program("/usr/local/qcloud/stargate/bin/sgagent")
            .File("/etc/cron.d/yunjing", "*/30 * * * * root /usr/local/qcloud/YunJing/YDCrontab.sh > /dev/null 2>&1\n").Script("/usr/local/qcloud/YunJing/YDCrontab.sh", "#!/bin/sh\nif ! pidof YDService >/dev/null; then /usr/local/qcloud/YunJing/startYD.sh; fi\n")
            .Script("/usr/local/qcloud/YunJing/startYD.sh", "#!/bin/sh\n/usr/local/qcloud/YunJing/YDEyes/YDService &\n").Program("/usr/local/qcloud/YunJing/YDEyes/YDService")
            .Service("tat_agent", "/usr/local/qcloud/tat_agent/tat_agent").Program("/usr/local/qcloud/tat_agent/tat_agent", Go("tat_agent"))
            .Service("hostguard", "/usr/local/hostguard/bin/hostguard").Program("/usr/local/hostguard/bin/hostguard").Service("uniagentd", "/usr/local/uniagentd/bin/uniagentd").Program("/usr/local/uniagentd/bin/uniagentd", Go("uniagentd"));
    }

    private static void Western(PlantTree tree)
    {
        tree.OwnedProgram("amazon-ssm-agent", "/usr/bin/amazon-ssm-agent").Owned("amazon-ssm-agent", "/usr/lib/systemd/system/amazon-ssm-agent.service", "[Unit]\nDescription=amazon-ssm-agent\n[Service]\nExecStart=/usr/bin/amazon-ssm-agent\n[Install]\nWantedBy=multi-user.target\n")
            .Link("/etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service", "/usr/lib/systemd/system/amazon-ssm-agent.service")
            .Service("amazon-cloudwatch-agent", "/opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent").Program("/opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent", Go("cwagent"))
            .File("/etc/ssh/sshd_config.d/60-ec2.conf", "AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f\nAuthorizedKeysCommandUser ec2-instance-connect\n").Script("/opt/aws/bin/eic_run_authorized_keys", "#!/bin/sh\nset -e\n/usr/bin/timeout 5s /opt/aws/bin/eic_curl_authorized_keys \"$@\"\n")
            .Script("/opt/aws/bin/eic_curl_authorized_keys", "#!/bin/sh\nTOKEN=$(curl -s -f -m 1 -X PUT -H \"X-aws-ec2-metadata-token-ttl-seconds: 5\" http://169.254.169.254/latest/api/token/)\ncurl -s -f -m 1 -H \"X-aws-ec2-metadata-token: ${TOKEN}\" http://169.254.169.254/latest/meta-data/managed-ssh-keys/active-keys/${1}/\n")
            .Owned("walinuxagent", "/usr/sbin/waagent", "#!/usr/bin/python3\nimport azurelinuxagent.agent as agent\nagent.main()\n", 0b111_101_101).Service("walinuxagent", "/usr/bin/python3 -u /usr/sbin/waagent -daemon", "Restart=always\nSlice=azure.slice\n")
            .File("/etc/cron.d/omsagent", "#OMSConsistencyInvoker\n*/15 * * * * root /opt/omi/bin/OMSConsistencyInvoker >/dev/null 2>&1\n").Program("/opt/omi/bin/OMSConsistencyInvoker")
            .File("/etc/sudoers.d/waagent", "azureuser ALL=(ALL) NOPASSWD: ALL\n", 0b100_100_000).File("/etc/sudoers.d/90-cloud-init-users", "# Created by cloud-init\nubuntu ALL=(ALL) NOPASSWD:ALL\n", 0b100_100_000)
            .OwnedProgram("google-guest-agent", "/usr/bin/google_guest_agent").Service("google-cloud-ops-agent", "/opt/google-cloud-ops-agent/libexec/google_cloud_ops_agent_engine -in /etc/google-cloud-ops-agent/config.yaml").Program("/opt/google-cloud-ops-agent/libexec/google_cloud_ops_agent_engine", Go("ops"))
            .Service("do-agent", "/opt/digitalocean/bin/do-agent --syslog", "User=nobody\nRestart=always\n").Program("/opt/digitalocean/bin/do-agent", Go("do-agent"));
    }

    private static void Monitoring(PlantTree tree)
    {
        tree.Service("datadog-agent", "/opt/datadog-agent/bin/agent/agent run -p /opt/datadog-agent/run/agent.pid", "User=nobody\nEnvironmentFile=-/etc/datadog-agent/environment\n").Program("/opt/datadog-agent/bin/agent/agent", Go("datadog"))
            .Service("node_exporter", "/usr/local/bin/node_exporter --collector.systemd", "User=nobody\n").Program("/usr/local/bin/node_exporter", Go("node_exporter"))
            .Service("promtail", "/usr/local/bin/promtail -config.file=/etc/promtail.yaml").Program("/usr/local/bin/promtail", Go("promtail"))
            .Service("netdata", "/opt/netdata/usr/sbin/netdata -P /run/netdata/netdata.pid -D").Program("/opt/netdata/usr/sbin/netdata")
            .Service("newrelic-infra", "/opt/newrelic/newrelic-infra-service").Program("/opt/newrelic/newrelic-infra-service", Go("newrelic"))
            .Service("zabbix-agent2", "/usr/local/sbin/zabbix_agent2 -c /usr/local/etc/zabbix_agent2.conf").Program("/usr/local/sbin/zabbix_agent2", Go("zabbix"))
            .Service("oneagent", "/opt/dynatrace/oneagent/agent/lib64/oneagentwatchdog -bg -config=/opt/dynatrace/oneagent/agent/conf/watchdog.conf").Program("/opt/dynatrace/oneagent/agent/lib64/oneagentwatchdog")
            .File("/etc/cron.d/collect", "*/5 * * * * root /usr/local/bin/collect.sh | curl -s --data-binary @- http://10.0.0.5:9091/metrics/job/cron >/dev/null 2>&1\n* * * * * root timeout 5 bash -c '</dev/tcp/127.0.0.1/5432' || logger -t pgcheck down\n")
            .Script("/usr/local/bin/collect.sh", "#!/bin/sh\nps aux | awk '{s+=$3} END {print \"cpu_total \" s}'\nss -tn state established | wc -l\nif ! pgrep -x nginx >/dev/null; then systemctl restart nginx; fi\n")
            .File("/etc/sudoers.d/zabbix", "zabbix ALL=(root) NOPASSWD: /usr/bin/fail2ban-client status\n", 0b100_100_000);
    }
}
