namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>What a log or a history says has happened.</summary>
public enum LogEventKind
{
    /// <summary>Somebody logged in.</summary>
    Login,
    /// <summary>A login was refused.</summary>
    LoginFailed,
    /// <summary>A session of an account began (PAM, logind, utmp).</summary>
    SessionOpened,
    /// <summary>A session ended.</summary>
    SessionClosed,
    /// <summary>A command was run, or refused, as another account: sudo, su, doas, pkexec.</summary>
    PrivilegedCommand,
    /// <summary>An account was made.</summary>
    AccountCreated,
    /// <summary>An account was removed.</summary>
    AccountDeleted,
    /// <summary>An account was changed: uid, shell, home, lock, expiry.</summary>
    AccountChanged,
    /// <summary>A group was made, removed, or its members changed.</summary>
    GroupChanged,
    /// <summary>A password was changed.</summary>
    PasswordChanged,
    /// <summary>Cron or anacron ran a job.</summary>
    CronRun,
    /// <summary>A table of cron was edited, replaced, deleted or read again.</summary>
    CronTableChanged,
    /// <summary>A service was started.</summary>
    ServiceStarted,
    /// <summary>A service was stopped.</summary>
    ServiceStopped,
    /// <summary>A service failed.</summary>
    ServiceFailed,
    /// <summary>A package was installed.</summary>
    PackageInstalled,
    /// <summary>A package was replaced by another version.</summary>
    PackageUpgraded,
    /// <summary>A package was removed.</summary>
    PackageRemoved,
    /// <summary>A package manager was called.</summary>
    PackageCommand,
    /// <summary>An alternative (a link that chooses between programs) was set.</summary>
    AlternativeChanged,
    /// <summary>The host was started.</summary>
    Boot,
    /// <summary>The host was shut down or restarted.</summary>
    Shutdown,
    /// <summary>A kernel module was loaded, or the kernel was tainted by one.</summary>
    KernelModule,
    /// <summary>The kernel reports a crash of a program, a process killed for memory, or an interface in promiscuous mode.</summary>
    KernelNotice,
    /// <summary>A source says nothing for much longer than usual, or the logger dropped messages.</summary>
    LogGap,
    /// <summary>Times go backwards within a source, or the clock was set.</summary>
    ClockChanged,
    /// <summary>Records of a log are overwritten by zeros, or a log is empty beside its older part.</summary>
    LogWiped,
    /// <summary>The logger or the audit system was started, stopped or configured.</summary>
    LoggerChanged,
    /// <summary>A program was executed (audit).</summary>
    Execution,
    /// <summary>A watched action of the audit rules other than an execution.</summary>
    AuditedAction,
    /// <summary>Something cloud-init ran or was given.</summary>
    CloudInit,
    /// <summary>A command in the history of a shell or of another program.</summary>
    HistoryCommand,
    /// <summary>A file or host that a program remembers: viminfo, less, wget.</summary>
    HistoryReference,
    /// <summary>Requests of one kind to one path of a web server.</summary>
    WebRequest,
    /// <summary>Name and password of another account were given to run something or to reach another host (Windows).</summary>
    CredentialsUsed,
    /// <summary>A name and its password, or a ticket, were checked (NTLM, Kerberos).</summary>
    CredentialsChecked,
    /// <summary>A session got rights of an administrator (Windows).</summary>
    PrivilegesAssigned,
    /// <summary>A connection to the remote desktop, before anybody has logged in.</summary>
    RemoteConnection,
    /// <summary>A service was installed (Windows).</summary>
    ServiceInstalled,
    /// <summary>How a service starts was changed (Windows).</summary>
    ServiceChanged,
    /// <summary>A scheduled task was made (Windows).</summary>
    TaskCreated,
    /// <summary>A scheduled task was changed, enabled or disabled (Windows).</summary>
    TaskChanged,
    /// <summary>A scheduled task was removed (Windows).</summary>
    TaskDeleted,
    /// <summary>A scheduled task ran its action (Windows).</summary>
    TaskRun,
    /// <summary>A log was cleared: the log's own statement.</summary>
    LogCleared,
    /// <summary>What is logged was changed (Windows).</summary>
    AuditPolicyChanged,
    /// <summary>A rule or a setting of the firewall was changed.</summary>
    FirewallChanged,
    /// <summary>A script interpreter ran this text (PowerShell script block), or a command of it.</summary>
    ScriptRun,
    /// <summary>The same, of a script that the interpreter itself found suspicious.</summary>
    ScriptWarned,
    /// <summary>A script interpreter was started or ended (PowerShell engine).</summary>
    ScriptHost,
    /// <summary>The virus scanner found something, or did something about it.</summary>
    MalwareFound,
    /// <summary>The virus scanner was switched off or configured.</summary>
    ProtectionChanged,
    /// <summary>Something was registered to be run on events (WMI).</summary>
    WmiSubscription,
    /// <summary>A provider of WMI was loaded, or a call failed.</summary>
    WmiActivity,
    /// <summary>A transfer in the background was made, begun or ended (BITS).</summary>
    TransferJob,
    /// <summary>A program connected to another host (Sysmon).</summary>
    NetworkConnection,
    /// <summary>A program loaded a library (Sysmon).</summary>
    ImageLoaded,
    /// <summary>A program opened another or started a thread in it (Sysmon).</summary>
    ProcessAccess,
    /// <summary>A program made a file (Sysmon).</summary>
    FileCreated,
    /// <summary>A program changed the registry (Sysmon).</summary>
    RegistryChanged,
    /// <summary>A program asked for the address of a name (Sysmon).</summary>
    NameResolved,
}

