using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Tests.Formats.Registry;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>The hive SAM as the installation makes it: the four built-in accounts, and a user.</summary>
internal static partial class WindowsStockHives
{
    public const string SamFile = "/Windows/System32/config/SAM";

    /// <summary>Account control bits: normal, the password does not expire; disabled; none needed.</summary>
    public const ushort Normal = 0x210, Disabled = 0x1, NoPassword = 0x4;

    private const string Users = @"SAM\Domains\Account\Users\";
    private static readonly byte[] s_machine = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
    private static readonly long s_installed = new DateTime(2023, 11, 14, 23, 0, 0, DateTimeKind.Utc).ToFileTimeUtc();

    /// <summary>Plants the hives with SAM, changed.</summary>
    /// <param name="tree">The host.</param>
    /// <param name="sam">Changes the accounts.</param>
    /// <param name="software">Changes SOFTWARE.</param>
    /// <param name="administrators">Members of the administrators; only the built-in one when none is named.</param>
    public static PlantTree Accounts(PlantTree tree, Action<RegistryHiveWriter>? sam = null, Action<RegistryHiveWriter>? software = null, params uint[] administrators)
    {
        RegistryHiveWriter hive = SamHive([500, .. administrators]);
        sam?.Invoke(hive);
        return Hives(tree, software: software).File(SamFile, hive.ToBytes());
    }

    /// <summary>Adds an account, or writes one anew.</summary>
    /// <param name="hive">SAM.</param>
    /// <param name="rid">Its number.</param>
    /// <param name="name">Its name.</param>
    /// <param name="flags">Account control bits.</param>
    /// <param name="effective">Number inside its record, when another.</param>
    /// <param name="listed">It gets into the list of names.</param>
    /// <param name="late">It was made after the installation.</param>
    public static void Account(RegistryHiveWriter hive, uint rid, string name, ushort flags = Normal, uint? effective = null, bool listed = true, bool late = true)
    {
        WrittenKey key = hive.Key($"{Users}{rid:X8}");
        key.Values.Clear();
        key.Binary("F", Fixed(effective ?? rid, flags)).Binary("V", Variable(name));
        if (listed)
        {
            WrittenKey named = hive.Key(Users + @"Names\" + name);
            named.Values.Clear();
            named.Value("", rid, []).LastWritten = late ? WrittenKey.DefaultTime : s_installed;
        }
    }

    private static RegistryHiveWriter SamHive(params uint[] administrators)
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"SAM\Domains\Account").Binary("V", [.. new byte[40], .. s_machine]);
        hive.Key(@"SAM\Domains\Builtin\Aliases\00000220").Binary("C", Alias(administrators));
        Account(hive, 500, "Administrator", late: false);
        Account(hive, 501, "Guest", 0x215, late: false);
        Account(hive, 503, "DefaultAccount", 0x215, late: false);
        Account(hive, 504, "WDAGUtilityAccount", 0x11, late: false);
        Account(hive, 1001, "alice", late: false);
        return hive;
    }

    private static byte[] Fixed(uint rid, ushort flags)
    {
        var data = new byte[80];
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(0x18), s_installed);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(0x30), rid);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(0x38), flags);
        return data;
    }

    private static byte[] Variable(string name)
    {
        byte[] text = Encoding.Unicode.GetBytes(name);
        var data = new byte[0xCC + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x10), text.Length);
        text.CopyTo(data, 0xCC);
        return data;
    }

    private static byte[] Alias(params uint[] rids)
    {
        byte[] members = [.. rids.SelectMany(rid => (byte[])[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, .. s_machine, .. BitConverter.GetBytes(rid)])];
        var data = new byte[0x34 + members.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x2C), members.Length);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x30), rids.Length);
        members.CopyTo(data, 0x34);
        return data;
    }
}
