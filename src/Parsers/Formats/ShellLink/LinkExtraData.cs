using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.ShellLink;

/// <summary>Where and when the target of a shortcut or of an entry of a jump list was noted by the tracking service: machine, volume and object.</summary>
/// <param name="MachineId">NetBIOS name of the machine.</param>
/// <param name="Volume">Volume at last.</param>
/// <param name="File">Object at last.</param>
/// <param name="BirthVolume">Volume at first.</param>
/// <param name="BirthFile">Object at first.</param>
public sealed record LinkTracker(string MachineId, Guid Volume, Guid File, Guid BirthVolume, Guid BirthFile)
{
    private const long FromGregorianTo1601 = 5_748_192_000_000_000;

    /// <summary>Hardware address in an object identifier made by time: twelve hexadecimal digits with colons; null when it was made otherwise.</summary>
    public string? MacAddress
    {
        get
        {
            byte[] bytes = BirthFile.ToByteArray();
            return bytes[7] >> 4 == 1 ? string.Join(':', bytes[10..].Select(value => value.ToString("x2", CultureInfo.InvariantCulture))) : null;
        }
    }

    /// <summary>When the object identifier was made: mostly the start of the machine before; null when it was made otherwise.</summary>
    public Timestamp? Made
    {
        get
        {
            var view = new FieldView(BirthFile.ToByteArray(), "lnk.tracker");
            long ticks = (long)(view.U64(0) & 0x0FFF_FFFF_FFFF_FFFF) - FromGregorianTo1601;
            return view.U8(7) >> 4 == 1 && ticks > 0 ? Timestamp.FromFileTime((ulong)ticks) : null;
        }
    }
}

/// <summary>A text among the properties that the shell keeps in a shortcut.</summary>
/// <param name="Format">Set of properties.</param>
/// <param name="Id">Number or name within the set.</param>
/// <param name="Value">The text.</param>
public sealed record LinkProperty(Guid Format, string Id, string Value);

/// <summary>ExtraData: the blocks at the end of a shortcut. Source: [MS-SHLLINK] 2.5.</summary>
/// <remarks>Limitations: at most 64 blocks and 256 properties; of properties, texts, numbers, times and identifiers are read.</remarks>
public sealed record LinkExtraData
{
    private const int MaximumBlocks = 64;
    private const int AnsiSize = 260;
    private const int UnicodeSize = 520;

    /// <summary>No blocks.</summary>
    public static LinkExtraData None { get; } = new();

    /// <summary>EnvironmentVariableDataBlock: target with variables.</summary>
    public string? EnvironmentTarget { get; init; }
    /// <summary>IconEnvironmentDataBlock: icon with variables.</summary>
    public string? EnvironmentIcon { get; init; }
    /// <summary>DarwinDataBlock: descriptor of the component of an installed product.</summary>
    public string? DarwinDescriptor { get; init; }
    /// <summary>TrackerDataBlock.</summary>
    public LinkTracker? Tracker { get; init; }
    /// <summary>KnownFolderDataBlock.</summary>
    public Guid? KnownFolder { get; init; }
    /// <summary>SpecialFolderDataBlock.</summary>
    public uint? SpecialFolder { get; init; }
    /// <summary>ShimDataBlock: name of a compatibility layer.</summary>
    public string? ShimLayer { get; init; }
    /// <summary>ConsoleDataBlock is there: the window of the console was set up.</summary>
    public bool HasConsoleSettings { get; init; }
    /// <summary>VistaAndAboveIDListDataBlock.</summary>
    public ShellItemList? AlternateTarget { get; init; }
    /// <summary>PropertyStoreDataBlock.</summary>
    public IReadOnlyList<LinkProperty> Properties { get; init; } = [];
    /// <summary>A block ends behind the file.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Reads blocks up to the terminal one; never throws.</summary>
    /// <param name="bytes">From the first block on.</param>
    /// <param name="used">Bytes taken, the terminal block included.</param>
    internal static LinkExtraData Parse(ReadOnlySpan<byte> bytes, out int used)
    {
        LinkExtraData extra = None;
        var view = new FieldView(bytes, "lnk.extradata");
        used = 0;
        for (int i = 0; i < MaximumBlocks && view.Has(used, 4); i++)
        {
            uint size = view.U32(used);
            if (size < 4)
            {
                used += 4;
                return extra;
            }
            if (size < 8 || !view.Has(used, size))
            {
                return extra with { IsDamaged = true };
            }
            extra = extra.With(view.View(used, size));
            used += (int)size;
        }
        return extra;
    }

    private LinkExtraData With(FieldView block) => block.U32(4) switch
    {
        0xA0000001 => this with { EnvironmentTarget = Both(block) },
        0xA0000002 => this with { HasConsoleSettings = true },
        0xA0000003 when block.Has(0, 96) => this with { Tracker = new LinkTracker(block.Ansi(16, 16), block.Guid(32), block.Guid(48), block.Guid(64), block.Guid(80)) },
        0xA0000005 when block.Has(8, 4) => this with { SpecialFolder = block.U32(8) },
        0xA0000006 => this with { DarwinDescriptor = Both(block) },
        0xA0000007 => this with { EnvironmentIcon = Both(block) },
        0xA0000008 => this with { ShimLayer = block.Utf16(8, block.Length) },
        0xA0000009 => this with { Properties = PropertyStore.Texts(block.Slice(8, block.Length)) },
        0xA000000B when block.Has(8, 16) => this with { KnownFolder = block.Guid(8) },
        0xA000000C => this with { AlternateTarget = ShellItemList.Parse(block.Slice(8, block.Length)) },
        _ => this,
    };

    /// <summary>The text in UTF-16, or else the one in a code page.</summary>
    private static string? Both(FieldView block)
    {
        string text = block.Utf16(8 + AnsiSize, UnicodeSize);
        text = text.Length == 0 ? block.Ansi(8, AnsiSize) : text;
        return text.Length == 0 ? null : text;
    }
}
