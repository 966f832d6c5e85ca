using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.ShellLink;

/// <summary>A shortcut: header, target as a list of shell items and as a path, strings, and blocks of further data. Source: [MS-SHLLINK].</summary>
/// <remarks>
/// Texts are as stored; variables are not expanded. Limitations: texts in code pages are taken as Latin-1; property stores give keys and texts only; what an application keeps in blocks of its own is passed over.
/// </remarks>
public sealed record ShellLinkFile
{
    /// <summary>Length of the header in bytes.</summary>
    public const int HeaderSize = 0x4C;

    private static ReadOnlySpan<byte> Clsid => [0x01, 0x14, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

    /// <summary>LinkFlags.</summary>
    public ShellLinkFlags Flags { get; init; }
    /// <summary>FileAttributes of the target when the shortcut was made.</summary>
    public uint FileAttributes { get; init; }
    /// <summary>CreationTime of the target.</summary>
    public Timestamp? CreationTime { get; init; }
    /// <summary>AccessTime of the target.</summary>
    public Timestamp? AccessTime { get; init; }
    /// <summary>WriteTime of the target.</summary>
    public Timestamp? WriteTime { get; init; }
    /// <summary>FileSize of the target, its lower 32 bits.</summary>
    public uint FileSize { get; init; }
    /// <summary>IconIndex.</summary>
    public int IconIndex { get; init; }
    /// <summary>ShowCommand: 1 normal, 3 maximised, 7 minimised; others count as normal.</summary>
    public uint ShowCommand { get; init; }
    /// <summary>HotKey: low byte key, high byte modifiers; 0 none.</summary>
    public ushort HotKey { get; init; }
    /// <summary>LinkTargetIDList.</summary>
    public ShellItemList Target { get; init; } = ShellItemList.Empty;
    /// <summary>LinkInfo; null when absent or damaged.</summary>
    public LinkInfo? Info { get; init; }
    /// <summary>NAME_STRING, which the shell shows as comment.</summary>
    public string? Name { get; init; }
    /// <summary>RELATIVE_PATH from the shortcut to the target.</summary>
    public string? RelativePath { get; init; }
    /// <summary>WORKING_DIR.</summary>
    public string? WorkingDirectory { get; init; }
    /// <summary>COMMAND_LINE_ARGUMENTS.</summary>
    public string? Arguments { get; init; }
    /// <summary>ICON_LOCATION.</summary>
    public string? IconLocation { get; init; }
    /// <summary>ExtraData.</summary>
    public LinkExtraData Extra { get; init; } = LinkExtraData.None;
    /// <summary>Something did not fit: what could be read is there.</summary>
    public bool IsDamaged { get; init; }
    /// <summary>How many bytes of the input it takes.</summary>
    public int Length { get; init; }

    /// <summary>What it starts: the path with variables when there is one, which the shell takes first; the list of items; LinkInfo; the relative path. Null when it leads to no file.</summary>
    public string? TargetPath => NotEmpty(Extra.EnvironmentTarget) ?? Target.Path ?? Info?.Path ?? NotEmpty(RelativePath);

    /// <summary>Target, in quotes when it has blanks, and arguments: what is started. Null when there is no target.</summary>
    public string? Command
    {
        get
        {
            if (TargetPath is not { } path)
            {
                return null;
            }
            string target = path.Contains(' ', StringComparison.Ordinal) ? "\"" + path + "\"" : path;
            return string.IsNullOrEmpty(Arguments) ? target : target + " " + Arguments.Trim(' ', '\t', '\r', '\n');
        }
    }

    /// <summary>Whether data begin like a shortcut. Never throws.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.Length >= HeaderSize && header[0] == HeaderSize && header[1..4].IndexOfAnyExcept((byte)0) < 0 && header[4..20].SequenceEqual(Clsid);

    /// <summary>Reads a shortcut at the beginning of data that may go on behind it.</summary>
    /// <exception cref="UnknownFormatException">The data do not begin like one.</exception>
    public static ShellLinkFile Parse(ReadOnlySpan<byte> file)
    {
        if (!Matches(file))
        {
            throw new UnknownFormatException("not a shortcut");
        }
        var view = new FieldView(file, "lnk");
        var link = new ShellLinkFile
        {
            Flags = (ShellLinkFlags)view.U32(20),
            FileAttributes = view.U32(24),
            CreationTime = view.FileTime(28),
            AccessTime = view.FileTime(36),
            WriteTime = view.FileTime(44),
            FileSize = view.U32(52),
            IconIndex = unchecked((int)view.U32(56)),
            ShowCommand = view.U32(60),
            HotKey = view.U16(64),
            Length = HeaderSize,
        };
        long at = HeaderSize;
        bool isWhole = true;
        if (link.Flags.HasFlag(ShellLinkFlags.HasLinkTargetIDList))
        {
            if (!view.Has(at, 2))
            {
                return link with { IsDamaged = true };
            }
            int size = view.U16(at);
            isWhole &= view.Has(at + 2, size);
            link = link with { Target = ShellItemList.Parse(view.Slice(at + 2, size)) };
            at += 2 + size;
        }
        if (link.Flags.HasFlag(ShellLinkFlags.HasLinkInfo))
        {
            // A size that cannot be leaves no way to what follows.
            if (!view.Has(at, 4) || view.U32(at) < 4 || !view.Has(at, view.U32(at)))
            {
                return link with { IsDamaged = true, Length = (int)Math.Min(at, file.Length) };
            }
            uint size = view.U32(at);
            link = link with { Info = link.Flags.HasFlag(ShellLinkFlags.ForceNoLinkInfo) ? null : LinkInfo.TryParse(view.Slice(at, size)) };
            at += size;
        }
        link = link with
        {
            Name = Text(view, link.Flags, ShellLinkFlags.HasName, ref at, ref isWhole),
            RelativePath = Text(view, link.Flags, ShellLinkFlags.HasRelativePath, ref at, ref isWhole),
            WorkingDirectory = Text(view, link.Flags, ShellLinkFlags.HasWorkingDir, ref at, ref isWhole),
            Arguments = Text(view, link.Flags, ShellLinkFlags.HasArguments, ref at, ref isWhole),
            IconLocation = Text(view, link.Flags, ShellLinkFlags.HasIconLocation, ref at, ref isWhole),
        };
        LinkExtraData extra = isWhole ? LinkExtraData.Parse(view.Slice(at, view.Length), out int used) : LinkExtraData.Parse(default, out used);
        return link with { Extra = extra, IsDamaged = !isWhole || extra.IsDamaged, Length = (int)Math.Min(at + used, file.Length) };
    }

    /// <summary>StringData: a count of characters without a zero at the end.</summary>
    private static string? Text(FieldView view, ShellLinkFlags flags, ShellLinkFlags which, ref long at, ref bool isWhole)
    {
        if (!flags.HasFlag(which) || !isWhole)
        {
            return null;
        }
        if (!view.Has(at, 2))
        {
            isWhole = false;
            return null;
        }
        bool isUnicode = flags.HasFlag(ShellLinkFlags.IsUnicode);
        int bytes = view.U16(at) * (isUnicode ? 2 : 1);
        at += 2;
        isWhole = view.Has(at, bytes);
        string text = isUnicode ? view.Utf16(at, bytes) : view.Ansi(at, bytes);
        at += bytes;
        return text;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>LinkFlags, [MS-SHLLINK] 2.1.1.</summary>
[Flags]
public enum ShellLinkFlags : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>A list of shell items names the target.</summary>
    HasLinkTargetIDList = 1,
    /// <summary>LinkInfo is there.</summary>
    HasLinkInfo = 1 << 1,
    /// <summary>NAME_STRING is there.</summary>
    HasName = 1 << 2,
    /// <summary>RELATIVE_PATH is there.</summary>
    HasRelativePath = 1 << 3,
    /// <summary>WORKING_DIR is there.</summary>
    HasWorkingDir = 1 << 4,
    /// <summary>COMMAND_LINE_ARGUMENTS is there.</summary>
    HasArguments = 1 << 5,
    /// <summary>ICON_LOCATION is there.</summary>
    HasIconLocation = 1 << 6,
    /// <summary>Strings are UTF-16.</summary>
    IsUnicode = 1 << 7,
    /// <summary>LinkInfo is to be passed over.</summary>
    ForceNoLinkInfo = 1 << 8,
    /// <summary>The target has variables.</summary>
    HasExpString = 1 << 9,
    /// <summary>A console program runs in a process of its own.</summary>
    RunInSeparateProcess = 1 << 10,
    /// <summary>The target is a component of an installed product.</summary>
    HasDarwinID = 1 << 12,
    /// <summary>The target runs as another user: the shell asks.</summary>
    RunAsUser = 1 << 13,
    /// <summary>The icon has variables.</summary>
    HasExpIcon = 1 << 14,
}
