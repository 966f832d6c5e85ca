using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>The resources that say what a program is: version and manifest.</summary>
/// <remarks>The tree on disk has three levels: type, name, language. It is walked with a stack of its own, each directory once.</remarks>
internal sealed class PeResources
{
    private const int VersionType = 16;
    private const int ManifestType = 24;
    private const int DirectorySize = 16;
    private const int EntrySize = 8;
    private const int MostEntries = 4096;
    private const int Levels = 3;
    private const int LargestManifest = 64 << 10;
    private const int LargestVersion = 64 << 10;

    public PeVersionInfo? Version { get; private set; }
    public string? RequestedExecutionLevel { get; private set; }

    public static PeResources Read(ReadOnlySpan<byte> content, PeLayout layout)
    {
        var found = new PeResources();
        (uint address, _) = layout.Directory(PeDirectory.Resource);
        ReadOnlySpan<byte> tree = layout.At(content, address, int.MaxValue);
        var open = new Stack<(int Offset, int Level, int Type)>();
        var visited = new HashSet<int>();
        int entries = 0;
        open.Push((0, 0, 0));
        while (open.TryPop(out (int Offset, int Level, int Type) directory))
        {
            if (!visited.Add(directory.Offset) || directory.Offset > tree.Length - DirectorySize)
            {
                continue;
            }
            ReadOnlySpan<byte> header = tree[directory.Offset..];
            int count = BinaryPrimitives.ReadUInt16LittleEndian(header[12..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[14..]);
            ReadOnlySpan<byte> rows = header[DirectorySize..];
            for (int i = 0; i < count && rows.Length >= EntrySize && entries++ < MostEntries; i++, rows = rows[EntrySize..])
            {
                uint id = BinaryPrimitives.ReadUInt32LittleEndian(rows);
                uint target = BinaryPrimitives.ReadUInt32LittleEndian(rows[4..]);
                int type = directory.Level == 0 ? (int)Math.Min(id, int.MaxValue) : directory.Type;
                if (type is not (VersionType or ManifestType))
                {
                    continue;
                }
                int offset = (int)(target & int.MaxValue);
                if (target > int.MaxValue)
                {
                    if (directory.Level + 1 < Levels)
                    {
                        open.Push((offset, directory.Level + 1, type));
                    }
                }
                else if (offset <= tree.Length - 16)
                {
                    long data = BinaryPrimitives.ReadUInt32LittleEndian(tree[offset..]);
                    long size = BinaryPrimitives.ReadUInt32LittleEndian(tree[(offset + 4)..]);
                    found.Take(type, layout.At(content, data, Math.Min(size, type == VersionType ? LargestVersion : LargestManifest)));
                }
            }
        }
        return found;
    }

    private void Take(int type, ReadOnlySpan<byte> resource)
    {
        if (type == VersionType)
        {
            Version ??= PeVersionInfo.Read(resource);
            return;
        }
        RequestedExecutionLevel ??= LevelOf(resource);
    }

    private static string? LevelOf(ReadOnlySpan<byte> manifest)
    {
        int element = manifest.IndexOf("requestedExecutionLevel"u8);
        if (element < 0)
        {
            return null;
        }
        ReadOnlySpan<byte> rest = manifest[(element + "requestedExecutionLevel".Length)..];
        int end = rest.IndexOf((byte)'>');
        string text = Encoding.Latin1.GetString(end < 0 ? rest[..Math.Min(rest.Length, 512)] : rest[..Math.Min(end, 512)]);
        int level = text.IndexOf("level", StringComparison.Ordinal);
        int open = level < 0 ? -1 : text.AsSpan(level).IndexOfAny('"', '\'');
        if (open < 0)
        {
            return null;
        }
        string value = text[(level + open + 1)..];
        int close = value.AsSpan().IndexOfAny('"', '\'');
        return close is > 0 and <= 64 ? value[..close] : null;
    }
}
