using System.Globalization;

namespace Forensics.Parsers.Formats.ExecutionTraces;

/// <summary>
/// A file that the application inventory noted in <c>Amcache.hve</c>: keys <c>Root\InventoryApplicationFile\...</c> and <c>Root\InventoryDriverBinary\...</c> (Windows 10 and later), <c>Root\File\...</c> (Windows 7 to early 10).
/// </summary>
/// <param name="Path">Path, of newer Windows in lower case.</param>
/// <remarks>Source: ANSSI, "Analysis of the AmCache". Limitations: an entry says that the file was there, not that it ran; the hash is of the first 31,457,280 bytes only.</remarks>
public sealed record AmcacheFile(string Path)
{
    private const int Sha1Digits = 40;

    /// <summary>SHA-1 in lower case; of the beginning only when the file is larger than 31,457,280 bytes.</summary>
    public string? Sha1 { get; init; }
    /// <summary>Name of the file.</summary>
    public string? Name { get; init; }
    /// <summary>Publisher by the version resource.</summary>
    public string? Publisher { get; init; }
    /// <summary>Product by the version resource.</summary>
    public string? ProductName { get; init; }
    /// <summary>Version by the version resource.</summary>
    public string? Version { get; init; }
    /// <summary>Name it was built under.</summary>
    public string? OriginalFileName { get; init; }
    /// <summary>When it was linked, as stored: <c>MM/DD/YYYY hh:mm:ss</c>.</summary>
    public string? LinkDate { get; init; }
    /// <summary>Kind: <c>pe64_amd64</c>.</summary>
    public string? BinaryType { get; init; }
    /// <summary>Size in bytes.</summary>
    public long? Size { get; init; }
    /// <summary>It belongs to Windows.</summary>
    public bool? IsOsComponent { get; init; }
    /// <summary>The application it belongs to.</summary>
    public string? ProgramId { get; init; }

    /// <summary>Makes an entry of the values of its key; null when they name no path.</summary>
    public static AmcacheFile? From(IEnumerable<KeyValuePair<string, string>> values)
    {
        Func<string, string?> Text = ByName(values);
        return Text("LowerCaseLongPath") is not { } path ? null : new AmcacheFile(path)
        {
            Sha1 = Hash(Text("FileId")), Name = Text("Name"), Publisher = Text("Publisher"), ProductName = Text("ProductName"), Version = Text("Version"),
            OriginalFileName = Text("OriginalFileName"), LinkDate = Text("LinkDate"), BinaryType = Text("BinaryType"), Size = Number(Text("Size")),
            IsOsComponent = Number(Text("IsOsComponent")) is { } flag ? flag != 0 : null, ProgramId = Text("ProgramId"),
        };
    }

    /// <summary>Makes an entry of the values of a key of <c>Root\File\{volume}</c>, which have numbers for names; null when they name no path.</summary>
    public static AmcacheFile? FromFileKey(IEnumerable<KeyValuePair<string, string>> values)
    {
        Func<string, string?> Text = ByName(values);
        return Text("15") is not { } path ? null : new AmcacheFile(path)
        {
            Sha1 = Hash(Text("101")), ProductName = Text("0"), Publisher = Text("1"), Version = Text("5"), Size = Number(Text("6")), ProgramId = Text("100"),
        };
    }

    /// <summary>Makes an entry of a key of <c>Root\InventoryDriverBinary</c>, whose name is the driver's path; null when it is none.</summary>
    public static AmcacheFile? FromDriver(string keyName, IEnumerable<KeyValuePair<string, string>> values)
    {
        Func<string, string?> Text = ByName(values);
        return !keyName.Contains('/', StringComparison.Ordinal) ? null : new AmcacheFile(keyName.Replace('/', '\\'))
        {
            Sha1 = Hash(Text("DriverId")), Name = Text("DriverName"), Publisher = Text("DriverCompany"), ProductName = Text("Product"), Version = Text("DriverVersion"), Size = Number(Text("ImageSize")),
        };
    }

    private static Func<string, string?> ByName(IEnumerable<KeyValuePair<string, string>> values)
    {
        var byName = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in values)
        {
            byName.TryAdd(name, value);
        }
        return name => byName.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;
    }

    /// <summary>Four zeros stand before the hash.</summary>
    private static string? Hash(string? fileId) => fileId is { Length: Sha1Digits + 4 } && fileId.StartsWith("0000", StringComparison.Ordinal) && fileId.All(char.IsAsciiHexDigit) ? fileId[4..].ToLowerInvariant() : null;

    private static long? Number(string? text)
    {
        if (text is null)
        {
            return null;
        }
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return long.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
