using C = Forensics.Parsers.Packages.GeneratedFileCondition;

namespace Forensics.Parsers.Packages;

/// <summary>
/// What a stock system makes for itself and no package owns. A rule explains a path; it never says that the content is good, and where the content runs or grants access
/// <see cref="GeneratedFileRule.NeedsExamination"/> says so.
/// </summary>
/// <remarks>Limitations: paths of Debian, Red Hat, SUSE, Arch and Alpine families; what applications write below <c>/var</c> and <c>/srv</c> is data and only covered where it is part of the system.</remarks>
public static class GeneratedFiles
{
    /// <summary>The rule for links that update-alternatives manages; such a link is recognised by the state of that program, not by its path.</summary>
    public static GeneratedFileRule Alternatives { get; } = new("alternatives", "link made by update-alternatives, to a choice it knows", C.Link, []);

    /// <summary>All rules with paths, in the order in which they are tried.</summary>
    public static IReadOnlyList<GeneratedFileRule> Rules { get; } =
    [
        new("loader-cache", "index of shared libraries, written by ldconfig", C.PlainData, ["/etc/ld.so.cache", "/var/cache/ldconfig/aux-cache"]),
        new("python-bytecode", "byte-code of an owned module, written by py3compile or by the interpreter", C.ByteCode, ["/**/__pycache__", "/**.pyc", "/**.pyo"]) { NeedsExamination = true },
        new("mime-database", "built from the packages' MIME types by update-mime-database", C.PlainData,
        [
            "/usr/share/mime/aliases", "/usr/share/mime/generic-icons", "/usr/share/mime/globs", "/usr/share/mime/globs2", "/usr/share/mime/icons", "/usr/share/mime/magic",
            "/usr/share/mime/mime.cache", "/usr/share/mime/subclasses", "/usr/share/mime/treemagic", "/usr/share/mime/types", "/usr/share/mime/version",
            "/usr/share/mime/XMLnamespaces", "/usr/share/mime/*/*.xml", "/etc/mailcap",
        ]),
        new("desktop-cache", "caches of desktop files, icons, schemas, fonts and image loaders, rebuilt by triggers", C.PlainData,
        [
            "/usr/share/applications/mimeinfo.cache", "/usr/share/applications/bamf-2.index", "/usr/share/icons/*/icon-theme.cache", "/usr/share/icons/*/.icon-theme.cache",
            "/usr/share/glib-2.0/schemas/gschemas.compiled", "/usr/lib/**/gio/modules/giomodule.cache", "/usr/lib64/gio/modules/giomodule.cache",
            "/usr/lib/**/immodules.cache", "/usr/lib64/**/immodules.cache", "/usr/lib/**/loaders.cache", "/usr/lib64/**/loaders.cache", "/var/cache/fontconfig/*",
            "/usr/share/fonts/**/fonts.dir", "/usr/share/fonts/**/fonts.scale", "/usr/share/fonts/**/.uuid", "/var/lib/xfonts/*", "/var/cache/swcatalog/**", "/var/cache/app-info/**",
        ]),
        new("dconf", "settings databases compiled by dconf update", C.PlainData, ["/etc/dconf/db/*", "/var/cache/gconf/*", "/var/lib/gconf/**.xml"]),
        new("documentation-index", "indexes of manual and info pages", C.PlainData,
            ["/usr/share/info/dir", "/usr/share/info/dir.old", "/var/cache/man/**", "/var/lib/man-db/*", "/var/lib/doc-base/**", "/usr/share/vim/*/doc/tags", "/usr/share/vim/vimfiles/doc/tags", "/var/lib/vim/addons/doc/tags"]),
        new("markup-catalog", "catalogues of XML and SGML, TeX and spelling dictionaries compiled at installation", C.PlainData,
        [
            "/etc/xml/*", "/etc/sgml/*", "/var/lib/xml-core/**", "/var/lib/sgml-base/**", "/var/lib/texmf/**", "/var/lib/tex-common/**", "/usr/share/texmf*/ls-R", "/var/lib/aspell/*", "/var/lib/ispell/*",
            "/var/lib/dictionaries-common/**", "/var/cache/dictionaries-common/**", "/var/lib/emacsen-common/**", "/var/cache/cracklib/*", "/etc/emacs/site-start.d/*.elc",
        ]),
        new("locale-archive", "compiled locales", C.PlainData, ["/usr/lib/locale/locale-archive", "/usr/lib/locale/locale-archive.real", "/usr/lib/locale/*/LC_*", "/etc/locale.gen", "/etc/locale.conf", "/etc/default/locale"]),
        new("module-index", "indexes of kernel modules, written by depmod", C.PlainData,
            ["/lib/modules/*/modules.*", "/usr/lib/modules/*/modules.*", "/lib/modules/*/.vmlinuz.hmac"]),
        new("initramfs", "image of the early boot, built from owned files and local hooks", C.PlainData,
            ["/boot/initrd.img-*", "/boot/initrd-*", "/boot/initramfs-*", "/boot/initramfs-*.img", "/boot/*/*/initrd", "/boot/System.map-*", "/boot/symvers-*", "/var/lib/initramfs-tools/*"]) { NeedsExamination = true },
        new("kernel-link", "links to the current and the previous kernel", C.Link, ["/vmlinuz", "/vmlinuz.old", "/initrd.img", "/initrd.img.old", "/boot/vmlinuz", "/boot/vmlinuz.old", "/boot/initrd.img", "/boot/initrd.img.old", "/boot/initrd"]),
        new("boot-loader", "boot loader and its configuration, installed and written by grub-install and grub-mkconfig", C.Path,
        [
            "/boot/grub/grub.cfg", "/boot/grub/grubenv", "/boot/grub/unicode.pf2", "/boot/grub/fonts/*", "/boot/grub/locale/*", "/boot/grub/device.map", "/boot/grub/*-efi/*", "/boot/grub/i386-pc/*",
            "/boot/grub2/grub.cfg", "/boot/grub2/grubenv", "/boot/grub2/fonts/*", "/boot/grub2/locale/*", "/boot/grub2/device.map", "/boot/grub2/i386-pc/*", "/boot/grub2/*-efi/*",
            "/boot/efi/**", "/boot/loader/**", "/etc/kernel/cmdline", "/boot/extlinux.conf", "/boot/*.c32", "/boot/ldlinux.sys",
        ]) { NeedsExamination = true },
        new("certificates", "links by hash and bundles, made by update-ca-certificates, update-ca-trust or c_rehash", C.Path,
        [
            "/etc/ssl/certs/????????.#", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/java/cacerts", "/etc/pki/ca-trust/extracted/**", "/etc/pki/tls/certs/????????.#",
            "/etc/pki/java/cacerts", "/var/lib/ca-certificates/**", "/etc/ca-certificates/extracted/**", "/etc/ca-certificates.conf", "/etc/ca-certificates.conf.*-old",
        ]),
        new("certificate-link", "link to an owned certificate, made by update-ca-certificates", C.LinkToOwned, ["/etc/ssl/certs/*.pem", "/etc/ssl/certs/*.crt"]),
        new("host-key", "keys and identities made once for this host", C.PlainData,
        [
            "/etc/ssh/ssh_host_*_key", "/etc/ssh/ssh_host_*_key.pub", "/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem",
            "/etc/pki/tls/private/localhost.key", "/etc/pki/tls/certs/localhost.crt", "/etc/hostid", "/etc/nvme/hostid", "/etc/nvme/hostnqn", "/etc/iscsi/initiatorname.iscsi",
        ]),
        new("host-identity", "written by the installer, cloud-init or network service for this host", C.Path,
        [
            "/etc/hostname", "/etc/hosts", "/etc/fstab", "/etc/crypttab", "/etc/mtab", "/etc/resolv.conf", "/etc/timezone", "/etc/localtime", "/etc/adjtime", "/etc/networks", "/etc/machine-info", "/etc/vconsole.conf",
            "/etc/network/interfaces", "/etc/netplan/*.yaml", "/etc/sysconfig/network", "/etc/sysconfig/network-scripts/ifcfg-*", "/etc/NetworkManager/system-connections/*", "/etc/hosts.allow", "/etc/hosts.deny",
            "/etc/systemd/network/*.network", "/etc/apk/repositories", "/etc/apk/arch", "/etc/apk/keys/*", "/etc/apt/sources.list", "/etc/locale.alias",
        ]) { NeedsExamination = true },
        new("account-database", "accounts, groups and passwords", C.PlainData,
        [
            "/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-", "/etc/group", "/etc/group-", "/etc/gshadow", "/etc/gshadow-", "/etc/subuid", "/etc/subuid-", "/etc/subgid", "/etc/subgid-",
            "/etc/.pwd.lock", "/etc/shells", "/etc/nsswitch.conf", "/etc/security/opasswd", "/var/lib/shells.state",
        ]) { NeedsExamination = true },
        new("maintainer-configuration", "configuration that maintainer scripts of the base system write", C.PlainData,
        [
            "/etc/environment", "/etc/profile", "/etc/motd", "/etc/inputrc", "/etc/modules", "/etc/pam.d/common-*", "/var/lib/pam/*", "/etc/ssh/sshd_config", "/etc/default/*", "/etc/papersize", "/etc/mailname", "/etc/aliases", "/etc/aliases.db",
            "/etc/apparmor.d/local/*", "/etc/python3/debian_config", "/etc/mysql/debian.cnf", "/etc/postgresql/*/*/*.conf", "/etc/postgresql/*/*/environment", "/etc/postgresql-common/*",
            "/etc/php/*/mods-available/*.ini", "/etc/php/*/*/php.ini", "/etc/php/*/*/php-fpm.conf", "/etc/.java/**", "/etc/ipsec.secrets", "/etc/.updated", "/var/.updated", "/etc/popularity-contest.conf", "/etc/initramfs-tools/modules", "/etc/apt/apt.conf.d/0#autoremove-*", "/root/.profile", "/root/.bashrc",
        ]) { NeedsExamination = true },
        new("service-link", "enablement of an owned service", C.LinkToOwned,
        [
            "/etc/systemd/system/*.wants/*", "/etc/systemd/system/*.requires/*", "/etc/systemd/system/*.service", "/etc/systemd/system/*.target", "/etc/systemd/user/*.wants/*", "/etc/systemd/system/*.socket", "/etc/systemd/system/*.timer",
            "/etc/rc?.d/S##*", "/etc/rc?.d/K##*", "/etc/rc.d/rc?.d/S##*", "/etc/rc.d/rc?.d/K##*", "/etc/runlevels/*/*", "/etc/runit/runsvdir/*/*", "/etc/service/*",
        ]),
        new("configuration-link", "enablement of an owned part of a server's configuration", C.LinkToOwned,
        [
            "/etc/apache2/mods-enabled/*", "/etc/apache2/conf-enabled/*", "/etc/apache2/sites-enabled/*", "/etc/nginx/modules-enabled/*", "/etc/nginx/sites-enabled/*", "/etc/php/*/*/conf.d/*",
            "/etc/fonts/conf.d/*", "/etc/dpkg/origins/default", "/etc/os-release", "/etc/resolv.conf", "/etc/mysql/my.cnf", "/etc/X11/X", "/etc/X11/default-display-manager", "/etc/crypto-policies/back-ends/*",
            "/etc/postgresql-common/root.crt", "/etc/grub2.cfg", "/etc/sysconfig/grub", "/etc/pam.d/*-auth", "/etc/pam.d/*-ac",
        ]),
        new("package-database", "state, caches and lists of the package manager", C.Path,
        [
            "/var/lib/dpkg/**", "/var/lib/apt/**", "/var/cache/apt/**", "/var/cache/debconf/**", "/var/lib/ucf/**", "/var/lib/rpm/**", "/usr/lib/sysimage/rpm/**", "/usr/lib/sysimage/libdnf5/**", "/var/lib/dnf/**", "/var/lib/yum/**", "/var/cache/dnf/**", "/var/cache/yum/**",
            "/var/lib/zypp/**", "/var/cache/zypp/**", "/var/lib/alternatives/*", "/lib/apk/db/*", "/usr/lib/apk/db/*", "/lib/apk/exec/*", "/var/cache/apk/*", "/etc/apk/world", "/var/lib/pacman/**", "/var/cache/pacman/**", "/etc/pacman.d/gnupg/**",
            "/var/lib/python/**", "/var/lib/php/modules/**", "/var/lib/apache2/**_by_maint/**", "/var/lib/apache2/**_by_admin/**", "/var/lib/dkms/**", "/var/lib/misc/*",
        ]),
        new("udev-hwdb", "hardware database compiled by systemd-hwdb", C.PlainData, ["/etc/udev/hwdb.bin", "/usr/lib/udev/hwdb.bin", "/lib/udev/hwdb.bin"]),
        new("systemd-state", "state of systemd and its helpers", C.Path, ["/var/lib/systemd/**", "/var/lib/private/systemd/**", "/var/cache/private/**"]),
        new("selinux-policy", "policy compiled by semodule", C.PlainData, ["/etc/selinux/*/policy/policy.*", "/etc/selinux/*/contexts/files/*.bin", "/etc/selinux/*/contexts/files/file_contexts*", "/var/lib/selinux/**", "/etc/selinux/*/seusers"]),
        new("apparmor-cache", "compiled profiles", C.PlainData, ["/var/cache/apparmor/**", "/etc/apparmor.d/cache/**"]),
        new("busybox-link", "applets of busybox, made by busybox --install", C.LinkToBusybox, ["/bin/*", "/sbin/*", "/usr/bin/*", "/usr/sbin/*"]),
        new("library-link", "link to an owned library by its soname, made by ldconfig", C.LinkToOwned, ["/usr/lib/**.so.*", "/usr/lib64/**.so.*", "/lib/**.so.*", "/lib64/**.so.*"]),
        new("cloud-init-state", "state and seed of cloud-init", C.Path, ["/var/lib/cloud/**"]) { NeedsExamination = true },
    ];

    /// <summary>The first rule that explains a path nobody owns; null when none does.</summary>
    /// <param name="path">Absolute path in display form.</param>
    /// <param name="observed">What is there; null when only the name is known, then rules with conditions on the file do not count.</param>
    /// <param name="index">For what other files are owned.</param>
    public static GeneratedFileRule? Match(string path, ObservedFile? observed, PackageIndex index)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(index);
        foreach (GeneratedFileRule rule in Rules)
        {
            foreach (PathPattern pattern in rule.Compiled)
            {
                if (pattern.Matches(path) && Holds(rule.Condition, path, observed, index))
                {
                    return rule;
                }
            }
        }
        return null;
    }

    private static bool Holds(C condition, string path, ObservedFile? observed, PackageIndex index) => condition switch
    {
        C.Path => true,
        C.Link => observed is { Kind: PackageFileKind.Link },
        C.LinkToOwned => observed is { Kind: PackageFileKind.Link, LinkTarget: { } target } && IsKnown(path, target, index),
        C.LinkToBusybox => observed is { Kind: PackageFileKind.Link, LinkTarget: { } target } && IsKnown(path, target, index)
            && (target.EndsWith("/busybox", StringComparison.Ordinal) || target.EndsWith("/bbsuid", StringComparison.Ordinal)),
        C.ByteCode => IsByteCode(path, index),
        _ => observed is { Kind: PackageFileKind.Regular } file && (file.Permissions & 0x49) == 0,
    };

    private static bool IsKnown(string path, string target, PackageIndex index) =>
        PackagePaths.Resolve(path, target) is { } place && (index.IsOwned(place) || index.TryFindAlternative(place, out _, out _));

    private static bool IsByteCode(string path, PackageIndex index)
    {
        int slash = path.LastIndexOf('/');
        string directory = path[..slash];
        if (path.EndsWith("/__pycache__", StringComparison.Ordinal))
        {
            return index.IsOwned(directory);
        }
        string name = path[(slash + 1)..];
        if (directory.EndsWith("/__pycache__", StringComparison.Ordinal))
        {
            // module.cpython-311.opt-1.pyc: the source's name ends at the tag of the interpreter, which has no further name before it.
            int tag = name.LastIndexOf(".cpython-", StringComparison.Ordinal);
            tag = tag > 0 ? tag : name.LastIndexOf(".pypy", StringComparison.Ordinal);
            return tag > 0 && index.IsOwned(directory[..^"/__pycache__".Length] + "/" + name[..tag] + ".py");
        }
        return index.IsOwned(directory + "/" + name[..^4] + ".py");
    }
}
