using System.Text;
using Forensics.Analyzer.Risk;
using static Forensics.Analyzer.Tests.Detection.PlantKind;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Replaced programs, SSH and the loader.</summary>
internal static class IntegrityPlants
{
    private const string Lib = "/usr/lib/x86_64-linux-gnu/";

    private static readonly PlantedElf s_loader = new() { Seed = "ld.so", IsLibrary = true, Strings = ["/etc/ld.so.preload", "/etc/ld.so.cache"] };

    public static IReadOnlyList<Plant> All { get; } =
    [
        // Nothing in these is a word that a rule knows: only the package says that they are others.
        new("L-BIN", "ps-replaced", Quiet, tree => tree.Replace("/usr/bin/ps", Elf("other ps"))) { Entries = [], Rule = "vital-program-replaced", AtLeast = Severity.Critical },
        new("L-BIN", "sudo-replaced-on-red-hat", Quiet, tree => tree.WithRpm().Replace("/usr/bin/sudo", Elf("other sudo"))) { Host = PlantHost.RedHat, Entries = [], Rule = "vital-program-replaced", AtLeast = Severity.Critical },
        new("L-BIN", "curl-replaced-on-alpine", Quiet, tree => tree.Replace("/usr/bin/curl", Elf("other curl"))) { Host = PlantHost.Alpine, Entries = [], Rule = "vital-program-replaced" },
        new("L-BIN", "wrapper-with-original", Loud, tree => Aside(tree, "/usr/bin/ls", "/usr/bin/ls.original").Replace("/usr/bin/ls", Text("#!/bin/bash\n/usr/bin/ls.original \"$@\" | grep -v kdevtmpfsi\n")))
            { Rule = "script-for-binary", AtLeast = Severity.Critical },
        new("L-BIN", "original-kept-elsewhere", Quiet, tree => Aside(tree, "/usr/bin/top", "/usr/bin/top_").Replace("/usr/bin/top", Elf("other top"))) { Rule = "original-moved-aside", AtLeast = Severity.Critical, Entries = [] },
        new("L-BIN", "script-without-database", Loud, tree => tree.Add(tree["/usr/bin/ps"] with { Content = Text("#!/bin/sh\nps.original \"$@\" | grep -v zzh\n"), Package = null }).Program("/usr/bin/ps.original")) { Host = PlantHost.RedHat },
        new("L-BIN", "wget-renamed", Quiet, tree => Aside(tree, "/usr/bin/wget", "/usr/bin/good")) { Rule = "renamed-downloader", Entries = [] },
        new("L-BIN", "renamed-downloader-by-name", Quiet, tree => tree.Program("/usr/bin/wd1")) { Rule = "renamed-downloader", Entries = [] },
        new("L-BIN", "viewer-gone", Quiet, tree => tree.Change("/usr/bin/lsof", file => file with { IsAbsent = true })) { Rule = "missing-program", AtLeast = Severity.Medium, Entries = [] },
        new("L-BIN", "link-in-place-of-ss", Quiet, tree => tree.Program("/usr/lib/.x/ss").Change("/usr/bin/ss", file => file with { Type = Parsers.FileType.SymbolicLink, Shipped = file.Content, Content = Text("/usr/lib/.x/ss") }))
            { Rule = "vital-program-replaced", AtLeast = Severity.Critical, Entries = [] },
        new("L-BIN", "ordinary-program-replaced", Quiet, tree => tree.Replace("/usr/bin/docker", Elf("other docker")).Service("docker", "/usr/bin/docker -H fd://")) { Rule = "package-files-changed", AtLeast = Severity.Medium, Entries = [] },
        new("L-BIN", "backup-of-an-intact-program", Benign, tree => tree.Add(tree["/usr/bin/curl"] with { Path = "/usr/bin/curl.bak", Package = null })),
        new("L-BIN", "diverted-program", Benign, tree => Divert(tree)),
        new("L-BIN", "configuration-changed", Benign, tree => tree.Append("/etc/ssh/sshd_config", "MaxAuthTries 3\n").Append("/etc/bash.bashrc", "alias ll='ls -l'\n")),
        new("L-BIN", "built-from-source-in-usr-local", Benign, tree => tree.Program("/usr/local/bin/curl").Program("/usr/local/sbin/sshd").Program("/usr/local/bin/ps")),
        new("L-BIN", "scripts-by-design", Benign, tree => tree.Owned(BaseHost.Package, "/usr/bin/ldd", Text("#! /usr/bin/bash\n# list dynamic dependencies\n"), 0x1ED).Owned(BaseHost.Package, "/usr/bin/which", Text("#! /bin/sh\nset -ef\n"), 0x1ED)
            .Owned(BaseHost.Package, "/usr/bin/egrep", Text("#!/bin/sh\nexec grep -E \"$@\"\n"), 0x1ED)),
        new("L-BIN", "downloader-removed-by-hardening", Benign, tree => tree.Change("/usr/bin/wget", file => file with { IsAbsent = true }).Change("/usr/bin/curl", file => file with { IsAbsent = true })),
        new("L-BIN", "package-updated-by-itself", Benign, tree => Many(tree)),

        new("L-SSH-BIN", "sshd-replaced", Quiet, tree => tree.Replace("/usr/sbin/sshd", Elf("other sshd"))) { Rule = "replaced", AtLeast = Severity.Critical, Entries = [] },
        new("L-SSH-BIN", "ssh-replaced-on-red-hat", Quiet, tree => tree.WithRpm().Replace("/usr/bin/ssh", Elf("other ssh"))) { Host = PlantHost.RedHat, Rule = "replaced", AtLeast = Severity.Critical, Entries = [] },
        new("L-SSH-BIN", "server-that-logs", Loud, tree => tree.Add(tree["/usr/sbin/sshd"] with { Package = null, Content = new PlantedElf { Seed = "logging sshd", Strings = ["/etc/ssh/sshd_config", "/var/log/httpd-access_log", "/etc/ssh/.sshd_auth"] }.Build() }))
            { Host = PlantHost.RedHat, Rule = "hidden-file-in-server", AtLeast = Severity.Critical },
        new("L-SSH-BIN", "server-with-database-to-fit", Loud, tree => tree.OwnedProgram(BaseHost.Package, "/usr/sbin/sshd", new PlantedElf { Seed = "fitting sshd", HasDebugLink = true, Strings = ["/usr/include/sn.h", "/var/run/sshd.pid"] }))
            { Rule = "hidden-file-in-server" },
        new("L-SSH-BIN", "foreign-keyutils", Quiet, tree => tree.Add(new PlantedFile(Lib + "libkeyutils.so.1.9", Parsers.FileType.Regular) { Content = Library("keyutils"), Mode = 0x1A4 })) { Rule = "foreign-library", Entries = [] },
        new("L-SSH-BIN", "backdoored-xz", Quiet, tree => tree.Package(new PlantedPackage("liblzma5") { Version = "5.6.1-1" }).Owned("liblzma5", Lib + "liblzma.so.5.6.1", Library("xz"))) { Rule = "xz-backdoor", Entries = [] },
        new("L-SSH-BIN", "repaired-xz", Benign, tree => tree.Package(new PlantedPackage("liblzma5") { Version = "5.6.1+really5.4.5-1" }).Owned("liblzma5", Lib + "liblzma.so.5.4.5", Library("xz"))),
        new("L-SSH-BIN", "stock-server-texts", Benign, tree => tree.OwnedProgram(BaseHost.Package, "/usr/sbin/sshd", new PlantedElf { Seed = "stock sshd", HasDebugLink = true, Strings = ["/var/log/lastlog", "/var/log/btmp", "/run/sshd.pid", "/tmp/.X11-unix/X%u", "/.k5login", "/etc/ssh/ssh_host_rsa_key", "/dev/null", "/usr/lib/debug/.dwz/x86_64-linux-gnu/openssh-server.debug"] })),
        new("L-SSH-BIN", "source-built-openssh", Benign, tree => tree.Program("/usr/local/sbin/sshd", new PlantedElf { Seed = "own sshd", Strings = ["/var/log/sshd-own.log"] })),

        new("L-LDSO", "loader-patched", Quiet, tree => tree.Replace(Lib + "ld-linux-x86-64.so.2", (s_loader with { Strings = ["/etc/ld.so.pre1oad", "/etc/ld.so.cache"] }).Build())) { Rule = "patched-preload", AtLeast = Severity.Critical, Entries = [] },
        new("L-LDSO", "loader-patched-and-database-to-fit", Quiet, tree => tree.OwnedProgram(BaseHost.Package, Lib + "ld-linux-x86-64.so.2", s_loader with { Strings = ["/bin/.ld.so.hash", "/etc/ld.so.cache"] })) { Rule = "patched-preload", AtLeast = Severity.Critical, Entries = [] },
        new("L-LDSO", "loader-patched-without-database", Quiet, tree => tree.OwnedProgram(BaseHost.Package, Lib + "ld-linux-x86-64.so.2", s_loader with { Strings = ["/lib/ld.so.tmpfile", "/etc/ld.so.cache"] }))
            { Host = PlantHost.RedHat, Rule = "patched-preload", AtLeast = Severity.Critical, Entries = [] },
        new("L-LDSO", "libc-replaced", Quiet, tree => tree.Replace(Lib + "libc.so.6", Library("other libc"))) { Rule = "replaced", AtLeast = Severity.Critical, Entries = [] },
        new("L-LDSO", "loader-replaced-copy-beside", Quiet, tree => Aside(tree, Lib + "ld-linux-x86-64.so.2", Lib + "ld-linux-x86-64.so.2.bak").Replace(Lib + "ld-linux-x86-64.so.2", (s_loader with { Seed = "other loader" }).Build()))
            { Rule = "copy-beside", AtLeast = Severity.Critical, Entries = [] },
        new("L-LDSO", "intact-loader-behind-links", Benign, tree => tree.Link("/usr/lib64/ld-linux-x86-64.so.2", Lib + "ld-linux-x86-64.so.2", BaseHost.Package)),
        new("L-LDSO", "old-glibc-names", Benign, tree => tree.OwnedProgram("libc6", Lib + "ld-2.31.so", s_loader with { Seed = "old loader" }).OwnedProgram("libc6", Lib + "libc-2.31.so", new PlantedElf { Seed = "old libc", IsLibrary = true })),
    ];

