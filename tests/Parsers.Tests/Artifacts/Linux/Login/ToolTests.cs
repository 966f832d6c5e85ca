using System.Diagnostics;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Login;

public sealed class ToolTests
{
    private const string GitConfig = """
        # comment
        [core]
        	pager = nohup \
        less # tail
        	EDITOR = "vim -c \"set nu\""
        	fsmonitor = true
        [alias] st = status
        	x = "!sh -c 'id; ls'"
        [credential "https://Example.com"]
        	helper = !gh auth
        [filter "lfs"]
        	clean = git-lfs clean -- %f
        [user]
        	name = A
        """;

    [Fact]
    public void Of_git_settings_those_that_start_something_are_kept() => Assert.Equal(
        ["core.pager=nohup less", "core.editor=vim -c \"set nu\"", "alias.x=sh -c 'id; ls'", "credential.https://Example.com.helper=gh auth", "filter.lfs.clean=git-lfs clean -- %f"],
        ArtifactRun.Parse(new GitConfigParser(), "/home/a/.gitconfig", GitConfig).Of<ToolSetting>().Select(setting => setting.Key + "=" + setting.Command));

    /// <summary>git itself reads the same file.</summary>
    [Fact]
    public void Git_reads_the_same_values()
    {
        if (!File.Exists("/usr/bin/git"))
        {
            return;
        }
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(path, GitConfig);
        try
        {
            foreach (ToolSetting setting in ArtifactRun.Parse(new GitConfigParser(), "/home/a/.gitconfig", GitConfig).Of<ToolSetting>())
            {
                using Process git = Process.Start(new ProcessStartInfo("/usr/bin/git", ["config", "-f", path, "--get", setting.Key]) { RedirectStandardOutput = true })!;
                Assert.Equal(git.StandardOutput.ReadToEnd().TrimEnd('\n'), setting.Value);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Hooks_by_name_and_mode()
    {
        static StartupScript? Read(string path, int mode) => ArtifactRun.Parse(new GitHookParser(), path, "#!/bin/sh\nid\n", new FileEntry { Type = FileType.Regular, Permissions = mode }).Of<StartupScript>().SingleOrDefault();
        Assert.Null(Read("/srv/a/.git/hooks/pre-commit", 0x1ED)!.DormantBecause);
        Assert.NotNull(Read("/srv/a/.git/hooks/pre-commit", 0x1A4)!.DormantBecause);
        Assert.NotNull(Read("/srv/a/.git/hooks/pre-commit.bak", 0x1ED)!.DormantBecause);
        Assert.Null(Read("/srv/a/.git/hooks/pre-commit.sample", 0x1ED));
        ToolSetting hooks = Assert.Single(ArtifactRun.Parse(new GitConfigParser(), "/srv/a/.git/config", "[core]\nhooksPath = .husky\n").Of<ToolSetting>());
        Assert.Contains("/srv/a/.husky/pre-commit", hooks.NamedFiles);
    }

    [Fact]
    public void Only_lines_that_begin_with_import_run()
    {
        ArtifactList list = ArtifactRun.Parse(new PythonStartupParser(), "/usr/lib/python3/dist-packages/a.pth", "/some/directory\nimport os; x = '/opt/run now'\n import b\nimport\ta.b, c\n# import d\nimportant\n");
        Assert.Equal([2, 4], list.Of<PythonStartup>().Select(code => code.Location.Line));
        Assert.Contains("/usr/lib/python3/dist-packages/a/b.py", list.Of<PythonStartup>()[1].NamedFiles);
        Assert.Contains("/opt/run", list.Of<PythonStartup>()[0].NamedFiles);
        Assert.NotNull(ArtifactRun.Parse(new PythonStartupParser(), "/usr/lib/python3/dist-packages/a.pth.bak", "import os\n").Of<PythonStartup>()[0].DormantBecause);
        Assert.Equal(PythonStartupForm.SiteCustomize, Assert.Single(ArtifactRun.Parse(new PythonStartupParser(), "/usr/lib/python3.11/sitecustomize.py", "x = 1\n").Of<PythonStartup>()).Form);
    }

    [Theory]
    [InlineData("/var/www/.user.ini", "auto_prepend_file = 'a/b.php' ; x", "auto_prepend_file", "/var/www/a/b.php")]
    [InlineData("/var/www/.htaccess", "php_value auto_append_file \"/x y.php\"", "auto_append_file", "/x y.php")]
    [InlineData("/etc/php/8.2/fpm/pool.d/www.conf", "php_admin_value[auto_prepend_file] = /opt/a.php", "auto_prepend_file", "/opt/a.php")]
    [InlineData("/home/a/.npmrc", "node-options=--require /opt/h.js", "node-options", "/opt/h.js")]
    public void Languages_load_what_their_settings_name(string path, string line, string key, string file)
    {
        ToolSetting setting = Assert.Single(ArtifactRun.Parse(new LanguageConfigParser(), path, "; x\n" + line + "\nextension=mysqli2\n").Of<ToolSetting>(), setting => setting.Key != "extension");
        Assert.Equal((key, file), (setting.Key, setting.NamedFiles[0]));
    }

    [Theory]
    [InlineData("/root/.vimrc", "autocmd VimEnter * silent !/opt/x -d<CR>", "/opt/x -d")]
    [InlineData("/root/.vimrc", "call system('/opt/x')", "/opt/x")]
    [InlineData("/root/.vimrc", "if !has('gui') | set x | endif", null)]
    [InlineData("/root/.vimrc", "\" !comment", null)]
    [InlineData("/root/.tmux.conf", "run-shell -b '/opt/x y'", "/opt/x y")]
    [InlineData("/root/.tmux.conf", "set -g status-right '#(/opt/x) #H'", "/opt/x")]
    [InlineData("/root/.screenrc", "screen -t t 1 /opt/x y", "/opt/x y")]
    [InlineData("/root/.gdbinit", "shell /opt/x", "/opt/x")]
    [InlineData("/root/.gdbinit", "python import os; os.system(\"/opt/x\")", "/opt/x")]
    [InlineData("/root/.psqlrc", "\\! /opt/x", "/opt/x")]
    [InlineData("/root/.psqlrc", "COPY t FROM PROGRAM '/opt/x'", "/opt/x")]
    [InlineData("/root/.ssh/config", "  ProxyCommand=/opt/x %h", "/opt/x %h")]
    [InlineData("/root/.ssh/config", "Match host a exec \"/opt/x y\"", "/opt/x y")]
    [InlineData("/root/.ssh/config", "ProxyCommand none", null)]
    [InlineData("/root/.aws/cli/alias", "a = !/opt/x", "/opt/x")]
    public void Tools_start_what_their_settings_say(string path, string line, string? command) =>
        Assert.Equal(command, ArtifactRun.Parse(new ToolSettingsParser(), path, line + "\n").Of<ToolSetting>().SingleOrDefault()?.Command);

    public static TheoryData<string, string, string> Parsers => new()
    {
        { nameof(SudoersParser), "/etc/sudoers", "Cmnd_Alias A = /x, \\\n ALL=(ALL) NOPASSWD: !A\n" },
        { nameof(DoasParser), "/etc/doas.conf", "permit nopass a as b cmd c\n" },
        { nameof(SudoConfParser), "/etc/sudo.conf", "Plugin a b.so\n" },
        { nameof(PamParser), "/etc/pam.d/a", "auth [a=b c=d] pam_exec.so x \\\n" },
        { nameof(NsswitchParser), "/etc/nsswitch.conf", "passwd: files [!UNAVAIL=return] b\n" },
        { nameof(EnvironmentFileParser), "/etc/environment", "LD_PRELOAD=$LIB/$PLATFORM/x:/y\n" },
        { nameof(ShellStartupParser), "/root/.bashrc", "f() { alias a='b'; export PATH=/x:$PATH; }\n" },
        { nameof(SshLoginScriptParser), "/root/.ssh/rc", "a | b > c\n" },
        { nameof(SshKeyPairParser), "/root/.ssh/x.pub", "ssh-rsa AAAA\n" },
        { nameof(TrustedHostsParser), "/root/.rhosts", "+ +\n" },
        { nameof(LdSoConfParser), "/etc/ld.so.conf", "/a /b\n" },
        { nameof(LdSoCacheParser), "/etc/ld.so.cache", "glibc-ld.so.cache1.1\u0005\0\0\0" },
        { nameof(GitConfigParser), "/root/.gitconfig", "[a \"b\"]\npager = \"x\\\n" },
        { nameof(GitHookParser), "/a/.git/hooks/update", "#!/bin/sh\nx\n" },
        { nameof(PythonStartupParser), "/a/site-packages/b.pth", "import a; '/x'\n" },
        { nameof(LanguageConfigParser), "/var/www/.user.ini", "auto_prepend_file='x'\n" },
        { nameof(ToolSettingsParser), "/root/.vimrc", "!x #(y) run z system('a')\n" },
    };

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Noise_and_sizes_end(string name, string path, string seed)
    {
        ArtifactParser parser = Catalog.ArtifactParsers.Single(parser => parser.GetType().Name == name);
        ArtifactRun.SurvivesGarbage(parser, path, seed);
        if (name is not nameof(SshKeyPairParser))
        {
            ArtifactRun.SurvivesHostileSizes(parser, path, seed);
        }
    }
}
