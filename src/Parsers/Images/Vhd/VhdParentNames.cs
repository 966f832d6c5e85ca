using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images.Vhd;

/// <summary>The names a differencing VHD gives its parent, best first: the relative path, the name in the header, then the absolute and the deprecated forms.</summary>
internal static class VhdParentNames
{
    /// <summary>Reads the names. What lies outside the file or is too long is left out.</summary>
    public static IReadOnlyList<string> Of(in VhdDynamicHeader header, IByteSource source)
    {
        var names = new List<string>();
        AddLocators(names, header, source, VhdParentLocator.WindowsRelative);
        Add(names, Encoding.BigEndianUnicode.GetString(header.ParentUnicodeName));
        AddLocators(names, header, source, VhdParentLocator.WindowsAbsolute);
        AddLocators(names, header, source, VhdParentLocator.MacUrl);
        AddLocators(names, header, source, VhdParentLocator.OldWindowsRelative);
        AddLocators(names, header, source, VhdParentLocator.OldWindowsAbsolute);
        return names;
    }

    private static void AddLocators(List<string> names, in VhdDynamicHeader header, IByteSource source, uint platform)
    {
        for (int i = 0; i < VhdDynamicHeader.ParentLocators; i++)
        {
            VhdParentLocator locator = header.ParentLocator(i);
            if (locator.PlatformCode != platform || locator.PlatformDataLength > ParentName.MaxCharacters * 2 || locator.PlatformDataOffset >= (ulong)source.Length)
            {
                continue;
            }
            byte[] data = source.ReadArray((long)locator.PlatformDataOffset, (int)locator.PlatformDataLength);
            Add(names, platform switch
            {
                VhdParentLocator.MacUrl => FileUrl(Encoding.UTF8.GetString(data)),
                // The code page is unknown; names that are not ASCII will not be found by these.
                VhdParentLocator.OldWindowsRelative or VhdParentLocator.OldWindowsAbsolute => Encoding.Latin1.GetString(data),
                _ => Encoding.Unicode.GetString(data),
            });
        }
    }

    /// <summary>The path of a <c>file://</c> URL; any other is given as it is, to be refused with its scheme.</summary>
    private static string FileUrl(string url)
    {
        const string Local = "file://localhost/";
        const string Plain = "file:///";
        int start = url.StartsWith(Local, StringComparison.OrdinalIgnoreCase) ? Local.Length : url.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) ? Plain.Length : 0;
        return start == 0 ? url : Uri.UnescapeDataString(url[start..].TrimEnd('\0'));
    }

    /// <summary>Names end at the first zero, as they do in a field of fixed size.</summary>
    private static void Add(List<string> names, string text)
    {
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        string name = end < 0 ? text : text[..end];
        if (name.Length > 0)
        {
            names.Add(name);
        }
    }
}
