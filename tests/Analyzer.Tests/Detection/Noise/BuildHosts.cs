namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Hosts of developers: programs in hidden directories of homes, downloads piped to shells in what they build, hooks and start-up files by the dozen.</summary>
internal static class BuildHosts
{
    public static void Runners(PlantTree tree)
    {
        tree.Service("actions.runner.example-shop.web01", "/opt/actions-runner/runsvc.sh", "User=alice\nWorkingDirectory=/opt/actions-runner\nKillMode=process\nKillSignal=SIGTERM\nTimeoutStopSec=5min\n")
            .Script("/opt/actions-runner/runsvc.sh", """
                #!/bin/bash
                # convert SIGTERM signal to SIGINT
                # for more info on how to propagate SIGTERM to a child process see: http://veithen.github.io/2014/11/16/sigterm-propagation.html
                trap 'kill -INT $PID' TERM INT
                if [ -f ".path" ]; then
                    # configure
                    export PATH=`cat .path`
                    echo ".path=${PATH}"
                fi
                nodever="node20"
                # insert anything to setup env when running as a service
                ./externals/$nodever/bin/node ./bin/RunnerService.js &
                PID=$!
                wait $PID
                trap - TERM INT
                wait $PID

                """).Program("/opt/actions-runner/externals/node20/bin/node").File("/opt/actions-runner/bin/RunnerService.js", "var childProcess = require(\"child_process\");\nvar path = require(\"path\");\nvar runService = function () {\n  var listenerExePath = path.join(__dirname, 'Runner.Listener');\n  var listener = childProcess.spawn(listenerExePath, ['run', '--startuptype', 'service']);\n};\nrunService();\n")
            .Program("/opt/actions-runner/bin/Runner.Listener")
            .Service("gitlab-runner", "/usr/local/bin/gitlab-runner \"run\" \"--working-directory\" \"/home/alice\" \"--config\" \"/etc/gitlab-runner/config.toml\" \"--service\" \"gitlab-runner\" \"--user\" \"alice\"", "StartLimitInterval=5\nRestart=always\nRestartSec=120\n")
            .Program("/usr/local/bin/gitlab-runner", new PlantedElf { Seed = "gitlab-runner", IsStatic = true, Sections = [(".go.buildinfo", "\u00ff Go buildinf:go1.22.5"u8.ToArray())], Strings = ["gitlab.com/gitlab-org/gitlab-runner"] })
            .Service("buildkite-agent", "/usr/local/bin/buildkite-agent start", "User=alice\nRestart=on-failure\n").Program("/usr/local/bin/buildkite-agent", new PlantedElf { Seed = "buildkite", IsStatic = true })
            .Service("jenkins-agent", "/usr/bin/java -jar /opt/jenkins/agent.jar -url https://ci.example/ -secret @/etc/jenkins/secret -name web01 -workDir \"/var/lib/jenkins\"")
            .OwnedProgram("default-jre", "/usr/bin/java").File("/opt/jenkins/agent.jar", "PK\u0003\u0004 not really a jar")
            .Crontab("root", "0 4 * * * docker system prune -af --filter \"until=72h\" >/dev/null 2>&1\n15 3 * * * find /home/alice/builds -maxdepth 2 -mtime +7 -exec rm -rf {} +\n*/10 * * * * flock -n /tmp/cache.lock /opt/ci/cache-warm.sh > /tmp/cache.log 2>&1\n")
            .Script("/opt/ci/cache-warm.sh", "#!/bin/bash\nset -euo pipefail\ncd /tmp\ncurl -fsSL https://registry.example/v2/base/manifests/latest -o /tmp/manifest.json\npython3 -c \"import json,sys; print(json.load(open('/tmp/manifest.json'))['schemaVersion'])\"\n")
            .Script("/home/alice/builds/shop/install.sh", "#!/bin/sh\ncurl -sSL https://install.python-poetry.org | python3 -\ncurl -fsSL https://deb.nodesource.com/setup_20.x | bash -\nwget -qO- https://get.docker.com | sh\n")
            .Folder("/tmp/pip-build-x1", 0b111_000_000, 1000).File("/tmp/pip-build-x1/setup.py", "from setuptools import setup\nsetup(name='x')\n", user: 1000)
            .Folder("/home/alice/builds", user: 1000, group: 1000);
    }

