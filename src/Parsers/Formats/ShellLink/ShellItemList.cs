using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.ShellLink;

/// <summary>What a shell item stands for.</summary>
public enum ShellItemKind
{
    /// <summary>Anything else.</summary>
    Other,
    /// <summary>A folder of the shell, by its class.</summary>
    Root,
    /// <summary>A drive.</summary>
    Volume,
    /// <summary>A directory or file.</summary>
    FileEntry,
    /// <summary>A server or share.</summary>
    Network,
    /// <summary>An address.</summary>
    Uri,
}

/// <summary>One item of a list of shell items. Times are local time of the machine, two seconds exact.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">Name or path; the long name when the item has one.</param>
public sealed record ShellItem(ShellItemKind Kind, string? Name)
{
    /// <summary>Class of a root folder.</summary>
    public Guid? FolderClass { get; init; }
    /// <summary>The name in the item itself: the DOS name, mostly.</summary>
    public string? ShortName { get; init; }
    /// <summary>Size of the file.</summary>
    public uint? FileSize { get; init; }
    /// <summary>Last change of the file.</summary>
    public Timestamp? Modified { get; init; }
    /// <summary>Creation of the file.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>Last access to the file.</summary>
    public Timestamp? Accessed { get; init; }
    /// <summary>MFT record number; null when unknown.</summary>
    public ulong? MftRecord { get; init; }
    /// <summary>Sequence number of the MFT record.</summary>
    public ushort? MftSequence { get; init; }
}

/// <summary>A list of shell items (IDList), which names an object of the shell's tree step by step.</summary>
/// <param name="Items">In order.</param>
/// <remarks>
/// Sources: [MS-SHLLINK] 2.2 and https://github.com/libyal/libfwsi/blob/main/documentation/Windows%20Shell%20Item%20format.asciidoc. Limitations: items of packages, control panels and other
/// extensions are kept without a meaning; at most 256 items.
/// </remarks>
public sealed record ShellItemList(IReadOnlyList<ShellItem> Items)
{
    private const int MaximumItems = 256;
    private const uint FileEntryExtension = 0xBEEF0004;

    private static readonly Dictionary<Guid, string> s_folders = new()
    {
        [new("B4BFCC3A-DB2C-424C-B029-7FE99A87C641")] = @"%USERPROFILE%\Desktop",
        [new("374DE290-123F-4565-9164-39C4925E467B")] = @"%USERPROFILE%\Downloads",
        [new("088E3905-0323-4B02-9826-5D99428E115F")] = @"%USERPROFILE%\Downloads",
        [new("A8CDFF1C-4878-43BE-B5FD-F8091C1C60D0")] = @"%USERPROFILE%\Documents",
        [new("D3162B92-9365-467A-956B-92703ACA08AF")] = @"%USERPROFILE%\Documents",
        [new("450D8FBA-AD25-11D0-98A8-0800361B1103")] = @"%USERPROFILE%\Documents",
        [new("59031A47-3F72-44A7-89C5-5595FE6B30EE")] = "%USERPROFILE%",
        [new("4336A54D-038B-4685-AB02-99BB52D3FB8B")] = "%PUBLIC%",
    };

    /// <summary>No items.</summary>
    public static ShellItemList Empty { get; } = new([]);

    /// <summary>The path the items spell; null when they lead to no file or directory.</summary>
    public string? Path
    {
        get
        {
            string path = "";
            bool isFile = false;
            foreach (ShellItem item in Items)
            {
                switch (item.Kind)
                {
                    case ShellItemKind.Volume when !string.IsNullOrEmpty(item.Name):
                        (path, isFile) = (item.Name.TrimEnd('\\'), true);
                        break;
                    case ShellItemKind.Network when !string.IsNullOrEmpty(item.Name):
                        (path, isFile) = (item.Name.StartsWith(@"\\", StringComparison.Ordinal) ? item.Name : path + "\\" + item.Name, true);
                        break;
                    case ShellItemKind.Root when item.FolderClass is { } folder && s_folders.TryGetValue(folder, out string? known):
                        (path, isFile) = (known, true);
                        break;
                    case ShellItemKind.FileEntry when !string.IsNullOrEmpty(item.Name):
                        path = path.Length == 0 ? item.Name : path.TrimEnd('\\') + "\\" + item.Name;
                        isFile = true;
                        break;
                }
            }
            return isFile ? path.Length == 2 && path[1] == ':' ? path + "\\" : path : null;
        }
    }