    private static byte[] Elf(string seed) => new PlantedElf { Seed = seed }.Build();

    private static byte[] Library(string seed) => new PlantedElf { Seed = seed, IsLibrary = true }.Build();

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The shipped file under another name; at its own there is nothing until something is put there.</summary>
    private static PlantTree Aside(PlantTree tree, string path, string to)
    {
        PlantedFile file = tree[path];
        tree.Add(file with { Path = to, Package = null });
        // The package goes on owning the name.
        return to.EndsWith("good", StringComparison.Ordinal) ? tree.Change(path, _ => file with { IsAbsent = true }) : tree;
    }

    private static PlantTree Divert(PlantTree tree)
    {
        PlantedFile shipped = tree["/usr/bin/find"];
        tree.Add(shipped with { Path = "/usr/bin/find.distrib", Package = null });
        tree.Remove("/usr/bin/find").OwnedProgram("findutils-own", "/usr/bin/find", new PlantedElf { Seed = "own find", HasDebugLink = true });
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(shipped.Content));
        return tree.File("/var/lib/dpkg/diversions", "/usr/bin/find\n/usr/bin/find.distrib\nfindutils-own\n").Package(new PlantedPackage("findutils"))
            .File("/var/lib/dpkg/info/findutils.list", "/.\n/usr/bin/find\n").File("/var/lib/dpkg/info/findutils.md5sums", digest + "  usr/bin/find\n");
    }

    private static PlantTree Many(PlantTree tree)
    {
        for (int i = 0; i < 12; i++)
        {
            string path = "/usr/lib/python3/dist-packages/pip/part" + i + ".py";
            tree.Owned("python3-pip", path, "#!/usr/bin/python3\nprint(" + i + ")\n", 0x1ED).Replace(path, Text("#!/usr/bin/python3\nprint('newer', " + i + ")\n"));
        }
        return tree;
    }
}
