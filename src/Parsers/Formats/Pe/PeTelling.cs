using System.Collections.Frozen;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>Names of functions that say what a program is for. The hundreds of others of every program are counted and hashed, not kept.</summary>
public static class PeTelling
{
    /// <summary>Imports: other processes, hooks, credentials, downloads, services, drivers, hiding from debuggers.</summary>
    public static FrozenSet<string> Imports { get; } = FrozenSet.Create(StringComparer.Ordinal,
        "CreateRemoteThread", "CreateRemoteThreadEx", "NtCreateThreadEx", "RtlCreateUserThread", "QueueUserAPC", "NtQueueApcThread", "WriteProcessMemory", "NtWriteVirtualMemory", "VirtualAllocEx",
        "VirtualProtectEx", "NtUnmapViewOfSection", "NtMapViewOfSection", "SetThreadContext", "Wow64SetThreadContext", "ResumeThread",
        "SetWindowsHookExA", "SetWindowsHookExW", "GetAsyncKeyState", "GetKeyboardState", "RegisterRawInputDevices",
        "MiniDumpWriteDump", "CryptUnprotectData", "LsaEnumerateLogonSessions", "LsaRetrievePrivateData", "SamConnect", "SamIConnect", "CredEnumerateA", "CredEnumerateW", "LogonUserA", "LogonUserW",
        "ImpersonateLoggedOnUser", "CreateProcessWithTokenW", "CreateProcessAsUserA", "CreateProcessAsUserW", "AdjustTokenPrivileges",
        "URLDownloadToFileA", "URLDownloadToFileW", "URLDownloadToCacheFileA", "URLDownloadToCacheFileW", "InternetOpenUrlA", "InternetOpenUrlW", "WinHttpOpen", "WinExec", "ShellExecuteA", "ShellExecuteW",
        "CreateServiceA", "CreateServiceW", "StartServiceA", "StartServiceW", "ControlService", "NtLoadDriver", "ZwLoadDriver", "RegisterServiceCtrlHandlerExW", "StartServiceCtrlDispatcherA", "StartServiceCtrlDispatcherW",
        "NetUserAdd", "NetLocalGroupAddMembers", "NetShareEnum", "NetScheduleJobAdd",
        "IsDebuggerPresent", "CheckRemoteDebuggerPresent", "NtQueryInformationProcess", "NtSetInformationThread", "AmsiScanBuffer", "EtwEventWrite",
        "ZwMapViewOfSection", "MmMapIoSpace", "MmCopyMemory", "PsSetCreateProcessNotifyRoutine", "PsSetLoadImageNotifyRoutine", "ObRegisterCallbacks", "CmRegisterCallbackEx", "FltRegisterFilter", "IoAttachDeviceToDeviceStack");

    /// <summary>Exports: what services, regsvr32, logon, password filters, print, network and time providers, IIS and the shell call.</summary>
    public static FrozenSet<string> Exports { get; } = FrozenSet.Create(StringComparer.Ordinal,
        "ServiceMain", "SvchostPushServiceGlobals", "DllRegisterServer", "DllUnregisterServer", "DllInstall", "DllGetClassObject", "DllCanUnloadNow", "DllMain", "Start", "RunDLL", "Control_RunDLL", "CPlApplet",
        "SpLsaModeInitialize", "SpInitialize", "LsaApInitializePackage", "InitializeChangeNotify", "PasswordChangeNotify", "PasswordFilter", "NPLogonNotify", "NPPasswordChangeNotify", "NPGetCaps",
        "InitializePrintMonitor", "InitializePrintMonitor2", "InitializePrintProvidor", "InitHelperDll", "TimeProvOpen", "TimeProvCommand", "TimeProvClose", "RegisterModule", "HttpExtensionProc", "HttpFilterProc", "GetFilterVersion",
        "WSPStartup", "NSPStartup", "CreateProcessNotify", "ReflectiveLoader", "_ReflectiveLoader@4", "VoidFunc", "DhcpServerCalloutEntry", "DnsPluginInitialize", "WdiHandleInstance", "AmsiProvider");
}
