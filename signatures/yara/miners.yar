/*
    Crypto miners: programs, configurations and start scripts.
    Copyright The deadbox authors. Licence: Apache-2.0.
*/

private rule is_executable
{
    condition:
        uint32(0) == 0x464c457f or uint16(0) == 0x5a4d or uint32(0) == 0xfeedfacf or uint32(0) == 0xbebafeca
}

private rule is_json
{
    condition:
        // The first byte: {, a blank, or the beginning of a comment or byte order mark before it. "//" opens a comment in these configurations too.
        uint8(0) == 0x7b or uint8(0) == 0x0a or uint8(0) == 0x0d or uint8(0) == 0x20 or uint8(0) == 0x09 or uint16(0) == 0x2f2f or uint16(0) == 0x2a2f
        or uint16(0) == 0xbbef
}

rule Miner_XMRig_Binary
{
    meta:
        author = "deadbox"
        description = "Program with the options and algorithm names of XMRig or one of its forks, whatever it is called"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://github.com/xmrig/xmrig"
        false_positives = "a miner installed on purpose"
    strings:
        $o1 = "donate-over-proxy" ascii
        $o2 = "max-threads-hint" ascii
        $o3 = "huge-pages-jit" ascii
        $o4 = "randomx-1gb-pages" ascii
        $o5 = "daemon-poll-interval" ascii
        $o6 = "randomx-cache-qos" ascii
        $o7 = "self-select" ascii
        $o8 = "cpu-memory-pool" ascii
        $o9 = "argon2-impl" ascii
        $o10 = "max-cpu-usage" ascii
        $o11 = "donate-level" ascii
        $o12 = "retry-pause" ascii
        $a1 = "cn/upx2" ascii
        $a2 = "cn-pico/tlo" ascii
        $a3 = "cn-heavy/xhv" ascii
        $a4 = "rx/wow" ascii
        $a5 = "rx/arq" ascii
        $a6 = "argon2/chukwa" ascii
        $a7 = "cryptonight-monerov7" ascii
        $a8 = "randomx/0" ascii
        $a9 = "cryptonight-heavy" ascii
        $a10 = "cryptonight-lite" ascii
        $m1 = "donate.v2.xmrig.com" ascii
        $m2 = "donate.ssl.xmrig.com" ascii
        $m3 = "FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW" ascii
        $m4 = "/sys/module/msr/parameters/allow_writes" ascii
        $m5 = "Usage: xmrig [OPTIONS]" ascii
        $m6 = "xmrig.com/wizard" ascii
        $m7 = "msr kernel module is not available" ascii
    condition:
        is_executable and filesize < 64MB and
        ((3 of ($o*) and 2 of ($a*)) or (2 of ($m*) and (2 of ($o*) or 2 of ($a*))))
}

