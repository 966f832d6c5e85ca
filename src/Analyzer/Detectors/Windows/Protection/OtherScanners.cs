using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Services of other scanners: where one is installed, Windows itself switches Defender off.</summary>
/// <remarks><b>Limitations:</b> known by the names of services; the registration with the Security Center lies in WMI and is not read.</remarks>
internal static class OtherScanners
{
    private static readonly HashSet<string> s_services = new(StringComparer.OrdinalIgnoreCase)
    {
        "AVP", "klnagent", "avast! Antivirus", "AVG Antivirus", "ekrn", "EPSecurityService", "EPProtectedService", "EPIntegrationService", "VSSERV", "McShield", "mfemms", "mfetp", "masvc", "SepMasterService", "Symantec AntiVirus",
        "ccSvcHst", "Norton Security", "NortonSecurity", "CSFalconService", "CSAgent", "SentinelAgent", "SentinelHelperService", "Sophos Endpoint Defense Service", "SAVService", "Sophos MCS Client", "hmpalertsvc", "ntrtscan", "TmCCSF",
        "tmlisten", "ds_agent", "Amsp", "CbDefense", "CbDefenseSensor", "CarbonBlack", "CylanceSvc", "cyserver", "CortexXDR", "xagt", "fsdevcon", "FSMA", "fshoster", "fsulhoster", "PSUAService", "NanoServiceMain", "WRSVC", "MBAMService", "AntiVirService",
        "Avira.ServiceHost", "QHActiveDefense", "ZhuDongFangYu", "360rp", "HipsDaemon", "QQPCRTP", "DrWebAVService", "dwengine", "V3 Service", "GDScan", "AVKService", "TotalSecurity", "ElasticEndpoint", "AliYunDun", "Aegis", "AliYunDunMonitor", "YDService", "WithSecure", "FortiClient", "FA_Scheduler", "CiscoAMP", "SentinelStaticEngine",
        // Defender for Endpoint steers Defender itself, in passive mode beside others.
        "Sense",
    };

    /// <summary>The name of one that is installed and not disabled on the host of a volume; null when there is none.</summary>
    public static string? On(EvidenceIndex evidence, string volume)
    {
        string tree = evidence.TreeOf(volume);
        return evidence.OfType<WindowsService>().FirstOrDefault(service => s_services.Contains(service.Name) && IsRunning(service) && evidence.TreeOf(service.Location.Volume) == tree)?.Name;
    }

    // Sense comes with every client and is started only where the host was enrolled.
    private static bool IsRunning(WindowsService service) => service.Name.Equals("Sense", StringComparison.OrdinalIgnoreCase) ? service.Start == 2 : service.Start is 0 or 1 or 2 or 3;

    /// <summary>The program of a scanner or of what updates it and Windows, by its name.</summary>
    public static bool IsProtection(string name) => s_programs.Contains(name);

    private static readonly HashSet<string> s_programs = new(StringComparer.OrdinalIgnoreCase)
    {
        "MsMpEng.exe", "MpCmdRun.exe", "NisSrv.exe", "MsSense.exe", "SenseIR.exe", "SenseNdr.exe", "SenseCncProxy.exe", "SenseSampleUploader.exe", "SecurityHealthService.exe", "smartscreen.exe", "MpDefenderCoreService.exe", "MpDlpService.exe",
        "avp.exe", "AvastSvc.exe", "AVGSvc.exe", "ekrn.exe", "vsserv.exe", "mcshield.exe", "masvc.exe", "ccSvcHst.exe", "CSFalconService.exe", "SentinelAgent.exe", "SentinelStaticEngine.exe", "SavService.exe", "SEDService.exe", "McsClient.exe", "ntrtscan.exe", "TmListen.exe",
        "RepMgr.exe", "CylanceSvc.exe", "cyserver.exe", "xagt.exe", "fshoster64.exe", "fshoster32.exe", "WRSA.exe", "MBAMService.exe", "mbam.exe", "avguard.exe", "ZhuDongFangYu.exe", "360sd.exe", "360tray.exe", "HipsDaemon.exe", "dwengine.exe", "elastic-endpoint.exe", "elastic-agent.exe", "filebeat.exe", "winlogbeat.exe", "wazuh-agent.exe", "Sysmon64.exe",
        "AliYunDun.exe", "AliYunDunUpdate.exe", "YDService.exe", "coreServiceShell.exe", "PSANHost.exe", "osqueryd.exe", "Velociraptor.exe", "TaniumClient.exe",
    };
}
