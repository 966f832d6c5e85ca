namespace Forensics.Analyzer.Detectors;

/// <summary>Servers that bring updates and protection to Linux and Windows: who blocks them wants the host to stay as it is.</summary>
internal static class ProtectionHosts
{
    private static readonly string[] s_hosts =
    [
        "security.ubuntu.com", "archive.ubuntu.com", "changelogs.ubuntu.com", "esm.ubuntu.com", "mirrors.aliyun.com", "mirrorlist.centos.org", "vault.centos.org",
        "cdn.redhat.com", "subscription.rhsm.redhat.com", "mirrors.rockylinux.org", "mirrors.almalinux.org", "repo.almalinux.org", "dl-cdn.alpinelinux.org", "amazonlinux.default.amazonaws.com",
        "update.aegis.aliyun.com", "update2.aegis.aliyun.com", "update3.aegis.aliyun.com", "aegis.alicdn.com", "jsrv.aegis.aliyun.com", "jsrv2.aegis.aliyun.com", "jsrv3.aegis.aliyun.com", "aliyun.one",
        "database.clamav.net", "current.cvd.clamav.net", "virustotal.com", "www.virustotal.com", "rules.emergingthreats.net", "api.crowdsec.net", "cloud.wazuh.com", "monitor.uu.qcloud.com", "yd.tencentyun.com", "u.yd.tencentyun.com",
        "update.microsoft.com", "windowsupdate.com", "windowsupdate.microsoft.com", "download.windowsupdate.com", "download.microsoft.com", "go.microsoft.com", "definitionupdates.microsoft.com", "smartscreen.microsoft.com", "security.microsoft.com", "wdcp.microsoft.com", "wdcpalt.microsoft.com", "unitedstates.x.cp.wd.microsoft.com",
        "avast.com", "www.avast.com", "www.avg.com", "www.kaspersky.com", "www.mcafee.com", "www.malwarebytes.com", "data-cdn.mbamupdates.com", "liveupdate.symantec.com", "liveupdate.symantecliveupdate.com", "www.360.cn", "www.eset.com", "www.bitdefender.com", "www.sophos.com", "www.drweb.com", "free.drweb.com", "www.trendmicro.com", "www.f-secure.com",
    ];

    private static readonly string[] s_domains = [".debian.org", ".aegis.aliyun.com", ".aegis.aliyuncs.com", ".clamav.net", ".crowdstrike.com", ".sentinelone.net", ".yd.tencentyun.com", ".sophos.com", ".kaspersky.com", ".eset.com", ".bitdefender.net", ".bitdefender.com", ".update.microsoft.com", ".windowsupdate.com", ".delivery.mp.microsoft.com", ".wd.microsoft.com", ".wdcp.microsoft.com", ".endpoint.security.microsoft.com", ".avast.com", ".avcdn.net", ".avira-update.com", ".mcafee.com", ".mbamupdates.com", ".symantecliveupdate.com", ".drweb.com", ".f-secure.com"];

    /// <summary>Whether a host name, in lower case, is one of them.</summary>
    public static bool Contains(string host) => Array.IndexOf(s_hosts, host) >= 0 || Array.Exists(s_domains, domain => host.EndsWith(domain, StringComparison.Ordinal));
}
