using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the accounts of the hive SAM. Source: the layout of F and V as documented by the field (https://github.com/libyal/winreg-kb, security accounts manager).</summary>
/// <remarks><b>Limitations:</b> see <see cref="WindowsAccount"/>.</remarks>
public sealed class SamHiveParser : RegistryHiveParser
{
    private const int VHeader = 0xCC;
    private const int AliasHeader = 0x34;
    private const int FixedLength = 0x44;
    private const int MaximumMembers = 4096;
    private const ulong Never = 0x7FFFFFFFFFFFFFFF;

    private static readonly (string Key, string Name)[] s_groups =
    [
        ("00000220", "Administrators"), ("00000227", "Backup Operators"), ("0000022B", "Remote Desktop Users"), ("00000244", "Remote Management Users"), ("00000223", "Power Users"),
    ];

    /// <inheritdoc/>
    public override string Name => "windows/sam-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/config/SAM"];

    private protected override void Read(HiveFacts facts)
    {
        if (facts.Hive.Find(@"SAM\Domains\Account\Users") is not { } users)
        {
            return;
        }
        byte[] machine = MachineIdentifier(facts.Hive);
        Dictionary<long, List<string>> groups = Groups(facts.Hive, machine);
        var names = new Dictionary<long, List<RegistryKey>>();
        foreach (RegistryKey key in users.FindSubkey("Names")?.Subkeys() ?? [])
        {
            // The number stands where the type of the default value should.
            long rid = key.FindValue("")?.RawType ?? 0;
            (names.TryGetValue(rid, out List<RegistryKey>? same) ? same : names[rid] = []).Add(key);
        }
        foreach (RegistryKey key in users.Subkeys())
        {
            if (uint.TryParse(key.Name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint rid))
            {
                facts.Add(Account(facts, key, rid, names.GetValueOrDefault(rid), groups));
                names.Remove(rid);
            }
        }
        foreach ((long rid, List<RegistryKey> keys) in names)
        {
            foreach (RegistryKey key in keys)
            {
                facts.Add(new WindowsAccount(facts.At(key)) { Name = key.Name, Rid = rid, IsListed = true, HasRecord = false, Created = key.LastWritten, Groups = groups.GetValueOrDefault(rid) ?? [] });
            }
        }
    }

    private static WindowsAccount Account(HiveFacts facts, RegistryKey key, long rid, List<RegistryKey>? names, Dictionary<long, List<string>> groups)
    {
        ReadOnlySpan<byte> fixedPart = key.FindValue("F") is { } f ? f.Data().Span : default;
        ReadOnlySpan<byte> variablePart = key.FindValue("V") is { } v ? v.Data().Span : default;
        string? name = Entry(variablePart, 0x0C);
        string? listed = names is [var first, ..] ? first.Name : null;
        long? effective = fixedPart.Length >= FixedLength ? BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[0x30..]) : null;
        return new WindowsAccount(facts.At(key))
        {
            Name = name is { Length: > 0 } ? name : listed ?? "",
            Rid = rid,
            EffectiveRid = effective,
            IsListed = listed is not null,
            HasRecord = true,
            ListedAs = listed is not null && listed != name ? listed : null,
            Flags = fixedPart.Length >= FixedLength ? BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[0x38..]) : null,
            FullName = NotEmpty(Entry(variablePart, 0x18)),
            Comment = NotEmpty(Entry(variablePart, 0x24)),
            LogonScript = NotEmpty(Entry(variablePart, 0x54)),
            LastLogon = Time(fixedPart, 0x08),
            PasswordSet = Time(fixedPart, 0x18),
            LastFailedLogon = Time(fixedPart, 0x28),
            LogonCount = fixedPart.Length >= FixedLength ? BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[0x42..]) : null,
            // Membership goes by the identifier of the key's own account.
            Groups = groups.GetValueOrDefault(rid) ?? [],
            Created = names is [var own, ..] ? own.LastWritten : null,
            LastWritten = key.LastWritten,
        };
    }

    // The last twelve bytes of the domain's V are the three numbers that make the identifiers of this machine its own.
    private static byte[] MachineIdentifier(RegistryHive hive)
    {
        ReadOnlySpan<byte> data = hive.Find(@"SAM\Domains\Account")?.FindValue("V") is { } value ? value.Data().Span : default;
        return data.Length >= 12 ? data[^12..].ToArray() : [];
    }

    private static Dictionary<long, List<string>> Groups(RegistryHive hive, byte[] machine)
    {
        var groups = new Dictionary<long, List<string>>();
        foreach ((string key, string name) in s_groups)
        {
            foreach (long rid in Members(hive.Find(@"SAM\Domains\Builtin\Aliases\" + key)?.FindValue("C"), machine))
            {
                (groups.TryGetValue(rid, out List<string>? of) ? of : groups[rid] = []).Add(name);
            }
        }
        return groups;
    }

    // Identifiers one after another; those of this machine end in the number of an account.
    private static List<long> Members(RegistryValue? value, ReadOnlySpan<byte> machine)
    {
        var members = new List<long>();
        ReadOnlySpan<byte> data = value is null ? default : value.Data().Span;
        if (data.Length < AliasHeader || machine.Length != 12)
        {
            return members;
        }
        long at = AliasHeader + (long)BinaryPrimitives.ReadUInt32LittleEndian(data[0x28..]);
        while (at + 8 <= data.Length && members.Count < MaximumMembers)
        {
            ReadOnlySpan<byte> identifier = data[(int)at..];
            int length = 8 + identifier[1] * 4;
            if (identifier[0] != 1 || length > identifier.Length)
            {
                break;
            }
            if (identifier[1] == 5 && identifier.Slice(12, 12).SequenceEqual(machine))
            {
                members.Add(BinaryPrimitives.ReadUInt32LittleEndian(identifier[24..]));
            }
            at += length;
        }
        return members;
    }

    private static string? Entry(ReadOnlySpan<byte> data, int at)
    {
        if (data.Length < VHeader)
        {
            return null;
        }
        long start = VHeader + (long)BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(data[(at + 4)..]);
        return start + length <= data.Length ? Encoding.Unicode.GetString(data.Slice((int)start, (int)length)) : null;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Timestamp? Time(ReadOnlySpan<byte> data, int offset) =>
        data.Length >= FixedLength && BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]) is > 0 and < Never and var ticks ? Timestamp.FromFileTime(ticks) : null;
}
