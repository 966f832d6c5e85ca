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
        Func<string, string?> text = ByName(values);
        return text("LowerCaseLongPath") is not { } path ? null : new AmcacheFile(path)
        {
            Sha1 = Hash(text("FileId")), Name = text("Name"), Publisher = text("Publisher"), ProductName = text("ProductName"), Version = text("Version"),
            OriginalFileName = text("OriginalFileName"), LinkDate = text("LinkDate"), BinaryType = text("BinaryType"), Size = Number(text("Size")),
            IsOsComponent = Number(text("IsOsComponent")) is { } flag ? flag != 0 : null, ProgramId = text("ProgramId"),
        };
    }

    /// <summary>Makes an entry of the values of a key of <c>Root\File\{volume}</c>, which have numbers for names; null when they name no path.</summary>
    public static AmcacheFile? FromFileKey(IEnumerable<KeyValuePair<string, string>> values)
    {
        Func<string, string?> text = ByName(values);
        return text("15") is not { } path ? null : new AmcacheFile(path)
        {
            Sha1 = Hash(text("101")), ProductName = text("0"), Publisher = text("1"), Version = text("5"), Size = Number(text("6")), ProgramId = text("100"),
        };
    }

    /// <summary>Makes an entry of a key of <c>Root\InventoryDriverBinary</c>, whose name is the driver's path; null when it is none.</summary>
    public static AmcacheFile? FromDriver(string keyName, IEnumerable<KeyValuePair<string, string>> values)
    {
        Func<string, string?> text = ByName(values);
        return !keyName.Contains('/', StringComparison.Ordinal) ? null : new AmcacheFile(keyName.Replace('/', '\\'))
        {
            Sha1 = Hash(text("DriverId")), Name = text("DriverName"), Publisher = text("DriverCompany"), ProductName = text("Product"), Version = text("DriverVersion"), Size = Number(text("ImageSize")),
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