/// <summary>Names of <see cref="LogEventKind"/> as artefact kinds.</summary>
internal static class LogEventKinds
{
    private static readonly string[] s_names = MakeNames();

    /// <summary>How many kinds there are.</summary>
    public static int Count => s_names.Length;

    /// <summary><c>log-login-failed</c> for <see cref="LogEventKind.LoginFailed"/>.</summary>
    public static string NameOf(LogEventKind kind) => s_names[(int)kind];

    /// <summary>Whether the same happens so often that only identical ones counted together are of use.</summary>
    public static bool IsFrequent(LogEventKind kind) => kind is LogEventKind.LoginFailed or LogEventKind.SessionOpened or LogEventKind.SessionClosed or LogEventKind.CronRun
        or LogEventKind.ServiceStarted or LogEventKind.ServiceStopped or LogEventKind.ServiceFailed or LogEventKind.KernelNotice or LogEventKind.LoggerChanged
        or LogEventKind.Execution or LogEventKind.AuditedAction or LogEventKind.KernelModule or LogEventKind.CronTableChanged or LogEventKind.WebRequest
        or LogEventKind.CredentialsUsed or LogEventKind.CredentialsChecked or LogEventKind.PrivilegesAssigned or LogEventKind.RemoteConnection or LogEventKind.TaskRun or LogEventKind.ScriptRun or LogEventKind.ScriptHost
        or LogEventKind.WmiActivity or LogEventKind.TransferJob or LogEventKind.NetworkConnection or LogEventKind.ImageLoaded or LogEventKind.ProcessAccess or LogEventKind.FileCreated
        or LogEventKind.RegistryChanged or LogEventKind.NameResolved;

    private static string[] MakeNames()
    {
        string[] names = Enum.GetNames<LogEventKind>();
        var result = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            var text = new System.Text.StringBuilder("log");
            foreach (char letter in names[i])
            {
                if (char.IsAsciiLetterUpper(letter))
                {
                    text.Append('-');
                }
                text.Append(char.ToLowerInvariant(letter));
            }
            result[i] = text.ToString();
        }
        return result;
    }
}
