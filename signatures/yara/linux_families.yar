/*
    Linux malware families by their own traces. Names in text files only count where the file is a program, a script or a key list: articles, rule
    files and indicator lists name them too.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_elf
{
    condition:
        uint32(0) == 0x464c457f
}

private rule is_script
{
    condition:
        // A shebang, or text that begins with a lower-case command, a variable or an empty line; but not source code, rules or tables, by their
        // first word: using, namespace, package, import, from, rule, private, type.
        filesize < 1MB and (uint16(0) == 0x2123 or uint8(0) == 0x24 or uint8(0) == 0x0a or (uint8(0) >= 0x61 and uint8(0) <= 0x7a
            and uint32(0) != 0x6e697375 and uint32(0) != 0x656d616e and uint32(0) != 0x6b636170 and uint32(0) != 0x6f706d69
            and uint32(0) != 0x6d6f7266 and uint32(0) != 0x656c7572 and uint32(0) != 0x76697270 and uint32(0) != 0x65707974))
}

private rule acts_like_dropper
{
    strings:
        $get = /(curl|wget|lwp-download)\s[^\n]{0,200}(https?:\/\/|\$\{?[A-Za-z_])/
        $do1 = /\|\s{0,4}(ba|da|z)?sh([ \t\n;&>)"']|$)/
        $do2 = /chmod\s+(\+x|a\+x|7[0-7][0-7]|-R 777)\s/
        $do3 = /chattr\s+(-R\s+)?[+-][aiu]{1,3}\s/
    condition:
        $get and any of ($do*)
}

rule Family_Kinsing_ELF
{
    meta:
        author = "deadbox"
        description = "Kinsing (H2Miner): the Go agent, by its function names"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://attack.mitre.org/software/S0599/"
        false_positives = "none known"
    strings:
        $f1 = "main.backconnect" ascii
        $f2 = "main.masscan" ascii
        $f3 = "main.redisBrute" ascii
        $f4 = "main.healthChecker" ascii
        $f5 = "main.downloadAndExecute" ascii
        $f6 = "main.minerRunningCheck" ascii
        $f7 = "main.minRun" ascii
        $f8 = "main.connectForSocks" ascii
        $f9 = "main.resultSender" ascii
        $f10 = "main.getActiveC2CUrl" ascii
        $s1 = "kdevtmpfsi" ascii
        $s2 = "/tmp/kinsing" ascii
    condition:
        is_elf and (4 of ($f*) or (2 of ($f*) and any of ($s*)))
}

rule Family_Kinsing_Script
{
    meta:
        author = "deadbox"
        description = "Kinsing (H2Miner): the script that installs it, by its marks and file names"
        severity = "critical"
        category = "malware"
        technique = "T1059.004"
        reference = "https://attack.mitre.org/software/S0599/"
        false_positives = "none known"
    strings:
        $mark = /\bSKL=[a-z]{1,8}\b/
        $bin = /["'\/]kinsing(_aarch64|2)?["' \n]/
        $lib = /libsystem\.so|lib_system\.so/
        $env = "BIN_FULL_PATH" ascii
        $md5 = "BIN_MD5" ascii
        $lock = "LDR=\"wget -q -O -\"" ascii
    condition:
        is_script and acts_like_dropper and $bin and any of ($mark, $lib, $env, $md5, $lock)
}

rule Family_Perfctl
{
    meta:
        author = "deadbox"
        description = "perfctl: program or script with its paths and environment marks"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://www.aquasec.com/blog/perfctl-a-stealthy-malware-targeting-millions-of-linux-servers/"
        false_positives = "none known"
    strings:
        $s1 = "AAZHDE" ascii fullword
        $s2 = "/tmp/.xdiag" ascii
        $s3 = "perfcc" ascii fullword
        $s4 = "wizlmsh" ascii
        $s5 = "libgcwrap.so" ascii
        $s6 = "kkbush" ascii
        $s7 = "libfsnldev.so" ascii
        $s8 = "libpprocps.so" ascii
        $s9 = "/tmp/.perf.c" ascii
        $s10 = "/.config/cron/perfcc" ascii
        $s11 = "/etc/cron.d/perfclean" ascii
        $run = /(^|\n)\s{0,8}(export\s+|\/?\S{0,60}=\S{0,40}\s+)?(AAZHDE=1|\/root\/\.config\/cron\/perfcc|\/bin\/perfcc|\/usr\/bin\/perfcc)/
    condition:
        (is_elf and 2 of ($s*)) or (filesize < 64KB and uint16(0) == 0x2123 and 2 of ($s*)) or (filesize < 64KB and uint8(0) != 0x3c and $run and 2 of ($s*))
}

rule Family_Outlaw_Key
{
    meta:
        author = "deadbox"
        description = "Outlaw (Dota): its SSH key, with the comment mdrfckr, in a list of keys or in a script"
        severity = "critical"
        category = "persistence"
        technique = "T1098.004"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.outlaw"
        false_positives = "none known"
    strings:
        $key = /ssh-rsa AAAA[A-Za-z0-9+\/=]{60,800} mdrfckr/
    condition:
        filesize < 1MB and uint8(0) != 0x3c and $key
}

rule Family_Outlaw_Script
{
    meta:
        author = "deadbox"
        description = "Outlaw (Dota): script or job with its directories and program names"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.outlaw"
        false_positives = "none known"
    strings:
        $s1 = "/.configrc" ascii
        $s2 = /\.X2[0-9]{0,4}-unix/
        $s3 = "/.rsync/c/" ascii
        $s4 = "/a/kswapd0" ascii
        $s5 = "/b/sync" ascii
        $s6 = "/a/upd" ascii
        $s7 = /\bdota[0-9]?\.tar\.gz/
        $s8 = "kauditd0" ascii
        $s9 = "kthreadadd" ascii
        $s10 = "lockr -ia" ascii
        $s11 = "/c/aptitude" ascii
        $s12 = "mdrfckr" ascii
        $cron1 = /(@reboot|[0-9*])[ \t]{1,8}\/[^\s]{1,60}\/\.configrc[0-9]{0,2}\/(a\/upd|b\/sync|a\/kswapd0)/
        $cron2 = /(@reboot|[0-9*])[ \t]{1,8}\/[^\s]{1,60}\/\.rsync\/c\/aptitude/
    condition:
        filesize < 512KB and ((uint16(0) == 0x2123 and 3 of ($s*) and ($s1 or $s2 or $s3)) or (uint8(0) != 0x3c and any of ($cron*)))
}

rule Family_Perl_ShellBot
{
    meta:
        author = "deadbox"
        description = "Perl IRC bot (ShellBot) that takes commands, scans ports and floods"
        severity = "critical"
        category = "malware"
        technique = "T1071"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/pl.shellbot"
        false_positives = "none known"
    strings:
        $socket = "IO::Socket::INET" ascii
        $c1 = /PRIVMSG \$?\w{0,20}/
        $c2 = "tcpflooder" ascii
        $c3 = "udpflooder" ascii
        $c4 = "attacker" ascii
        $c5 = "@portscan" ascii nocase
        $c6 = /\$(irc_servers|IRC_cur_socket|estatisticas|sock_chan|linas_max)\b/
        $c7 = "sub shell" ascii
        $c8 = "sub udpflood" ascii
        $c9 = "@nickname" ascii
        $c10 = "DCC::" ascii
        $c11 = "@rps" ascii
        $c12 = /\$(servidor|hostauth|processo|porta|admins)\b/
    condition:
        filesize < 1MB and uint16(0) == 0x2123 and $socket and 5 of ($c*)
}

rule Family_TeamTNT
{
    meta:
        author = "deadbox"
        description = "TeamTNT or a copycat: script or program with its names"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://attack.mitre.org/groups/G0139/"
        false_positives = "none known"
    strings:
        $s1 = "TeamTNT" ascii nocase
        $s2 = "tntrecht" ascii
        $s3 = "hilde@teamtnt.red" ascii
        $s4 = "teamtnt.red" ascii
        $s5 = "borg.wtf" ascii
        $s6 = "chimaera.cc" ascii
        $s7 = "/usr/bin/bioset" ascii
        $s8 = "curltnt" ascii
        $s9 = "wgettnt" ascii
        $s10 = "kaiserfranz.cc" ascii
        $s11 = "HildeGard" ascii nocase
        $s12 = "/.../TNTb" ascii
        $s13 = "moneroocean" ascii
        $s14 = "diamorphine" ascii
        $s15 = "aws/credentials" ascii
        $key = /ssh-rsa AAAA[A-Za-z0-9+\/=]{60,800} hilde@teamtnt/
    condition:
        (filesize < 1MB and uint8(0) != 0x3c and $key) or (is_elf and filesize < 32MB and 3 of ($s*)) or
        (is_script and acts_like_dropper and 2 of ($s*) and any of ($s1, $s2, $s3, $s4, $s5, $s6, $s8, $s9, $s10))
}

rule Family_WatchDog
{
    meta:
        author = "deadbox"
        description = "WatchDog: script that installs its miner and scanner under the names of services"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://unit42.paloaltonetworks.com/watchdog-cryptojacking/"
        false_positives = "none known"
    strings:
        $s1 = "newdat.sh" ascii
        $s2 = /\/etc\/(phpguard|phpupdate|networkmanager|zzh)\b/
        $s3 = "networkservice" ascii
        $s4 = "sysupdate" ascii
        $s5 = "sysguard" ascii
        $s6 = /\bzzh\b/
        $s7 = "ps.original" ascii
        $s8 = "top.original" ascii
        $s9 = /\b(cd1|wd1|cdt|wdt)\b/
        $s10 = "phpguard" ascii
        $s11 = "phpupdate" ascii
        $s12 = "backup1" ascii
    condition:
        is_script and acts_like_dropper and 4 of ($s*) and any of ($s1, $s2, $s10, $s11, $s7)
}

rule Family_Rocke
{
    meta:
        author = "deadbox"
        description = "Rocke (Pacha): program or script with its names and marks"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://attack.mitre.org/groups/G0106/"
        false_positives = "none known"
    strings:
        $s1 = "kerberods" ascii
        $s2 = "khugepageds" ascii
        $s3 = "/tmp/.lsdpid" ascii
        $s4 = "khugrepaged" ascii
        $s5 = "/etc/init.d/netdns" ascii
        $s6 = "kthrotlds" ascii
        $s7 = "ksoftirqds" ascii
        $s8 = "systemten.org" ascii
        $s9 = "sowcar.com" ascii
    condition:
        (is_elf and 2 of ($s*)) or (is_script and acts_like_dropper and 2 of ($s*) and any of ($s1, $s3, $s5, $s8, $s9))
}

rule Family_8220_PwnRig
{
    meta:
        author = "deadbox"
        description = "8220 gang (PwnRig): miner, script or unit with its names"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/actor/8220_gang"
        false_positives = "none known"
    strings:
        $b1 = "pwnRig" ascii
        $b2 = "pwnrig" ascii
        $s1 = "bashirc" ascii
        $s2 = "/tmp/.pwn" ascii
        $s3 = "dbused" ascii
        $s4 = "bprofr" ascii
        $s5 = "crondr" ascii
        $s6 = "initdr" ascii
        $s7 = "sysdr" ascii fullword
        $s8 = /\b(mcrond|bcrond|minitd|binitd|msysde|entpdate|lntpdate)\b/
        $s9 = "hezb" ascii
        $s10 = "pwnrige.service" ascii
        $s11 = "pwnrigl.service" ascii
        $x1 = "stratum" ascii
        $x2 = "donate-level" ascii
        $unit = /\nExecStart=\/(usr\/)?bin\/(sysdr|msysde|bsysde|crondr|mcrond|bcrond|initdr|bprofr|-bash)\b/
    condition:
        (is_elf and any of ($b*) and any of ($x*)) or (is_script and acts_like_dropper and 3 of ($b*, $s*)) or
        (filesize < 8KB and uint8(0) == 0x5b and $unit)
}

rule Family_Skidmap
{
    meta:
        author = "deadbox"
        description = "Skidmap: program or script that installs its kernel modules and replaced PAM module"
        severity = "critical"
        category = "malware"
        technique = "T1014"
        reference = "https://attack.mitre.org/software/S0468/"
        false_positives = "none known"
    strings:
        $s1 = "kaudited" ascii
        $s2 = "/tmp/miner2" ascii
        $s3 = "pm.ipfswallet.tk" ascii
        $s4 = "powerofwish.com" ascii
        $s5 = /\/var\/lib\/(pc|gif|jpeg)\b/
        $s6 = "iproute.ko" ascii
        $s7 = "netlink.ko" ascii
        $s8 = "cryptov2" ascii
        $s9 = /cos[678]\.tar\.gz/
        $s10 = "pamdicks" ascii
        $s11 = "/usr/bin/kaudited" ascii
    condition:
        (is_elf and 3 of ($s*)) or (is_script and acts_like_dropper and 2 of ($s*))
}

rule Family_Sysrv
{
    meta:
        author = "deadbox"
        description = "Sysrv: the worm that installs a miner, or its loader script"
        severity = "critical"
        category = "malware"
        technique = "T1210"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.sysrv_hello"
        false_positives = "none known"
    strings:
        $f1 = "hello/scan." ascii
        $f2 = "hello/exp." ascii
        $f3 = "hello/nettool" ascii
        $f4 = "hello/controller" ascii
        $f5 = "shell/exp" ascii
        $s1 = "network01" ascii
        $s2 = "kthreaddi" ascii
        $s3 = "kthreaddk" ascii
        $s4 = "ldr.sh" ascii
        $s5 = /\bsysrv(0[0-9]{2})?\b/
        $s6 = "[kthreaddi]" ascii
        $s7 = "/top_" ascii
    condition:
        (is_elf and (3 of ($f*) or (any of ($f*) and 2 of ($s*)))) or (is_script and acts_like_dropper and 3 of ($s*) and ($s4 or $s5) and ($s1 or $s2 or $s3))
}

rule Family_RedTail
{
    meta:
        author = "deadbox"
        description = "RedTail: script that looks for a directory that is not noexec and starts the program for the architecture as .redtail"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://www.akamai.com/blog/security-research/2024-redtail-cryptominer-pan-os-cve-exploit"
        false_positives = "none known"
    strings:
        $s1 = /["' \/=]\.?redtail\b/
        $s2 = "clean.sh" ascii
        $s3 = "noexec" ascii
        $s4 = "aarch64" ascii
        $s5 = "arm7" ascii
        $s6 = "i686" ascii
        $s7 = "libredtail" ascii
        $do = /chmod\s+(\+x|a\+x|777|7[0-7][0-7])\s/
    condition:
        filesize < 64KB and uint8(0) != 0x3c and uint8(0) != 0x7b and $s1 and $do and 3 of ($s2, $s3, $s4, $s5, $s6, $s7)
}

rule Family_Muhstik
{
    meta:
        author = "deadbox"
        description = "Muhstik: script or table that copies pty3 into writable directories and restarts it"
        severity = "critical"
        category = "malware"
        technique = "T1037"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.tsunami"
        false_positives = "none known"
    strings:
        $p1 = "/dev/shm/pty3" ascii
        $p2 = "/var/tmp/pty3" ascii
        $p3 = "/var/lock/pty3" ascii
        $p4 = "/var/run/pty3" ascii
        $p5 = "/tmp/pty3" ascii
        $p6 = "/run/lock/pty3" ascii
        $n = "muhstik" ascii nocase
        $init = /:respawn:\/[a-z\/]{3,20}\/pty3\b/
        $cron = /\*[ \t]{1,8}(root[ \t]{1,8})?\/[a-z\/]{3,20}\/pty3\b/
    condition:
        filesize < 8MB and ((is_elf and (3 of ($p*) or ($n and any of ($p*)))) or (filesize < 64KB and ((uint16(0) == 0x2123 and 3 of ($p*)) or $init or $cron)))
}

rule Family_XorDDoS
{
    meta:
        author = "deadbox"
        description = "XorDDoS: the trojan by its key and paths, or the job that restores it"
        severity = "critical"
        category = "malware"
        technique = "T1498"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.xorddos"
        false_positives = "none known"
    strings:
        $s1 = "BB2FA36AAA9541F0" ascii
        $s2 = "/etc/cron.hourly/gcc.sh" ascii
        $s3 = "/var/run/gcc.pid" ascii
        $s4 = "/lib/libudev.so.6" ascii
        $s5 = "/lib/libudev4.so" ascii
        $s6 = "cp /lib/libudev.so" ascii
        $s7 = "/lib/libgcc4.so" ascii
        $j = /\n\s{0,4}cp \/lib\/(libudev\.so|libgcc4?\.so) \/lib\/(libudev\.so\.6|libgcc4?\.[0-9a-z.]{1,8})/
        $net = /cat \/proc\/net\/dev\s{0,2}\|\s{0,2}grep :/
    condition:
        (is_elf and filesize < 8MB and 2 of ($s*)) or (filesize < 8KB and uint16(0) == 0x2123 and ($j or ($s6 and $net)))
}

rule Family_Chaos
{
    meta:
        author = "deadbox"
        description = "Chaos (the Go bot, heir of Kaiji): by the paths it installs itself to"
        severity = "critical"
        category = "malware"
        technique = "T1498"
        reference = "https://blog.lumen.com/chaos-is-a-go-based-swiss-army-knife-of-malware/"
        false_positives = "none known"
    strings:
        $s1 = "/etc/id.services.conf" ascii
        $s2 = "/etc/32678" ascii
        $s3 = "/boot/System.img.config" ascii
        $s4 = "libdlrpcld.so" ascii
        $s5 = "quotaoff.service" ascii
        $s6 = "/etc/init.d/linux_kill" ascii
        $s7 = "/etc/profile.d/bash_config.sh" ascii
        $s8 = "/etc/profile.d/gateway.sh" ascii
        $s9 = "linux_kill" ascii fullword
    condition:
        (is_elf and 3 of ($s*)) or (filesize < 16KB and (uint16(0) == 0x2123 or uint8(0) == 0x5b) and ($s2 or $s3 or $s4 or $s1) and 2 of ($s*))
}

rule Family_Redis_Command_Module
{
    meta:
        author = "deadbox"
        description = "Redis module that runs system commands, as P2Pinfect and other worms load it after a rogue replication"
        severity = "critical"
        category = "access"
        technique = "T1129"
        reference = "https://unit42.paloaltonetworks.com/peer-to-peer-worm-p2pinfect/"
        false_positives = "none known"
    strings:
        $load = "RedisModule_OnLoad" ascii
        $exec = "system.exec" ascii
        $rev = "system.rev" ascii
        $popen = "popen" ascii fullword
        $shell = "/bin/sh" ascii
    condition:
        is_elf and filesize < 4MB and $load and $exec and any of ($rev, $popen, $shell)
}

rule Family_Tsunami
{
    meta:
        author = "deadbox"
        description = "Tsunami (Kaiten): IRC bot that floods and runs commands"
        severity = "critical"
        category = "malware"
        technique = "T1498"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.tsunami"
        false_positives = "none known"
    strings:
        $s1 = "Kaiten wa goraku" ascii nocase
        $s2 = "TSUNAMI <target> <secs>" ascii
        $s3 = "PAN <target> <port> <secs>" ascii
        $s4 = "UDP <target> <port> <secs>" ascii
        $s5 = "GETSPOOFS" ascii
        $s6 = "NOTICE %s :Removed all spoofs" ascii
        $s7 = "NOTICE %s :Unable to comply." ascii
        $s8 = "Kills all current packeting" ascii
        $s9 = "NOTICE %s :Spoofs: %d.%d.%d.%d" ascii
        $s10 = "UNKNOWN <target> <secs>" ascii
    condition:
        is_elf and filesize < 8MB and 3 of them
}

rule Family_Mirai_Gafgyt
{
    meta:
        author = "deadbox"
        description = "Mirai or Gafgyt: bot for devices and servers, by the strings of its scanner and floods"
        severity = "critical"
        category = "malware"
        technique = "T1498"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.mirai"
        false_positives = "none known"
    strings:
        $m1 = "/bin/busybox MIRAI" ascii
        $m2 = "MIRAI: applet not found" ascii
        $m3 = "TSource Engine Query" ascii
        $m4 = /\/bin\/busybox [A-Z0-9]{4,10}\x00/
        $m5 = "enable\x00system\x00shell\x00sh\x00" ascii
        $m6 = "listening tun0" ascii
        $m7 = ": applet not found" ascii
        $m8 = "/dev/watchdog" ascii
        $m9 = "assword" ascii
        $g1 = "LOLNOGTFO" ascii
        $g2 = "Sending TCP Packets To" ascii nocase
        $g3 = "HOLD Flooding" ascii
        $g4 = "SCANNER ON | OFF" ascii
        $g5 = "PONG!" ascii
        $g6 = "GETLOCALIP" ascii
        $g7 = "My IP: %s" ascii
        $g8 = "JUNK Flooding %s" ascii
    condition:
        is_elf and filesize < 2MB and ($m1 or $m2 or ($m4 and $m7 and ($m3 or $m5 or $m8) and $m9) or ($m3 and $m6) or 3 of ($g*))
}

rule Family_BillGates
{
    meta:
        author = "deadbox"
        description = "BillGates (Setag): flooding bot that replaces system tools"
        severity = "critical"
        category = "malware"
        technique = "T1498"
        reference = "https://malpedia.caad.fkie.fraunhofer.de/details/elf.bill_gates"
        false_positives = "none known"
    strings:
        $s1 = "/tmp/gates.lod" ascii
        $s2 = "/tmp/moni.lod" ascii
        $s3 = "/tmp/bill.lock" ascii
        $s4 = "DbSecuritySpt" ascii
        $s5 = "CAttackSyn" ascii
        $s6 = "CThreadAttack" ascii
        $s7 = "bsd-port/getty" ascii
        $s8 = "/usr/bin/.sshd" ascii
    condition:
        is_elf and filesize < 8MB and 3 of them
}
