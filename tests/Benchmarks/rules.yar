// A small rule set for compare.sh: the same rules for deadbox and for yara, so that only the programs differ.
rule bench_stratum { strings: $tcp = "stratum+tcp://" nocase  $ssl = "stratum+ssl://" nocase condition: any of them }
rule bench_miner_words { strings: $a = "xmrig" nocase fullword  $b = "donate-level"  $c = "randomx"  $d = "cryptonight" nocase  $e = "nicehash" nocase condition: 3 of them }
rule bench_miner_config { strings: $url = /"url"\s*:\s*"stratum[^"]{4,80}"/  $algo = /"algo"\s*:\s*"(rx|cn|argon2)[^"]{0,20}"/  $fee = "\"donate-level\"" condition: 2 of them }
rule bench_download_to_shell { strings: $a = /(curl|wget)\s[^\n|]{4,200}\|\s*(ba)?sh\b/ condition: filesize < 1MB and $a }
rule bench_reverse_shell { strings: $a = "/dev/tcp/"  $b = "bash -i"  $c = "0>&1" condition: all of them }
rule bench_python_shell { strings: $a = "socket.socket"  $b = "os.dup2"  $c = "pty.spawn" condition: all of them }
rule bench_web_shell { strings: $php = "<?php"  $call = /(eval|assert|system|passthru|shell_exec)\s*\(\s*\$_(GET|POST|REQUEST|COOKIE)/ nocase condition: filesize < 2MB and all of them }
rule bench_preload { strings: $a = "/etc/ld.so.preload"  $b = "readdir64"  $c = "dlsym" condition: uint32(0) == 0x464c457f and all of them }
rule bench_packed { strings: $a = "UPX!"  $b = "This file is packed with the UPX" condition: uint32(0) == 0x464c457f and any of them }
rule bench_history { strings: $a = "unset HISTFILE"  $b = "HISTSIZE=0"  $c = "history -c" condition: 2 of them }
rule bench_key_added { strings: $a = ">> /root/.ssh/authorized_keys"  $b = ">> ~/.ssh/authorized_keys"  $c = ">>~/.ssh/authorized_keys" condition: any of them }
rule bench_elf_in_elf { strings: $e = { 7F 45 4C 46 02 01 01 } condition: uint32(0) == 0x464c457f and #e > 1 }
