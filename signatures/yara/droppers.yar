/*
    Droppers: scripts that fetch and start malware, and prepare the host for it. Each rule wants several independent acts in one script, since
    installers download too and administrators kill miners too.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_script_text
{
    condition:
        // A shebang, or text that begins with a command or an assignment: droppers are often piped to a shell and then stored as they are. Markup, JSON,
        // YAML lists, comments of source code and binaries begin otherwise; source code, rules and tables are known by their first word: using,
        // namespace, package, import, from, rule, private, type.
        filesize < 1MB and (uint16(0) == 0x2123 or uint8(0) == 0x24 or uint8(0) == 0x0a or (uint8(0) >= 0x41 and uint8(0) <= 0x5a)
            or (uint8(0) >= 0x61 and uint8(0) <= 0x7a
                and uint32(0) != 0x6e697375 and uint32(0) != 0x656d616e and uint32(0) != 0x6b636170 and uint32(0) != 0x6f706d69
                and uint32(0) != 0x6d6f7266 and uint32(0) != 0x656c7572 and uint32(0) != 0x76697270 and uint32(0) != 0x65707974))
}

rule Dropper_Rival_Killer
{
    meta:
        author = "deadbox"
        description = "Shell script that kills the miners of rivals, then downloads and starts something of its own"
        severity = "critical"
        category = "malware"
        technique = "T1489"
        reference = "https://attack.mitre.org/techniques/T1489/"
        false_positives = "none known: clean-up scripts of responders do not download and run programs"
    strings:
        $kill = /(pkill\s+-(f|9)|killall\s+(-9\s+)?[a-z.]|xargs\s+(-r\s+|-I\s?\S{1,3}\s+)?kill|kill\s+-9)/
        $r1 = "kinsing" ascii
        $r2 = "kdevtmpfsi" ascii
        $r3 = "xmrig" ascii
        $r4 = "minerd" ascii
        $r5 = "cryptonight" ascii
        $r6 = "sysrv" ascii
        $r7 = "kthreaddi" ascii
        $r8 = "watchbog" ascii
        $r9 = "kworkerds" ascii
        $r10 = "networkservice" ascii
        $r11 = "sustes" ascii
        $r12 = "pwnrig" ascii
        $r13 = "minergate" ascii
        $r14 = "nanopool" ascii
        $r15 = "supportxmr" ascii
        $r16 = "crypto-pool" ascii
        $r17 = "dbused" ascii
        $r18 = "ddgs" ascii
        $r19 = "sysguard" ascii
        $r20 = "c3pool" ascii
        $r21 = "moneroocean" ascii
        $r22 = "qW3xT" ascii
        $r23 = "stratum" ascii
        $r24 = "xmr-stak" ascii
        $r25 = "watchdogs" ascii
        $r26 = "monerohash" ascii
        $r27 = "zzh" ascii fullword
        $get = /(curl|wget|lwp-download|python[23]? -c)[ \t][^\n]{0,200}(https?:\/\/|\$\{?[A-Za-z_])/
        $run1 = /\|\s{0,4}(ba|da|z)?sh([ \t\n;&>)"']|$)/
        $run2 = /chmod\s+(\+x|a\+x|u\+x|7[0-7][0-7]|-R 777)\s/
    condition:
        is_script_text and #kill >= 4 and 4 of ($r*) and $get and any of ($run*)
}

rule Dropper_Crontab_Download_Shell
{
    meta:
        author = "deadbox"
        description = "Script that plants a cron job which downloads code and pipes it to a shell"
        severity = "critical"
        category = "persistence"
        technique = "T1053.003"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        false_positives = "none known"
    strings:
        $line = /(echo|printf)[^\n]{0,80}\*[^\n]{0,80}(curl|wget)\s[^\n|]{4,240}\|\s{0,4}(ba|da|z)?sh/
        $to1 = /\|\s{0,4}crontab(\s+-u\s+\w{1,32})?\s+-/
        $to2 = /(>|>>|tee|tee -a)\s{0,4}["']?\/(etc\/cron(tab|\.d\/)|var\/spool\/cron)/
        $to3 = /crontab\s+["']?(\/tmp|\/var\/tmp|\/dev\/shm|\.)\//
        $var = /=["'][^\n"']{0,40}(\*[ \t]){3}[^\n]{0,80}(curl|wget)\s[^\n|]{4,240}\|\s{0,4}(ba|da|z)?sh/
    condition:
        is_script_text and any of ($line, $var) and any of ($to*)
}

rule Dropper_Locks_Persistence
{
    meta:
        author = "deadbox"
        description = "Script that downloads and starts a program and makes cron tables, SSH keys or the preload list immutable"
        severity = "critical"
        category = "persistence"
        technique = "T1222.002"
        reference = "https://attack.mitre.org/techniques/T1222/002/"
        false_positives = "none known: hardening scripts lock files but do not fetch and run programs"
    strings:
        $lock = /chattr\s+(-R\s+)?\+[aiu]{1,3}\s[^\n]{0,80}(\/var\/spool\/cron|\/etc\/cron|\/etc\/ld\.so\.preload|\.ssh|authorized_keys|\/etc\/passwd|\/etc\/shadow|\/tmp\/|\/usr\/bin\/\w{1,16})/
        $unlock = /chattr\s+(-R\s+)?-[aiu]{1,3}\s/
        $get = /(curl|wget)\s[^\n]{0,200}(https?:\/\/|\$\{?[A-Za-z_])/
        $run1 = /\|\s{0,4}(ba|da|z)?sh([ \t\n;&>)"']|$)/
        $run2 = /chmod\s+(\+x|7[0-7][0-7])\s/
        $persist1 = /\|\s{0,4}crontab\s+-/
        $persist2 = "authorized_keys" ascii
        $persist3 = "/etc/ld.so.preload" ascii
        $persist4 = "/var/spool/cron" ascii
    condition:
        is_script_text and $lock and $unlock and $get and any of ($run*) and any of ($persist*)
}

rule Dropper_Base64_Pipe_Shell
{
    meta:
        author = "deadbox"
        description = "Script or job that decodes a base64 text in it and hands it to a shell"
        severity = "high"
        category = "execution"
        technique = "T1027.010"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        false_positives = "self-extracting installers"
    strings:
        $a = /echo\s+(-n\s+)?["']?[A-Za-z0-9+\/=]{40,400}[^\n|]{0,4000}\|\s{0,4}(\/usr)?(\/bin\/)?base64\s+(-d|-D|-di|-id|--decode)[^\n|]{0,20}\|\s{0,4}(sudo\s+)?(\/bin\/)?(ba|da|z)?sh/
        $b = /base64\s+(-d|-D|--decode)\s{0,4}<<<\s{0,4}["']?[A-Za-z0-9+\/=]{40,400}[^\n|]{0,4000}\|\s{0,4}(\/bin\/)?(ba|da|z)?sh/
        $c = /(eval|(ba|z)?sh -c)\s+["']?\$\(\s{0,4}echo\s+["']?[A-Za-z0-9+\/=]{40,400}[^\n|]{0,4000}\|\s{0,4}base64\s+(-d|-D|--decode)/
        $job = /(^|\n)Exec(Start|StartPre)=/
        $cron = "* * *" ascii
    condition:
        filesize < 1MB and any of ($a, $b, $c) and (uint16(0) == 0x2123 or (uint8(0) == 0x5b and $job) or $cron in (0..1024))
}

rule Dropper_Python_Base64_Exec
{
    meta:
        author = "deadbox"
        description = "Script that lets Python decode and run a text on its command line"
        severity = "high"
        category = "execution"
        technique = "T1059.006"
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        false_positives = "configuration management that wraps modules this way"
    strings:
        $a = /python[23]?(\.[0-9]{1,2})?\s+-c\s+["'][^\n]{0,80}(exec|eval)\s{0,2}\([^\n]{0,60}b64decode\(\s{0,2}[^\n]{0,8}["'\\]{1,3}[A-Za-z0-9+\/=]{40}/
        $b = /python[23]?(\.[0-9]{1,2})?\s+-c\s+["'][^\n]{0,80}urlopen\([^\n]{4,200}(exec|eval)\(/
        $c = /python[23]?(\.[0-9]{1,2})?\s+-c\s+["'][^\n]{0,80}(exec|eval)\s{0,2}\([^\n]{0,60}urlopen\(/
    condition:
        is_script_text and any of them
}

rule Dropper_Removes_Cloud_Security
{
    meta:
        author = "deadbox"
        description = "Script that removes the monitoring agents of cloud providers and downloads a program"
        severity = "critical"
        category = "evasion"
        technique = "T1562.001"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        false_positives = "an owner who removes Alibaba's or Tencent's agents: such a script downloads the uninstaller only"
    strings:
        $a1 = "/usr/local/aegis" ascii
        $a2 = "aliyun-service" ascii
        $a3 = "aliyun.service" ascii
        $a4 = "AliYunDun" ascii
        $a5 = "cloudmonitor" ascii
        $a6 = "/usr/local/qcloud/stargate" ascii
        $a7 = "/usr/local/qcloud/YunJing" ascii
        $a8 = "/usr/local/qcloud/monitor" ascii
        $a9 = "bcm-agent" ascii
        $a10 = "quartz_uninstall.sh" ascii
        $o1 = "setenforce 0" ascii
        $o2 = "SELINUX=disabled" ascii
        $o3 = "ufw disable" ascii
        $o4 = "iptables -F" ascii
        $o5 = "nmi_watchdog" ascii
        $o6 = "vm.nr_hugepages" ascii
        $o7 = "chattr -i" ascii
        $o8 = "/etc/ld.so.preload" ascii
        $get = /(curl|wget)\s[^\n]{0,200}(https?:\/\/|\$\{?[A-Za-z_])/
    condition:
        is_script_text and 3 of ($a*) and 2 of ($o*) and $get
}

rule Dropper_Multi_Architecture
{
    meta:
        author = "deadbox"
        description = "Script that fetches one program for many processor architectures from a bare address and starts each until one runs"
        severity = "critical"
        category = "malware"
        technique = "T1105"
        reference = "https://attack.mitre.org/techniques/T1105/"
        false_positives = "none known"
    strings:
        $cd = /cd \/(tmp|var\/run|dev\/shm|var\/tmp|run)\s{0,2}\|\|\s{0,2}cd \//
        $get = /(wget|curl -O|curl -o|curl -s|tftp|ftpget)[^\n]{0,60}(https?:\/\/)?[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/
        $arch1 = /[\/._ -](mips|mipsel|mpsl|mips64)\b/
        $arch2 = /[\/._ -](arm|arm4|arm5|arm5n|arm6|arm7|armv7l|aarch64|arm64)\b/
        $arch3 = /[\/._ -](sh4|ppc|powerpc|m68k|sparc|spc|arc)\b/
        $arch4 = /[\/._ -](x86|x86_64|i586|i686|x64|x32)\b/
        $run = /chmod\s+(\+x|777|7[0-7][0-7])\s/
    condition:
        filesize < 64KB and (uint16(0) == 0x2123 or uint16(0) == 0x6463 or uint16(0) == 0x7277) and 3 of ($arch*) and $run and
        ((#get >= 4 and #run >= 4) or ($cd and $get))
}

rule Dropper_Wipes_Traces
{
    meta:
        author = "deadbox"
        description = "Script that downloads and starts a program and erases login records and shell history"
        severity = "high"
        category = "evasion"
        technique = "T1070.002"
        reference = "https://attack.mitre.org/techniques/T1070/002/"
        false_positives = "scripts that build machine images"
    strings:
        $w1 = /(>|rm -r?f)\s{0,4}\/var\/log\/wtmp/
        $w2 = /(>|rm -r?f)\s{0,4}\/var\/log\/(secure|auth\.log|lastlog|cron|btmp)/
        $w3 = /(>|rm -r?f)\s{0,4}\/var\/spool\/mail\/root/
        $w4 = /(>|rm -r?f)\s{0,4}(~|\/root|\$HOME)\/\.bash_history/
        $w5 = "history -c" ascii
        $run = /(nohup\s+|setsid\s+)?\.?\/[^\s;&|]{1,80}\s[^\n]{0,80}>\s{0,2}\/dev\/null\s+2>&1\s{0,2}&/
        $get = /(curl|wget)\s[^\n]{0,120}(https?:\/\/)?([0-9]{1,3}\.){3}[0-9]{1,3}/
        $mod = /chmod\s+(\+x|7[0-7][0-7])\s/
    condition:
        is_script_text and 2 of ($w*) and $run and $get and $mod
}
