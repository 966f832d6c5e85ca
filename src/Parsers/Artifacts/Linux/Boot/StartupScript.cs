namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Where a script stands, which says what starts it.</summary>
public enum StartupPlace
{
    /// <summary><c>/etc/cron.hourly</c> and sisters, <c>/etc/periodic</c>.</summary>
    CronParts,
    /// <summary><c>/etc/rc.local</c>, <c>boot.local</c>, <c>/etc/local.d</c>.</summary>
    RcLocal,
    /// <summary><c>/etc/init.d</c>.</summary>
    InitScript,
    /// <summary><c>/etc/grub.d</c>, <c>/etc/default/grub</c>.</summary>
    GrubScript,
    /// <summary>initramfs-tools, dracut, mkinitcpio.</summary>
    InitramfsScript,
    /// <summary><c>/etc/sysconfig/modules</c>.</summary>
    ModuleScript,
    /// <summary><c>~/.config/cron</c>, which malware fills.</summary>
    UserCronDirectory,
    /// <summary>systemd generators, of units and of environment.</summary>
    Generator,
    /// <summary>Hooks of sleep, shutdown and power events.</summary>
    PowerHook,
    /// <summary>What pam_motd runs at a login.</summary>
    Motd,
    /// <summary><c>/etc/conf.d</c>, sourced by OpenRC's services.</summary>
    ServiceConfiguration,
    /// <summary>Dispatcher directories of NetworkManager.</summary>
    NetworkDispatcher,
    /// <summary>Whatever runs because a network interface comes up or goes down: ifupdown, networkd-dispatcher, DHCP clients, pppd, VPNs.</summary>
    InterfaceHook,
    /// <summary>apt and what it calls (needrestart).</summary>
    AptHook,
    /// <summary>Plugins and hooks of yum, dnf, zypper, apk and pacman.</summary>
    PackageManagerHook,
    /// <summary>Programs that the system log feeds.</summary>
    SyslogProgram,
    /// <summary>Scripts of logrotate.</summary>
    LogrotateScript,
    /// <summary>Scripts of a graphical session and of display managers.</summary>
    SessionScript,
    /// <summary>Commands of TCP wrappers.</summary>
    ConnectionHook,
    /// <summary>Programs that mail is delivered to.</summary>
    MailProgram,
    /// <summary>Hooks of certificate renewal.</summary>
    CertificateHook,
    /// <summary>Start-up files of shells: <c>/etc/profile</c>, <c>~/.bashrc</c> ...</summary>
    ShellStartup,
    /// <summary><c>/etc/ssh/sshrc</c>, <c>~/.ssh/rc</c>.</summary>
    SshLogin,
    /// <summary>Hooks of git repositories.</summary>
    GitHook,
    /// <summary>A maintainer script of a package, run when it is installed, upgraded or removed.</summary>
    PackageScript,
}

/// <summary>A script that the host runs by itself because of where it lies.</summary>
public sealed record StartupScript(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "startup-script";
    /// <summary>Where it lies.</summary>
    public required StartupPlace Place { get; init; }
    /// <summary>What the shebang names (<c>/bin/sh</c>), null without one.</summary>
    public string? Interpreter { get; init; }
    /// <summary>Any execute bit is set.</summary>
    public bool IsExecutable { get; init; }
    /// <summary>The content is a binary program, not text.</summary>
    public bool IsBinary { get; init; }
    /// <summary>Why it would not be run, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>Why Debian alone would not run it (the name rule of its run-parts), as a clause; null when it would. Other distributions run it.</summary>
    public string? DebianRefusal { get; init; }
    /// <summary>LSB <c>Provides:</c> of an init script.</summary>
    public string? Provides { get; init; }
    /// <summary>Package whose maintainer script it is; null for all others.</summary>
    public string? Package { get; init; }
    /// <summary>Manager of that package: <c>dpkg</c>, <c>rpm</c>.</summary>
    public string? PackageManager { get; init; }
    /// <summary>Number of lines that are neither blank nor comment.</summary>
    public int ActiveLines { get; init; }
    /// <summary>Every logical line that is neither blank nor comment, continuation joined; those after a top-level <c>exit</c> carry why they never run.</summary>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("place", Place.ToString());
        fields.Text("interpreter", Interpreter);
        fields.Flag("isExecutable", IsExecutable);
        fields.Flag("isBinary", IsBinary);
        fields.Text("dormantBecause", DormantBecause);
        fields.Text("dormantOnDebian", DebianRefusal);
        fields.Text("provides", Provides);
        fields.Text("package", Package);
        fields.Text("packageManager", PackageManager);
        fields.Number("activeLines", ActiveLines);
    }
}

/// <summary>A start link of a System V runlevel: <c>/etc/rc3.d/S20name -> ../init.d/name</c>.</summary>
public sealed record RunlevelLink(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "runlevel-link";
    /// <summary>Runlevel digit or OpenRC level name.</summary>
    public required string Runlevel { get; init; }
    /// <summary>True for <c>S..</c>, false for <c>K..</c>.</summary>
    public required bool Starts { get; init; }
    /// <summary>Service name.</summary>
    public required string Service { get; init; }
    /// <summary>Link target, absolute, normalised.</summary>
    public required string Target { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => Starts ? [Target] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("runlevel", Runlevel);
        fields.Flag("starts", Starts);
        fields.Text("service", Service);
        fields.Text("target", Target);
    }
}

/// <summary>A line of <c>/etc/inittab</c> (System V or Busybox form).</summary>
public sealed record InittabEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "inittab-entry";
    /// <summary>First field: identifier, or terminal for Busybox.</summary>
    public required string Identifier { get; init; }
    /// <summary>Runlevels, empty when none.</summary>
    public required string Runlevels { get; init; }
    /// <summary><c>respawn</c>, <c>sysinit</c> ...</summary>
    public required string Action { get; init; }
    /// <summary>The process field.</summary>
    public required string Process { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Process.Length == 0 ? [] : [new StartCommand(Process)
    {
        ThroughShell = true, Trigger = "inittab " + Action, User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset,
        DormantBecause = Action is "off" or "initdefault" ? "inittab action " + Action + " starts nothing" : null,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("identifier", Identifier);
        fields.Text("runlevels", Runlevels);
        fields.Text("action", Action);
        fields.Text("process", Process);
    }
}
