namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Makes shortcuts after [MS-SHLLINK], checked by <c>lnkinfo</c>.</summary>
internal sealed record ShellLinkWriter
{
    /// <summary>Path of the target with a drive letter; null for none.</summary>
    public string? Target { get; init; } = @"C:\Windows\System32\cmd.exe";
    public string? Arguments { get; init; }
    public string? WorkingDirectory { get; init; }
    public string? Comment { get; init; }
    public string? RelativePath { get; init; }
    public string? Icon { get; init; }
    public string? EnvironmentTarget { get; init; }
    public string? Share { get; init; }
    public bool HasItems { get; init; } = true;
    public bool HasInfo { get; init; } = true;
    public bool HasTracker { get; init; } = true;
    public uint ShowCommand { get; init; } = 1;

    public static Guid Volume { get; } = new("494ccbda-98e8-45c8-b8ca-f64d464366c7");

    public static Guid Object { get; } = new("846ee3bb-7039-11de-9d20-001d09fa5a1c");

    public byte[] ToArray()
    {
        uint flags = 0x80;
        flags |= HasItems && Target is not null ? 1u : 0;
        flags |= HasInfo && (Target is not null || Share is not null) ? 2u : 0;
        flags |= Comment is null ? 0 : 4u;
        flags |= RelativePath is null ? 0 : 8u;
        flags |= WorkingDirectory is null ? 0 : 0x10u;
        flags |= Arguments is null ? 0 : 0x20u;
        flags |= Icon is null ? 0 : 0x40u;
        flags |= EnvironmentTarget is null ? 0 : 0x200u;
        ByteWriter file = new ByteWriter().U32(0x4C).Raw(new Guid("00021401-0000-0000-C000-000000000046").ToByteArray()).U32(flags).U32(0x20)
            .U64(ByteWriter.Ticks(2026, 3, 1)).U64(ByteWriter.Ticks(2026, 3, 2)).U64(ByteWriter.Ticks(2026, 3, 3)).U32(289_792).U32(0).U32(ShowCommand).U16(0).Zeros(10);
        if ((flags & 1) != 0)
        {
            byte[] items = Items(Target!);
            file.U16(items.Length).Raw(items);
        }
        if ((flags & 2) != 0)
        {
            file.Raw(Info());
        }
        foreach (string? text in (string?[])[Comment, RelativePath, WorkingDirectory, Arguments, Icon])
        {
            if (text is not null)
            {
                file.U16(text.Length).Utf16(text);
            }
        }
        if (EnvironmentTarget is not null)
        {
            file.U32(0x314).U32(0xA0000001).Ansi(EnvironmentTarget, 260).Utf16(EnvironmentTarget, 520);
        }
        if (HasTracker)
        {
            file.U32(0x60).U32(0xA0000003).U32(0x58).U32(0).Ansi("ws01", 16).Raw(Volume.ToByteArray()).Raw(Object.ToByteArray()).Raw(Volume.ToByteArray()).Raw(Object.ToByteArray());
        }
        return file.U32(0).ToArray();
    }

    /// <summary>My Computer, the drive, and each directory with its long name and MFT reference.</summary>
    public static byte[] Items(string path)
    {
        ByteWriter list = new ByteWriter().U16(20).U8(0x1F).U8(0x50).Raw(new Guid("20D04FE0-3AEA-1069-A2D8-08002B30309D").ToByteArray());
        string[] parts = path.Split('\\');
        list.U16(25).U8(0x2F).Ansi(parts[0] + "\\", 22);
        for (int i = 1; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            string shortName = parts[i].Length > 8 && !isLast ? parts[i][..6].ToUpperInvariant() + "~1" : parts[i];
            ByteWriter item = new ByteWriter().U16(0).U8((byte)(isLast ? 0x32 : 0x31)).U8(0).U32(isLast ? 289_792u : 0).U16(0x5C61).U16(0x6000).U16(isLast ? 0x20 : 0x10).AnsiZ(shortName);
            item.Zeros(item.Length & 1);
            int extension = item.Length;
            ByteWriter block = new ByteWriter().U16(0).U16(9).U32(0xBEEF0004).U16(0x5C61).U16(0x6000).U16(0x5C61).U16(0x6000).U16(0x2E).U16(0).U64((1UL << 48) + (ulong)(1000 + i)).U64(0).U16(0).U32(0).U32(0)
                .Utf16(parts[i]).U16(0).U16(extension);
            byte[] blockBytes = block.ToArray();
            BitConverter.GetBytes((ushort)blockBytes.Length).CopyTo(blockBytes, 0);
            byte[] bytes = item.Raw(blockBytes).ToArray();
            BitConverter.GetBytes((ushort)bytes.Length).CopyTo(bytes, 0);
            list.Raw(bytes);
        }
        return list.U16(0).ToArray();
    }

    private byte[] Info()
    {
        ByteWriter info = new ByteWriter().U32(0).U32(0x24).U32(Share is null ? 1u : 2u).Zeros(24);
        if (Share is null)
        {
            info.Patch32(12, info.Length).U32(17 + 4).U32(3).U32(0x1234ABCD).U32(16).AnsiZ("SYS ");
            info.Patch32(16, info.Length).AnsiZ(Target!);
            int suffix = info.Length;
            info.U8(0);
            info.Patch32(24, suffix).Patch32(28, info.Length).Utf16(Target!).U16(0);
            info.Patch32(32, info.Length).U16(0);
        }
        else
        {
            int slash = Share.IndexOf('\\', Share.IndexOf('\\', 2) + 1);
            info.Patch32(20, info.Length).U32((uint)(20 + slash + 1)).U32(2).U32(20).U32(0).U32(0x20000).AnsiZ(Share[..slash]);
            info.Patch32(24, info.Length).AnsiZ(Share[(slash + 1)..]);
            info.Patch32(32, info.Length).Utf16(Share[(slash + 1)..]).U16(0);
        }
        return info.Patch32(0, info.Length).ToArray();
    }
}
