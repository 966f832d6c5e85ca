using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.ShellLink;

/// <summary>LinkInfo: where the target of a shortcut lay, on a volume or on the network. Source: [MS-SHLLINK] 2.3.</summary>
/// <remarks>Limitations: texts in code pages are taken as Latin-1; those in UTF-16 win.</remarks>
public sealed record LinkInfo
{
    private const uint HasVolumeAndLocalBasePath = 1;
    private const uint HasNetworkLink = 2;
    private const uint UnicodeHeaderSize = 0x24;

    /// <summary>LocalBasePath.</summary>
    public string? LocalBasePath { get; init; }
    /// <summary>CommonPathSuffix: what follows the local path or the share.</summary>
    public string? CommonPathSuffix { get; init; }
    /// <summary>DriveType: 2 removable, 3 fixed, 4 remote, 5 CD, 6 RAM; 0 unknown.</summary>
    public uint DriveType { get; init; }
    /// <summary>DriveSerialNumber of the volume.</summary>
    public uint? DriveSerialNumber { get; init; }
    /// <summary>VolumeLabel.</summary>
    public string? VolumeLabel { get; init; }
    /// <summary>NetName: <c>\\server\share</c>.</summary>
    public string? NetName { get; init; }
    /// <summary>DeviceName: the drive letter the share was mounted at.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The whole path, local before network; null when there is none.</summary>
    public string? Path
    {
        get
        {
            if (!string.IsNullOrEmpty(LocalBasePath))
            {
                return LocalBasePath + CommonPathSuffix;
            }
            return string.IsNullOrEmpty(NetName) ? null : string.IsNullOrEmpty(CommonPathSuffix) ? NetName : NetName.TrimEnd('\\') + "\\" + CommonPathSuffix.TrimStart('\\');
        }
    }

    /// <summary>Reads the structure, its size field included; null when its offsets lead outside.</summary>
    public static LinkInfo? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Parse(new FieldView(bytes, "lnk.linkinfo"));
        }
        catch (CorruptDataException)
        {
            return null;
        }
    }

    private static LinkInfo Parse(FieldView view)
    {
        uint headerSize = view.U32(4);
        uint flags = view.U32(8);
        bool hasUnicode = headerSize >= UnicodeHeaderSize;
        var info = new LinkInfo { CommonPathSuffix = Text(view, view.U32(24), hasUnicode ? view.U32(32) : 0) };
        if ((flags & HasVolumeAndLocalBasePath) != 0)
        {
            info = info with { LocalBasePath = Text(view, view.U32(16), hasUnicode ? view.U32(28) : 0) };
            FieldView volume = view.View(view.U32(12), view.Length);
            if (volume.Length >= 16)
            {
                uint label = volume.U32(12);
                info = info with
                {
                    DriveType = volume.U32(4),
                    DriveSerialNumber = volume.U32(8),
                    // 0x14 says that the label is UTF-16 and its offset follows.
                    VolumeLabel = label == 0x14 ? volume.Utf16(volume.U32(16), volume.Length) : volume.Ansi(label, volume.Length),
                };
            }
        }
        if ((flags & HasNetworkLink) != 0)
        {
            FieldView link = view.View(view.U32(20), view.Length);
            uint netName = link.U32(8);
            bool linkHasUnicode = netName > 0x14;
            info = info with
            {
                NetName = Text(link, netName, linkHasUnicode ? link.U32(20) : 0),
                DeviceName = (link.U32(4) & 1) != 0 ? Text(link, link.U32(12), linkHasUnicode ? link.U32(24) : 0) : null,
            };
        }
        return info;
    }

    private static string? Text(FieldView view, uint ansi, uint unicode)
    {
        string text = unicode != 0 ? view.Utf16(unicode, view.Length) : "";
        if (text.Length == 0 && ansi != 0)
        {
            text = view.Ansi(ansi, view.Length);
        }
        return text.Length == 0 ? null : text;
    }
}