rule Miner_XMRig_Config
{
    meta:
        author = "deadbox"
        description = "Configuration of XMRig or a compatible miner: pools together with its own settings"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://xmrig.com/docs/miner/config"
        false_positives = "XMRig's source tree, a miner installed on purpose"
    strings:
        $pools = /"pools"\s{0,20}:\s{0,20}\[/
        $k1 = /"donate-level"\s{0,10}:/
        $k2 = /"donate-over-proxy"\s{0,10}:/
        $k3 = /"max-threads-hint"\s{0,10}:/
        $k4 = /"huge-pages(-jit)?"\s{0,10}:/
        $k5 = /"rig-id"\s{0,10}:/
        $k6 = /"nicehash"\s{0,10}:/
        $k7 = /"randomx"\s{0,10}:\s{0,20}\{/
        $k8 = /"self-select"\s{0,10}:/
        $k9 = /"print-time"\s{0,10}:/
        $k10 = /"retry-pause"\s{0,10}:/
        $k11 = /"tls-fingerprint"\s{0,10}:/
        $k12 = /"keepalive"\s{0,10}:/
        $k13 = /"algo"\s{0,10}:\s{0,10}"(rx|cn|cn-lite|cn-heavy|cn-pico|argon2|gr|ghostrider|kawpow)["\/]/
    condition:
        is_json and filesize < 256KB and $pools and 3 of ($k*)
}

rule Miner_Config_StratumUrl
{
    meta:
        author = "deadbox"
        description = "Configuration that names a mining pool by its stratum address, with a login"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://github.com/pooler/cpuminer"
        false_positives = "a miner or pool proxy installed on purpose"
    strings:
        $url = /"[A-Za-z_-]{0,16}(url|pool|pools|host|server|address|stratum)"\s{0,10}:\s{0,10}\[?\s{0,20}"(stratum[12]?|ethproxy|ethstratum|zec|daemon|nicehash)\+(tcp|ssl|tls|udp|http|https):\/\//
        $login = /"(user|username|wallet|login|worker|rig|pass|password|pool_address|pool_password|wallet_address)"\s{0,10}:/
    condition:
        is_json and filesize < 256KB and $url and $login
}

rule Miner_Stratum_Client_Binary
{
    meta:
        author = "deadbox"
        description = "Program that speaks the stratum mining protocol as a client: it subscribes, authorises and submits shares"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://en.bitcoin.it/wiki/Stratum_mining_protocol"
        false_positives = "mining pool software"
    strings:
        $subscribe = "mining.subscribe" ascii
        $authorize = "mining.authorize" ascii
        $submit = "mining.submit" ascii
        $notify = "mining.notify" ascii
        $difficulty = "mining.set_difficulty" ascii
        $target = "mining.set_target" ascii
        $extranonce = "mining.set_extranonce" ascii
    condition:
        is_executable and $subscribe and $authorize and $submit and 1 of ($notify, $difficulty, $target, $extranonce)
}

rule Miner_CryptoNote_Client_Binary
{
    meta:
        author = "deadbox"
        description = "Program that logs in to a CryptoNote or Ethash pool and submits work"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://xmrig.com/docs/extensions"
        false_positives = "mining pool software"
    strings:
        $s1 = "stratum+tcp://" ascii nocase
        $s2 = "stratum+ssl://" ascii nocase
        $s3 = "stratum1+tcp://" ascii nocase
        $l1 = "\"method\":\"login\"" ascii
        $l2 = "\"method\": \"login\"" ascii
        $l3 = "\"method\":\"keepalived\"" ascii
        $l4 = "eth_submitLogin" ascii
        $l5 = "eth_submitHashrate" ascii
        $l6 = "\"method\":\"submit\"" ascii
        $l7 = "\"method\": \"submit\"" ascii
        $w1 = "cryptonight" ascii nocase
        $w2 = "randomx" ascii nocase
        $w3 = "ethash" ascii nocase
        $w4 = "job_id" ascii
        $w5 = "hashrate" ascii nocase
        $w6 = "extranonce" ascii
    condition:
        is_executable and any of ($s*) and any of ($l*) and 3 of ($w*)
}

rule Miner_Embedded_Pool
{
    meta:
        author = "deadbox"
        description = "Program with the address of a mining pool built in, and the words of a miner"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://attack.mitre.org/techniques/T1496/001/"
        false_positives = "a miner installed on purpose"
    strings:
        $pool = /stratum[12]?\+(tcp|ssl|tls):\/\/[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]{2,120}/
        $w1 = "randomx" ascii nocase
        $w2 = "cryptonight" ascii nocase
        $w3 = "donate-level" ascii
        $w4 = "kawpow" ascii nocase
        $w5 = "ethash" ascii nocase
        $w6 = "nicehash" ascii nocase
        $w7 = "hashrate" ascii nocase
        $w8 = "mining.subscribe" ascii
        $w9 = "max-threads-hint" ascii
    condition:
        is_executable and $pool and 3 of ($w*)
}

rule Miner_Cpuminer_Binary
{
    meta:
        author = "deadbox"
        description = "cpuminer (minerd) or one of its many relatives"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://github.com/pooler/cpuminer"
        false_positives = "a miner installed on purpose"
    strings:
        $h1 = "Usage: minerd [OPTIONS]" ascii
        $h2 = "Usage: cpuminer [OPTIONS]" ascii
        $h3 = "Usage: ccminer [OPTIONS]" ascii
        $h4 = "Try `minerd --help' for more information" ascii
        $h5 = "cpuminer-multi" ascii
        $h6 = "cpuminer-opt" ascii
        $p1 = "X-Mining-Extensions" ascii
        $p2 = "%d miner threads started, using '%s' algorithm." ascii
        $p3 = "accepted: %lu/%lu (%.2f%%)" ascii
        $p4 = "Stratum connection failed" ascii
        $p5 = "Stratum authentication failed" ascii
        $p6 = "thread %d: %lu hashes" ascii
        $p7 = "coinbase-addr" ascii
    condition:
        is_executable and ((any of ($h*) and any of ($p*)) or 3 of ($p*))
}

rule Miner_GPU_Miner_Binary
{
    meta:
        author = "deadbox"
        description = "GPU miner by name: T-Rex, lolMiner, SRBMiner, nanominer, TeamRedMiner, PhoenixMiner, GMiner, NBMiner, BzMiner, Rigel, ethminer, XMR-Stak"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://attack.mitre.org/techniques/T1496/001/"
        false_positives = "a miner installed on purpose"
    strings:
        $n1 = "T-Rex NVIDIA GPU miner" ascii
        $n2 = "lolMiner" ascii
        $n3 = "SRBMiner" ascii
        $n4 = "nanominer" ascii
        $n5 = "Team Red Miner" ascii
        $n6 = "teamredminer" ascii
        $n7 = "PhoenixMiner" ascii
        $n8 = "GMiner" ascii
        $n9 = "NBMiner" ascii
        $n10 = "bzminer" ascii
        $n11 = "Rigel Miner" ascii
        $n12 = "ethminer" ascii
        $n13 = "xmr-stak" ascii
        $n14 = "WildRig" ascii
        $n15 = "Claymore's" ascii
        $n16 = "trex-miner" ascii
        $w1 = "ethash" ascii nocase
        $w2 = "kawpow" ascii nocase
        $w3 = "autolykos" ascii nocase
        $w4 = "hashrate" ascii nocase
        $w5 = "stratum" ascii nocase
        $w6 = "cryptonight" ascii nocase
        $w7 = "Share accepted" ascii nocase
        $w8 = "dual mining" ascii nocase
        $w9 = "--pool" ascii
        $w10 = "octopus" ascii
        $w11 = "randomx" ascii nocase
    condition:
        is_executable and any of ($n*) and 4 of ($w*)
}

rule Miner_Start_Script
{
    meta:
        author = "deadbox"
        description = "Script or unit that starts a miner: its command line names mining options"
        severity = "high"
        category = "malware"
        technique = "T1496.001"
        reference = "https://xmrig.com/docs/miner/command-line-options"
        false_positives = "start scripts of a miner installed on purpose"
    strings:
        $unit = /\nExecStart=[^\n]{1,300}(--donate-level|--randomx-|--cpu-max-threads-hint|--rig-id|stratum2?\+(tcp|ssl|tls):\/\/)/
        $u1 = /[ "'=]stratum2?\+(tcp|ssl|tls):\/\/[A-Za-z0-9$\{]/
        $u2 = /\s(-o|--url)[ =]["']?[A-Za-z0-9$\{][A-Za-z0-9.$\{\}_-]{3,80}:[0-9]{2,5}["']?\s[^\n]{0,40}(-u|--user)[ =]/
        $o1 = /\s--donate-level[ =]/
        $o2 = /\s--cpu-max-threads-hint[ =]/
        $o3 = /\s--(randomx-mode|randomx-1gb-pages|randomx-no-numa|randomx-wrmsr)/
        $o4 = /\s--rig-id[ =]/
        $o5 = /\s--nicehash\s/
        $o6 = /\s--coin[ =]["']?(monero|xmr|XMR|dero|wownero)/
        $o7 = /\s(-a|--algo)[ =]["']?(rx\/|cn\/|cn-|randomx|kawpow|ethash|etchash|ghostrider|cryptonight|verushash|autolykos)/
        $o8 = /\s--(cpu-priority|huge-pages-jit|no-huge-pages|cpu-affinity)[ =\n]/
    condition:
        filesize < 128KB and ((uint8(0) == 0x5b and $unit) or (uint16(0) == 0x2123 and ((any of ($u*) and any of ($o*)) or 3 of ($o*))))
}

rule Miner_MoneroOcean_Setup
{
    meta:
        author = "deadbox"
        description = "Set-up script of MoneroOcean or c3pool, which attackers run as it is to turn a host into a miner"
        severity = "critical"
        category = "malware"
        technique = "T1496.001"
        reference = "https://github.com/MoneroOcean/xmrig_setup"
        false_positives = "the owner joined the pool"
    strings:
        $s1 = "setup_moneroocean_miner.sh" ascii
        $s2 = "setup_c3pool_miner.sh" ascii
        $s3 = "setup_mo_4_r00t" ascii
        $d1 = "moneroocean_miner.service" ascii
        $d2 = "c3pool_miner.service" ascii
        $d3 = "/moneroocean/xmrig" ascii
        $d4 = "/c3pool/xmrig" ascii
        $w1 = "CPU_THREADS" ascii
        $w2 = "killall -9 xmrig" ascii
        $w3 = "vm.nr_hugepages" ascii
    condition:
        uint16(0) == 0x2123 and filesize < 256KB and (any of ($s*) or any of ($d*)) and 2 of ($d*, $w*)
}
