namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What kind of thing a line of <c>fstab</c> mounts.</summary>
public enum MountMedium
{
    /// <summary>A block device, by whatever name.</summary>
    Device,
    /// <summary>Swap space.</summary>
    Swap,
    /// <summary>A directory at a second place.</summary>
    Bind,
    /// <summary>Directories laid over each other: overlay, aufs, mergerfs.</summary>
    Overlay,
    /// <summary>A file server.</summary>
    Network,
    /// <summary>Kernel file systems that have no device: proc, tmpfs.</summary>
    Virtual,
    /// <summary>A file that holds a file system.</summary>
    ImageFile,
}

/// <summary>A line of <c>/etc/fstab</c>: what is mounted where.</summary>
public sealed record FstabEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    private static readonly HashSet<string> s_virtual = new(StringComparer.Ordinal)
    {
        "proc", "sysfs", "tmpfs", "ramfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "hugetlbfs", "mqueue", "debugfs", "tracefs", "securityfs", "pstore", "bpf", "configfs",
        "efivarfs", "fusectl", "binfmt_misc", "selinuxfs", "usbfs", "nfsd", "rpc_pipefs", "none",
    };

    private static readonly HashSet<string> s_network = new(StringComparer.Ordinal)
    {
        "nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "virtiofs", "ceph", "glusterfs", "lustre", "beegfs", "davfs", "davfs2", "sshfs", "fuse.sshfs", "fuse.glusterfs",
        "fuse.ceph", "fuse.s3fs", "fuse.ossfs", "fuse.rclone", "rclone", "s3fs", "ossfs", "ncpfs", "coda", "orangefs", "curlftpfs",
    };

    private static readonly HashSet<string> s_overlay = new(StringComparer.Ordinal) { "overlay", "overlayfs", "aufs", "unionfs", "mergerfs", "fuse.mergerfs", "unionfs-fuse", "fuse.unionfs" };

    private static readonly HashSet<string> s_builtIn = new(StringComparer.Ordinal)
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "msdos", "exfat", "ntfs", "ntfs3", "iso9660", "udf", "auto", "f2fs", "zfs", "squashfs", "erofs", "jfs", "reiserfs", "nilfs2", "hfs", "hfsplus", "minix", "ufs", "bcachefs", "swap", "bind",
        "ecryptfs",
    };

    /// <inheritdoc/>
    public override string Kind => "fstab-entry";
    /// <summary>First field with its escapes taken off: <c>UUID=...</c>, <c>/dev/sda1</c>, <c>tmpfs</c>.</summary>
    public required string Source { get; init; }
    /// <summary>Second field with its escapes taken off, as written; <c>none</c> for swap.</summary>
    public required string MountPoint { get; init; }
    /// <summary>Third field: <c>ext4</c>, <c>auto</c>, <c>swap</c>.</summary>
    public required string FileSystemType { get; init; }
    /// <summary>Fourth field split at commas; empty when there is none.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
    /// <summary>Fifth field, for dump(8); 0 when absent, null when it is not a number.</summary>
    public int? DumpFrequency { get; init; }
    /// <summary>Sixth field, the order of checks at boot; 0 when absent, null when it is not a number.</summary>
    public int? CheckPass { get; init; }

    /// <summary>Mounted only when asked for.</summary>
    public bool IsNoAuto => Options.Contains("noauto");

    /// <summary>What is mounted.</summary>
    public MountMedium Medium =>
        FileSystemType == "swap" ? MountMedium.Swap
        : Options.Contains("bind") || Options.Contains("rbind") || FileSystemType == "bind" ? MountMedium.Bind
        : s_overlay.Contains(FileSystemType) ? MountMedium.Overlay
        : s_virtual.Contains(FileSystemType) ? MountMedium.Virtual
        : s_network.Contains(FileSystemType) || Source.StartsWith("//", StringComparison.Ordinal) || IsServerPath(Source) ? MountMedium.Network
        : Source.StartsWith('/') && !Source.StartsWith("/dev/", StringComparison.Ordinal) ? MountMedium.ImageFile
        : MountMedium.Device;

    /// <summary>The program that mounts it, where the kernel does not: <c>mount.TYPE</c>, or a FUSE program.</summary>
    public IReadOnlyList<StartCommand> Commands => Helper() is not { } program ? [] : [new StartCommand(program)
    {
        Trigger = "mount", User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = IsNoAuto ? "it is mounted only when asked for (noauto)" : null,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("source", Source);
        fields.Text("mountPoint", MountPoint);
        fields.Text("fileSystemType", FileSystemType);
        fields.List("options", Options);
        fields.Number("dumpFrequency", DumpFrequency);
        fields.Number("checkPass", CheckPass);
    }

    /// <summary><c>server:/export</c>; a tag such as <c>LABEL=a:/b</c> is none.</summary>
    private static bool IsServerPath(string source)
    {
        int colon = source.IndexOf(":/", StringComparison.Ordinal);
        return colon > 0 && source.AsSpan(0, colon).IndexOfAny('=', '/') < 0;
    }

    /// <summary><c>fuse.NAME</c> and <c>PROGRAM#SOURCE</c> start the program itself, other types <c>/sbin/mount.TYPE</c> when there is one. See mount(8), "External helpers", and mount.fuse3(8).</summary>
    private string? Helper()
    {
        string type = FileSystemType;
        if (type is "fuse" or "fuse3" or "fuseblk")
        {
            int hash = Source.IndexOf('#');
            return hash > 0 ? Source[..hash] : null;
        }
        if (type.StartsWith("fuse.", StringComparison.Ordinal) || type.StartsWith("fuse3.", StringComparison.Ordinal))
        {
            return type[(type.IndexOf('.') + 1)..];
        }
        return s_builtIn.Contains(type) || s_virtual.Contains(type) || type.AsSpan().ContainsAnyExcept(s_nameCharacters) || type.Length > 64 ? null : "/sbin/mount." + type;
    }

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
}