    public static void DeveloperHomes(PlantTree tree)
    {
        tree.File("/home/alice/.bashrc", """
            case $- in
                *i*) ;;
                  *) return;;
            esac
            HISTCONTROL=ignoreboth
            HISTSIZE=1000
            alias ls='ls --color=auto'
            alias grep='grep --color=auto'
            alias ll='ls -alF'
            export NVM_DIR="$HOME/.nvm"
            [ -s "$NVM_DIR/nvm.sh" ] && \. "$NVM_DIR/nvm.sh"  # This loads nvm
            [ -s "$NVM_DIR/bash_completion" ] && \. "$NVM_DIR/bash_completion"
            # >>> conda initialize >>>
            __conda_setup="$('/home/alice/miniconda3/bin/conda' 'shell.bash' 'hook' 2> /dev/null)"
            if [ $? -eq 0 ]; then
                eval "$__conda_setup"
            else
                if [ -f "/home/alice/miniconda3/etc/profile.d/conda.sh" ]; then
                    . "/home/alice/miniconda3/etc/profile.d/conda.sh"
                else
                    export PATH="/home/alice/miniconda3/bin:$PATH"
                fi
            fi
            unset __conda_setup
            # <<< conda initialize <<<
            export PYENV_ROOT="$HOME/.pyenv"
            command -v pyenv >/dev/null || export PATH="$PYENV_ROOT/bin:$PATH"
            eval "$(pyenv init -)"
            . "$HOME/.cargo/env"
            export PATH="$HOME/.local/bin:$HOME/go/bin:$PATH"
            eval "$(direnv hook bash)"
            eval "$(starship init bash)"
            source <(kubectl completion bash)
            [ -f ~/.fzf.bash ] && source ~/.fzf.bash
            if [ -z "$SSH_AUTH_SOCK" ]; then eval "$(ssh-agent -s)" >/dev/null; fi
            export LESSOPEN="| /usr/bin/lesspipe %s"
            PROMPT_COMMAND='history -a'

            """, user: 1000, group: 1000)
            .File("/home/alice/.zshrc", "export ZSH=\"$HOME/.oh-my-zsh\"\nZSH_THEME=\"robbyrussell\"\nplugins=(git docker)\nsource $ZSH/oh-my-zsh.sh\nalias vim=nvim\n", user: 1000, group: 1000)
            .File("/home/alice/.oh-my-zsh/oh-my-zsh.sh", "# oh-my-zsh\nautoload -U compaudit compinit\n", user: 1000)
            .File("/home/alice/.cargo/env", "case \":${PATH}:\" in\n    *:\"$HOME/.cargo/bin\":*) ;;\n    *) export PATH=\"$HOME/.cargo/bin:$PATH\" ;;\nesac\n", user: 1000)
            .Script("/home/alice/.nvm/nvm.sh", "#!/usr/bin/env bash\nnvm_download() {\n  if nvm_has 'curl'; then\n    curl --fail --compressed -q \"$@\"\n  else\n    wget \"$@\"\n  fi\n}\n")
            .Program("/home/alice/.nvm/versions/node/v20.11.0/bin/node").Program("/home/alice/miniconda3/bin/conda").Program("/home/alice/.cargo/bin/cargo").Program("/home/alice/.pyenv/versions/3.12.1/bin/python3.12")
            .Program("/home/alice/go/bin/gopls", new PlantedElf { Seed = "gopls", IsStatic = true }).Program("/home/alice/.vscode-server/cli/servers/Stable-1/server/node")
            .Service("app", "/home/alice/.nvm/versions/node/v20.11.0/bin/node /srv/app/server.js", "User=alice\nEnvironment=NODE_ENV=production\nRestart=always\n").File("/srv/app/server.js", "const http = require('http');\nhttp.createServer((q, r) => r.end('ok')).listen(3000);\n")
            .Service("pm2-alice", "/home/alice/.nvm/versions/node/v20.11.0/lib/node_modules/pm2/bin/pm2 resurrect",
                "User=alice\nEnvironment=PATH=/home/alice/.nvm/versions/node/v20.11.0/bin:/usr/bin:/bin\nEnvironment=PM2_HOME=/home/alice/.pm2\nPIDFile=/home/alice/.pm2/pm2.pid\nRestart=on-failure\nExecReload=/home/alice/.nvm/versions/node/v20.11.0/lib/node_modules/pm2/bin/pm2 reload all\n")
            .Script("/home/alice/.nvm/versions/node/v20.11.0/lib/node_modules/pm2/bin/pm2", "#!/usr/bin/env node\n'use strict';\nrequire('../lib/binaries/CLI.js');\n")
            .File("/home/alice/.nvm/versions/node/v20.11.0/lib/node_modules/pm2/lib/binaries/CLI.js", "const { spawn } = require('child_process');\nspawn(process.execPath, ['Daemon.js'], { detached: true });\n")
            .Service("jupyter", "/home/alice/miniconda3/bin/jupyter lab --no-browser --port=8888", "User=alice\n").Script("/home/alice/miniconda3/bin/jupyter", "#!/home/alice/miniconda3/bin/python\nimport re\nimport sys\nfrom jupyter_core.command import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
            .Program("/home/alice/miniconda3/bin/python")
            .Crontab("alice", "23 0 * * * \"/home/alice/.acme.sh\"/acme.sh --cron --home \"/home/alice/.acme.sh\" > /dev/null\n@reboot /home/alice/.local/bin/syncthing --no-browser >/dev/null 2>&1 &\n0 * * * * cd /home/alice/scraper && /home/alice/.pyenv/versions/3.12.1/bin/python3.12 fetch.py >> /tmp/fetch.log 2>&1\n")
            .Script("/home/alice/.acme.sh/acme.sh", "#!/usr/bin/env sh\nVER=3.0.7\n_get() { curl --silent \"$1\" || wget -qO- \"$1\"; }\n_base64() { openssl base64 -e; }\n_dbase64() { openssl base64 -d; }\n_process() { _get https://acme-v02.api.example/directory | _dbase64; }\n_process \"$@\"\n")
            .Program("/home/alice/.local/bin/syncthing", new PlantedElf { Seed = "syncthing", IsStatic = true })
            .File("/home/alice/scraper/fetch.py", "import urllib.request, subprocess, socket\nprint(urllib.request.urlopen('https://example.org').status)\nsubprocess.run(['git', 'pull'])\n", user: 1000)
            .Script("/home/alice/src/shop/.git/hooks/pre-commit", "#!/usr/bin/env sh\nif [ -n \"$HUSKY_DEBUG\" ]; then set -x; fi\nnpx --no-install lint-staged\n")
            .Script("/home/alice/src/shop/.git/hooks/post-checkout", "#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || { printf >&2 \"\\n%s\\n\\n\" \"This repository is configured for Git LFS but 'git-lfs' was not found on your path.\"; exit 2; }\ngit lfs post-checkout \"$@\"\n")
            .Script("/home/alice/src/shop/.git/hooks/pre-push.sample", "#!/bin/sh\nexit 0\n").File("/home/alice/src/shop/.git/config", "[core]\n\trepositoryformatversion = 0\n\thooksPath = .husky/_\n[remote \"origin\"]\n\turl = git@git.example:shop.git\n[alias]\n\tlast = log -1\n", user: 1000)
            .File("/home/alice/.gitconfig", "[core]\n\tpager = delta\n\teditor = vim\n[credential]\n\thelper = store\n[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n[alias]\n\troot = !git rev-parse --show-toplevel\n", user: 1000)
            .File("/home/alice/venv/lib/python3.11/site-packages/distutils-precedence.pth", "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n", user: 1000)
            .File("/home/alice/venv/lib/python3.11/site-packages/_virtualenv.pth", "import _virtualenv\n", user: 1000).File("/home/alice/venv/lib/python3.11/site-packages/__editable__.shop-0.1.pth", "/home/alice/src/shop/src\n", user: 1000)
            .File("/home/alice/venv/lib/python3.11/site-packages/matplotlib-3.8.0-py3.11-nspkg.pth", "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('mpl_toolkits',));importlib = has_mfs and __import__('importlib.util');\n", user: 1000)
            .File("/home/alice/.tmux.conf", "set -g mouse on\nset -g @plugin 'tmux-plugins/tpm'\nrun '~/.tmux/plugins/tpm/tpm'\n", user: 1000).Script("/home/alice/.tmux/plugins/tpm/tpm", "#!/usr/bin/env bash\nset -e\n")
            .File("/home/alice/.ssh/config", "Host *.internal\n  ProxyCommand cloudflared access ssh --hostname %h\nHost i-*\n  ProxyCommand sh -c \"aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters 'portNumber=%p'\"\n", 0b110_000_000, 1000)
            .File("/home/alice/.config/autostart/nextcloud.desktop", "[Desktop Entry]\nType=Application\nName=Nextcloud\nExec=nextcloud --background\n", user: 1000)
            .File("/home/alice/.config/systemd/user/syncthing.service", "[Unit]\nDescription=Syncthing\n[Service]\nExecStart=/home/alice/.local/bin/syncthing serve --no-browser --no-restart\n[Install]\nWantedBy=default.target\n", user: 1000)
            .Link("/home/alice/.config/systemd/user/default.target.wants/syncthing.service", "/home/alice/.config/systemd/user/syncthing.service").File("/var/lib/systemd/linger/alice", "");
    }
}
