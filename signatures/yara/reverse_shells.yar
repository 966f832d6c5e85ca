/*
    Reverse shells and remote shells left on disk.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_script
{
    condition:
        uint16(0) == 0x2123
}

private rule is_job
{
    strings:
        $unit = /\nExec(Start|StartPre|StartPost|Stop|Reload)=/
        $cron = "* * * *" ascii
        $reboot = /(^|\n)@(reboot|hourly|daily)[ \t]/
    condition:
        // A unit, or a table of cron jobs: small, and beginning like one.
        filesize < 16KB and ((uint8(0) == 0x5b and $unit) or $cron in (0..2048) or $reboot in (0..2048))
}

rule ReverseShell_Bash_DevTcp
{
    meta:
        author = "deadbox"
        description = "Script or job that gives a shell to a remote host over bash's /dev/tcp"
        severity = "critical"
        category = "access"
        technique = "T1059.004"
        reference = "https://gtfobins.github.io/gtfobins/bash/"
        false_positives = "security training material that is executable"
    strings:
        $interactive = /\b(ba|z|k)?sh\s+-[il]{1,2}\s+[0-9]?(>&|&>|<>|>|<)\s*\/dev\/(tcp|udp)\/[A-Za-z0-9.$\{_:-]{3,80}\/[0-9$]/
        $exec = /exec\s+[0-9]{1,3}<>\s*\/dev\/(tcp|udp)\/[A-Za-z0-9.$\{_:-]{3,80}\/[0-9$]/
        $loop = /(sh|bash)\s+(-i\s+)?<&[0-9]{1,3}\s+>&[0-9]{1,3}|while read -?r? ?line[ <;&0-9]{0,8}[^\n]{0,20}\$line[^\n]{0,20}>&[0-9]/
    condition:
        filesize < 128KB and (is_script or is_job) and ($interactive or ($exec and $loop))
}

rule ReverseShell_Netcat
{
    meta:
        author = "deadbox"
        description = "Script or job that hands a shell to netcat or socat"
        severity = "critical"
        category = "access"
        technique = "T1059.004"
        reference = "https://gtfobins.github.io/gtfobins/nc/"
        false_positives = "security training material that is executable"
    strings:
        $e = /\b(nc|ncat|netcat|nc\.traditional)\s[^\n#]{0,120}-[a-z]{0,6}e\s{0,4}["']?(\/usr)?\/bin\/(ba|da|z)?sh/
        $fifo = /mkfifo\s[^\n#]{1,80}\|\s{0,4}(\/bin\/)?(ba)?sh\s+-i?\s?[^\n]{0,40}\|\s{0,4}(nc|ncat|netcat|telnet|openssl s_client)\s/
        $socat = /socat\s[^\n#]{0,160}exec:["']?(\/bin\/)?(ba)?sh[^\n]{0,80}(pty|tcp|openssl)/ nocase
        $telnet = /telnet\s[^\n|]{4,80}\|\s{0,4}(\/bin\/)?(ba)?sh\s{0,4}\|\s{0,4}telnet\s/
    condition:
        filesize < 128KB and (is_script or is_job) and any of them
}

rule ReverseShell_Python
{
    meta:
        author = "deadbox"
        description = "Small Python program that ties a network socket to a shell"
        severity = "high"
        category = "access"
        technique = "T1059.006"
        reference = "https://gtfobins.github.io/gtfobins/python/"
        false_positives = "security training material"
    strings:
        $socket = /socket\.socket\(|\bsocket\(\s*(socket\.)?AF_INET/
        $connect = ".connect((" ascii
        $dup = /os\.dup2\(\s*[a-z_]{1,16}\.fileno\(\)\s*,\s*[012]\s*\)/
        $spawn1 = /pty\.spawn\(\s*["'](\/bin\/)?(ba|da|z)?sh["']/
        $spawn2 = /subprocess\.(call|Popen|run)\(\s*\[?\s*["']\/bin\/(ba|da|z)?sh["']/
        $spawn3 = /os\.(system|execl|execv)\(\s*["']\/bin\/(ba|da|z)?sh["']/
    condition:
        filesize < 16KB and uint8(0) != 0x3c and $socket and $connect and #dup >= 2 and any of ($spawn*)
}

rule ReverseShell_Perl_PHP
{
    meta:
        author = "deadbox"
        description = "Perl or PHP program that ties a network socket to a shell"
        severity = "critical"
        category = "access"
        technique = "T1059"
        reference = "https://pentestmonkey.net/tools/web-shells/php-reverse-shell"
        false_positives = "security training material"
    strings:
        $perl1 = /open\s*\(?\s*STDIN\s*,\s*["'][<>+]{0,3}&\s*[A-Za-z]{1,12}["']/
        $perl2 = /open\s*\(?\s*STDOUT\s*,\s*["'][<>+]{0,3}&\s*[A-Za-z]{1,12}["']/
        $perl3 = /exec\s*\(?\s*\{?["'](\/bin\/)?(ba)?sh(\s+-i)?["']/
        $perl4 = /use\s+(IO::)?Socket/
        $php1 = /fsockopen\s*\(\s*["'$][^\n]{1,80}/
        $php2 = /(exec|shell_exec|system|passthru|popen)\s*\(\s*["'](\/bin\/)?(ba)?sh\s+-i\s+<&[0-9]\s+>&[0-9]/
        $php3 = /proc_open\s*\(\s*(\$shell|["'](\/bin\/)?(ba)?sh(\s+-i)?["'])/
        $php4 = "<?php" ascii
        $php5 = "stream_set_blocking" ascii
    condition:
        filesize < 64KB and
        (($perl1 and $perl2 and $perl3 and $perl4 and is_script) or
         ($php4 in (0..256) and $php1 and ($php2 or ($php3 and $php5))))
}

rule ReverseShell_Tiny_ELF
{
    meta:
        author = "deadbox"
        description = "Tiny ELF program without sections and with one segment that is writable and executable: the frame of generated shellcode"
        severity = "high"
        category = "access"
        technique = "T1059.004"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        false_positives = "demonstrations of small programs"
    strings:
        $syscall64 = { 0f 05 }
        $syscall32 = { cd 80 }
        $arm64 = { 01 00 00 d4 }
    condition:
        uint32(0) == 0x464c457f and filesize < 4KB and
        ((uint8(4) == 2 and uint16(0x38) == 1 and uint16(0x3c) == 0 and (uint32(0x44) & 3) == 3 and ($syscall64 or $arm64)) or
         (uint8(4) == 1 and uint16(0x2c) == 1 and uint16(0x30) == 0 and (uint32(0x4c) & 3) == 3 and $syscall32))
}

rule RemoteShell_Gsocket
{
    meta:
        author = "deadbox"
        description = "gsocket (gs-netcat): a shell reachable through a public relay, past every firewall"
        severity = "high"
        category = "access"
        technique = "T1219"
        reference = "https://github.com/hackerschoice/gsocket"
        false_positives = "an administrator who uses gsocket"
    strings:
        $s1 = "gs-netcat" ascii
        $s2 = "GSOCKET_ARGS" ascii
        $s3 = "GS_ARGS=" ascii
        $s4 = "gsocket.io" ascii
        $s5 = "gs-dbus" ascii
        $s6 = "_GSOCKET_" ascii
        $d = /exec -a ['"]?\[[a-z0-9_:\/-]{3,20}\]['"]?\s/
    condition:
        (uint32(0) == 0x464c457f and filesize < 16MB and 3 of ($s*)) or
        (is_script and filesize < 512KB and 2 of ($s*)) or
        (filesize < 64KB and $s3 and $d)
}
