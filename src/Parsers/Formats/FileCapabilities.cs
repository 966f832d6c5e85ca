using System.Buffers.Binary;

namespace Forensics.Parsers.Formats;

/// <summary>
/// The extended attribute <c>security.capability</c>: rights of root that a program gets without being root. One bit a capability, numbered as in linux/capability.h.
/// <see href="https://man7.org/linux/man-pages/man7/capabilities.7.html"/>
/// </summary>
/// <param name="Permitted">Capabilities the program gets whoever runs it.</param>
/// <param name="Inheritable">Capabilities it may keep when whoever runs it hands them on.</param>
/// <param name="IsEffective">They work at once; otherwise the program must raise them itself, which every malicious one can.</param>
/// <param name="RootId">Revision 3: the user that is root of the user namespace in which they count; 0 when they count everywhere.</param>
/// <remarks>Limitations: revision 1 (32 bits) is read, though current kernels ignore it on some file systems.</remarks>
public sealed record FileCapabilities(ulong Permitted, ulong Inheritable, bool IsEffective, uint RootId)
{
    /// <summary>Name of the extended attribute.</summary>
    public const string AttributeName = "security.capability";

    private static readonly string[] s_names =
    [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock",
        "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
        "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
    ];

    /// <summary>Names of the permitted capabilities, <c>cap_setuid</c>, in order of their numbers.</summary>
    public IReadOnlyList<string> Names => Of(Permitted);

    /// <summary>Names of the inheritable capabilities.</summary>
    public IReadOnlyList<string> InheritableNames => Of(Inheritable);

    /// <summary>The text form of cap_to_text(3), shortened: <c>cap_setgid,cap_setuid=ep</c>.</summary>
    public override string ToString() => Permitted != 0 || Inheritable == 0
        ? string.Join(',', Names) + "=" + (IsEffective ? "e" : "") + "p" + (Inheritable == Permitted ? "i" : "")
        : string.Join(',', InheritableNames) + "=i";

    /// <summary>Reads the value of the attribute; false when it has no known revision or is too short.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out FileCapabilities capabilities)
    {
        capabilities = new(0, 0, false, 0);
        if (value.Length < 12)
        {
            return false;
        }
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        int revision = (int)(magic >> 24);
        int length = revision switch { 1 => 12, 2 => 20, 3 => 24, _ => int.MaxValue };
        if (value.Length < length)
        {
            return false;
        }
        ulong permitted = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
        ulong inheritable = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
        if (revision > 1)
        {
            permitted |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[12..]) << 32;
            inheritable |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[16..]) << 32;
        }
        capabilities = new(permitted, inheritable, (magic & 1) != 0, revision == 3 ? BinaryPrimitives.ReadUInt32LittleEndian(value[20..]) : 0);
        return true;
    }

    private static List<string> Of(ulong bits)
    {
        var names = new List<string>();
        for (int i = 0; i < 64; i++)
        {
            if ((bits >> i & 1) != 0)
            {
                names.Add("cap_" + (i < s_names.Length ? s_names[i] : i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            }
        }
        return names;
    }
}
