/*
    Rootkits: shared objects that hide files and processes through ld.so.preload, and kernel modules that do it in the kernel.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_elf_library
{
    condition:
        uint32(0) == 0x464c457f and uint16(16) == 3
}

private rule is_kernel_module
{
    strings:
        $vermagic = "vermagic=" ascii
    condition:
        uint32(0) == 0x464c457f and uint16(16) == 1 and $vermagic
}

rule Rootkit_Libprocesshider
{
    meta:
        author = "deadbox"
        description = "Shared object that hides a process by its name, built like libprocesshider"
        severity = "critical"
        category = "evasion"
        technique = "T1574.006"
        reference = "https://github.com/gianlucaborello/libprocesshider"
        false_positives = "none known"
    strings:
        $scan = "%d (%[^)]s" ascii
        $fd = "/proc/self/fd/%d" ascii
        $stat = "/proc/%s/stat" ascii
        $dlsym = "dlsym" ascii fullword
        $readdir = "readdir" ascii
        $error = "Error in dlsym: %s" ascii
    condition:
        is_elf_library and filesize < 512KB and $readdir and $dlsym and $fd and $stat and ($scan or $error)
}

rule Rootkit_Preload_Miner_Hider
{
    meta:
        author = "deadbox"
        description = "Shared object that replaces directory functions and knows the names of miners: it hides them"
        severity = "critical"
        category = "evasion"
        technique = "T1574.006"
        reference = "https://attack.mitre.org/software/S0599/"
        false_positives = "none known"
    strings:
        $dlsym = "dlsym" ascii fullword
        $h1 = "readdir" ascii fullword
        $h2 = "readdir64" ascii fullword
        $h3 = "fopen" ascii fullword
        $h4 = "getdents64" ascii fullword
        $m1 = "kinsing" ascii
        $m2 = "kdevtmpfsi" ascii
        $m3 = "xmrig" ascii
        $m4 = "libsystem.so" ascii
        $m5 = "ld.so.preload" ascii
        $m6 = "minerd" ascii fullword
        $m7 = "perfctl" ascii fullword
        $m9 = "/proc/self/fd" ascii
    condition:
        is_elf_library and filesize < 2MB and $dlsym and ($h1 or $h2 or $h4) and
        (2 of ($m1, $m2, $m3, $m4, $m6, $m7) or (1 of ($m1, $m2, $m3, $m6, $m7) and $m5 and ($m9 or $h3)))
}

rule Rootkit_Preload_Backdoor
{
    meta:
        author = "deadbox"
        description = "Shared object that replaces libc functions, hides network connections and protects the preload list"
        severity = "critical"
        category = "evasion"
        technique = "T1574.006"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        false_positives = "none known"
    strings:
        $preload = "ld.so.preload" ascii
        $dlsym = "dlsym" ascii fullword
        $tcp = "/proc/net/tcp" ascii
        $p1 = "pam_authenticate" ascii fullword
        $p2 = "pcap_loop" ascii fullword
        $p3 = "pam_get_item" ascii fullword
        $p4 = "getpwnam" ascii
        $p5 = "accept" ascii fullword
        $p6 = "pam_vprompt" ascii fullword
        $d1 = "readdir64" ascii fullword
        $d2 = "readdir" ascii fullword
        $d3 = "__lxstat64" ascii fullword
        $d4 = "__xstat64" ascii fullword
        $d5 = "unlinkat" ascii fullword
        $d6 = "fopen64" ascii fullword
        $d7 = "execve" ascii fullword
        $d8 = "fdopendir" ascii fullword
        $d9 = "__fxstat64" ascii fullword
    condition:
        is_elf_library and filesize < 1MB and $preload and $dlsym and $tcp and 4 of ($d*) and any of ($p*)
}

rule Rootkit_Preload_Known_Family
{
    meta:
        author = "deadbox"
        description = "Userland rootkit by its own strings: Azazel, Jynx, vlany, bedevil, Father, HiddenWasp, OrBit"
        severity = "critical"
        category = "evasion"
        technique = "T1574.006"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        false_positives = "none known"
    strings:
        $dl = "dlsym" ascii fullword
        $u1 = "libntpVnQE6mk" ascii
        $u2 = "HIDE_THIS_SHELL" ascii
        $u3 = "I_AM_HIDDEN" ascii
        $u4 = "xochi" ascii fullword
        $u5 = "jynx2" ascii nocase
        $u6 = "vlany" ascii
        $u7 = "azazel_" ascii
        $u8 = "bdvl_" ascii
        $u9 = "lobster_" ascii
        $u10 = "is_invisible_file" ascii
        $u11 = "falsify_tcp" ascii
        $u12 = "forge_proc_net_tcp" ascii
        $u13 = "hide_ports" ascii fullword
        $u14 = "is_procnet" ascii fullword
        $u15 = "drop_shell" ascii fullword
        $u16 = "drop_suidshell_if_env_is_set" ascii
        $u17 = "cleanup_ssh" ascii
        $u18 = "is_hidden_port" ascii
        $h = "readdir" ascii
    condition:
        is_elf_library and filesize < 4MB and $dl and $h and ($u1 or $u2 or $u16 or 2 of ($u*))
}

rule Rootkit_LKM_Known_Family
{
    meta:
        author = "deadbox"
        description = "Kernel module of a known rootkit: Diamorphine, Reptile, Suterusu, adore-ng, KoviD, brokepkg, Singularity, Caraxes"
        severity = "critical"
        category = "evasion"
        technique = "T1014"
        reference = "https://github.com/m0nad/Diamorphine"
        false_positives = "none known"
    strings:
        $d1 = "name=diamorphine" ascii
        $d2 = "LKM rootkit" ascii
        $d3 = "diamorphine_init" ascii
        $d4 = "diamorphine_secret" ascii
        $d5 = "hacked_getdents" ascii
        $d6 = "hacked_kill" ascii
        $r1 = "reptile_init" ascii
        $r2 = "/reptile/" ascii
        $r3 = "khook_find_and_init" ascii
        $r4 = "is_proc_invisible" ascii
        $s1 = "name=suterusu" ascii
        $a1 = "adore-ng" ascii
        $a2 = "adore_init" ascii
        $k1 = "name=kovid" ascii
        $k2 = "kv_hide_task" ascii
        $b1 = "name=brokepkg" ascii
        $c1 = "name=caraxes" ascii
        $g1 = "name=singularity" ascii
        $g2 = "hooked_getdents64" ascii
    condition:
        is_kernel_module and ($d1 or $d3 or $d4 or ($d2 and ($d5 or $d6)) or ($d5 and $d6) or 2 of ($r*) or $s1 or any of ($a*) or any of ($k*) or $b1 or $c1 or ($g1 and $g2))
}

rule Rootkit_LKM_Generic
{
    meta:
        author = "deadbox"
        description = "Kernel module that looks up the system call table or hooks directory listing, and hides itself or gives root"
        severity = "high"
        category = "evasion"
        technique = "T1014"
        reference = "https://attack.mitre.org/techniques/T1014/"
        false_positives = "security agents that patch the system call table"
    strings:
        $t1 = "sys_call_table" ascii
        $t2 = "kallsyms_lookup_name" ascii
        $t3 = /(hook|hooked|hacked|fake|new|my|evil|orig|original|old|real)_(sys_)?getdents/
        $t4 = "ftrace_set_filter_ip" ascii
        $t5 = /(hook|hooked|hacked|fake|orig)_(sys_)?kill/
        $t6 = /(hook|hooked|hacked|fake|orig|original)_(tcp[46]_seq_show|filldir)/
        $h1 = /(module|mod|self|lkm)_?(hide|hidden|unhide|show)/
        $h2 = /(hide|hidden|invisible|unhide)_?(module|mod|self|lkm|pid|proc|process|task|file|port|tcp)/
        $h3 = /is_(proc_|file_)?(invisible|hidden)/
        $h4 = /(give|get|set|grant)_?root/
        $h5 = "rootkit" ascii nocase
        $c = "prepare_creds" ascii fullword
    condition:
        is_kernel_module and filesize < 4MB and 2 of ($t*) and (2 of ($h*) or ($c and any of ($h*)))
}