    /// <summary>Reads items up to the terminal one or the end. Never throws.</summary>
    public static ShellItemList Parse(ReadOnlySpan<byte> bytes)
    {
        var items = new List<ShellItem>();
        var view = new FieldView(bytes, "shellitem");
        for (long at = 0; items.Count < MaximumItems && view.Has(at, 2);)
        {
            int size = view.U16(at);
            if (size < 3)
            {
                break;
            }
            items.Add(Item(view.View(at, size)));
            at += size;
        }
        return items.Count == 0 ? Empty : new ShellItemList(items);
    }

    private static ShellItem Item(FieldView item)
    {
        byte type = item.U8(2);
        ShellItem read = type switch
        {
            0x1F when item.Has(4, 16) => new ShellItem(ShellItemKind.Root, null) { FolderClass = item.Guid(4) },
            0x2E when item.Has(4, 16) => new ShellItem(ShellItemKind.Root, null) { FolderClass = item.Guid(4) },
            >= 0x20 and <= 0x2F => new ShellItem(ShellItemKind.Volume, item.Ansi(3, item.Length)),
            0x71 when item.Has(14, 16) => new ShellItem(ShellItemKind.Root, null) { FolderClass = item.Guid(14) },
            >= 0x40 and <= 0x4F => new ShellItem(ShellItemKind.Network, item.Ansi(5, item.Length)),
            0x61 => Uri(item),
            >= 0x30 and <= 0x3F or 0xB1 => FileEntry(item, 4, (type & 4) != 0),
            0x74 when item.Has(6, 4) && item.Slice(6, 4).SequenceEqual("CFSF"u8) => FileEntry(item, 14, false),
            _ => new ShellItem(ShellItemKind.Other, null),
        };
        return Extended(item, read);
    }

    private static ShellItem Uri(FieldView item)
    {
        bool isUnicode = item.Has(3, 1) && (item.U8(3) & 0x80) != 0;
        long at = item.Has(4, 2) && item.U16(4) > 0 ? 6 + (long)item.U16(4) : 8;
        return new ShellItem(ShellItemKind.Uri, isUnicode ? item.Utf16(at, item.Length) : item.Ansi(at, item.Length));
    }

    /// <summary>Size, time and attributes at <paramref name="at"/>, and the name behind them.</summary>
    private static ShellItem FileEntry(FieldView item, int at, bool isUnicode)
    {
        if (!item.Has(at, 10))
        {
            return new ShellItem(ShellItemKind.FileEntry, null);
        }
        string name = isUnicode ? item.Utf16(at + 10, item.Length) : item.Ansi(at + 10, item.Length);
        return new ShellItem(ShellItemKind.FileEntry, name) { ShortName = name, FileSize = item.U32(at), Modified = item.FatTime(at + 4) };
    }

    /// <summary>The extension block that holds the long name; its offset stands in the last two bytes of the item.</summary>
    private static ShellItem Extended(FieldView item, ShellItem read)
    {
        if (item.Length < 28 || !item.Has(item.U16(item.Length - 2), 18))
        {
            return read;
        }
        int start = item.U16(item.Length - 2);
        FieldView block = item.View(start, item.U16(start));
        if (start < 4 || !block.Has(0, 20) || block.U32(4) != FileEntryExtension)
        {
            return read;
        }
        int version = block.U16(2);
        int nameAt = version switch { >= 9 => 46, 8 => 42, 7 => 38, _ => 20 };
        string name = block.Utf16(nameAt, block.Length - nameAt - 2);
        ulong reference = version >= 7 && block.Has(20, 8) ? block.U64(20) : 0;
        return read with
        {
            Kind = read.Kind == ShellItemKind.Other ? ShellItemKind.FileEntry : read.Kind,
            Name = name.Length == 0 ? read.Name : name,
            Created = block.FatTime(8),
            Accessed = block.FatTime(12),
            MftRecord = reference == 0 ? null : reference & 0xFFFF_FFFF_FFFF,
            MftSequence = reference == 0 ? null : (ushort)(reference >> 48),
        };
    }
}
