using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors;

/// <summary>What programs of the system start because their configuration says so: logging, log rotation, the message bus, polkit, graphical sessions, mail.</summary>
internal sealed class ProgramPlaces : PlaceFamily
{
    private static readonly Place s_syslog = new("L-RSYSLOG", "program of the system log", "T1546");
    private static readonly Place s_logrotate = new("L-LOGROTATE", "logrotate script", "T1546");
    private static readonly Place s_dbus = new("L-DBUS", "D-Bus service", "T1543");
    private static readonly Place s_polkit = new("L-POLKIT", "polkit rule", "T1548");
    private static readonly Place s_session = new("L-XDG", "graphical session", "T1547.013");
    private static readonly Place s_mail = new("L-MAIL", "mail delivery", "T1546");

    public override IReadOnlyList<Place> Places { get; } = [s_syslog, s_logrotate, s_dbus, s_polkit, s_session, s_mail];

    public override Place? PlaceOf(Artifact artifact) => artifact switch
    {
        SyslogDiscard => s_syslog,
        DbusService or DbusPolicy => s_dbus,
        PolkitRule => s_polkit,
        AutostartEntry => s_session,
        _ => Hooks.PlaceOf(artifact) switch
        {
            StartupPlace.SyslogProgram => s_syslog,
            StartupPlace.LogrotateScript => s_logrotate,
            StartupPlace.SessionScript => s_session,
            StartupPlace.MailProgram => s_mail,
            _ => null,
        },
    };

    public override IReadOnlyList<string>? CleanUp(Artifact source, int? line) => source switch
    {
        DbusService service => [.. Remediation.RemoveFile(service.Location.Path), "Look for the rules of the same name in /etc/dbus-1/system.d and for its systemd unit, and remove them too"],
        DbusPolicy or PolkitRule { Form: PolkitForm.Rule or PolkitForm.AdminRule } or AutostartEntry => Remediation.RemoveFile(source.Location.Path),
        PolkitRule => Remediation.RemoveLine(source.Location.Path, null),
        SyslogDiscard => [.. Remediation.RemoveLine(source.Location.Path, null), "systemctl restart rsyslog"],
        HookCommand { Place: StartupPlace.SyslogProgram } => [.. Hooks.CleanUp(source, line)!, "systemctl restart rsyslog"],
        HookCommand { Place: StartupPlace.MailProgram } when source.Location.Path.EndsWith("/aliases", StringComparison.Ordinal) => [.. Hooks.CleanUp(source, line)!, "newaliases"],
        _ => Hooks.CleanUp(source, line),
    };
}
